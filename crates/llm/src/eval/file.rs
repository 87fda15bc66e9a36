//! Reading a file of messages, so that every mistake in it is named with its message and field.

use std::collections::HashSet;

use jiff::{Timestamp, Zoned, civil::DateTime, tz::TimeZone};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::words;
use crate::{Intent, Language, Topic, UnderstandRequest};

/// A file that was read.
#[derive(Clone, Debug)]
pub struct File {
    /// When every message of it was written.
    pub now: Timestamp,
    /// The zone its local times are in.
    pub zone: TimeZone,
    /// Those that can be read.
    pub messages: Vec<Message>,
    /// What is wrong with the others, or with what is expected of them.
    pub problems: Vec<Problem>,
}

/// One message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Unique within the file.
    pub id: String,
    /// What was written.
    pub text: String,
    /// It is an enquiry and not an answer (`first`, false unless given).
    pub first: bool,
    /// What it should be read as; `None` where nothing is said.
    pub expect: Option<Expected>,
}

/// What a message should be read as. What is `None` is not measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of a reading")]
pub struct Expected {
    pub language: Option<Language>,
    pub intent: Option<Vec<&'static str>>,
    pub topics: Option<Vec<&'static str>>,
    pub slots: Option<Vec<String>>,
    pub decision: Option<&'static str>,
}

/// A mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {field}: {what}")]
pub struct Problem {
    /// The message's id, or `message 3` where it has none, or `file`.
    pub place: String,
    /// For instance `expect.slots`.
    pub field: String,
    /// What is wrong.
    pub what: String,
}

impl Message {
    /// The message as an engine reads it.
    pub fn request(&self, file: &File) -> UnderstandRequest {
        UnderstandRequest {
            subject: None,
            text: self.text.clone(),
            now: file.now,
            zone: file.zone.clone(),
            language_hint: None,
            first_contact: self.first,
        }
    }
}

/// Reads a file. A message that cannot be read is a problem of its own and leaves the others; without `now`, `zone` or
/// `messages` there is no file.
pub fn read_file(json: &str) -> Result<File, Problem> {
    let problem = |field: &str, what: String| Problem { place: "file".to_owned(), field: field.to_owned(), what };
    let file: Map<String, Value> = serde_json::from_str(json).map_err(|error| problem("json", error.to_string()))?;
    let text = |field: &str| {
        file.get(field).and_then(Value::as_str).ok_or_else(|| problem(field, "a text is required".to_owned()))
    };
    let zone = TimeZone::get(text("zone")?).map_err(|error| problem("zone", error.to_string()))?;
    let now = text("now")?;
    let now = instant(now, &zone).ok_or_else(|| problem("now", format!("{now:?} is no date and time")))?;
    let Some(Value::Array(listed)) = file.get("messages") else {
        return Err(problem("messages", "a list is required".to_owned()));
    };
    let mut read = File { now, zone, messages: Vec::new(), problems: Vec::new() };
    let mut ids = HashSet::new();
    for (index, value) in listed.iter().enumerate() {
        match message(index, value, &mut read.problems) {
            Ok(message) if ids.insert(message.id.clone()) => read.messages.push(message),
            Ok(message) => read.problems.push(Problem {
                place: message.id,
                field: "id".to_owned(),
                what: "is used twice".to_owned(),
            }),
            Err(problem) => read.problems.push(problem),
        }
    }
    Ok(read)
}

/// With an offset or a zone of its own; without, in the file's zone.
fn instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    text.parse::<Zoned>()
        .map(|zoned| zoned.timestamp())
        .or_else(|_| text.parse::<Timestamp>())
        .or_else(|_| text.parse::<DateTime>().and_then(|local| zone.to_timestamp(local)))
        .ok()
}

pub(super) fn local(time: DateTime) -> String {
    time.strftime("%Y-%m-%dT%H:%M").to_string()
}

fn message(index: usize, value: &Value, problems: &mut Vec<Problem>) -> Result<Message, Problem> {
    let id = value.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    let place = id.map_or_else(|| format!("message {}", index + 1), str::to_owned);
    let required =
        |field: &str| Problem { place: place.clone(), field: field.to_owned(), what: "a text is required".to_owned() };
    let id = id.ok_or_else(|| required("id"))?.to_owned();
    let text = value.get("text").and_then(Value::as_str).ok_or_else(|| required("text"))?.to_owned();
    let mut fields = Fields { place: &place, problems };
    let first = match value.get("first") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(first)) => *first,
        Some(_) => {
            fields.wrong("first", "true or false is required".to_owned());
            false
        }
    };
    let expect = match value.get("expect") {
        None | Some(Value::Null) => None,
        Some(Value::Object(expected)) => Some(fields.expected(expected)),
        Some(_) => {
            fields.wrong("expect", "an object is required".to_owned());
            None
        }
    };
    Ok(Message { id, text, first, expect })
}

