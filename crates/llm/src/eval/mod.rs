//! Measuring a reading: files of messages with what they should be read as, and the tables that come out.
//!
//! A file is `{now, zone, messages: [{id, text, expect?}]}`. Its words are a stable vocabulary of their own
//! ([`words`]), coarser than the one inside: who labels messages need not know that heating and balconies are told
//! apart here.

mod file;
mod score;
pub mod words;

pub use file::{Expected, File, Message, Problem, read_file};
pub use score::{Score, Share};

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::{Language, Understanding};

/// What one message was read as, in the words of the files.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reading {
    /// The message's.
    pub id: String,
    /// The language of the message.
    pub language: Language,
    /// What it wants, the main one first.
    pub intent: Vec<&'static str>,
    /// What its questions are about, each once.
    pub topics: Vec<&'static str>,
    /// Where the times it proposes begin, local: `2026-12-01T15:00`.
    pub slots: Vec<String>,
    /// What the product would do; empty where nobody judged.
    pub decision: String,
    /// From 0 to 1.
    pub confidence: f64,
}

impl Reading {
    /// A reading in the words of the files; `decision` is what the caller would do about it.
    pub fn new(id: &str, read: &Understanding, zone: &TimeZone, decision: &str) -> Self {
        Self {
            id: id.to_owned(),
            language: read.language,
            intent: words::intents(&read.intents),
            topics: words::topics(&read.topics),
            slots: read.wished_times.iter().map(|time| file::local(time.to_zoned(zone.clone()).datetime())).collect(),
            decision: decision.to_owned(),
            confidence: read.confidence,
        }
    }
}
