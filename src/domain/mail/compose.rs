//! From an outbox row to the bytes a provider gets. The same row gives the same bytes at every attempt.

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder, MultiPart, SinglePart};
use lettre::{Address, Message};

use super::OutboxMail;

/// A mail that cannot be written down as it is; trying again will not help.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The recipient's or sender's address is no address.
    #[error("an address is not valid")]
    Address(#[from] lettre::address::AddressError),
    /// The parts do not make a message.
    #[error("the message cannot be built")]
    Message(#[from] lettre::error::Error),
    /// The calendar type is not valid.
    #[error("the calendar part cannot be built")]
    Calendar(#[from] lettre::message::header::ContentTypeErr),
}

/// Puts a mail together.
///
/// # Errors
/// [`ComposeError`]; permanent.
pub fn compose(mail: &OutboxMail) -> Result<Message, ComposeError> {
    let mut builder: MessageBuilder = Message::builder()
        .message_id(Some(format!("<{}>", mail.rfc_message_id)))
        .date(std::time::SystemTime::from(mail.created_at.0))
        .from(mailbox(Some(&mail.from_name), &mail.from_address)?)
        .to(mailbox(mail.to_name.as_deref(), &mail.to_address)?)
        .subject(one_line(&mail.subject));
    if let Some(address) = &mail.reply_to {
        builder = builder.reply_to(mailbox(Some(&mail.from_name), address)?);
    }
    if let Some(id) = &mail.in_reply_to {
        builder = builder.in_reply_to(format!("<{id}>"));
    }
    if !mail.reference_ids.is_empty() {
        let ids: Vec<String> = mail.reference_ids.iter().map(|id| format!("<{id}>")).collect();
        builder = builder.references(ids.join(" "));
    }
    if mail.auto_submitted {
        // RFC 3834 §5: tells other machines not to answer; the second is what Exchange understands.
        builder = builder
            .raw_header(raw("Auto-Submitted", "auto-generated"))
            .raw_header(raw("X-Auto-Response-Suppress", "All"));
    }
    if let Some(url) = &mail.unsubscribe_url {
        // RFC 2369 §3.2, RFC 8058 §3.1: mail programs show a button, and one click is enough.
        builder = builder
            .raw_header(raw("List-Unsubscribe", &format!("<{}>", one_line(url))))
            .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    let text = SinglePart::plain(mail.text.clone());
    let calendar = calendar_part(mail)?;
    let message = match (&mail.html, calendar) {
        (None, None) => builder.singlepart(text)?,
        (None, Some(calendar)) => builder.multipart(MultiPart::mixed().singlepart(text).singlepart(calendar))?,
        (Some(html), calendar) => {
            let mut alternatives = MultiPart::alternative().singlepart(text).singlepart(SinglePart::html(html.clone()));
            // Clients show a meeting request only when it is one of the alternatives (RFC 6047 §2.4).
            if let Some(part) = calendar {
                alternatives = alternatives.singlepart(part);
            }
            builder.multipart(alternatives)?
        }
    };
    Ok(message)
}

fn calendar_part(mail: &OutboxMail) -> Result<Option<SinglePart>, ComposeError> {
    let (Some(calendar), Some(method)) = (&mail.calendar, &mail.calendar_method) else { return Ok(None) };
    let kind = ContentType::parse(&format!("text/calendar; charset=utf-8; method={method}"))?;
    Ok(Some(SinglePart::builder().header(kind).body(calendar.clone())))
}

fn mailbox(name: Option<&str>, address: &str) -> Result<Mailbox, lettre::address::AddressError> {
    let name = name.map(one_line).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, address.parse::<Address>()?))
}

/// Line breaks in a header would start another header.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control()).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::domain::mail::OutboxState;

    fn mail() -> OutboxMail {
        OutboxMail {
            id: uuid::Uuid::nil(),
            lead_id: None,
            message_id: None,
            rfc_message_id: "1@agentur.test".into(),
            from_name: "Döblinger Wohnträume".into(),
            from_address: "buero@agentur.test".into(),
            to_name: Some("Ida Größe".into()),
            to_address: "ida@example.org".into(),
            reply_to: Some("agentur@intake.immivo.test".into()),
            subject: "Wohnung in Wien – Besichtigung\r\nBcc: all@example.org".into(),
            text: "Grüß Gott".into(),
            html: Some("<p>Grüß Gott</p>".into()),
            calendar: Some("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".into()),
            calendar_method: Some("REQUEST".into()),
            in_reply_to: Some("0@example.org".into()),
            reference_ids: vec!["x@example.org".into(), "0@example.org".into()],
            auto_submitted: true,
            unsubscribe_url: None,
            state: OutboxState::Queued,
            created_at: Timestamp("2026-11-22T10:00:00Z".parse().unwrap()),
        }
    }

    #[test]
    fn headers_are_encoded_and_cannot_be_injected() {
        let bytes = compose(&mail()).unwrap().formatted();
        let parsed = mail_parser::MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(parsed.subject(), Some("Wohnung in Wien – Besichtigung Bcc: all@example.org"));
        assert!(parsed.bcc().is_none());
        assert_eq!(
            parsed.from().and_then(|from| from.first()).and_then(|from| from.name()),
            Some("Döblinger Wohnträume")
        );
        assert_eq!(parsed.message_id(), Some("1@agentur.test"));
        assert_eq!(parsed.in_reply_to().as_text(), Some("0@example.org"));
        assert_eq!(parsed.references().as_text_list().map(|list| list.len()), Some(2));
        assert_eq!(parsed.body_text(0).as_deref().map(str::trim), Some("Grüß Gott"));
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("method=REQUEST") && text.contains("Auto-Submitted: auto-generated"), "{text}");
    }

    #[test]
    fn the_same_row_gives_the_same_headers_at_every_attempt() {
        let head = |bytes: Vec<u8>| {
            String::from_utf8(bytes)
                .unwrap()
                .split("\r\n\r\n")
                .next()
                .map(|h| h.lines().filter(|l| !l.contains("boundary")).collect::<String>())
        };
        assert_eq!(head(compose(&mail()).unwrap().formatted()), head(compose(&mail()).unwrap().formatted()));
    }
}
