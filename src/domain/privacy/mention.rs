//! Whether a mail names a person: by address or telephone, wherever it stands and however it is encoded.

use mail_parser::{Message, MessageParser, PartType};

use super::model::Work;

/// Shorter numbers are too easily part of something else.
const SHORTEST_PHONE: usize = 7;

/// What a person is known by.
#[derive(Debug, Clone, Default)]
pub(super) struct Mentions {
    addresses: Vec<String>,
    /// Digits behind the country code.
    phones: Vec<String>,
}

impl Mentions {
    pub(super) fn of(work: &Work) -> Self {
        let phones = work.phones.iter().filter_map(|phone| national(phone)).map(str::to_owned).collect();
        Self { addresses: work.addresses.clone(), phones }
    }

    /// Nobody could be found by this.
    pub(super) fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.phones.is_empty()
    }

    /// Whether a raw mail names the person, in any header, text or mail inside it.
    pub(super) fn mail(&self, raw: &[u8]) -> bool {
        self.text(&String::from_utf8_lossy(raw))
            || MessageParser::default().parse(raw).is_some_and(|message| self.decoded(&message))
    }

    fn decoded(&self, message: &Message<'_>) -> bool {
        message.parts.iter().any(|part| match &part.body {
            PartType::Text(text) | PartType::Html(text) => self.text(text),
            PartType::Message(inside) => self.decoded(inside),
            PartType::Binary(_) | PartType::InlineBinary(_) | PartType::Multipart(_) => false,
        })
    }

    /// Whether a text names the person.
    pub(super) fn text(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.addresses.iter().any(|address| has_address(&text, address)) || self.has_phone(&text)
    }

    fn has_phone(&self, text: &str) -> bool {
        !self.phones.is_empty() && runs(text).any(|run| self.phones.iter().any(|phone| has_number(&run, phone)))
    }
}

/// The digits of an E.164 number behind its country code, if there are enough to find somebody by.
pub(super) fn national(phone: &str) -> Option<&str> {
    phone.trim_start_matches('+').get(2..).filter(|digits| digits.len() >= SHORTEST_PHONE)
}

/// Whether `address` stands in `text` as a whole: `ann@x.at` does not stand in `joann@x.at`.
fn has_address(text: &str, address: &str) -> bool {
    let local = |char: char| char.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(char);
    text.match_indices(address).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let mut after = text[at + address.len()..].chars();
        let (next, further) = (after.next(), after.next());
        let goes_on = match next {
            Some('.') => further.is_some_and(char::is_alphanumeric),
            Some(char) => char.is_alphanumeric() || char == '-' || char == '_',
            None => false,
        };
        // `mailto:` and `=` in front of an address are no part of it, but `=` may be one of an address: rather one
        // mail too many than a trace left.
        !before.is_some_and(|char| local(char) && !"='/`{|?&".contains(char)) && !goes_on
    })
}

/// Groups of digits that stand together: what people write between the parts of a number divides the groups, everything
/// else the runs.
fn runs(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.split(|char: char| !char.is_ascii_digit() && !" \u{a0}-/().+".contains(char)).filter_map(|run| {
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        let groups = || run.split(|char: char| !char.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
        (digits >= SHORTEST_PHONE).then(groups)
    })
}

/// Whether groups that follow each other make this number, with or without `0`, country code or both in front.
fn has_number(groups: &[&str], national: &str) -> bool {
    (0..groups.len()).any(|start| {
        let mut number = String::new();
        groups[start..].iter().any(|group| {
            number.push_str(group);
            number.strip_suffix(national).is_some_and(|front| front.len() <= 5)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> Mentions {
        let work = Work {
            addresses: vec!["ann@example.org".to_owned()],
            phones: vec!["+436645550123".to_owned()],
            ..Work::default()
        };
        Mentions::of(&work)
    }

    #[test]
    fn an_address_is_found_whole_and_in_any_case() {
        for text in [
            "ann@example.org",
            "Ann <Ann@Example.ORG>",
            "mailto:ann@example.org?x",
            "mail=ann@example.org.",
            "(ann@example.org)",
        ] {
            assert!(ann().text(text), "{text}");
        }
        for text in [
            "joann@example.org",
            "jo.ann@example.org",
            "ann@example.organic",
            "ann@example.org.at",
            "ann@example.org-x",
        ] {
            assert!(!ann().text(text), "{text}");
        }
    }

    #[test]
    fn a_telephone_is_found_however_it_is_written() {
        for text in [
            "+43 664 555 01 23",
            "0664/5550123",
            "0043 (0) 664 - 555 0123",
            "Tel.: 0664.5550123,",
            "0664 5550123 1010 Wien",
        ] {
            assert!(ann().text(text), "{text}");
        }
        for text in ["0664 5550124", "5550123", "0664 55501239"] {
            assert!(!ann().text(text), "{text}");
        }
    }

    #[test]
    fn a_mail_is_searched_as_it_reads() {
        let base64 = "From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: base64\r\n\r\nYW5uQGV4YW1wbGUub3Jn\r\n";
        assert!(ann().mail(base64.as_bytes()));
        let broken = "From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: quoted-printable\r\n\r\nann=40exam=\r\nple.org\r\n";
        assert!(ann().mail(broken.as_bytes()));
        let inside = format!(
            "From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
             Content-Type: message/rfc822\r\n\r\n{base64}\r\n--b--\r\n"
        );
        assert!(ann().mail(inside.as_bytes()));
        assert!(!ann().mail(b"From: a@b.test\r\n\r\nHello\r\n"));
    }

    #[test]
    fn nobody_is_found_by_nothing() {
        assert!(Mentions::of(&Work::default()).is_empty());
        assert!(!Mentions::default().mail(b"From: a@b.test\r\n\r\nHello 123\r\n"));
    }
}
