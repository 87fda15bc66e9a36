//! The trait both engines implement, and how they fail.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{Answer, AnswerRequest, UnderstandRequest, Understanding};

/// Every embedding has this many dimensions, so one vector column fits both engines.
pub const EMBEDDING_DIMENSIONS: usize = 1536;

/// What one call cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// [`Engine::name`].
    pub engine: String,
    /// The model that answered.
    pub model: String,
    /// Tokens read; 0 when no model was asked.
    pub input_tokens: u32,
    /// Tokens written; 0 when no model was asked.
    pub output_tokens: u32,
    /// Wall-clock time with retries.
    pub duration_ms: u64,
}

/// A language engine.
#[async_trait]
pub trait Engine: Send + Sync {
    /// `openai` or `builtin`.
    fn name(&self) -> &'static str;

    /// Reads a mail.
    async fn understand(&self, request: &UnderstandRequest) -> Result<(Understanding, Usage), LlmError>;

    /// Writes an answer. Callers check it with [`crate::ground`] before it is sent.
    async fn answer(&self, request: &AnswerRequest) -> Result<(Answer, Usage), LlmError>;

    /// One vector per text, of [`EMBEDDING_DIMENSIONS`] and length 1. Vectors of different models do not compare; the
    /// model's name is in the [`Usage`].
    async fn embed(&self, texts: &[String]) -> Result<(Vec<Vec<f32>>, Usage), LlmError>;

    /// The model [`Engine::embed`] would ask.
    fn embedding_model(&self) -> String;
}

/// Why an engine gave no result. Each variant asks for another reaction; none carries text of a mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LlmError {
    /// Not reachable or broken on its side: use the built-in engine, try again later.
    #[error("the language service is unavailable ({0})")]
    Unavailable(String),
    /// Too many calls: wait.
    #[error("the language service asks to slow down")]
    RateLimited {
        /// How long the service wants us to wait, if it said so.
        retry_after: Option<Duration>,
    },
    /// The account is out of credit: no call will work until somebody pays.
    #[error("the account at the language service is out of credit")]
    OutOfCredit,
    /// No answer in time: use the built-in engine.
    #[error("the language service did not answer in time")]
    Timeout,
    /// It answered with something unusable: use the built-in engine; waiting will not help.
    #[error("the language service gave unusable output ({0})")]
    InvalidOutput(String),
    /// The model refused: a person must look.
    #[error("the language model refused to answer")]
    Refused,
    /// Wrong key, model or address, or a request it rejects: an administrator must look.
    #[error("the language service rejects our configuration ({0})")]
    Misconfigured(String),
}
