//! `[ai]`: language engines. `[assistant]`: how far the assistant of the agency's people goes.

use secrecy::SecretString;
use serde::Deserialize;

/// `[ai]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AiSettings {
    /// Which engine understands and answers.
    pub engine: AiEngine,
    /// ISO 4217: in which the prices below are kept, and agencies' budgets with them. Chosen once.
    pub currency: String,
    /// When a service that fails is left alone.
    pub breaker: BreakerSettings,
    /// What models cost; each configured one needs its price.
    pub prices: Vec<ModelPrice>,
    /// For `openai`.
    pub openai: OpenAiSection,
    /// Where embeddings come from, if not from the engine.
    pub embeddings: EmbeddingSection,
}

/// The engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AiEngine {
    /// Deterministic, in this binary.
    Builtin,
    /// OpenAI or a server that speaks its API.
    Openai,
}

/// `[ai.breaker]`; each process finds out by itself (docs/decisions/0030).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakerSettings {
    /// Failed calls in a row after which the service is left alone.
    pub failures: u32,
    /// For how long, seconds; doubled each time it still fails.
    pub seconds: u64,
    /// At most for how long, seconds.
    pub longest_seconds: u64,
}

/// `[[ai.prices]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelPrice {
    /// Name of the model.
    pub model: String,
    /// A million tokens read, in cents.
    pub input: f64,
    /// A million tokens written, in cents.
    pub output: f64,
}

/// `[ai.openai]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenAiSection {
    /// Key; usually `OPENAI_API_KEY`.
    pub api_key: Option<SecretString>,
    /// Up to and with `/v1`.
    pub base_url: String,
    /// Chat model.
    pub model: String,
    /// Embedding model; must give 1536 dimensions.
    pub embedding_model: String,
    /// One call may take, seconds.
    pub timeout_seconds: u64,
}

/// `[ai.embeddings]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbeddingSection {
    /// A server that speaks OpenAI's embeddings, up to and with `/v1`; absent: the engine makes them.
    pub base_url: Option<String>,
    /// Its model; vectors of up to 1536 dimensions. Another name has everything embedded anew.
    pub model: String,
    /// Key, for servers that ask for one.
    pub api_key: Option<SecretString>,
    /// One call may take, seconds.
    pub timeout_seconds: u64,
}

/// `[assistant]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssistantSettings {
    /// How often the model is asked for one answer at most; tools are used in between.
    pub max_rounds: u8,
    /// Tokens read and written for one answer, after which no more tools are used.
    pub max_tokens_per_answer: u32,
    /// Answers being made at once in one process.
    pub max_running: usize,
    /// How long a card can be confirmed, minutes.
    pub confirmation_minutes: u16,
}
