//! Files somebody sent us, given to a browser: saved, never shown as a page of ours.

use std::fmt::Write as _;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// Longest file name, characters. Longer ones cannot be saved on most systems.
const LONGEST: usize = 150;

/// The answer with a file in it. `content_type` must be one that is safe whatever the bytes are.
pub(super) fn download(name: &str, content_type: &'static str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_DISPOSITION, disposition(name)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, bytes).into_response()
}

/// The same for a body that is made while it is sent.
pub(super) fn download_stream(name: &str, content_type: &'static str, body: axum::body::Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_DISPOSITION, disposition(name)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, body).into_response()
}

/// `Content-Disposition` (RFC 6266): the name in ASCII for old clients, and whole in UTF-8 (RFC 8187).
fn disposition(name: &str) -> HeaderValue {
    let name = harmless(name);
    let plain: String = name
        .chars()
        .map(|char| match char {
            // `%` too: some clients decode it in this form, where it means nothing.
            '"' | '\\' | '%' => '_',
            ' '..='~' => char,
            _ => '_',
        })
        .collect();
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("attachment"))
}

/// A name that leads nowhere and looks like what it is: no folders, no hidden files, nothing that turns the direction of
/// writing and so makes `gpj.exe` look like `exe.jpg`.
fn harmless(name: &str) -> String {
    let turns = |char: char| matches!(char, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let name: String = name
        .chars()
        .filter(|char| !char.is_control() && !turns(*char))
        .map(|char| if matches!(char, '/' | '\\' | ':' | '*' | '?' | '<' | '>' | '|') { '_' } else { char })
        .collect();
    let name = name.trim_matches(|char: char| char == '.' || char.is_whitespace());
    let count = name.chars().count();
    if count <= LONGEST {
        return if name.is_empty() { "attachment".to_owned() } else { name.to_owned() };
    }
    // The end says what kind of file it is.
    let (head, tail) = (LONGEST - 21, 20);
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(count - tail).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str) -> String {
        disposition(name).to_str().unwrap().to_owned()
    }

    #[test]
    fn names_are_written_in_both_forms() {
        for (name, expected) in [
            ("plan.pdf", r#"attachment; filename="plan.pdf"; filename*=UTF-8''plan.pdf"#),
            ("Grundriß 1.pdf", r#"attachment; filename="Grundri_ 1.pdf"; filename*=UTF-8''Grundri%C3%9F%201.pdf"#),
            ("50%.pdf", r#"attachment; filename="50_.pdf"; filename*=UTF-8''50%25.pdf"#),
            ("it's (1).pdf", r#"attachment; filename="it's (1).pdf"; filename*=UTF-8''it%27s%20%281%29.pdf"#),
            ("日本.jpg", r#"attachment; filename="__.jpg"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.jpg"#),
        ] {
            assert_eq!(shown(name), expected);
        }
    }

    #[test]
    fn no_name_breaks_out_of_the_header_or_the_folder() {
        for (name, expected) in [
            ("a\"; filename=b.exe", "a_; filename=b.exe"),
            ("a\r\nSet-Cookie: x=y", "aSet-Cookie_ x=y"),
            ("a\\\"b", "a__b"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("C:\\boot.ini", "C__boot.ini"),
            (".bashrc", "bashrc"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            (" .. ", "attachment"),
            ("", "attachment"),
            ("\0", "attachment"),
        ] {
            let value = shown(name);
            assert!(value.starts_with(&format!("attachment; filename=\"{expected}\"; ")), "{name:?} gives {value}");
            assert_eq!(value.matches('"').count(), 2, "{value}");
        }
        let long = format!("{}.pdf", "ä".repeat(500));
        let value = shown(&long);
        assert!(value.ends_with(".pdf") && value.len() < 1200, "{value}");
    }
}
