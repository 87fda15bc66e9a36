//! What is said to the client: code, enhanced code (RFC 3463), text.

use std::fmt;

/// RFC 5321, section 4.5.3.1.5 allows 512 octets for a reply line; what is left after codes and CRLF.
const MAX_TEXT: usize = 480;

/// A single-line reply (RFC 5321, section 4.2) with its enhanced status code (RFC 2034).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    code: u16,
    enhanced: (u8, u8, u8),
    text: String,
}

impl Reply {
    /// A reply in the server's words. Line breaks, control and non-ASCII characters in `text`
    /// become spaces or `?` so that no text can forge a second reply; long texts are cut.
    pub fn new(code: u16, enhanced: (u8, u8, u8), text: impl AsRef<str>) -> Self {
        let text = text
            .as_ref()
            .chars()
            .map(|c| match c {
                c if c.is_ascii_control() => ' ',
                c if c.is_ascii() => c,
                _ => '?',
            })
            .take(MAX_TEXT)
            .collect();
        Self { code, enhanced, text }
    }

    /// 451 4.3.0: our fault, worth a retry.
    pub fn temporary_failure(text: impl AsRef<str>) -> Self {
        Self::new(451, (4, 3, 0), text)
    }

    /// 452 4.3.1: no room now, worth a retry.
    pub fn insufficient_storage() -> Self {
        Self::new(452, (4, 3, 1), "Insufficient system storage, try again later")
    }

    /// 550 5.1.1: no such mailbox.
    pub fn unknown_recipient() -> Self {
        Self::new(550, (5, 1, 1), "No such recipient here")
    }

    /// 550 5.7.1: refused by policy; the sender gets a bounce.
    pub fn refused(text: impl AsRef<str>) -> Self {
        Self::new(550, (5, 7, 1), text)
    }

    /// 450 4.7.1: too much at once, worth a retry.
    pub fn slow_down(text: impl AsRef<str>) -> Self {
        Self::new(450, (4, 7, 1), text)
    }

    /// The three-digit code (RFC 5321, section 4.2.1).
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The enhanced code (RFC 3463).
    pub fn enhanced(&self) -> (u8, u8, u8) {
        self.enhanced
    }

    /// The text for people.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the command was refused for good.
    pub(crate) fn is_permanent(&self) -> bool {
        (500..600).contains(&self.code)
    }

    /// A backend refuses with 4xx or 5xx and an enhanced code of the same class. Anything else,
    /// above all a 2xx inside `Err`, would acknowledge a mail nobody keeps.
    pub(crate) fn or_temporary(self) -> Self {
        let class = self.code / 100;
        if (class == 4 || class == 5) && u16::from(self.enhanced.0) == class {
            return self;
        }
        tracing::error!(code = self.code, "the backend refused with a reply that does not refuse");
        Self::temporary_failure("Local error, try again later")
    }
}

/// The line as sent, without CRLF.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (class, subject, detail) = self.enhanced;
        write!(f, "{} {class}.{subject}.{detail} {}", self.code, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Reply;

    #[test]
    fn text_cannot_forge_a_second_reply() {
        let reply = Reply::new(550, (5, 1, 1), "no\r\n250 2.0.0 ok \u{fc}");
        assert_eq!(reply.to_string(), "550 5.1.1 no  250 2.0.0 ok ?");
    }

    #[test]
    fn text_is_cut_to_the_reply_line_limit() {
        let reply = Reply::new(550, (5, 1, 1), "x".repeat(10_000));
        assert_eq!(reply.to_string().len() + 2, 492);
    }

    #[test]
    fn a_refusal_that_acknowledges_becomes_temporary() {
        for (code, class) in [(250, 2), (354, 3), (550, 2), (600, 6)] {
            assert_eq!(Reply::new(code, (class, 0, 0), "x").or_temporary().code(), 451);
        }
        assert_eq!(Reply::unknown_recipient().or_temporary(), Reply::unknown_recipient());
    }
}
