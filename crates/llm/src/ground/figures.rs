//! Numbers, dates, hours and links of a statement, compared with those of its sources.

use std::{collections::BTreeSet, sync::OnceLock};

use regex::{Captures, Regex};

use super::{
    calendar::{self, quoted},
    evidence::Evidence,
    fault::GroundingFault,
};
use crate::Language;

pub(super) struct Patterns {
    pub(super) link: Regex,
    pub(super) mail: Regex,
    pub(super) iso: Regex,
    pub(super) numeric_date: Regex,
    pub(super) time: Regex,
    pub(super) number: Regex,
}

/// Compiled on first use. A pattern that does not compile is a programming error its own test finds.
fn patterns() -> Option<&'static Patterns> {
    static PATTERNS: OnceLock<Option<Patterns>> = OnceLock::new();
    PATTERNS.get_or_init(|| compile().ok()).as_ref()
}

fn compile() -> Result<Patterns, regex::Error> {
    Ok(Patterns {
        link: Regex::new(
            r"(?i)\b(?:https?://|www\.)[^\s<>”“»«]+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|de|at|ch|net|org|eu|info|io|test|app|fr|it|es)\b(?:/[^\s<>”“»«]*)?",
        )?,
        mail: Regex::new(r"(?i)[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}")?,
        iso: Regex::new(r"\b(\d{4})-(\d{2})-(\d{2})\b")?,
        numeric_date: Regex::new(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})?(?:\b|$|\s)")?,
        time: Regex::new(
            r"(?i)\b(\d{1,2})(?:[:.](\d{2})(?:\s*(uhr|am|pm|a\.m\.|p\.m\.|h)\b)|:(\d{2})|\s*h\s*(\d{2})|\s*(uhr|heures|h|am|pm|a\.m\.|p\.m\.|o'clock)\b)",
        )?,
        number: Regex::new(
            r"(?i)(?:(€|eur|chf|usd|\$|£)\s*)?(\d+(?:[.,'’\u{a0}\u{202f}\u{2009} ]\d{3})*(?:[.,]\d{1,2})?)\s*(€|euros?\b|eur\b|chf\b|franken\b|francs?\b|m²|m2\b|qm\b|sqm\b|quadratmeter\w*|square\s+met\w+|mètres\s+carrés|metri\s+quad\w+|mq\b|metros\s+cuadrados|%|prozent\b|percent\b|per\s?cent\b)?",
        )?,
    })
}

/// Compares everything countable. What was recognised is removed, so that no figure is read twice.
pub(super) fn check(
    statement: usize,
    text: &str,
    evidence: &Evidence,
    language: Language,
    faults: &mut Vec<GroundingFault>,
) {
    let Some(patterns) = patterns() else {
        faults.push(GroundingFault::Number { statement, found: String::new() });
        return;
    };
    let text = links(statement, text, evidence, patterns, faults);
    let text = calendar::dates(statement, &text, evidence, language, patterns, faults);
    let text = calendar::times(statement, &text, evidence, patterns, faults);
    numbers(statement, &text, evidence, patterns, faults);
    number_words(statement, &text, evidence, language, faults);
}

fn links(
    statement: usize,
    text: &str,
    evidence: &Evidence,
    patterns: &Patterns,
    faults: &mut Vec<GroundingFault>,
) -> String {
    let known = |found: &str| {
        let found = found.trim_end_matches(['.', ',', ')', '!', '?', ';', ':']);
        evidence.links.iter().any(|link| link.trim() == found) || evidence.texts.iter().any(|text| text.contains(found))
    };
    let mut take = |pattern: &Regex, text: &str| {
        pattern
            .replace_all(text, |found: &Captures<'_>| {
                if !known(&found[0]) {
                    faults.push(GroundingFault::Link { statement, found: found[0].to_owned() });
                }
                " ".to_owned()
            })
            .into_owned()
    };
    let text = take(&patterns.mail, text);
    take(&patterns.link, &text)
}

