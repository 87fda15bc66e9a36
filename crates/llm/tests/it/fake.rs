//! A local OpenAI that plays what it is told and remembers what it was asked.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use futures::StreamExt as _;
use llm::{OpenAi, OpenAiSettings};
use serde_json::{Value, json};

/// What the next call gets.
#[derive(Clone)]
pub(crate) enum Play {
    Json(Value),
    Status(u16, Option<&'static str>, Value),
    Raw(&'static str),
    Hang,
    /// A stream of these pieces.
    Stream(Vec<String>),
    /// The same, cut anywhere.
    Bytes(Vec<Vec<u8>>),
    /// A stream whose connection breaks behind this.
    Broken(String),
    /// A stream that stands still behind this.
    Stalled(String),
}

/// One call received.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) authorization: String,
    pub(crate) body: Value,
}

#[derive(Clone, Default)]
pub(crate) struct Fake {
    plays: Arc<Mutex<VecDeque<Play>>>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Fake {
    /// The fake with its plays, and an engine that talks to it.
    pub(crate) async fn start(plays: impl IntoIterator<Item = Play>) -> (Self, OpenAi) {
        let fake = Self { plays: Arc::new(Mutex::new(plays.into_iter().collect())), ..Self::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(answer).with_state(fake.clone());
        #[allow(clippy::disallowed_methods, reason = "a fake beside the test, ended with it")]
        tokio::spawn(async move { axum::serve(listener, app).await });
        let mut settings = OpenAiSettings::new("test-key".to_owned().into());
        settings.base_url = format!("http://{address}/v1/");
        settings.timeout = Duration::from_millis(500);
        (fake, OpenAi::new(settings).unwrap())
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

async fn answer(State(fake): State<Fake>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let authorization = headers.get("authorization").map_or("", |value| value.to_str().unwrap()).to_owned();
    fake.calls.lock().unwrap().push(Call {
        path: uri.path().to_owned(),
        authorization,
        body: serde_json::from_slice(&body).unwrap(),
    });
    let play = fake.plays.lock().unwrap().pop_front().expect("a call nobody expected");
    match play {
        Play::Json(value) => axum::Json(value).into_response(),
        Play::Status(status, retry_after, value) => {
            let mut response = (StatusCode::from_u16(status).unwrap(), axum::Json(value)).into_response();
            if let Some(seconds) = retry_after {
                response.headers_mut().insert("retry-after", seconds.parse().unwrap());
            }
            response
        }
        Play::Raw(text) => text.into_response(),
        Play::Stream(pieces) => events(pieces.into_iter().map(|piece| Ok(piece.into_bytes())).collect(), false),
        Play::Bytes(pieces) => events(pieces.into_iter().map(Ok).collect(), false),
        Play::Broken(text) => broken(text),
        Play::Stalled(text) => events(vec![Ok(text.into_bytes())], true),
        Play::Hang => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            StatusCode::OK.into_response()
        }
    }
}

/// A stream of events; one that stalls never ends.
fn events(pieces: Vec<std::io::Result<Vec<u8>>>, stalls: bool) -> Response {
    let pieces = futures::stream::iter(pieces);
    let body = match stalls {
        true => axum::body::Body::from_stream(pieces.chain(futures::stream::pending())),
        false => axum::body::Body::from_stream(pieces),
    };
    ([("content-type", "text/event-stream")], body).into_response()
}

/// A stream that breaks once what stands in front has gone out: an error right behind it would take it along.
fn broken(text: String) -> Response {
    let told = futures::stream::iter([Ok(text.into_bytes())]);
    let breaks = futures::stream::once(async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Err(std::io::Error::other("broken"))
    });
    ([("content-type", "text/event-stream")], axum::body::Body::from_stream(told.chain(breaks))).into_response()
}

/// A complete reply of the chat endpoint.
pub(crate) fn chat(content: Option<&str>, refusal: Option<&str>, finish_reason: &str) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_795_000_000, "model": "gpt-5-mini",
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": content, "refusal": refusal },
            "logprobs": null,
            "finish_reason": finish_reason,
        }],
        "usage": { "prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366 },
    })
}

/// A complete reply of the embeddings endpoint.
pub(crate) fn embeddings(vectors: &[(usize, Vec<f32>)]) -> Value {
    let data: Vec<_> = vectors
        .iter()
        .map(|(index, vector)| json!({ "object": "embedding", "index": index, "embedding": vector }))
        .collect();
    json!({ "object": "list", "model": "text-embedding-3-small", "data": data,
            "usage": { "prompt_tokens": 7, "total_tokens": 7 } })
}
