//! An engine that plays what a test wrote down, at the pace the test wants.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use super::{ChatEngine, ChatReply, ChatRequest, OnText, ToolCall};
use crate::{LlmError, Usage};

/// One thing that happens during a reply.
#[derive(Clone, Debug)]
pub enum Cue {
    /// A piece of text.
    Text(String),
    /// A tool is asked for.
    Call(&'static str, Value),
    /// A tool is asked for with arguments that need not be JSON.
    RawCall(&'static str, String),
    /// Nothing comes for a while.
    Wait(Duration),
    /// The reply is cut off here.
    Cut,
    /// The engine fails here.
    Fail(LlmError),
}

/// Plays one list of cues per reply, and remembers what it was asked.
#[derive(Debug, Default)]
pub struct Scripted {
    replies: Mutex<VecDeque<Vec<Cue>>>,
    heard: Mutex<Vec<ChatRequest>>,
}

impl Scripted {
    /// With these replies, in order.
    #[must_use]
    pub fn new(replies: impl IntoIterator<Item = Vec<Cue>>) -> Self {
        Self { replies: Mutex::new(replies.into_iter().collect()), heard: Mutex::default() }
    }

    /// One more reply.
    pub fn push(&self, reply: Vec<Cue>) {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner).push_back(reply);
    }

    /// What was asked so far.
    #[must_use]
    pub fn heard(&self) -> Vec<ChatRequest> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn next(&self, request: &ChatRequest) -> Option<Vec<Cue>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        self.replies.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

#[async_trait]
impl ChatEngine for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    async fn chat(&self, request: &ChatRequest, on_text: OnText<'_>) -> Result<(ChatReply, Usage), LlmError> {
        let cues = self.next(request).ok_or_else(|| LlmError::InvalidOutput("the script has ended".to_owned()))?;
        let mut reply = ChatReply::default();
        for (number, cue) in cues.into_iter().enumerate() {
            let call =
                |name: &str, arguments| ToolCall { id: format!("call_{number}"), name: name.to_owned(), arguments };
            match cue {
                Cue::Text(text) => {
                    on_text(&text);
                    reply.text.push_str(&text);
                }
                Cue::Call(name, arguments) => reply.calls.push(call(name, arguments.to_string())),
                Cue::RawCall(name, arguments) => reply.calls.push(call(name, arguments)),
                Cue::Wait(time) => tokio::time::sleep(time).await,
                Cue::Cut => reply.cut = true,
                Cue::Fail(error) => return Err(error),
            }
        }
        let read = request.messages.len();
        let usage = Usage {
            engine: "scripted".to_owned(),
            model: "scripted".to_owned(),
            input_tokens: u32::try_from(read * 100).unwrap_or(u32::MAX),
            output_tokens: u32::try_from(reply.text.len() / 4 + reply.calls.len() * 20).unwrap_or(u32::MAX),
            duration_ms: 0,
        };
        Ok((reply, usage))
    }
}
