//! Numbers in words: "zwölfhundert", "three thousand", "quatre-vingts". What a model cannot say in figures it may not say
//! in words either.

use std::{collections::HashMap, sync::OnceLock};

use super::{calendar::quoted, evidence::Evidence, fault::GroundingFault, figures, measure};
use crate::{FactValue, Language, builtin::text};

/// What a word, or a part of one, does to the number before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Adds so many hundredths.
    Add(i64),
    /// Multiplies by a hundred.
    Hundred,
    /// Multiplies by a thousand or a million and begins anew.
    Times(i64),
    /// "und", "and": joins and counts nothing.
    Join,
}

const fn add(value: i64) -> Part {
    Part::Add(value * 100)
}

/// Words of a language and their values. "One" is left out: it is also the article.
fn words(language: Language) -> &'static [(&'static str, i64)] {
    match language {
        Language::De => &[
            ("zwei", 2),
            ("zwo", 2),
            ("drei", 3),
            ("vier", 4),
            ("funf", 5),
            ("sechs", 6),
            ("sieben", 7),
            ("acht", 8),
            ("neun", 9),
            ("zehn", 10),
            ("elf", 11),
            ("zwolf", 12),
            ("sechzehn", 16),
            ("siebzehn", 17),
            ("zwanzig", 20),
            ("dreissig", 30),
            ("vierzig", 40),
            ("funfzig", 50),
            ("sechzig", 60),
            ("siebzig", 70),
            ("achtzig", 80),
            ("neunzig", 90),
            ("zweite", 2),
            ("zweiter", 2),
            ("zweiten", 2),
            ("dritte", 3),
            ("dritter", 3),
            ("dritten", 3),
            ("vierte", 4),
            ("vierten", 4),
            ("funfte", 5),
            ("funften", 5),
            ("sechste", 6),
            ("sechsten", 6),
            ("siebte", 7),
            ("siebten", 7),
            ("achte", 8),
            ("achten", 8),
            ("neunte", 9),
            ("neunten", 9),
            ("zehnte", 10),
            ("zehnten", 10),
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
            ("thirteen", 13),
            ("fourteen", 14),
            ("fifteen", 15),
            ("sixteen", 16),
            ("seventeen", 17),
            ("eighteen", 18),
            ("nineteen", 19),
            ("twenty", 20),
            ("thirty", 30),
            ("forty", 40),
            ("fifty", 50),
            ("sixty", 60),
            ("seventy", 70),
            ("eighty", 80),
            ("ninety", 90),
            ("second", 2),
            ("third", 3),
            ("fourth", 4),
            ("fifth", 5),
            ("sixth", 6),
            ("seventh", 7),
            ("eighth", 8),
            ("ninth", 9),
            ("tenth", 10),
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
            ("treize", 13),
            ("quatorze", 14),
            ("quinze", 15),
            ("seize", 16),
            ("vingt", 20),
            ("vingts", 20),
            ("trente", 30),
            ("quarante", 40),
            ("cinquante", 50),
            ("soixante", 60),
            ("septante", 70),
            ("nonante", 90),
            ("deuxieme", 2),
            ("troisieme", 3),
            ("quatrieme", 4),
            ("cinquieme", 5),
            ("sixieme", 6),
            ("septieme", 7),
            ("huitieme", 8),
            ("neuvieme", 9),
            ("dixieme", 10),
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
            ("tredici", 13),
            ("quattordici", 14),
            ("quindici", 15),
            ("sedici", 16),
            ("diciassette", 17),
            ("diciotto", 18),
            ("diciannove", 19),
            ("venti", 20),
            ("vent", 20),
            ("trenta", 30),
            ("quaranta", 40),
            ("cinquanta", 50),
            ("sessanta", 60),
            ("settanta", 70),
            ("ottanta", 80),
            ("novanta", 90),
            ("terzo", 3),
            ("quarto", 4),
            ("quinto", 5),
            ("sesto", 6),
            ("settimo", 7),
            ("ottavo", 8),
            ("nono", 9),
            ("decimo", 10),
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
            ("once", 11),
            ("doce", 12),
            ("trece", 13),
            ("catorce", 14),
            ("quince", 15),
            ("dieciseis", 16),
            ("diecisiete", 17),
            ("dieciocho", 18),
            ("diecinueve", 19),
            ("veinte", 20),
            ("veinti", 20),
            ("treinta", 30),
            ("cuarenta", 40),
            ("cincuenta", 50),
            ("sesenta", 60),
            ("setenta", 70),
            ("ochenta", 80),
            ("noventa", 90),
            ("quinientos", 500),
            ("setecientos", 700),
            ("novecientos", 900),
            ("segunda", 2),
            ("segundo", 2),
            ("tercera", 3),
            ("tercero", 3),
            ("tercer", 3),
            ("cuarta", 4),
            ("quinta", 5),
            ("sexta", 6),
            ("septima", 7),
            ("octava", 8),
            ("novena", 9),
            ("decima", 10),
        ],
    }
}

