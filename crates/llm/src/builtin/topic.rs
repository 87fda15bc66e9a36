//! Which questions a sentence asks.

use super::{
    lexicon::Lexicon,
    text::{Sentence, Token},
    things,
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

/// How words for a price begin, in every language.
const PRICES: [&str; 14] = [
    "miet", "preis", "kost", "rent", "price", "cost", "loyer", "prix", "montant", "canone", "affitto", "prezzo",
    "alquiler", "precio",
];

/// Whether a sentence asks: by its mark, by a question word or verb in front, or by "I would like to know".
pub(super) fn asks(lexicon: &Lexicon, sentence: &Sentence) -> bool {
    sentence.asks || lexicon.has("question", sentence)
}

/// The topics a sentence touches, in the order of its words.
pub(super) fn topics(lexicon: &Lexicon, tokens: &[Token]) -> Vec<Topic> {
    // "The rent including utilities" asks for one price, not for the utilities.
    let mut warm = things::find("price.warm", tokens);
    // "What do the bills include?" and "Are they included in the rent?" ask for the side costs.
    let price = tokens.iter().position(|token| PRICES.iter().any(|word| token.text.starts_with(word)));
    warm.retain(|found| {
        let words = tokens.get(found.0..found.1).unwrap_or_default();
        lexicon.find("topic.service_charge", words).is_empty() || price.is_some_and(|price| price < found.1)
    });
    let priced = warm.first().map(|&(start, _)| (start, Topic::Price));
    let mut found: Vec<(usize, Topic)> = SECTIONS
        .iter()
        .filter_map(|&(topic, section)| {
            lexicon
                .find(section, tokens)
                .into_iter()
                .filter(|found| topic != Topic::ServiceCharge || !within(&warm, *found))
                .map(|(start, _)| (start, topic))
                .min()
        })
        .collect();
    if let Some(priced) = priced.filter(|_| !found.iter().any(|(_, topic)| *topic == Topic::Price)) {
        found.push(priced);
    }
    found.sort();
    found.into_iter().map(|(_, topic)| topic).collect()
}

fn within(ranges: &[(usize, usize)], (start, end): (usize, usize)) -> bool {
    ranges.iter().any(|range| start < range.1 && range.0 < end)
}

/// The questions of a sentence that asks or requests something.
pub(super) fn questions(lexicon: &Lexicon, sentence: &Sentence) -> Vec<QuestionTopic> {
    let question = |topic| QuestionTopic { topic, excerpt: sentence.raw.clone() };
    let mut topics = topics(lexicon, &sentence.tokens);
    if lexicon.has("negotiate", sentence) {
        topics.retain(|topic| !matches!(topic, Topic::Price | Topic::Deposit | Topic::Commission));
        topics.push(Topic::PriceNegotiation);
    }
    if topics.is_empty() {
        topics.extend(things::asked(&sentence.tokens).into_iter().map(things::topic));
        topics.dedup();
    }
    if topics.is_empty() && lexicon.has("info", sentence) {
        topics.push(Topic::Expose);
    }
    if lexicon.has("topic.missing", sentence) && !topics.contains(&Topic::Other) {
        topics.push(Topic::Other);
    }
    topics.into_iter().map(question).collect()
}
