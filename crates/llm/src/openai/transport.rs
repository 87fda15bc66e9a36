//! One request, our own bounded retries, and every way it can fail.
//!
//! The requests are async-openai's types. Its client is not used: it drops the Retry-After header, retries on its own
//! and logs every body it cannot read, which would put mail text into the log. Replies are read into types with only
//! the fields needed, because its response types refuse servers that are merely compatible.

use std::time::Duration;

use async_openai::types::{chat::CreateChatCompletionRequest, embeddings::CreateEmbeddingRequest};
use reqwest::{Response, StatusCode, header::RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::OpenAiSettings;
use super::stream::Assembled;
use crate::LlmError;

/// With the first attempt. More would keep a prospect waiting who can be answered by the built-in engine.
const ATTEMPTS: u32 = 3;
/// Doubled after each attempt.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// A longer wait is the caller's to schedule.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// A streamed reply may take longer than one attempt otherwise may, as long as it does not stand still.
const LONGEST_STREAM: Duration = Duration::from_secs(300);

pub(super) struct Transport {
    client: reqwest::Client,
    base_url: String,
    api_key: SecretString,
    timeout: Duration,
}

/// When to try again.
pub(super) struct Patience {
    attempt: u32,
    pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { attempt: 1, pause: FIRST_PAUSE }
    }
}

impl Patience {
    /// How long to wait before the next attempt; `None`: not again.
    pub(super) fn after(&mut self, error: &LlmError) -> Option<Duration> {
        let wait = match error {
            LlmError::Unavailable(_) => self.pause,
            LlmError::RateLimited { retry_after } => retry_after.unwrap_or(self.pause),
            _ => return None,
        };
        if self.attempt >= ATTEMPTS || wait > LONGEST_PAUSE {
            return None;
        }
        self.attempt += 1;
        self.pause *= 2;
        Some(wait)
    }
}

/// Tokens used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tokens {
    pub(super) input: u32,
    pub(super) output: u32,
}

#[derive(Deserialize)]
struct ChatReply {
    choices: Vec<Choice>,
    usage: Option<ChatUsage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ChatUsage {
    #[serde(default)]
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
}

impl ChatUsage {
    pub(super) fn tokens(&self) -> Tokens {
        Tokens { input: self.prompt_tokens, output: self.completion_tokens }
    }
}

#[derive(Deserialize)]
struct EmbeddingReply {
    data: Vec<EmbeddingRow>,
    usage: Option<ChatUsage>,
}

#[derive(Deserialize)]
struct EmbeddingRow {
    index: usize,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct ErrorReply {
    error: ErrorBody,
}

#[derive(Deserialize)]
pub(super) struct ErrorBody {
    code: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl ErrorBody {
    /// What went wrong, in the service's words for programs: the message may repeat the request.
    pub(super) fn name(self) -> String {
        self.code.or(self.kind).unwrap_or_default()
    }
}

impl Transport {
    pub(super) fn new(settings: &OpenAiSettings) -> Result<Self, LlmError> {
        let wrong = |what: &str| LlmError::Misconfigured(what.to_owned());
        if settings.api_key.expose_secret().trim().is_empty() {
            return Err(wrong("no API key"));
        }
        if settings.model.trim().is_empty() || settings.embedding_model.trim().is_empty() {
            return Err(wrong("no model"));
        }
        let base_url = settings.base_url.trim_end_matches('/').to_owned();
        if reqwest::Url::parse(&base_url).is_err() {
            return Err(wrong("the base address is no URL"));
        }
        let client = reqwest::Client::builder()
            .timeout(settings.timeout)
            // A redirect would carry the key to an address nobody configured.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| wrong("the HTTP client cannot be built"))?;
        Ok(Self { client, base_url, api_key: settings.api_key.clone(), timeout: settings.timeout })
    }