/// Words that multiply, join or halve, of all languages: none of them is a word of another meaning that would begin a
/// number by itself, except those [`value`] asks to stand with others.
const OTHERS: [(&str, Part); 30] = [
    ("hundert", Part::Hundred),
    ("hundred", Part::Hundred),
    ("cent", Part::Hundred),
    ("cents", Part::Hundred),
    ("cento", Part::Hundred),
    ("cien", Part::Hundred),
    ("ciento", Part::Hundred),
    ("cientos", Part::Hundred),
    ("tausend", Part::Times(1000)),
    ("thousand", Part::Times(1000)),
    ("mille", Part::Times(1000)),
    ("mila", Part::Times(1000)),
    ("mil", Part::Times(1000)),
    ("million", Part::Times(1_000_000)),
    ("millionen", Part::Times(1_000_000)),
    ("millions", Part::Times(1_000_000)),
    ("milione", Part::Times(1_000_000)),
    ("milioni", Part::Times(1_000_000)),
    ("millon", Part::Times(1_000_000)),
    ("millones", Part::Times(1_000_000)),
    ("anderthalb", Part::Add(150)),
    ("eineinhalb", Part::Add(150)),
    ("einhalb", Part::Add(50)),
    ("zig", Part::Add(999_999)),
    ("und", Part::Join),
    ("and", Part::Join),
    ("et", Part::Join),
    ("e", Part::Join),
    ("y", Part::Join),
    ("i", Part::Join),
];

/// "One" inside a larger number, and nine where it also means "new". Folded.
const ONES: [&str; 8] = ["ein", "eins", "one", "un", "uno", "una", "une", "neuf"];

/// The words of a language, folded, as tokens are.
fn folded(language: Language) -> &'static HashMap<String, Part> {
    static FOLDED: [OnceLock<HashMap<String, Part>>; 5] = [const { OnceLock::new() }; 5];
    FOLDED[language as usize].get_or_init(|| {
        let own = words(language).iter().map(|&(word, value)| (text::fold(word), add(value)));
        OTHERS.iter().map(|&(word, part)| (text::fold(word), part)).chain(own).collect()
    })
}

fn part(language: Language, word: &str) -> Option<Part> {
    folded(language).get(word).copied()
}

/// Takes a word apart: "zwölfhundert" into twelve and hundred. `None` when it is no number.
fn parts(language: Language, word: &str) -> Option<Vec<Part>> {
    if let Some(part) = part(language, word) {
        return Some(vec![part]);
    }
    // The longest part first: "siebzehn" is no "sieb" and ten.
    (1..word.len()).rev().filter(|&end| word.is_char_boundary(end)).find_map(|end| {
        let (head, tail) = word.split_at(end);
        let first = part(language, head).or_else(|| ONES.contains(&head).then_some(add(1)))?;
        // Inside a word only "und" joins: "dreie" is no number.
        if first == Part::Join && head != "und" || part(language, tail) == Some(Part::Join) {
            return None;
        }
        let mut rest = if ONES.contains(&tail) { vec![add(1)] } else { parts(language, tail)? };
        rest.insert(0, first);
        Some(rest)
    })
}

/// The value of the parts in hundredths; `None` when they only join.
fn value(parts: &[Part]) -> Option<i64> {
    let (mut total, mut current, mut counted) = (0_i64, 0_i64, false);
    for (index, part) in parts.iter().enumerate() {
        match *part {
            // "quatre-vingts" is four times twenty.
            Part::Add(2000) if index > 0 && parts[index - 1] == add(4) => current = current.saturating_add(7600),
            Part::Add(hundredths) => current = current.saturating_add(hundredths),
            Part::Hundred => current = current.max(100).saturating_mul(100),
            Part::Times(factor) => {
                total = total.saturating_add(current.max(100).saturating_mul(factor));
                current = 0;
            }
            Part::Join => continue,
        }
        counted = true;
    }
    counted.then(|| total.saturating_add(current))
}

/// Compares every number in words.
pub(super) fn check(
    statement: usize,
    text: &str,
    evidence: &Evidence,
    language: Language,
    faults: &mut Vec<GroundingFault>,
) {
    let tokens = text::tokens(text);
    let mut at = 0;
    while at < tokens.len() {
        let Some(mut run) = begins(language, &tokens, at) else {
            at += 1;
            continue;
        };
        let mut end = at + 1;
        // "zwei und hell": what joins nothing is left to the sentence.
        while let Some((more, words)) = continues(language, &tokens[end..]) {
            run.extend(more);
            end += words;
        }
        let said = tokens[at..end].iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ");
        if let Some(value) = value(&run) {
            let elsewhere = tokens.get(end).is_some_and(|token| measure::counts_something_else(&token.text));
            if (!known(evidence, value) || elsewhere) && !repeated(evidence, &tokens[at..(end + 1).min(tokens.len())]) {
                faults.push(GroundingFault::Number { statement, found: said });
            }
        }
        at = end;
    }
}

