//! Deterministic embeddings by feature hashing.
//!
//! Stems of words, their character sequences (a word is found in a compound and behind a typing error) and the topics a
//! text touches ("Lift", "Aufzug" and "elevator" are one) are hashed into signed buckets, and the vector is normalised.
//! Texts sharing words, parts of words or topics lie close to each other; other synonyms do not. It stands in for a
//! model's embedding where none may be asked, and is never mixed with one.
//!
//! Whoever changes what a text's vector is changes [`MODEL`] with it: vectors kept under the old name are made anew.

use std::collections::BTreeMap;

use super::{lexicon::lexicon, text, text::Token, topic};
use crate::{EMBEDDING_DIMENSIONS, Language};

/// The name of this way to make vectors.
pub(super) const MODEL: &str = "builtin-embed-2";

/// What a topic weighs against all words of the text together.
const TOPICS: f32 = 0.5;

/// Words that stand in every text, folded: they would make all texts alike.
const EMPTY: [&str; 108] = [
    "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "eines", "und", "oder", "aber",
    "ist", "sind", "war", "wird", "werden", "wurde", "hat", "haben", "sein", "es", "er", "sie", "wir", "ihr", "ich",
    "im", "in", "am", "an", "auf", "aus", "bei", "mit", "nach", "von", "vom", "zu", "zum", "zur", "fur", "uber",
    "unter", "vor", "durch", "um", "als", "auch", "nicht", "noch", "nur", "sich", "so", "wie", "was", "wann", "wo",
    "dass", "man", "kann", "konnen", "gibt", "bitte", "the", "a", "of", "to", "and", "or", "is", "are", "was", "were",
    "be", "been", "has", "have", "it", "its", "this", "that", "there", "for", "on", "at", "by", "with", "from", "as",
    "not", "can", "could", "would", "do", "does", "i", "you", "we", "they", "your", "our", "please", "if", "any",
];

/// Endings of inflected words, longest first, folded.
const ENDINGS: [&str; 13] = ["ungen", "ern", "est", "ing", "ung", "en", "er", "es", "em", "st", "ed", "e", "s"];

/// A vector of [`EMBEDDING_DIMENSIONS`] and length 1, also for a text without words.
pub(super) fn embed(text: &str) -> Vec<f32> {
    let tokens = text::tokens(text);
    let mut counts: BTreeMap<(char, String), f32> = BTreeMap::new();
    let mut count = |kind: char, feature: String, weight: f32| *counts.entry((kind, feature)).or_default() += weight;
    for token in tokens.iter().filter(|token| !EMPTY.contains(&token.text.as_str())) {
        count('w', stem(&token.text).to_owned(), 3.0);
        let padded: Vec<char> = format!(" {} ", token.text).chars().collect();
        for length in 3..=5 {
            for part in padded.windows(length) {
                count('p', part.iter().collect(), 0.5);
            }
        }
    }
    let mut vector = vec![0.0_f32; EMBEDDING_DIMENSIONS];
    // What is said five times does not count five times.
    for ((kind, feature), weight) in counts {
        add(&mut vector, kind, &feature, weight.sqrt());
    }
    normalise(&mut vector);
    let mut of_topics = vec![0.0_f32; EMBEDDING_DIMENSIONS];
    for topic in topics(&tokens) {
        add(&mut of_topics, 't', &topic, 1.0);
    }
    if normalise(&mut of_topics) {
        vector.iter_mut().zip(of_topics).for_each(|(value, topic)| *value += TOPICS * topic);
    }
    if !normalise(&mut vector) {
        // A zero vector has no direction and would make a cosine distance undefined.
        vector[0] = 1.0;
    }
    vector
}

/// The topics of a text in the words of either language that most texts here are in; a text may hold both.
fn topics(tokens: &[Token]) -> Vec<String> {
    let mut found = Vec::new();
    for language in [Language::De, Language::En] {
        for topic in topic::topics(lexicon(language), tokens) {
            let name = format!("{topic:?}");
            if !found.contains(&name) {
                found.push(name);
            }
        }
    }
    found
}

/// A word without its ending, unless little would be left. Cruder than a real stemmer and the same for all languages.
fn stem(word: &str) -> &str {
    let ending = ENDINGS.into_iter().find(|ending| word.len() >= ending.len() + 4 && word.ends_with(ending));
    &word[..word.len() - ending.map_or(0, str::len)]
}

/// Makes the length 1; `false` for a vector without direction.
fn normalise(vector: &mut [f32]) -> bool {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length <= f32::EPSILON {
        return false;
    }
    vector.iter_mut().for_each(|value| *value /= length);
    true
}

fn add(vector: &mut [f32], kind: char, feature: &str, weight: f32) {
    let hash = fnv1a(kind, feature);
    // The lowest bit is the sign, so that colliding features cancel instead of adding up.
    let sign = if hash & 1 == 0 { weight } else { -weight };
    let buckets = vector.len() as u64;
    vector[((hash >> 1) % buckets) as usize] += sign;
}

/// FNV-1a: stable across versions and machines, which the standard library's hasher does not promise.
fn fnv1a(kind: char, text: &str) -> u64 {
    let mut letter = [0; 4];
    kind.encode_utf8(&mut letter)
        .bytes()
        .chain(text.bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(left: &str, right: &str) -> f32 {
        embed(left).iter().zip(embed(right)).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn vectors_are_unit_length_and_repeatable() {
        for text in ["", "Haustiere sind erlaubt", "?", "und die"] {
            let length: f32 = embed(text).iter().map(|value| value * value).sum();
            assert!((length - 1.0).abs() < 1e-4, "{text}: {length}");
            assert_eq!(embed(text).len(), EMBEDDING_DIMENSIONS);
            assert_eq!(embed(text), embed(text));
        }
    }

    #[test]
    fn related_texts_are_closer_than_unrelated_ones() {
        for (question, answer, other) in [
            ("Sind Haustiere in der Wohnung erlaubt?", "Haustiere sind erlaubt.", "Die Kaution beträgt 3000 Euro."),
            ("Gibt es einen Aufzug?", "The building has an elevator.", "Im Hof steht ein alter Nussbaum."),
            ("Wie hoch sind die Heizkosten?", "Die Heizung kostet 80 Euro.", "Der Balkon liegt nach Süden."),
            ("Kellerabteil?", "Ein Keller gehört dazu.", "Die Küche ist möbliert."),
            ("Is there a parking space?", "Ein Stellplatz in der Tiefgarage ist dabei.", "Die Straße ist ruhig."),
        ] {
            let (near, far) = (cosine(question, answer), cosine(question, other));
            assert!(near > far + 0.1, "{question}: {near} and {far}");
        }
    }

    #[test]
    fn inflected_words_share_their_stem() {
        for (one, other) in [("wohnungen", "wohnung"), ("balkone", "balkon"), ("rooms", "room"), ("mieter", "miete")] {
            assert_eq!(stem(one), stem(other), "{one} {other}");
        }
        assert_eq!(stem("see"), "see", "short words stay whole");
    }
}
