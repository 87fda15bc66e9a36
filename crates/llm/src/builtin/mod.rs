//! The deterministic engine: a small grammar and templates. It invents nothing and needs no network.

use std::time::Instant;

use async_trait::async_trait;

use crate::{Answer, AnswerRequest, Engine, LlmError, UnderstandRequest, Understanding, Usage, compose};

mod about;
mod embed;
mod injection;
mod intent;
pub(crate) mod language;
pub(crate) mod lexicon;
mod pattern;
pub(crate) mod text;
pub(crate) mod things;
mod times;
mod topic;
mod understand;

pub use about::topics_in;

/// The sentences of a text as they stand there, wrapped lines joined; what has no word in it is left out.
pub fn sentences(text: &str) -> Vec<String> {
    let joined = |raw: &str| raw.split_whitespace().collect::<Vec<_>>().join(" ");
    text::sentences(text).iter().map(|sentence| joined(&sentence.raw)).collect()
}

/// Reads a mail without the asynchronous trait.
pub(crate) fn read(request: &UnderstandRequest) -> Understanding {
    understand::understand(request)
}

/// The built-in engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Builtin;

/// The name of this engine and of its only "model".
const NAME: &str = "builtin";

fn usage(started: Instant) -> Usage {
    Usage {
        engine: NAME.to_owned(),
        model: concat!("builtin-", env!("CARGO_PKG_VERSION")).to_owned(),
        input_tokens: 0,
        output_tokens: 0,
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

#[async_trait]
impl Engine for Builtin {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn understand(&self, request: &UnderstandRequest) -> Result<(Understanding, Usage), LlmError> {
        let started = Instant::now();
        Ok((understand::understand(request), usage(started)))
    }

    async fn answer(&self, request: &AnswerRequest) -> Result<(Answer, Usage), LlmError> {
        let started = Instant::now();
        Ok((compose::compose(request), usage(started)))
    }

    async fn embed(&self, texts: &[String]) -> Result<(Vec<Vec<f32>>, Usage), LlmError> {
        let started = Instant::now();
        let vectors = texts.iter().map(|text| embed::embed(text)).collect();
        Ok((vectors, Usage { model: self.embedding_model(), ..usage(started) }))
    }

    fn embedding_model(&self) -> String {
        embed::MODEL.to_owned()
    }
}
