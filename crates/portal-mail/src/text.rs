//! Small helpers that make text comparable: white space, invisible characters, entities, keys.

use std::borrow::Cow;

use regex::Regex;

/// A constant pattern. A broken one is a bug that debug builds and tests stop at; in production
/// it never matches, so that a mail is at worst not understood.
///
/// A regular expression that knows Unicode's words is slow on every text that is not ASCII. Nearly all texts that are asked
/// about do not match, so the same pattern without its word boundaries, which is quick, is asked first: it matches whatever
/// the whole one matches.
pub(crate) struct Compiled {
    exact: Option<Regex>,
    loose: Option<Regex>,
}

impl Compiled {
    pub(crate) fn new(source: &str) -> Self {
        let exact = Regex::new(source);
        debug_assert!(exact.is_ok(), "bad pattern: {source}");
        let loose = source.contains(r"\b").then(|| Regex::new(&source.replace(r"\b", "")).ok()).flatten();
        Self { exact: exact.ok(), loose }
    }

    /// The pattern, where the text may match it.
    fn for_text(&self, text: &str) -> Option<&Regex> {
        let is_out = !text.is_ascii() && self.loose.as_ref().is_some_and(|loose| !loose.is_match(text));
        self.exact.as_ref().filter(|_| !is_out)
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.for_text(text).is_some_and(|regex| regex.is_match(text))
    }

    /// The text of group 1, or the whole match when there is no group 1.
    pub(crate) fn capture<'t>(&self, text: &'t str) -> Option<&'t str> {
        let captures = self.captures(text)?;
        captures.get(1).or_else(|| captures.get(0)).map(|found| found.as_str())
    }

    pub(crate) fn captures<'t>(&self, text: &'t str) -> Option<regex::Captures<'t>> {
        self.for_text(text)?.captures(text)
    }

    pub(crate) fn find<'t>(&self, text: &'t str) -> Option<regex::Match<'t>> {
        self.for_text(text)?.find(text)
    }

    pub(crate) fn all<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let found = self.for_text(text).map(|regex| regex.find_iter(text).map(|m| m.as_str()));
        found.into_iter().flatten().collect()
    }
}

/// Declares constant patterns, compiled on first use.
macro_rules! patterns {
    ($($(#[$meta:meta])* $name:ident = $source:expr;)+) => {
        $($(#[$meta])* static $name: std::sync::LazyLock<$crate::text::Compiled> =
            std::sync::LazyLock::new(|| $crate::text::Compiled::new($source));)+
    };
}
pub(crate) use patterns;

/// Invisible characters out, exotic spaces to plain ones, `\r` out. Line breaks stay.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut kept = 0;
    for (at, c) in text.char_indices() {
        if matches!(c, ' '..='~' | '\n' | '\t') {
            continue;
        }
        let instead = match c {
            '\r'
            | '\0'
            | '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}' => "",
            '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{0b}' | '\u{0c}' => "\n",
            c if c.is_whitespace() => " ",
            _ => continue,
        };
        out.push_str(&text[kept..at]);
        out.push_str(instead);
        kept = at + c.len_utf8();
    }
    out.push_str(&text[kept..]);
    out
}

/// One line with single spaces.
pub(crate) fn squeeze(text: &str) -> String {
    let text = text.trim();
    if is_squeezed(text) {
        return text.to_owned();
    }
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Surely one line with single spaces: most are.
fn is_squeezed(text: &str) -> bool {
    let mut before = b'x';
    text.bytes().all(|byte| {
        let is_double = byte == b' ' && before == b' ';
        before = byte;
        // Characters that begin with these bytes may be white space.
        !is_double && !matches!(byte, 0..32 | 0xc2 | 0xe1 | 0xe2 | 0xe3)
    })
}

/// Lower-case letters and digits without accents: `Telefon-Nummer (optional):` and
/// `telefonnummer` are one key.
pub(crate) fn key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    let mut depth = 0usize;
    for c in text.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            'a'..='z' | '0'..='9' => key.push(c),
            'A'..='Z' => key.push(c.to_ascii_lowercase()),
            c if c.is_alphanumeric() => c.to_lowercase().for_each(|low| fold(low, &mut key)),
            _ => {}
        }
    }
    key
}

fn fold(c: char, key: &mut String) {
    let plain = match c {
        'ä' | 'á' | 'à' | 'â' | 'ã' => "a",
        'ö' | 'ó' | 'ò' | 'ô' | 'õ' => "o",
        'ü' | 'ú' | 'ù' | 'û' => "u",
        'ß' => "ss",
        'é' | 'è' | 'ê' | 'ë' => "e",
        'í' | 'ì' | 'î' | 'ï' => "i",
        'ç' => "c",
        'ñ' => "n",
        'œ' => "oe",
        other => return key.push(other),
    };
    key.push_str(plain);
}

/// Resolves HTML entities in plain text, which several portals leave in their text part.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    match crate::html::entities::resolved(text) {
        Cow::Borrowed(text) => Cow::Borrowed(text),
        Cow::Owned(text) => Cow::Owned(plain(&text)),
    }
}

/// `text` cut at `max` bytes, on a character boundary.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// RFC 3676: a line ending in a space continues on the next one; `-- ` is the signature mark.
pub(crate) fn unflow(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        let line =
            line.strip_prefix(' ').filter(|l| l.starts_with([' ', '>']) || l.starts_with("From ")).unwrap_or(line);
        out.push_str(line);
        if !(line.ends_with(' ') && line != "-- " && !line.starts_with('>')) {
            out.push('\n');
        }
    }
    out
}

/// Whether the text says anything.
pub(crate) fn filled(text: impl AsRef<str>) -> Option<String> {
    let text = text.as_ref().trim();
    let says_something = text.chars().any(char::is_alphanumeric);
    let empty = !says_something
        || matches!(
            key(text).as_str(),
            "na" | "ka"
                | "keineangabe"
                | "keineangaben"
                | "nichtangegeben"
                | "null"
                | "undefined"
                | "nonrenseigne"
                | "nonspecifie"
                | "notspecified"
                | "notprovided"
        );
    (!empty).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_and_exotic() {
        assert_eq!(plain("a\u{200b}b\u{a0}c\r\nd"), "ab c\nd");
        assert_eq!(key("Telefon-Nummer (optional):"), "telefonnummer");
        assert_eq!(key("Prénom *"), "prenom");
        assert_eq!(
            unescape("Num&eacute;ro&nbsp;1 &lt;a@b&gt; A&B; &unknownthing;"),
            "Numéro 1 <a@b> A&B; &unknownthing;"
        );
        assert_eq!(cut("äö", 3), "ä");
        assert_eq!(filled(" k. A. "), None);
        assert_eq!(filled(" x "), Some("x".into()));
    }
}
