//! Jarvis, the assistant for the agency's own people: chats, and tools that work with the user's rights.
//!
//! Always true: a tool sees and does what its user may see and do, asked anew for each call; what cannot be undone or
//! leaves the house stops at a card until its user confirms it, and what is carried out then are the arguments that were
//! stored with the card ([`decide`]); what a tool read is data to the model. An answer is made in one process, whoever
//! listens, and kept step by step; a process that dies leaves an interrupted answer that can be tried again. A chat is its
//! user's alone.
//!
//! A new tool is a type that implements [`Tool`] and a line in a registry: in `tools/mod.rs`, or, for a capability that
//! stands later in the order of the domain, where the program is put together (`cli/wire.rs`).

mod builtin;
mod calls;
mod confirm;
mod forget;
mod log;
mod memory;
mod messages;
mod model;
mod prompt;
mod run;
mod runner;
mod store;
mod summary;
mod tool;
mod tools;

pub use builtin::Plain;
pub use confirm::{Confirmation, ConfirmationState, DecideError, Decision, confirmations, decide, token};
pub use forget::{Forgotten, Named, forget};
pub use log::{Fresh, Log, Place, fresh};
pub use memory::{Memory, MemoryId, list_memories, remove_memory};
pub use messages::{Question, ask, find_message, list_messages, retry, settle_dead, steps, want_cancelled};
pub use model::{
    Chat, ChatId, ChatMessage, ChatMessageId, ChatRole, ChatState, ConfirmationId, ContextKind, Notice, PageContext,
    Step,
};
pub use prompt::may_see;
pub use run::Run;
pub use runner::{Jarvis, work};
pub use store::{create, find, list, remove, rename};
pub use tool::{Card, Desk, Effect, Outcome, Registry, Tool, ToolError};
pub use tools::tools;

/// The title of a chat before its first question.
pub const UNTITLED: &str = "Neuer Chat";

/// Why nothing happened in a chat.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// No such chat or message of this user.
    #[error("no such chat")]
    NotFound,
    /// Somebody else changed it since the caller read it.
    #[error("the chat was changed meanwhile")]
    Changed,
    /// An answer is being made in this chat.
    #[error("an answer is being made")]
    Running,
    /// The answer has ended already.
    #[error("the answer has ended already")]
    NotRunning,
    /// It is no answer, it came to its end, or something was asked after it.
    #[error("the answer cannot be tried again")]
    NotRetryable,
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for ChatError {
    fn from(error: sqlx::Error) -> Self {
        match crate::db::broken_constraint(&error) {
            Some("chat_messages_one_running") => Self::Running,
            _ => Self::Database(error),
        }
    }
}
