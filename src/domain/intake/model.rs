//! What an intake message is.

use portal_mail::LayoutField;

use super::cause::{Cause, Why};
use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::domain::leads::LeadId;

crate::ids::id_type!(
    /// One raw mail as received.
    IntakeId
);

code! {
    /// By which way a mail came.
    Door { /// Our own listener.
        Smtp = "SMTP", /// A watched mailbox.
        Imap = "IMAP", /// Amazon SES, which told us by SNS.
        Ses = "SES", /// Another program handed it in by the API.
        Api = "API" }
}

code! {
    /// What became of a mail.
    IntakeState { /// Stored; nobody has read it yet.
        Received = "RECEIVED", /// Made or joined a lead.
        Done = "DONE", /// A copy of a mail that did.
        Duplicate = "DUPLICATE", /// Nothing a lead could come from.
        Ignored = "IGNORED", /// A human sorts it.
        Tray = "TRAY", /// A human said it is nothing.
        Discarded = "DISCARDED" }
}

/// One mail and what became of it. The raw bytes are read apart ([`super::raw`]).
#[derive(Debug, Clone)]
pub struct IntakeMessage {
    /// Id.
    pub id: IntakeId,
    /// When we took it.
    pub received_at: Timestamp,
    /// By which way.
    pub door: Door,
    /// Envelope sender.
    pub envelope_from: String,
    /// Envelope recipient.
    pub envelope_to: String,
    /// Size, bytes.
    pub size: i64,
    /// What became of it.
    pub state: IntakeState,
    /// What it is, in the words of `immivo parse`.
    pub class: Option<String>,
    /// Which portal.
    pub portal: Option<String>,
    /// Which reader understood it.
    pub adapter: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Sender in the header.
    pub sender: Option<String>,
    /// What was understood, without self-disclosure.
    pub parsed: Option<serde_json::Value>,
    /// What is known of who sent it: `door`, `checks`, `portal`, `checkedAt`, as far as they are known.
    pub authentication: Option<serde_json::Value>,
    /// Why it is where it is; `None` where nothing is to be said.
    pub cause: Option<Cause>,
    /// What the cause is about.
    pub cause_detail: Option<String>,
    /// The whole trail: what the readers saw, what was decided.
    pub reasons: Vec<String>,
    /// What a provider that took it in for us says of it; `None` for every other door.
    pub provider_verdicts: Option<serde_json::Value>,
    /// The leads it belongs to.
    pub lead_ids: Vec<LeadId>,
    /// When it was read.
    pub processed_at: Option<Timestamp>,
}

impl IntakeMessage {
    /// Why it is where it is.
    #[must_use]
    pub fn why(&self) -> Option<Why> {
        self.cause.map(|cause| Why { cause, detail: self.cause_detail.clone() })
    }
}

/// One file in a mail.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Id.
    pub id: uuid::Uuid,
    /// Name, as the sender called it.
    pub name: String,
    /// Type, as the content says.
    pub content_type: String,
    /// Size, bytes.
    pub size: i64,
    /// Opening it would run it.
    pub executable: bool,
}

/// Why a mail was not sorted.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// No such mail.
    #[error("no such intake message")]
    NotFound,
    /// It is where this cannot be done. Holds where it is.
    #[error("not possible for a message that is {0}")]
    WrongState(IntakeState),
    /// There is nothing in it for the readers. Holds why: it stayed where it was, or is a test.
    #[error("not possible for a message that is here because of {0}")]
    NotForReaders(Cause),
    /// What the human filled in cannot be used. Names the field.
    #[error("`{field}`: {problem}")]
    Field {
        /// Field.
        field: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// No such blocked sender, layout or reprocessing.
    #[error("no such {0}")]
    NoSuch(&'static str),
    /// The sender must not be blocked.
    #[error("{0}")]
    NotBlockable(&'static str),
    /// These values stand nowhere in the mail, so nothing can be learnt of them.
    #[error("some values do not stand in the mail")]
    NotInMail(Vec<LayoutField>),
    /// What was read could not be carried out.
    #[error("what was read could not be carried out")]
    Reading(#[source] anyhow::Error),
    /// The lead does not allow it.
    #[error(transparent)]
    Lead(#[from] crate::domain::leads::LeadError),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}