/// The fields of one message, with the list its problems go to.
struct Fields<'a> {
    place: &'a str,
    problems: &'a mut Vec<Problem>,
}

impl Fields<'_> {
    fn wrong(&mut self, field: &str, what: String) {
        self.problems.push(Problem { place: self.place.to_owned(), field: field.to_owned(), what });
    }

    fn expected(&mut self, object: &Map<String, Value>) -> Expected {
        let mut expected = Expected::default();
        for (name, value) in object {
            match name.as_str() {
                "language" => expected.language = self.one(name, value, parse::<Language>),
                "intent" => {
                    let known = |word: &str| parse::<Intent>(word).map(words::intent);
                    expected.intent = self.several(name, value, known).map(|found| {
                        let found: Vec<_> = found.into_iter().flatten().collect();
                        if found.is_empty() { vec!["question"] } else { found }
                    });
                }
                "topics" => {
                    let known = |word: &str| parse::<Topic>(word).map(words::topic);
                    expected.topics = self.several(name, value, known);
                }
                "slots" => {
                    expected.slots = self.several(name, value, |text| text.parse().ok().map(local));
                }
                "decision" => {
                    let known = |word: &str| words::DECISIONS.into_iter().find(|known| *known == word);
                    expected.decision = self.one(name, value, known);
                }
                _ => self.wrong(&format!("expect.{name}"), "nothing measures this field".to_owned()),
            }
        }
        expected
    }

    fn one<T>(&mut self, name: &str, value: &Value, known: impl Fn(&str) -> Option<T>) -> Option<T> {
        let found = value.as_str().and_then(known);
        if found.is_none() && !value.is_null() {
            self.wrong(&format!("expect.{name}"), format!("{value} is not understood"));
        }
        found
    }

    /// A list, or a single word in its place.
    fn several<T>(&mut self, name: &str, value: &Value, known: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
        let listed = match value {
            Value::Null => return None,
            Value::Array(listed) => listed.as_slice(),
            single => std::slice::from_ref(single),
        };
        let mut found = Vec::new();
        for value in listed {
            // What cannot be understood cannot be measured: a part of a list would be another expectation.
            found.push(self.one(name, value, &known)?);
        }
        Some(found)
    }
}

fn parse<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(Value::String(word.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_with_every_field() {
        let file = read_file(
            r#"{"now": "2026-11-25T09:00", "zone": "Europe/Vienna", "messages": [
                {"id": "a", "text": "ok"},
                {"id": "b", "text": "Hallo", "first": true, "expect": {"language": "de", "intent": "question",
                 "topics": ["heating", "pets"], "slots": ["2026-12-01T15:00:00"], "decision": "book"}}]}"#,
        )
        .unwrap();
        assert_eq!(file.now, "2026-11-25T08:00:00Z".parse().unwrap());
        assert!(file.problems.is_empty(), "{:?}", file.problems);
        assert_eq!(file.messages[0].expect, None);
        assert!(file.messages[1].first && !file.messages[0].first);
        assert_eq!(
            file.messages[1].expect,
            Some(Expected {
                language: Some(Language::De),
                intent: Some(vec!["question"]),
                topics: Some(vec!["other", "pets"]),
                slots: Some(vec!["2026-12-01T15:00".to_owned()]),
                decision: Some("book"),
            })
        );
    }

    #[test]
    fn mistakes_are_named_with_message_and_field() {
        let file = read_file(
            r#"{"now": "2026-11-25T09:00:00+01:00", "zone": "Europe/Vienna", "messages": [
                {"text": "ok"}, {"id": "b"}, {"id": "c", "text": "x", "first": 1},
                {"id": "d", "text": "x", "expect": {"intent": ["question", "buy"], "slots": ["soon"], "language": "nl",
                 "decision": "reply", "mood": "calm"}},
                {"id": "e", "text": "x", "expect": 7}, {"id": "e", "text": "y"}]}"#,
        )
        .unwrap();
        let mut named: Vec<_> = file.problems.iter().map(|found| format!("{} {}", found.place, found.field)).collect();
        named.sort();
        let expected = [
            "b text",
            "c first",
            "d expect.decision",
            "d expect.intent",
            "d expect.language",
            "d expect.mood",
            "d expect.slots",
            "e expect",
            "e id",
            "message 1 id",
        ];
        assert_eq!(named, expected);
        assert_eq!(file.messages.len(), 3);
        for (json, field) in [
            ("[]", "json"),
            (r#"{"now": "x", "zone": "Europe/Vienna", "messages": []}"#, "now"),
            (r#"{"now": "2026-11-25T09:00", "zone": "Europe/Nowhere", "messages": []}"#, "zone"),
            (r#"{"now": "2026-11-25T09:00", "zone": "Europe/Vienna"}"#, "messages"),
        ] {
            assert_eq!(read_file(json).unwrap_err().field, field);
        }
    }
}
