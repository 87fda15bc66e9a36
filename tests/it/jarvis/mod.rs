//! The assistant: chats through the production router, with an engine that plays what a test wrote down.

mod cards;
mod chats;
mod erasure;
mod hostile;
mod rights;
mod streams;

use axum::body::{Body, BodyDataStream};
use axum::http::{Method, Request, header};
use futures::StreamExt as _;
use llm::Cue;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{Person, TestApp};

/// One event of an answer.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) data: Value,
}

/// An answer as it is streamed.
pub(super) struct Stream {
    body: BodyDataStream,
    buffer: String,
}

impl Stream {
    /// The next event; `None` when the stream has ended.
    pub(super) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.buffer = rest;
                let field = |name: &str| {
                    block.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
                };
                let Some(name) = field("event:") else { continue };
                let data = serde_json::from_str(&field("data:").unwrap()).unwrap();
                return Some(Event { name, id: field("id:").unwrap_or_default(), data });
            }
            let bytes = tokio::time::timeout(std::time::Duration::from_secs(20), self.body.next())
                .await
                .expect("the stream stands still");
            self.buffer.push_str(std::str::from_utf8(&bytes?.unwrap()).unwrap());
        }
    }

    /// All that comes until the end.
    pub(super) async fn rest(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }
}

/// What the texts of events say.
pub(super) fn said(events: &[Event]) -> String {
    events.iter().filter(|event| event.name == "text").map(|event| event.data["text"].as_str().unwrap()).collect()
}

/// The card of an answer.
pub(super) fn card(events: &[Event]) -> Value {
    let mut cards = events.iter().filter(|event| event.data["kind"] == "CONFIRMATION");
    let card = cards.next().unwrap_or_else(|| panic!("no card in {events:?}")).data["confirmation"].clone();
    assert!(cards.next().is_none(), "{events:?}");
    card
}

/// Names of the events, with the kinds of steps.
pub(super) fn names(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| event.data["kind"].as_str().map_or_else(|| event.name.clone(), str::to_owned)).collect()
}

pub(super) fn text(text: &str) -> Cue {
    Cue::Text(text.to_owned())
}

impl TestApp {
    pub(super) async fn chat(&self, person: &Person) -> String {
        let chat = self.post("/api/v1/assistant/chats", person, json!({})).await.json(201);
        chat["id"].as_str().unwrap().to_owned()
    }

    /// Opens a stream.
    pub(super) async fn open(
        &self,
        method: Method,
        path: &str,
        person: &Person,
        last: Option<&str>,
        body: Option<Value>,
    ) -> Stream {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1/assistant/chats/{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", person.token))
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Stream { body: response.into_body().into_data_stream(), buffer: String::new() }
    }

    /// Asks, and reads the answer to its end.
    pub(super) async fn ask(&self, chat: &str, person: &Person, question: &str) -> Vec<Event> {
        self.ask_with(chat, person, json!({"text": question})).await
    }

    pub(super) async fn ask_with(&self, chat: &str, person: &Person, body: Value) -> Vec<Event> {
        self.open(Method::POST, &format!("{chat}/messages"), person, None, Some(body)).await.rest().await
    }

    /// Says yes to a card, with its token.
    pub(super) async fn confirm(&self, chat: &str, person: &Person, card: &Value) -> crate::support::Reply {
        let path = format!("/api/v1/assistant/chats/{chat}/confirmations/{}", card["id"].as_str().unwrap());
        self.post(&path, person, json!({"decision": "CONFIRM", "token": card["token"]})).await
    }

    /// Rows of the outbox and messages to prospects.
    pub(super) async fn outward(&self, agency: &crate::support::Agency) -> i64 {
        let mut conn = self.tenant_conn(agency).await;
        sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM messages WHERE direction = 'OUTBOUND')",
        )
        .fetch_one(conn.sql())
        .await
        .unwrap()
    }
}