    /// The content of the model's reply.
    pub(super) async fn chat(&self, body: &CreateChatCompletionRequest) -> Result<(String, Tokens), LlmError> {
        let reply: ChatReply = self.post("/chat/completions", body).await?;
        let tokens = tokens(reply.usage);
        let invalid = |why: &str| LlmError::InvalidOutput(why.to_owned());
        let choice = reply.choices.into_iter().next().ok_or_else(|| invalid("no choice"))?;
        if choice.message.refusal.is_some_and(|refusal| !refusal.is_empty()) {
            return Err(LlmError::Refused);
        }
        match choice.finish_reason.as_deref() {
            Some("content_filter") => return Err(LlmError::Refused),
            Some("length") => return Err(invalid("cut off at the length limit")),
            // Compatible servers leave it out; the schema decides then.
            _ => {}
        }
        let content = choice.message.content.filter(|content| !content.trim().is_empty());
        Ok((content.ok_or_else(|| invalid("no content"))?, tokens))
    }

    /// The vectors with the positions of their texts.
    pub(super) async fn embed(
        &self,
        body: &CreateEmbeddingRequest,
    ) -> Result<(Vec<(usize, Vec<f32>)>, Tokens), LlmError> {
        let reply: EmbeddingReply = self.post("/embeddings", body).await?;
        let rows = reply.data.into_iter().map(|row| (row.index, row.embedding)).collect();
        Ok((rows, tokens(reply.usage)))
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &(impl Serialize + Sync)) -> Result<T, LlmError> {
        let mut patience = Patience::default();
        loop {
            let error = match self.attempt(path, body).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let Some(pause) = patience.after(&error) else {
                tracing::warn!(engine = "openai", path, attempt = patience.attempt, %error, "language service failed");
                return Err(error);
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// One attempt at a streamed reply. Each piece of it has to come within the time one attempt may take.
    pub(super) async fn stream(
        &self,
        body: &CreateChatCompletionRequest,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Assembled, LlmError> {
        let late = |_| LlmError::Timeout;
        let sending = self.request("/chat/completions", body).timeout(LONGEST_STREAM).send();
        let mut response =
            tokio::time::timeout(self.timeout, sending).await.map_err(late)?.map_err(|error| failed(&error))?;
        if !response.status().is_success() {
            return Err(rejected(response).await);
        }
        let mut assembled = Assembled::default();
        while let Some(bytes) =
            tokio::time::timeout(self.timeout, response.chunk()).await.map_err(late)?.map_err(|error| failed(&error))?
        {
            assembled.take(&bytes, on_text)?;
        }
        assembled.end()
    }

    fn request(&self, path: &str, body: &(impl Serialize + Sync)) -> reqwest::RequestBuilder {
        self.client.post(format!("{}{path}", self.base_url)).bearer_auth(self.api_key.expose_secret()).json(body)
    }

    async fn attempt<T: DeserializeOwned>(&self, path: &str, body: &(impl Serialize + Sync)) -> Result<T, LlmError> {
        let response = self.request(path, body).send().await.map_err(|error| failed(&error))?;
        if !response.status().is_success() {
            return Err(rejected(response).await);
        }
        let bytes = response.bytes().await.map_err(|error| failed(&error))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| LlmError::InvalidOutput(format!("{:?} error in the reply", error.classify())))
    }
}

fn tokens(usage: Option<ChatUsage>) -> Tokens {
    usage.map_or_else(Tokens::default, |usage| usage.tokens())
}

fn failed(error: &reqwest::Error) -> LlmError {
    if error.is_timeout() {
        LlmError::Timeout
    } else if error.is_builder() {
        LlmError::Misconfigured("the request cannot be built".to_owned())
    } else if error.is_connect() {
        LlmError::Unavailable("no connection".to_owned())
    } else {
        LlmError::Unavailable("connection broken".to_owned())
    }
}

async fn rejected(response: Response) -> LlmError {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.trim().parse::<f64>().ok())
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let error = response.json::<ErrorReply>().await.ok().map(|reply| reply.error);
    let code = error.map(ErrorBody::name).unwrap_or_default();
    match status {
        StatusCode::TOO_MANY_REQUESTS if code == "insufficient_quota" => LlmError::OutOfCredit,
        StatusCode::TOO_MANY_REQUESTS => LlmError::RateLimited { retry_after },
        StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT => LlmError::Unavailable(status.to_string()),
        _ if status.is_server_error() => LlmError::Unavailable(status.to_string()),
        // Code and status only: the message may repeat the request.
        _ => LlmError::Misconfigured(format!("{status} {code}").trim().to_owned()),
    }
}
