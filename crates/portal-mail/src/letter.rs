//! The mail that matters: the received one, or the one inside a forward.

use std::rc::Rc;

use crate::facts::Mailbox;
use crate::mime::Mail;
use crate::segment::Segment;

/// What the readers look at.
#[derive(Debug, Default, Clone)]
pub(crate) struct Letter {
    pub(crate) from: Option<Mailbox>,
    pub(crate) reply_to: Vec<Mailbox>,
    /// Every address that may name the sender, best first: From, original senders, return paths.
    pub(crate) senders: Vec<String>,
    /// Domains that signed or named the mail; weaker evidence than a sender.
    pub(crate) domains: Vec<String>,
    pub(crate) copies: Vec<String>,
    pub(crate) subject: String,
    pub(crate) text: Rc<Vec<Segment>>,
    pub(crate) html: Rc<Vec<Segment>>,
    pub(crate) xml: Vec<Vec<u8>>,
    /// The text part as sent: XML pasted into it must keep its entities until it is parsed.
    pub(crate) source: String,
    /// `In-Reply-To` or `References` are present.
    pub(crate) threaded: bool,
    /// It was unwrapped from a forward by the team.
    pub(crate) forwarded: bool,
}

impl Letter {
    pub(crate) fn of(mail: &Mail) -> Letter {
        let senders = mail.from.iter().map(|from| from.address.clone()).collect();
        Letter {
            from: mail.from.clone(),
            reply_to: mail.reply_to.clone(),
            senders,
            domains: domains(mail),
            copies: mail.to.iter().chain(&mail.cc).map(|copy| copy.address.clone()).collect(),
            subject: mail.subject.clone().unwrap_or_default(),
            text: mail.text_lines().clone(),
            html: mail.html_lines().clone(),
            xml: mail.xml.clone(),
            source: mail.text.as_deref().map(crate::text::plain).unwrap_or_default(),
            threaded: mail.in_reply_to.is_some() || !mail.references.is_empty(),
            forwarded: false,
        }
    }

    /// The body a person would read: the text part, or the HTML where there is none.
    pub(crate) fn body(&self) -> &[Segment] {
        if self.text.iter().map(|line| line.text.len()).sum::<usize>() < 20 && !self.html.is_empty() {
            &self.html
        } else {
            &self.text
        }
    }
}

/// `d=` of DKIM signatures and the domain of the Message-ID.
fn domains(mail: &Mail) -> Vec<String> {
    let signed = mail.header_all("dkim-signature").filter_map(|signature| {
        signature.split(';').find_map(|tag| tag.trim().strip_prefix("d=")).map(|d| d.trim().to_lowercase())
    });
    let named = mail.message_id.as_deref().map(|id| crate::address::domain(id).to_lowercase());
    signed.chain(named).filter(|domain| !domain.is_empty()).take(10).collect()
}
