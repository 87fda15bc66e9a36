//! What is said around a number: "up to", "per week", "minutes". A true figure in a wrong frame is a wrong figure.

use std::sync::OnceLock;

use regex::Regex;

use super::{calendar::quoted, evidence::Evidence, fault::GroundingFault, figures::Amount};
use crate::builtin::text;

/// The last three words before a number, folded, the nearest last.
pub(super) fn words_before(text: &str) -> Vec<String> {
    let tail: String = text.chars().rev().take(40).collect::<Vec<_>>().into_iter().rev().collect();
    let mut words: Vec<String> = text::tokens(&tail).into_iter().map(|token| token.text).collect();
    words.drain(..words.len().saturating_sub(3));
    words
}

/// The word right after a number, folded; `None` at the end of a clause.
pub(super) fn word_after(text: &str) -> Option<String> {
    let text = text.strip_prefix('.').unwrap_or(text).trim_start_matches([' ', '\u{a0}', '\u{202f}', '-', '\u{2011}']);
    let word: String = text.chars().take_while(|c| c.is_alphabetic()).collect();
    (!word.is_empty()).then(|| text::fold(&word))
}

/// Whether two words are inflections of one.
pub(super) fn same_stem(left: &str, right: &str) -> bool {
    let shared = left.bytes().zip(right.bytes()).take_while(|(a, b)| a == b).count();
    left == right || shared >= 4
}

/// What no field of a listing counts; such a number must stand in a cited text with the same word.
const COUNTED_ELSEWHERE: [&str; 25] = [
    "minut",
    "gehminut",
    "autominut",
    "fahrminut",
    "min",
    "km",
    "kilomet",
    "meter",
    "metre",
    "metri",
    "metro",
    "jahr",
    "year",
    "annee",
    "mois",
    "monat",
    "month",
    "mese",
    "mesi",
    "woche",
    "week",
    "semaine",
    "semana",
    "tag",
    "stunde",
];
const COUNTED_ELSEWHERE_TOO: [&str; 29] = [
    "day", "jour", "giorn", "dia", "hour", "heure", "ora", "ore", "hora", "person", "leute", "people", "interess",
    "bewerb", "applic", "candidat", "tausend", "tsd", "mio", "million", "mille", "mil", "thousand", "cent", "fenster",
    "window", "raten", "mal", "times",
];

/// Whether the word after a number says that it counts something no field holds.
pub(super) fn counts_something_else(word: &str) -> bool {
    let counts = |stem: &&str| word.starts_with(*stem) && (stem.len() > 4 || word.len() <= stem.len() + 2);
    COUNTED_ELSEWHERE.iter().chain(&COUNTED_ELSEWHERE_TOO).any(counts)
}

/// Words before a number that make it another one. Folded.
const BENDING: [&str; 37] = [
    "bis",
    "hochstens",
    "maximal",
    "mindestens",
    "weniger",
    "mehr",
    "unter",
    "uber",
    "ab",
    "nur",
    "knapp",
    "zwischen",
    "up",
    "most",
    "least",
    "less",
    "more",
    "under",
    "over",
    "only",
    "just",
    "between",
    "from",
    "jusqu",
    "moins",
    "plus",
    "maximum",
    "seulement",
    "fino",
    "almeno",
    "meno",
    "solo",
    "massimo",
    "hasta",
    "menos",
    "mas",
    "maximo",
];
/// Little words that may stand between: "bis zu", "less than", "moins de".
const LINKING: [&str; 12] = ["zu", "als", "to", "than", "at", "de", "a", "di", "que", "von", "euro", "eur"];

/// Whether a number is made a limit that its source does not set.
pub(super) fn is_bent(amount: &Amount, evidence: &Evidence) -> bool {
    let bends = |word: &String| BENDING.contains(&word.as_str());
    let bent = match amount.before.as_slice() {
        // "1.290 € plus 250 €" adds; "plus de 1 290 €" bends.
        [.., _, last] if last == "plus" => false,
        // So does "they add up to".
        [first, up, to] if up == "up" && to == "to" && first.starts_with("add") => false,
        [.., before, last] => bends(last) || LINKING.contains(&last.as_str()) && bends(before),
        [last] => bends(last),
        [] => false,
    };
    bent && !evidence.amounts.iter().any(|source| amount.repeats(source) && source.before == amount.before)
}

/// Periods, multiples, gifts and number signs: they change or replace an amount, and must stand in a cited text.
const FRAMES: [&str; 8] = [
    r"\b(?:all'|(?:pro|je|per|a|par|por|alla|al|la|le)\s+)(tag|woche|jahr|quartal|nacht|person|day|week|year|quarter|night|personne|jour|semaine|an|trimestre|giorno|settimana|anno|notte|persona|d(i|í)a|semana|a(ñ|n)o|noche)\b",
    r"\b(t(ä|ae)glich|w(ö|oe)chentlich|j(ä|ae)hrlich|quartalsweise|daily|weekly|yearly|annual(ly)?|quarterly|hebdomadaire|annuel(le)?|settimanale|annu[oa]|semanal|anual)\b",
    r"\b(doppelt|dreifach|vierfach|zweifach|halbe[rns]?|h(ä|ae)lfte|double|twice|triple|half|moiti(é|e)|le double|met(à|a)|doppio|mitad|doble)\b",
    r"\b(kostenlos|kostenfrei|gratis|umsonst|geschenkt|free of charge|for free|gratuit(e|s|es)?|gratuit[oa]s?)\b",
    r"\b(dutzend|dozen|douzaine|dozzina|docena|ein paar|a couple of|a few|quelques|alcun[ie]|algun[oa]s)\b",
    r"[¼½¾⅓⅔⅛]",
    r"\b[IVXLC]{2,}\b\.?",
    r"\b(unbegrenzt|unlimited|illimit(é|e)|illimitat[oa]|ilimitad[oa])\b",
];

fn frames() -> Option<&'static Vec<Regex>> {
    static FOUND: OnceLock<Option<Vec<Regex>>> = OnceLock::new();
    FOUND.get_or_init(|| compile().ok()).as_ref()
}

fn compile() -> Result<Vec<Regex>, regex::Error> {
    // Roman numbers are written large; everything else in any case.
    FRAMES
        .iter()
        .map(|frame| Regex::new(&if frame.contains("IVX") { (*frame).to_owned() } else { format!("(?i){frame}") }))
        .collect()
}

/// Finds frames that no cited text has.
pub(super) fn check(statement: usize, text: &str, evidence: &Evidence, faults: &mut Vec<GroundingFault>) {
    let Some(frames) = frames() else {
        faults.push(GroundingFault::Number { statement, found: String::new() });
        return;
    };
    for found in frames.iter().filter_map(|frame| frame.find(text)) {
        if !quoted(evidence, found.as_str()) {
            faults.push(GroundingFault::Number { statement, found: found.as_str().to_owned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_compiles() {
        assert!(compile().is_ok());
    }

    #[test]
    fn other_things_are_counted_in_every_inflection() {
        for word in ["minuten", "tage", "day", "days", "jahren", "kilometern", "personen", "ore"] {
            assert!(counts_something_else(word), "{word}");
        }
        for word in ["zimmer", "etage", "minerva", "orange", "tagesmutter", "obergeschoss", "badezimmer"] {
            assert!(!counts_something_else(word), "{word}");
        }
    }
}
