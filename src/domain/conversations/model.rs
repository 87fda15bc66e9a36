//! What conversations, messages and drafts are.

use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::domain::leads::LeadId;

crate::ids::id_type!(
    /// A conversation: one per lead.
    ConversationId
);
crate::ids::id_type!(
    /// A message.
    MessageId
);
crate::ids::id_type!(
    /// A draft.
    DraftId
);

code! {
    /// Which way a message went.
    Direction { /// From the prospect.
        Inbound = "INBOUND", /// To the prospect.
        Outbound = "OUTBOUND" }
}

code! {
    /// Who wrote a message.
    Origin { /// The prospect.
        Prospect = "PROSPECT", /// One of the agency's people.
        Agent = "AGENT", /// The system, without approval.
        AiAuto = "AI_AUTO", /// The system, approved by a human.
        AiApproved = "AI_APPROVED", /// A confirmation the system sends by rule.
        System = "SYSTEM", /// The system asks again, because nobody answered.
        FollowUp = "FOLLOW_UP" }
}

code! {
    /// Where an outbound message stands.
    Delivery { /// On its way.
        Queued = "QUEUED", /// A provider accepted it.
        Sent = "SENT", /// Given up.
        Failed = "FAILED", /// Withdrawn before it went out.
        Cancelled = "CANCELLED", /// The prospect's server gave it back.
        Bounced = "BOUNCED" }
}

code! {
    /// Where a draft stands.
    DraftState { /// Waiting.
        Open = "OPEN", /// Sent.
        Approved = "APPROVED", /// Not sent.
        Rejected = "REJECTED", /// The prospect wrote again.
        Superseded = "SUPERSEDED" }
}

/// The thread with one prospect.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// Id.
    pub id: ConversationId,
    /// The lead.
    pub lead_id: LeadId,
    /// Subject of the first mail.
    pub subject: String,
    /// Number of inbound messages so far.
    pub revision: i32,
}

/// One message.
#[derive(Debug, Clone)]
pub struct Message {
    /// Id.
    pub id: MessageId,
    /// Which way.
    pub direction: Direction,
    /// By whom.
    pub origin: Origin,
    /// Subject.
    pub subject: String,
    /// What is new in it, without quotes and signature.
    pub text: String,
    /// Sanitised HTML.
    pub html: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
    /// `Message-ID` without brackets.
    pub rfc_message_id: Option<String>,
    /// Where it stands; outbound only.
    pub delivery: Option<Delivery>,
    /// Which sentence rests on which fact.
    pub citations: serde_json::Value,
    /// Inbound: the revision it made; outbound: the revision it answers.
    pub revision: i32,
    /// Outbound: it answers its revision, rather than only confirm something.
    pub settles: bool,
    /// When it came or was written.
    pub created_at: Timestamp,
    /// When a provider accepted it.
    pub sent_at: Option<Timestamp>,
}

/// An answer waiting for approval.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Id.
    pub id: DraftId,
    /// The thread.
    pub conversation_id: ConversationId,
    /// The lead.
    pub lead_id: LeadId,
    /// Subject.
    pub subject: String,
    /// Body, without signature.
    pub text: String,
    /// Which sentence rests on which fact.
    pub citations: serde_json::Value,
    /// Why it was not sent at once.
    pub reason: String,
    /// Where it stands.
    pub state: DraftState,
    /// The revision it answers.
    pub revision: i32,
    /// Grows with each edit.
    pub version: i32,
    /// When it was written.
    pub created_at: Timestamp,
}
