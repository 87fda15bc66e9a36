//! Mailboxes and paths (RFC 5321, section 4.1.2; RFC 6531, section 3.3).
//!
//! Tolerant where real mail is: a space after the colon, source routes (read and dropped, section
//! 4.1.1.3), dots anywhere in the local part, underscores in domains, long bounce addresses.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Section 4.5.3.1.1 says 64, yet bounce addresses of large senders are longer.
const MAX_LOCAL: usize = 256;
/// Section 4.5.3.1.2.
const MAX_DOMAIN: usize = 255;
/// RFC 1035, section 2.3.4.
const MAX_LABEL: usize = 63;

/// A mailbox as named in a command, in one canonical spelling: no source route, quotes only where
/// the local part needs them. Nothing is folded to lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    local: String,
    domain: Option<String>,
}

impl Address {
    /// Reads `local@domain` without angle brackets; `None` when it is no mailbox.
    pub fn parse(text: &str) -> Option<Self> {
        match read_path(&format!("<{text}>")) {
            Some((Path::Mailbox(address), "")) => Some(address),
            _ => None,
        }
    }

    /// The local part without quotes or backslashes, as it is to be compared.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain or bracketed address literal; `None` only for the bare `postmaster` that every
    /// server has (RFC 5321, section 4.5.1).
    pub fn domain(&self) -> Option<&str> {
        self.domain.as_deref()
    }

    /// Whether SMTPUTF8 is needed to name it.
    pub fn is_ascii(&self) -> bool {
        self.local.is_ascii() && self.domain.as_deref().is_none_or(str::is_ascii)
    }

    /// For logs: first character and domain.
    pub fn masked(&self) -> String {
        mask(&self.to_string())
    }
}

/// The canonical spelling.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.local.chars().all(is_atom) && !self.local.is_empty() {
            f.write_str(&self.local)?;
        } else {
            f.write_str("\"")?;
            for c in self.local.chars() {
                if matches!(c, '"' | '\\') {
                    f.write_str("\\")?;
                }
                write!(f, "{c}")?;
            }
            f.write_str("\"")?;
        }
        match &self.domain {
            Some(domain) => write!(f, "@{domain}"),
            None => Ok(()),
        }
    }
}

/// Shortens an address for logs to its first character and its domain.
pub fn mask(address: &str) -> String {
    let Some(first) = address.chars().next() else {
        return "<>".to_owned();
    };
    match address.rsplit_once('@') {
        Some((_, domain)) => format!("{first}***@{domain}"),
        None => format!("{first}***"),
    }
}

/// What stands in the angle brackets of MAIL and RCPT.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Path {
    /// `<>`
    Null,
    Mailbox(Address),
}

/// Reads a path and returns it with what follows it; `None` when it is malformed.
pub(crate) fn read_path(text: &str) -> Option<(Path, &str)> {
    let inner = text.trim_start_matches([' ', '\t']).strip_prefix('<')?;
    if let Some(rest) = inner.strip_prefix('>') {
        return ends_path(rest).then_some((Path::Null, rest));
    }
    let inner = skip_source_route(inner)?;
    let (local, rest) = if inner.starts_with('"') { quoted(inner)? } else { atoms(inner)? };
    if local.len() > MAX_LOCAL {
        return None;
    }
    if let Some(rest) = rest.strip_prefix('>') {
        let postmaster = local.eq_ignore_ascii_case("postmaster") && ends_path(rest);
        return postmaster.then_some((Path::Mailbox(Address { local, domain: None }), rest));
    }
    let (domain, rest) = rest.strip_prefix('@')?.split_once('>')?;
    if !is_domain(domain) || !ends_path(rest) {
        return None;
    }
    Some((Path::Mailbox(Address { local, domain: Some(domain.to_owned()) }), rest))
}

fn ends_path(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', '\t'])
}

/// `@one,@two:user@three` → `user@three`
fn skip_source_route(text: &str) -> Option<&str> {
    if !text.starts_with('@') {
        return Some(text);
    }
    let (route, rest) = text.split_once(':')?;
    let valid = route.split(',').all(|hop| hop.strip_prefix('@').is_some_and(is_domain));
    valid.then_some(rest)
}

fn atoms(text: &str) -> Option<(String, &str)> {
    let end = text.find(|c| !is_atom(c))?;
    (end > 0).then(|| (text[..end].to_owned(), &text[end..]))
}

/// A quoted local part; the value without quotes and the rest after the closing one.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(chars.next().map(|(_, c)| c).filter(|c| !c.is_control())?),
            c if c.is_control() => return None,
            c => value.push(c),
        }
    }
    None
}

