//! The vocabulary of evaluation files.

use crate::{Intent, QuestionTopic, Topic};

/// The intents a file may expect.
pub const INTENTS: [&str; 8] = [
    "viewing_request",
    "question",
    "not_interested",
    "human_request",
    "complaint",
    "cancel_viewing",
    "reschedule_viewing",
    "acknowledgement",
];

/// The topics a file may expect. Ours that are finer (see [`topic`]) are read as one of these.
pub const TOPICS: [&str; 16] = [
    "availability",
    "price",
    "service_charge",
    "deposit",
    "commission",
    "area",
    "floor",
    "lift",
    "energy",
    "available_from",
    "parking",
    "pets",
    "expose",
    "location",
    "financing",
    "other",
];

/// The decisions a file may expect.
pub const DECISIONS: [&str; 9] =
    ["answer", "offer_slots", "book", "needs_review", "draft", "call_scheduled", "escalated", "close", "silent"];

/// An intent's word; a discriminatory wish is no intent of the files but a reason for their decision `escalated`.
pub const fn intent(intent: Intent) -> Option<&'static str> {
    Some(match intent {
        Intent::ViewingRequest => "viewing_request",
        Intent::Question => "question",
        Intent::NotInterested => "not_interested",
        Intent::HumanRequest => "human_request",
        Intent::Complaint => "complaint",
        Intent::CancelViewing => "cancel_viewing",
        Intent::RescheduleViewing => "reschedule_viewing",
        Intent::Acknowledgement => "acknowledgement",
        Intent::DiscriminatoryWish => return None,
    })
}

/// A topic's word.
pub const fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Availability => "availability",
        Topic::Price | Topic::PriceNegotiation => "price",
        Topic::ServiceCharge => "service_charge",
        Topic::Deposit => "deposit",
        Topic::Commission => "commission",
        Topic::Area => "area",
        Topic::Floor => "floor",
        Topic::Lift => "lift",
        Topic::Energy => "energy",
        Topic::AvailableFrom => "available_from",
        Topic::Parking => "parking",
        Topic::Pets => "pets",
        Topic::Expose => "expose",
        Topic::Location => "location",
        Topic::Financing => "financing",
        Topic::Rooms | Topic::Heating | Topic::Furnishing | Topic::Balcony | Topic::Other => "other",
    }
}

/// The words of several intents; never empty, because who only wishes for other neighbours asks for them.
pub(super) fn intents(found: &[Intent]) -> Vec<&'static str> {
    let words: Vec<_> = found.iter().filter_map(|found| intent(*found)).collect();
    if words.is_empty() { vec!["question"] } else { words }
}

/// The words of several questions, each once.
pub(super) fn topics(questions: &[QuestionTopic]) -> Vec<&'static str> {
    let mut words = Vec::new();
    for word in questions.iter().map(|question| topic(question.topic)) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}
