//! Bytes to text, never refusing (PORTALS.md §6).

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Decodes `bytes` by the declared `label`: declared, then windows-1252 if that is invalid, then
/// lossy UTF-8. `iso-8859-1` is read as windows-1252, and a Latin label on bytes that are valid
/// multi-byte UTF-8 is a mislabel. None when the label names a charset this library lacks.
pub(crate) fn decode(bytes: &[u8], label: Option<&str>) -> Option<String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Some(clean(&UTF_8.decode(bytes).0));
    }
    let declared = match label.map(|l| l.trim().trim_matches(['"', '\''])) {
        None | Some("") => UTF_8,
        Some(label) => Encoding::for_label(label.as_bytes())?,
    };
    let text = if declared == UTF_8 || declared == WINDOWS_1252 {
        unicode_or_latin(bytes, declared)
    } else {
        match declared.decode_without_bom_handling(bytes) {
            (text, false) => text.into_owned(),
            (_, true) => unicode_or_latin(bytes, UTF_8),
        }
    };
    Some(clean(&text))
}

/// Whether what the MIME library decoded is what [`decode`] would make of the same bytes: plain ASCII in a charset that
/// has it, or UTF-8 without a fault.
pub(crate) fn is_beyond_doubt(decoded: &str, label: Option<&str>) -> bool {
    let given = label.map(|label| label.trim().trim_matches(['"', '\'']));
    let label = given.unwrap_or("us-ascii");
    let is = |known: &str| label.eq_ignore_ascii_case(known);
    let has_ascii = is("us-ascii")
        || is("windows-1252")
        || label.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("iso-8859-"));
    let is_unicode = is("utf-8") || is("utf8");
    let is_sound = || !decoded.contains('\u{feff}') && !decoded.contains(char::REPLACEMENT_CHARACTER);
    !decoded.contains('\0') && ((is_unicode || has_ascii) && decoded.is_ascii() || is_unicode && is_sound())
}

/// For bytes of unknown charset, such as raw 8-bit headers.
pub(crate) fn guess(bytes: &[u8]) -> String {
    clean(&unicode_or_latin(bytes, UTF_8))
}

fn unicode_or_latin(bytes: &[u8], declared: &'static Encoding) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let lossy = String::from_utf8_lossy(bytes);
            let broken = lossy.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
            let intact = lossy.chars().filter(|c| !c.is_ascii()).count() - broken;
            // A cut-off multi-byte character must not turn a whole UTF-8 mail into mojibake.
            if declared == UTF_8 && intact > broken {
                lossy.into_owned()
            } else {
                WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
            }
        }
    }
}

fn clean(text: &str) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_librarys_text_is_taken_where_it_must_be_ours() {
        for (text, label) in
            [("abc", None), ("abc", Some("us-ascii")), ("abc", Some("ISO-8859-1")), ("Grüße", Some("\"UTF-8\""))]
        {
            assert!(is_beyond_doubt(text, label), "{text}");
        }
        for (text, label) in [
            ("Grüße", None),
            ("Grüße", Some("iso-8859-1")),
            ("a\u{fffd}", Some("utf-8")),
            ("a\0", Some("utf-8")),
            ("abc", Some("utf-16")),
        ] {
            assert!(!is_beyond_doubt(text, label), "{text}");
        }
    }

    #[test]
    fn declared_then_latin_then_lossy() {
        assert_eq!(decode(b"Gr\xfc\xdfe", Some("iso-8859-1")).as_deref(), Some("Grüße"));
        assert_eq!(decode(b"\x8410\x93 \x80", Some("iso-8859-1")).as_deref(), Some("„10“ €"));
        assert_eq!(decode(b"Gr\xfc\xdfe", Some("utf-8")).as_deref(), Some("Grüße"));
        assert_eq!(decode("Grüße".as_bytes(), Some("us-ascii")).as_deref(), Some("Grüße"));
        assert_eq!(decode("Grüße".as_bytes(), Some("ISO-8859-1")).as_deref(), Some("Grüße"));
        assert_eq!(decode(b"a\0b", None).as_deref(), Some("ab"));
        assert_eq!(decode(b"x", Some("x-made-up")), None);
        let cut = &"Grüße aus Köln ü".as_bytes()[.."Grüße aus Köln ü".len() - 1];
        assert_eq!(decode(cut, Some("utf-8")).as_deref(), Some("Grüße aus Köln \u{fffd}"));
    }
}