/// atext of RFC 5322, section 3.2.3, plus the dot, plus what RFC 6531 adds.
fn is_atom(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~.".contains(c)
        || (!c.is_ascii() && !c.is_control() && !c.is_whitespace())
}

fn is_domain(domain: &str) -> bool {
    if domain.len() > MAX_DOMAIN {
        return false;
    }
    if let Some(literal) = domain.strip_prefix('[').and_then(|d| d.strip_suffix(']')) {
        let v6 = literal.get(..5).is_some_and(|tag| tag.eq_ignore_ascii_case("IPv6:"));
        return match v6 {
            true => literal[5..].parse::<Ipv6Addr>().is_ok(),
            false => literal.parse::<Ipv4Addr>().is_ok(),
        };
    }
    domain.split('.').all(|label| {
        (1..=MAX_LABEL).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| {
                c.is_ascii_alphanumeric()
                    || matches!(c, '-' | '_')
                    || (!c.is_ascii() && !c.is_control() && !c.is_whitespace())
            })
    })
}

#[cfg(test)]
mod tests {
    use super::{Address, Path, mask, read_path};

    fn canonical(path: &str) -> Option<String> {
        match read_path(path)? {
            (Path::Null, _) => Some(String::new()),
            (Path::Mailbox(address), _) => Some(address.to_string()),
        }
    }

    #[test]
    fn paths_have_one_spelling() {
        for (path, expected) in [
            ("<>", ""),
            ("<a@b.de>", "a@b.de"),
            (" <a@b.de>", "a@b.de"),
            ("<@x.de,@y.de:a@b.de>", "a@b.de"),
            ("<\"a\"@b.de>", "a@b.de"),
            ("<\"a b\"@b.de>", "\"a b\"@b.de"),
            ("<\"a@b\"@c.de>", "\"a@b\"@c.de"),
            ("<\"a\\\"\\>\"@c.de>", "\"a\\\">\"@c.de"),
            ("<\"\"@c.de>", "\"\"@c.de"),
            ("<a@[192.0.2.1]>", "a@[192.0.2.1]"),
            ("<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]"),
            ("<Postmaster>", "Postmaster"),
            ("<a..b.@docomo.example>", "a..b.@docomo.example"),
            ("<j\u{fc}rgen@m\u{fc}ller.de>", "j\u{fc}rgen@m\u{fc}ller.de"),
        ] {
            assert_eq!(canonical(path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn malformed_paths_are_refused() {
        let long_local = format!("<{}@b.de>", "x".repeat(257));
        let long_domain = format!("<a@{}de>", "abcdefg.".repeat(32));
        for path in [
            "",
            "a@b.de",
            "<a@b.de",
            "a@b.de>",
            "<a>",
            "<@b.de>",
            "<a@>",
            "<a@b..de>",
            "<a@b.de>x",
            "<a b@c.de>",
            "<postmaster>x",
            "<a@b@c.de>",
            "<a@b c.de>",
            "<\"a@b.de>",
            "<\"a\"b@c.de>",
            "<@x.de a@b.de>",
            "<@:a@b.de>",
            "<a@-b.de>",
            "<a@[1.2.3]>",
            "<a@[IPv6:zz]>",
            "<a,b@c.de>",
            "<<a@b.de>>",
            "<>x",
            "<a@b\u{a0}.de>",
            &long_local,
            &long_domain,
        ] {
            assert_eq!(canonical(path), None, "{path}");
        }
    }

    #[test]
    fn rest_after_the_path_is_returned() {
        let (_, rest) = read_path("<\"a> SIZE=1\"@b.de> SIZE=2").unwrap();
        assert_eq!(rest, " SIZE=2");
    }

    #[test]
    fn parts_are_unquoted_and_spelling_reads_back() {
        let address = Address::parse("\"a\\\\b c\"@x.de").unwrap();
        assert_eq!((address.local(), address.domain()), ("a\\b c", Some("x.de")));
        assert_eq!(Address::parse(&address.to_string()), Some(address));
        assert_eq!(Address::parse("a@b.de> <c@d.de"), None);
        assert_eq!(Address::parse(""), None);
    }

    #[test]
    fn masks_hide_the_local_part() {
        assert_eq!(mask("maria.muster@example.de"), "m***@example.de");
        assert_eq!(mask("\"a@b\"@example.de"), "\"***@example.de");
        assert_eq!(mask("postmaster"), "p***");
        assert_eq!(mask(""), "<>");
    }
}
