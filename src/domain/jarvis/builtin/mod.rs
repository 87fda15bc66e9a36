//! The engine for whoever has no language model, or has used up their budget: it knows some kinds of questions, looks with
//! the same tools, and shows what they gave. It says what it cannot do instead of guessing, and never does anything but look,
//! and offer to remember.

mod wish;
mod words;

use std::time::Instant;

use async_trait::async_trait;
use llm::{ChatEngine, ChatMessage as Said, ChatReply, ChatRequest, LlmError, OnText, ToolCall, Usage};
use serde_json::Value;

use self::wish::Wish;
use self::words::Words;
use super::prompt;

/// The built-in engine of chats.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plain;

#[async_trait]
impl ChatEngine for Plain {
    fn name(&self) -> &'static str {
        "builtin"
    }

    async fn chat(&self, request: &ChatRequest, on_text: OnText<'_>) -> Result<(ChatReply, Usage), LlmError> {
        let started = Instant::now();
        let question = request.messages.iter().rev().find_map(|said| match said {
            Said::User(text) => Some(text.as_str()),
            Said::Assistant { .. } | Said::Tool { .. } => None,
        });
        let question = question.unwrap_or_default();
        let words = Words::of(question);
        let results: Vec<&str> = request
            .messages
            .iter()
            .rev()
            .map_while(|said| match said {
                Said::Tool { content, .. } => Some(content.as_str()),
                Said::User(_) | Said::Assistant { .. } => None,
            })
            .collect();
        let reply = if results.is_empty() {
            answer(question, words, request)
        } else {
            say(results.iter().rev().map(|result| shown(result, words)).collect::<Vec<_>>().join("\n\n"))
        };
        if !reply.text.is_empty() {
            on_text(&reply.text);
        }
        let usage = Usage {
            engine: "builtin".to_owned(),
            model: concat!("builtin-", env!("CARGO_PKG_VERSION")).to_owned(),
            input_tokens: 0,
            output_tokens: 0,
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        Ok((reply, usage))
    }
}

fn say(text: String) -> ChatReply {
    ChatReply { text, ..ChatReply::default() }
}

fn answer(question: &str, words: Words, request: &ChatRequest) -> ChatReply {
    let today = prompt::today(&request.instructions);
    match wish::of(question, today) {
        Wish::Look(tool, arguments) if request.tools.iter().any(|spec| spec.name == tool) => {
            let call = ToolCall { id: "call_1".to_owned(), name: tool.to_owned(), arguments: arguments.to_string() };
            ChatReply { calls: vec![call], ..ChatReply::default() }
        }
        Wish::Help => say(words.help().to_owned()),
        Wish::Act => say(format!("{}\n\n{}", words.cannot_act(), words.help())),
        Wish::Look(..) | Wish::Unknown => say(format!("{}\n\n{}", words.not_understood(), words.help())),
    }
}

/// What a tool gave, for people.
fn shown(result: &str, words: Words) -> String {
    let inside =
        result.split_once('\n').and_then(|(_, rest)| rest.rsplit_once('\n')).map_or(result, |(inside, _)| inside);
    let Ok(data) = serde_json::from_str::<Value>(inside) else {
        return format!("{} {inside}", words.failed());
    };
    let mut lines = Vec::new();
    if let Some(total) = data["total"].as_i64() {
        lines.push(format!("{} {total}", words.total()));
    }
    match data["items"].as_array() {
        Some(items) if items.is_empty() => lines.push(words.nothing().to_owned()),
        Some(items) => {
            lines.extend(items.iter().filter_map(|item| item["line"].as_str()).map(|line| format!("• {line}")))
        }
        None => lines.extend(flat(&data)),
    }
    if data["more"] == true {
        lines.push(words.more().to_owned());
    }
    lines.join("\n")
}

/// The plain values of an object.
fn flat(data: &Value) -> Vec<String> {
    let fields = data.as_object().into_iter().flatten();
    fields
        .filter_map(|(name, value)| match value {
            Value::String(text) => Some(format!("• {name}: {text}")),
            Value::Number(_) | Value::Bool(_) => Some(format!("• {name}: {value}")),
            Value::Object(_) => Some(format!("• {name}: {}", flat(value).join(" ").replace("• ", ""))),
            Value::Array(_) | Value::Null => None,
        })
        .collect()
}
