//! What the tests share.

use jiff::{Timestamp, tz::TimeZone};
use llm::{AnswerKind, AnswerRequest, Intent, Language, UnderstandRequest, Understanding};

/// Monday, 23 November 2026, 9:00 in Berlin.
pub(crate) fn now() -> Timestamp {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

pub(crate) fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

pub(crate) fn local(text: &str) -> Timestamp {
    text.parse::<jiff::civil::DateTime>()
        .unwrap()
        .to_zoned(berlin())
        .unwrap()
        .timestamp()
}

pub(crate) fn mail(text: &str, first_contact: bool) -> UnderstandRequest {
    UnderstandRequest {
        subject: None,
        text: text.to_owned(),
        now: now(),
        zone: berlin(),
        language_hint: None,
        first_contact,
    }
}

pub(crate) fn wants(intents: &[Intent]) -> Understanding {
    Understanding {
        language: Language::De,
        formal: Some(true),
        intents: intents.to_vec(),
        topics: Vec::new(),
        wished_times: Vec::new(),
        confidence: 0.92,
    }
}

pub(crate) fn letter(kind: AnswerKind) -> AnswerRequest {
    AnswerRequest {
        kind,
        language: Language::De,
        formal: true,
        salutation: None,
        last_name: Some("Probe".to_owned()),
        first_name: Some("Ida".to_owned()),
        understanding: wants(&[Intent::Question]),
        prospect_text: String::new(),
        property_title: Some("Helle 3-Zimmer-Wohnung am Park".to_owned()),
        facts: Vec::new(),
        slots: Vec::new(),
        booking_url: None,
        zone: berlin(),
        agency_name: "Muster Immobilien 24".to_owned(),
        agent_name: Some("Max Muster".to_owned()),
    }
}
