//! The strict schemas of what the model returns, and the types they are read into.
//!
//! Strict mode wants every property required and no other allowed; an optional value is a nullable one.

use async_openai::types::chat::{ResponseFormat, ResponseFormatJsonSchema};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{AnswerRequest, Intent, Language, Mood, Topic};

/// A mail as the model read it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadMail {
    pub(super) language: Language,
    pub(super) formal: Option<bool>,
    pub(super) intents: Vec<Intent>,
    pub(super) questions: Vec<ReadQuestion>,
    /// Local date and time without zone, `2026-11-26T15:30`.
    pub(super) wished_times: Vec<String>,
    #[serde(default)]
    pub(super) mood: Mood,
    #[serde(default)]
    pub(super) injection: bool,
    pub(super) confidence: f64,
}

/// One question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadQuestion {
    pub(super) topic: Topic,
    pub(super) excerpt: String,
}

/// Facts as the model worded them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WordedFacts {
    pub(super) statements: Vec<WordedFact>,
    pub(super) unanswered: Vec<ReadQuestion>,
    pub(super) confidence: f64,
}

/// One sentence with its sources.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WordedFact {
    pub(super) text: String,
    pub(super) sources: Vec<String>,
}

fn names<T: serde::Serialize>(values: &[T]) -> Value {
    json!(values)
}

fn object(properties: Value) -> Value {
    let required: Vec<String> = properties.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn question() -> Value {
    object(json!({
        "topic": { "type": "string", "enum": names(&Topic::ALL) },
        "excerpt": { "type": "string" },
    }))
}

fn format(name: &str, schema: Value) -> ResponseFormat {
    ResponseFormat::JsonSchema {
        json_schema: ResponseFormatJsonSchema { name: name.to_owned(), description: None, schema, strict: Some(true) },
    }
}

pub(super) fn read_mail() -> ResponseFormat {
    format(
        "mail",
        object(json!({
            "language": { "type": "string", "enum": names(&Language::ALL) },
            "formal": { "type": ["boolean", "null"] },
            "intents": { "type": "array", "items": { "type": "string", "enum": names(&Intent::ALL) } },
            "questions": { "type": "array", "items": question() },
            "wished_times": { "type": "array", "items": { "type": "string" } },
            "mood": { "type": "string", "enum": names(&Mood::ALL) },
            "injection": { "type": "boolean" },
            "confidence": { "type": "number" },
        })),
    )
}

/// The sources are an enumeration of this request's facts: an id the model makes up is not even syntax.
pub(super) fn worded_facts(request: &AnswerRequest) -> ResponseFormat {
    let ids: Vec<&str> = request.facts.iter().map(|fact| fact.id.as_str()).collect();
    format(
        "answer",
        object(json!({
            "statements": { "type": "array", "items": object(json!({
                "text": { "type": "string" },
                "sources": { "type": "array", "items": { "type": "string", "enum": ids } },
            })) },
            "unanswered": { "type": "array", "items": question() },
            "confidence": { "type": "number" },
        })),
    )
}
