//! Which language a mail is in, and whether it says Sie or Du.

use std::sync::OnceLock;

use lingua::{LanguageDetector, LanguageDetectorBuilder};

use super::{
    lexicon::lexicon,
    text::{self, Sentence, Token},
    times,
};
use crate::Language;

/// Made on first use: its models must not sit in memory of a service nobody writes to.
static DETECTOR: OnceLock<LanguageDetector> = OnceLock::new();

/// Below this share of the votes the text alone does not decide.
const CLEAR: f64 = 0.55;

/// The language of a text and whether the text alone decided it.
pub(crate) fn detect(text: &str, hint: Option<Language>) -> (Language, bool) {
    match vote(text) {
        Some((language, share)) if share >= CLEAR => (language, true),
        Some((language, _)) => (hint.unwrap_or(language), false),
        None => (hint.unwrap_or(Language::De), false),
    }
}

/// Function words count in full, the statistics of letters break ties: short chat lines have too few letters to be
/// judged by letters alone, and long texts agree anyway.
fn vote(text: &str) -> Option<(Language, f64)> {
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !word.contains(['@', '/']) && word.chars().any(char::is_alphabetic))
        .collect();
    let text = words.join(" ");
    let tokens = text::tokens(&text);
    if tokens.is_empty() {
        return None;
    }
    let letters = letter_shares(&text);
    let mut votes: Vec<(Language, f64)> = Language::ALL
        .into_iter()
        .zip(letters)
        .map(|(language, share)| (language, stop_words(language, &tokens) + share))
        .collect();
    let total: f64 = votes.iter().map(|(_, votes)| votes).sum();
    // Stable: on a tie German, the first, stays in front.
    votes.sort_by(|left, right| right.1.total_cmp(&left.1));
    votes.first().filter(|_| total > 0.0).map(|&(language, votes)| (language, votes / total))
}

fn stop_words(language: Language, tokens: &[Token]) -> f64 {
    // Weekdays, months and numbers are as telling as function words and make up many short replies.
    let times = tokens.iter().filter(|token| times::knows(language, &token.text)).count();
    let hits = lexicon(language).find("stop", tokens).len().max(times);
    // Twice the weight of the letters, and shared words ("a", "e", "de") must not add up without end.
    4.0 * hits as f64 / tokens.len() as f64 + if hits >= 2 { 0.5 } else { 0.0 }
}

fn letter_shares(text: &str) -> [f64; 5] {
    use lingua::Language::{English, French, German, Italian, Spanish};
    let order = [German, English, French, Italian, Spanish];
    let detector =
        DETECTOR.get_or_init(|| LanguageDetectorBuilder::from_languages(&order).with_low_accuracy_mode().build());
    // Enough to be sure, and a mail of many pages costs no more than a short one.
    let head: String = text.chars().take(600).collect();
    let values = detector.compute_language_confidence_values(head);
    order.map(|language| values.iter().find(|(found, _)| *found == language).map_or(0.0, |(_, share)| *share))
}

/// Sie or Du, as the writer does; `None` when the mail does not show it.
pub(crate) fn formal(language: Language, sentences: &[Sentence]) -> Option<bool> {
    let count = |section: &str| {
        sentences.iter().map(|sentence| lexicon(language).find(section, &sentence.tokens).len()).sum::<usize>()
    };
    let formal = count("formal") + usize::from(language == Language::De) * capital(sentences);
    match formal.cmp(&count("informal")) {
        std::cmp::Ordering::Greater => Some(true),
        std::cmp::Ordering::Less => Some(false),
        std::cmp::Ordering::Equal => None,
    }
}

/// German `Sie` and `Ihr` written large inside a sentence are the form of address.
fn capital(sentences: &[Sentence]) -> usize {
    sentences
        .iter()
        .flat_map(|sentence| sentence.raw.split_whitespace().skip(1))
        .map(|word| word.trim_matches(|c: char| !c.is_alphabetic()))
        .filter(|word| matches!(*word, "Sie" | "Ihr" | "Ihre" | "Ihnen" | "Ihrer" | "Ihrem" | "Ihren"))
        .count()
}
