//! One trait for language models with two engines: OpenAI and a deterministic built-in one.
//!
//! The crate knows no database and no tenant. A caller hands in what is new in a mail and the facts that may be
//! said; it gets back what the mail wants and an answer made of statements, each citing where it comes from.
//! [`ground`] checks such an answer in code, whichever engine wrote it, and [`render_text`] turns it into a mail.
//! Talking with the agency's own people, with tools, is the trait [`ChatEngine`].
//!
//! Nothing here ever writes the text of a mail or of a prompt to the log.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod breaker;
pub mod builtin;
mod chat;
mod compose;
mod engine;
pub mod eval;
pub mod format;
mod ground;
mod mend;
mod model;
pub mod openai;
mod render;
pub mod source;

pub use breaker::{Breaker, BreakerSettings, NOT_ASKED};
pub use builtin::{Builtin, sentences, topics_in};
pub use chat::{ChatEngine, ChatMessage, ChatReply, ChatRequest, OnText, ToolCall, ToolSpec};
#[cfg(any(test, feature = "testing"))]
pub use chat::{Cue, Scripted};
pub use engine::{EMBEDDING_DIMENSIONS, Engine, LlmError, Usage};
pub use ground::{GroundingFault, ground};
pub use mend::{Mended, mend};
pub use model::{
    Answer, AnswerKind, AnswerRequest, DayPart, Example, Fact, FactKind, FactValue, Intent, Language, ListingStatus,
    Mood, QuestionTopic, Salutation, SlotOffer, Statement, StatementRole, Topic, UnderstandRequest, Understanding,
    WindowDays, WishedDay, WishedWindow,
};
pub use openai::{EmbeddingService, EmbeddingSettings, OpenAi, OpenAiSettings};
pub use render::render_text;
