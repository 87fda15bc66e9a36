//! Which questions a sentence asks.

use super::{
    lexicon::Lexicon,
    text::{Sentence, Token},
};
use crate::{QuestionTopic, Topic};

/// The sections of the topics that have words of their own.
const SECTIONS: [(Topic, &str); 19] = [
    (Topic::Availability, "topic.availability"),
    (Topic::Price, "topic.price"),
    (Topic::ServiceCharge, "topic.service_charge"),
    (Topic::Deposit, "topic.deposit"),
    (Topic::Commission, "topic.commission"),
    (Topic::Area, "topic.area"),
    (Topic::Rooms, "topic.rooms"),
    (Topic::Floor, "topic.floor"),
    (Topic::Lift, "topic.lift"),
    (Topic::Energy, "topic.energy"),
    (Topic::Heating, "topic.heating"),
    (Topic::AvailableFrom, "topic.available_from"),
    (Topic::Parking, "topic.parking"),
    (Topic::Pets, "topic.pets"),
    (Topic::Furnishing, "topic.furnishing"),
    (Topic::Balcony, "topic.balcony"),
    (Topic::Expose, "topic.expose"),
    (Topic::Location, "topic.location"),
    (Topic::Financing, "topic.financing"),
];

/// Whether a sentence asks: by its mark, by a question word or verb in front, or by "I would like to know".
pub(super) fn asks(lexicon: &Lexicon, sentence: &Sentence) -> bool {
    sentence.asks || lexicon.has("question", sentence)
}

/// The topics a sentence touches, in the order of its words.
pub(super) fn topics(lexicon: &Lexicon, tokens: &[Token]) -> Vec<Topic> {
    let mut found: Vec<(usize, Topic)> = SECTIONS
        .iter()
        .filter_map(|&(topic, section)| {
            lexicon.find(section, tokens).into_iter().map(|(start, _)| (start, topic)).min()
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, topic)| topic).collect()
}

/// The questions of a sentence that asks or requests something.
pub(super) fn questions(lexicon: &Lexicon, sentence: &Sentence) -> Vec<QuestionTopic> {
    let question = |topic| QuestionTopic { topic, excerpt: sentence.raw.clone() };
    let mut topics = topics(lexicon, &sentence.tokens);
    if topics.is_empty() && lexicon.has("info", sentence) {
        topics.push(Topic::Expose);
    }
    if lexicon.has("topic.missing", sentence) {
        topics.push(Topic::Other);
    }
    topics.into_iter().map(question).collect()
}
