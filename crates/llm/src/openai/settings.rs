//! How to reach OpenAI.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

/// How to reach OpenAI.
#[derive(Clone, Debug, Deserialize)]
pub struct OpenAiSettings {
    /// The API key.
    pub api_key: SecretString,
    /// Where the API is, with `/v1`.
    #[serde(default = "default_base_url")]
    pub base_url: String,
    /// The chat model.
    #[serde(default = "default_model")]
    pub model: String,
    /// The embedding model; it must be able to give 1536 dimensions.
    #[serde(default = "default_embedding_model")]
    pub embedding_model: String,
    /// How long one attempt may take.
    #[serde(default = "default_timeout")]
    pub timeout: Duration,
}

fn default_base_url() -> String {
    "https://api.openai.com/v1".to_owned()
}

fn default_model() -> String {
    "gpt-5-mini".to_owned()
}

fn default_embedding_model() -> String {
    "text-embedding-3-small".to_owned()
}

const fn default_timeout() -> Duration {
    Duration::from_secs(30)
}

impl OpenAiSettings {
    /// The defaults with this key.
    pub fn new(api_key: SecretString) -> Self {
        Self {
            api_key,
            base_url: default_base_url(),
            model: default_model(),
            embedding_model: default_embedding_model(),
            timeout: default_timeout(),
        }
    }
}
