//! The mails exchanged with a prospect.
//!
//! Always true: every inbound message makes a new revision; an automatic answer names the revision it answers, there is
//! at most one per revision, and it is not sent once a newer revision exists. The same goes for drafts.

mod append;
mod deliver;
mod drafts;
mod model;
mod queue;
mod search;
mod store;

pub use append::{Inbound, append_inbound, open, record_bounce, record_bounce_of, withdraw, withdraw_follow_ups};
pub use drafts::{
    DraftError, NewDraft, approve, edit_draft, find_draft, list_drafts, lock_draft, reject, words_of_engine,
    write_draft,
};
pub use model::{
    Conversation, ConversationId, Delivery, Direction, Draft, DraftId, DraftState, Message, MessageId, Origin,
};
pub use queue::{Answer, QueueError, queue_answer, queue_follow_up, reply_subject};
pub use search::{Hit, search};
pub use store::{
    by_lead, by_references, messages, open_but_acknowledged, open_messages_since, rename, reopen_answer,
    resume_delivery, settle_with,
};