fn numbers(statement: usize, text: &str, evidence: &Evidence, patterns: &Patterns, faults: &mut Vec<GroundingFault>) {
    for found in patterns.number.captures_iter(text) {
        let unit = found.get(1).or(found.get(3)).map_or("", |unit| unit.as_str()).to_lowercase();
        let known = match unit.chars().next() {
            None => &evidence.numbers,
            Some('€' | 'e' | 'c' | 'u' | '$' | '£' | 'f') => &evidence.money,
            Some('%' | 'p') => &evidence.percents,
            Some(_) => &evidence.areas,
        };
        let readings = readings(&found[2]);
        let in_texts = readings.iter().any(|value| evidence.from_texts.contains(value));
        // "1290" without its sign is still the cited amount; "1290 m²" is not.
        let bare = unit.is_empty()
            && readings.iter().any(|value| {
                evidence.money.contains(value)
                    || evidence.areas.contains(value)
                    || evidence.percents.contains(value)
                    || evidence
                        .dates
                        .iter()
                        .any(|date| i64::from(date.year()) * 100 == *value || i64::from(date.day()) * 100 == *value)
            });
        if !readings.iter().any(|value| known.contains(value)) && !in_texts && !bare {
            faults.push(GroundingFault::Number { statement, found: found[0].trim().to_owned() });
        }
    }
}

/// Every number of a text, in every way its separators can be read.
pub(super) fn numbers_in(text: &str) -> BTreeSet<i64> {
    patterns()
        .map(|patterns| patterns.number.captures_iter(text).flat_map(|found| readings(&found[2])).collect())
        .unwrap_or_default()
}

/// A written number in hundredths: "1.290" is 1290, or in English 1.29.
fn readings(written: &str) -> Vec<i64> {
    let written: String = written.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).collect();
    let whole: String = written.chars().filter(char::is_ascii_digit).collect();
    let mut values: Vec<i64> = Vec::new();
    let last = written.rfind(['.', ',']);
    let decimals = last.map_or(0, |at| written.len() - at - 1);
    if last.is_none() || decimals == 3 {
        values.extend(whole.parse::<i64>().ok().and_then(|value| value.checked_mul(100)));
    }
    if let Some(at) = last
        && (decimals == 1 || decimals == 2)
    {
        let head: String = written[..at].chars().filter(char::is_ascii_digit).collect();
        let tail = format!("{:0<2}", &written[at + 1..]);
        values.extend(format!("{head}{tail}").parse::<i64>().ok());
    }
    values
}

/// Small numbers in words, without those that are also other words ("sei", "neuf", "once" in English).
fn number_words(
    statement: usize,
    text: &str,
    evidence: &Evidence,
    language: Language,
    faults: &mut Vec<GroundingFault>,
) {
    let words: &[(&str, i64)] = match language {
        Language::De => &[
            ("zwei", 2),
            ("drei", 3),
            ("vier", 4),
            ("fünf", 5),
            ("sechs", 6),
            ("sieben", 7),
            ("acht", 8),
            ("neun", 9),
            ("zehn", 10),
            ("elf", 11),
            ("zwölf", 12),
        ],
        Language::En => &[
            ("two", 2),
            ("three", 3),
            ("four", 4),
            ("five", 5),
            ("six", 6),
            ("seven", 7),
            ("eight", 8),
            ("nine", 9),
            ("ten", 10),
            ("eleven", 11),
            ("twelve", 12),
        ],
        Language::Fr => &[
            ("deux", 2),
            ("trois", 3),
            ("quatre", 4),
            ("cinq", 5),
            ("six", 6),
            ("sept", 7),
            ("huit", 8),
            ("dix", 10),
            ("onze", 11),
            ("douze", 12),
        ],
        Language::It => &[
            ("due", 2),
            ("tre", 3),
            ("quattro", 4),
            ("cinque", 5),
            ("sette", 7),
            ("otto", 8),
            ("nove", 9),
            ("dieci", 10),
            ("undici", 11),
            ("dodici", 12),
        ],
        Language::Es => &[
            ("dos", 2),
            ("tres", 3),
            ("cuatro", 4),
            ("cinco", 5),
            ("seis", 6),
            ("siete", 7),
            ("ocho", 8),
            ("nueve", 9),
            ("diez", 10),
            ("doce", 12),
        ],
    };
    let said: Vec<String> = text.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase).collect();
    for (word, value) in words {
        let known = evidence.numbers.contains(&(value * 100))
            || evidence.from_texts.contains(&(value * 100))
            || quoted(evidence, word);
        if said.iter().any(|said| said == word) && !known {
            faults.push(GroundingFault::Number { statement, found: (*word).to_owned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert!(compile().is_ok());
    }

    #[test]
    fn one_amount_in_every_spelling() {
        for written in ["1.290 €", "EUR 1,290.00", "1290", "1 290 €", "1\u{a0}290,00", "1'290"] {
            assert!(numbers_in(written).contains(&129_000), "{written}");
        }
        assert!(!numbers_in("1.291 €").contains(&129_000));
        assert!(numbers_in("68,5 m²").contains(&6850));
    }
}
