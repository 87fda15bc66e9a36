//! HTML's character references, in pages and in plain texts that several portals leave them in.

use std::borrow::Cow;

use quick_xml::escape::resolve_html5_entity;

/// Longest name or number that is tried, in bytes.
const LONGEST: usize = 32;

/// The text with every reference resolved that HTML knows; whatever else has an ampersand stays.
pub(crate) fn resolved(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(behind) = rest.strip_prefix('&') {
        let taken = match reference(behind) {
            Some((resolved, length)) => {
                resolved.push_to(&mut out);
                1 + length
            }
            None => {
                out.push('&');
                1
            }
        };
        rest = &rest[taken..];
        let next = rest.find('&').unwrap_or(rest.len());
        out.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    Cow::Owned(out)
}

enum Resolved {
    Text(&'static str),
    Char(char),
}

impl Resolved {
    fn push_to(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Char(c) => out.push(*c),
        }
    }
}

/// What the reference behind an ampersand means, and its length with the semicolon.
fn reference(behind: &str) -> Option<(Resolved, usize)> {
    let window = &behind.as_bytes()[..behind.len().min(LONGEST + 1)];
    let end = window.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'#')?;
    let name = &behind[..end];
    if window[end] != b';' {
        // Of those written without an end, only this one is no parameter of an address (`?a=1&copy=2`).
        return (name == "nbsp").then_some((Resolved::Char('\u{a0}'), end));
    }
    match name.strip_prefix('#') {
        Some(number) => numbered(number).map(|c| (Resolved::Char(c), end + 1)),
        None => resolve_html5_entity(name).map(|text| (Resolved::Text(text), end + 1)),
    }
}

fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    match code {
        0 => Some(char::REPLACEMENT_CHARACTER),
        // HTML reads this range as windows-1252.
        0x80..=0x9f => {
            let byte = [u8::try_from(code).ok()?];
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte).0.chars().next()
        }
        code => Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_ones_only() {
        for (text, expected) in [
            ("Num&eacute;ro&nbsp;1 &lt;a@b&gt;", "Numéro\u{a0}1 <a@b>"),
            ("A&B; &unknownthing; & &; &#; &#x;", "A&B; &unknownthing; & &; &#; &#x;"),
            ("&#228;&#xE4;&#150;&#0;&#x110000;", "ää–\u{fffd}\u{fffd}"),
            ("&amp;eacute; &nbsp M&uuml", "&eacute; \u{a0} M&uuml"),
            ("?a=1&copy=2&lt=3", "?a=1&copy=2&lt=3"),
            ("plain", "plain"),
            ("&", "&"),
        ] {
            assert_eq!(resolved(text), expected, "{text}");
        }
    }
}
