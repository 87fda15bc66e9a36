//! The engine that asks OpenAI's chat completions and embeddings.
//!
//! A model reads mails and words facts. It never writes the rest of a letter: greeting, next steps, slots, links and
//! closing are templates, so nothing in a mail can talk it into a promise. What it returns has a strict schema in which
//! a source can only be the id of a given fact.

mod chat;
mod contacts;
mod embeddings;
mod map;
mod mask;
mod prompt;
mod schema;
mod settings;
mod stream;
mod transport;

use std::time::Instant;

use async_openai::types::embeddings::{CreateEmbeddingRequest, EmbeddingInput, EncodingFormat};
use async_trait::async_trait;

pub use self::embeddings::{EmbeddingService, EmbeddingSettings};
pub use self::settings::OpenAiSettings;
use self::transport::{Tokens, Transport};
use crate::{
    Answer, AnswerKind, AnswerRequest, EMBEDDING_DIMENSIONS, Engine, LlmError, UnderstandRequest, Understanding, Usage,
    builtin, compose,
};

const NAME: &str = "openai";

/// The service takes this many texts in one embedding request.
const LARGEST_BATCH: usize = 2048;

/// The OpenAI engine.
pub struct OpenAi {
    settings: OpenAiSettings,
    transport: Transport,
}

impl std::fmt::Debug for OpenAi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenAi").field("model", &self.settings.model).finish_non_exhaustive()
    }
}

impl OpenAi {
    /// Fails with [`LlmError::Misconfigured`] when the settings cannot work.
    pub fn new(settings: OpenAiSettings) -> Result<Self, LlmError> {
        let transport = Transport::new(&settings)?;
        Ok(Self { settings, transport })
    }

    fn usage(&self, model: &str, tokens: Tokens, started: Instant) -> Usage {
        Usage {
            engine: NAME.to_owned(),
            model: model.to_owned(),
            input_tokens: tokens.input,
            output_tokens: tokens.output,
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}

#[async_trait]
impl Engine for OpenAi {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn understand(&self, request: &UnderstandRequest) -> Result<(Understanding, Usage), LlmError> {
        let started = Instant::now();
        let body = prompt::understand(&self.settings.model, request);
        let (content, tokens) = self.transport.chat(&body).await?;
        Ok((map::understanding(&content, request)?, self.usage(&self.settings.model, tokens, started)))
    }

    async fn answer(&self, request: &AnswerRequest) -> Result<(Answer, Usage), LlmError> {
        let started = Instant::now();
        let wording_needed =
            matches!(request.kind, AnswerKind::FirstAnswer | AnswerKind::Reply) && !request.facts.is_empty();
        if !wording_needed {
            // Letters without facts to word are templates in any case; asking would cost and add nothing.
            let model = &self.settings.model;
            return Ok((compose::compose(request), self.usage(model, Tokens::default(), started)));
        }
        let body = prompt::answer(&self.settings.model, request);
        let (content, tokens) = self.transport.chat(&body).await?;
        Ok((map::answer(&content, request)?, self.usage(&self.settings.model, tokens, started)))
    }

    async fn embed(&self, texts: &[String]) -> Result<(Vec<Vec<f32>>, Usage), LlmError> {
        let started = Instant::now();
        let mut vectors = Vec::with_capacity(texts.len());
        let mut tokens = Tokens::default();
        for batch in texts.chunks(LARGEST_BATCH) {
            let body = CreateEmbeddingRequest {
                model: self.settings.embedding_model.clone(),
                input: EmbeddingInput::StringArray(batch.iter().map(|text| mask::input(text)).collect()),
                encoding_format: Some(EncodingFormat::Float),
                user: None,
                dimensions: u32::try_from(EMBEDDING_DIMENSIONS).ok(),
            };
            let (found, used) = self.transport.embed(&body).await?;
            vectors.extend(map::vectors(found, batch.len())?);
            tokens.input += used.input;
        }
        Ok((vectors, self.usage(&self.settings.embedding_model, tokens, started)))
    }

    fn embedding_model(&self) -> String {
        self.settings.embedding_model.clone()
    }
}

/// The built-in reading, for what must not depend on a model.
fn certain(request: &UnderstandRequest) -> Understanding {
    builtin::read(request)
}
