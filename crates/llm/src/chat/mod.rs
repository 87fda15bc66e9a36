//! Conversations with a model that may use tools: what is asked, what comes back, and the trait of the engines.
//!
//! An engine hands text on as it comes and gives the whole reply at the end. Whoever no longer wants it drops the future.
//! What a tool does and who may use it is the caller's business: an engine only says which one it would like, with which
//! arguments, as text that nobody has checked.

#[cfg(any(test, feature = "testing"))]
mod scripted;

use async_trait::async_trait;
use serde_json::Value;

use crate::{LlmError, Usage};

#[cfg(any(test, feature = "testing"))]
pub use scripted::{Cue, Scripted};

/// What is asked of a model in one round.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRequest {
    /// What holds for the whole conversation.
    pub instructions: String,
    /// The conversation so far, oldest first; never empty.
    pub messages: Vec<ChatMessage>,
    /// What the model may use.
    pub tools: Vec<ToolSpec>,
    /// The reply has at most this many tokens.
    pub longest_reply: u32,
}

/// One message of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatMessage {
    /// The person wrote.
    User(String),
    /// The model said something, or asked for tools, or both.
    Assistant {
        /// What it said.
        text: String,
        /// Which tools it asked for; each has its [`ChatMessage::Tool`] behind this message.
        calls: Vec<ToolCall>,
    },
    /// What a tool gave.
    Tool {
        /// [`ToolCall::id`].
        call: String,
        /// Its result, as the model reads it.
        content: String,
    },
}

/// A tool, as a model is told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolSpec {
    /// Letters, digits, `_` and `-`, at most 64.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// JSON Schema of its arguments: an object.
    pub parameters: Value,
}

/// A tool the model would like to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The model's name for this call.
    pub id: String,
    /// [`ToolSpec::name`], if the model keeps to what there is.
    pub name: String,
    /// JSON, if the model keeps to the schema.
    pub arguments: String,
}

/// A whole reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatReply {
    /// What was said, all of it.
    pub text: String,
    /// Tools asked for, in order; several may be used at once.
    pub calls: Vec<ToolCall>,
    /// The text ends where [`ChatRequest::longest_reply`] cut it.
    pub cut: bool,
}

/// Where text goes as it comes.
pub type OnText<'a> = &'a mut (dyn FnMut(&str) + Send);

/// An engine that talks.
#[async_trait]
pub trait ChatEngine: Send + Sync {
    /// `openai`, `builtin` or `scripted`.
    fn name(&self) -> &'static str;

    /// One reply. An engine may try again by itself as long as `on_text` was not called; an error after that leaves the
    /// caller with the beginning of a text.
    async fn chat(&self, request: &ChatRequest, on_text: OnText<'_>) -> Result<(ChatReply, Usage), LlmError>;
}