/// Behind these "one" is a number and no article. Folded.
const COUNTABLE: [&str; 10] = [
    "euro",
    "franken",
    "franc",
    "prozent",
    "percent",
    "pour cent",
    "per cento",
    "quadratmeter",
    "monatsmiete",
    "kaltmiete",
];

fn begins(language: Language, tokens: &[text::Token], at: usize) -> Option<Vec<Part>> {
    let word = tokens[at].text.as_str();
    let next = tokens.get(at + 1).map_or("", |token| token.text.as_str());
    // "Secondo" is "according to" as well, "un" and "ein" are articles, "cent" and "mil" stand in prices.
    if word == "secondo" && next == "piano" {
        return Some(vec![add(2)]);
    }
    if ONES.contains(&word) || matches!(word, "einen" | "einem" | "eine") {
        if COUNTABLE.iter().any(|stem| next.starts_with(stem)) {
            return Some(vec![add(1)]);
        }
        let larger = parts(language, next).is_some_and(|parts| !matches!(parts[0], Part::Add(_) | Part::Join));
        return larger.then(|| vec![add(1)]);
    }
    parts(language, word).filter(|parts| parts[0] != Part::Join)
}

/// What goes on with a number, perhaps behind a joining word, and how many words that is.
fn continues(language: Language, tokens: &[text::Token]) -> Option<(Vec<Part>, usize)> {
    let read = |at: usize| tokens.get(at).and_then(|token| parts(language, &token.text));
    match read(0)?.as_slice() {
        [Part::Join] => read(1).filter(|parts| parts[0] != Part::Join).map(|parts| (parts, 2)),
        parts => Some((parts.to_vec(), 1)),
    }
}

/// Whether a cited value is this many hundredths.
fn known(evidence: &Evidence, value: i64) -> bool {
    let measured = |number: f64| (number.abs() * 100.0).round() as i64 == value;
    evidence.values.iter().any(|known| match known {
        FactValue::Money { cents, .. } => *cents == value,
        FactValue::Area { square_metres } => measured(*square_metres),
        FactValue::Number(number) | FactValue::Percent(number) | FactValue::Energy(number) => measured(*number),
        FactValue::Year(year) => i64::from(*year) * 100 == value,
        FactValue::Text(text) => figures::amounts(text).iter().any(|amount| amount.values.contains(&value)),
        FactValue::Date(_) | FactValue::Flag(_) | FactValue::Status(_) => false,
    })
}

/// Whether a cited text has the same words in a row.
fn repeated(evidence: &Evidence, run: &[text::Token]) -> bool {
    let alike = |window: &[text::Token]| window.iter().zip(run).all(|(a, b)| measure::same_stem(&a.text, &b.text));
    evidence.texts.iter().any(|text| text::tokens(text).windows(run.len()).any(alike))
        || run.iter().all(|token| quoted(evidence, &token.text)) && run.len() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_language_have_their_value() {
        for (language, text, expected) in [
            (Language::De, "zwölfhundertneunzig", 1290),
            (Language::De, "eintausendzweihundertneunzig", 1290),
            (Language::De, "einundzwanzig", 21),
            (Language::De, "siebzehn", 17),
            (Language::De, "fünfzehnhundert", 1500),
            (Language::En, "twelve hundred and ninety", 1290),
            (Language::En, "one thousand two hundred ninety", 1290),
            (Language::Fr, "mille deux cent quatre-vingt-dix", 1290),
            (Language::Fr, "soixante-quinze", 75),
            (Language::It, "milleduecentonovanta", 1290),
            (Language::It, "duemila", 2000),
            (Language::Es, "mil doscientos noventa", 1290),
            (Language::Es, "quinientos", 500),
        ] {
            let tokens = text::tokens(text);
            let mut run = begins(language, &tokens, 0).unwrap_or_default();
            let mut end = 1;
            while let Some((more, words)) = continues(language, &tokens[end..]) {
                run.extend(more);
                end += words;
            }
            assert_eq!(end, tokens.len(), "{text}");
            assert_eq!(value(&run), Some(expected * 100), "{text}");
        }
        assert_eq!(value(&parts(Language::De, "zweieinhalb").unwrap_or_default()), Some(250));
    }

    #[test]
    fn other_words_are_no_numbers() {
        for (language, word) in [
            (Language::De, "dreist"),
            (Language::De, "wohnung"),
            (Language::En, "often"),
            (Language::En, "tenant"),
            (Language::Fr, "centre"),
            (Language::It, "seduta"),
            (Language::Es, "mildew"),
        ] {
            assert_eq!(parts(language, word), None, "{word}");
        }
    }
}
