//! Which of our five languages a text is in.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use lingua::{Language as Lingua, LanguageDetector, LanguageDetectorBuilder};

use crate::model::Language;

/// Enough to be sure, little enough to be quick: detection is linear but not cheap.
const MAX_CHARS: usize = 1_200;
/// Below this many letters a guess is worth less than "unclear".
const MIN_LETTERS: usize = 5;
/// Below this many, only common words decide: three-letter statistics need more text.
const CERTAIN_LETTERS: usize = 30;

/// One detector for the process; its models (low accuracy: trigrams only) load on first use.
fn detector() -> &'static LanguageDetector {
    static DETECTOR: OnceLock<LanguageDetector> = OnceLock::new();
    DETECTOR.get_or_init(|| {
        LanguageDetectorBuilder::from_languages(&[
            Lingua::German,
            Lingua::English,
            Lingua::French,
            Lingua::Italian,
            Lingua::Spanish,
        ])
        .with_low_accuracy_mode()
        .build()
    })
}

/// The language of `text`; none when it is too short or the languages are too close to call.
pub fn detect_language(text: &str) -> Option<Language> {
    let sample: String = text
        .split_whitespace()
        .filter(|word| !word.contains('@') && !word.contains("://"))
        .flat_map(|word| word.chars().chain(std::iter::once(' ')))
        .take(MAX_CHARS)
        .collect();
    let letters = sample.chars().filter(|c| c.is_alphabetic()).count();
    if letters < MIN_LETTERS {
        return None;
    }
    if let Some(language) = by_common_words(&sample) {
        return Some(language);
    }
    if letters < CERTAIN_LETTERS {
        return None;
    }
    let ranked = detector().compute_language_confidence_values(sample);
    let (best, second) = (ranked.first()?, ranked.get(1)?);
    if best.1 < 0.55 || best.1 - second.1 < 0.2 {
        return None;
    }
    Some(match best.0 {
        Lingua::German => Language::De,
        Lingua::English => Language::En,
        Lingua::French => Language::Fr,
        Lingua::Italian => Language::It,
        Lingua::Spanish => Language::Es,
    })
}

/// Function words that belong to exactly one of the five. Two more than any other language
/// decide; this is surer than trigrams on the short texts people send.
const WORDS: [(Language, &str); 5] = [
    (
        Language::De,
        "ich und ist der das wir nicht für fuer mit sie ein eine einen bitte wohnung guten \
        hallo vielen dank habe auch noch wäre möchte würde über zur zum gerne freundlichen \
        grüßen grüsse sehr geehrte damen haus besichtigung ihre mich isch vilmal grüezi wohnig gruess frei \
        nöd gärn chönnt wär hätt öppis",
    ),
    (
        Language::En,
        "the and is would like you we for with have this are please hello dear apartment \
        viewing interested thanks regards still available to of my your hi it be flat",
    ),
    (
        Language::Fr,
        "je nous est les et une vous pour avec dans bonjour merci suis serait visiter \
        appartement cordialement votre mes cette madame monsieur intéressé intéressée sur pas \
        avoir toujours encore quand où aimerais souhaite souhaiterais louer acheter bonsoir logement êtes",
    ),
    (
        Language::It,
        "sono che una per con gli buongiorno grazie vorrei casa appartamento visitare \
        cordiali saluti della questo anche salve di interessato interessata mi possibile \
        ancora è buonasera salve potrei vorremmo affitto libero libera giorno",
    ),
    (
        Language::Es,
        "estoy el los una para con hola gracias quisiera piso visitar saludos este buenos días \
        interesado interesada está por y usted las gustaría vivienda buenas",
    ),
];

/// Which languages a word counts for.
static BY_WORD: LazyLock<HashMap<&'static str, Vec<usize>>> = LazyLock::new(|| {
    let mut found: HashMap<&'static str, Vec<usize>> = HashMap::new();
    for (index, (_, words)) in WORDS.iter().enumerate() {
        words.split_whitespace().for_each(|word| found.entry(word).or_default().push(index));
    }
    found
});

fn by_common_words(sample: &str) -> Option<Language> {
    let mut scores = [0usize; 5];
    for word in sample.to_lowercase().split(|c: char| !c.is_alphabetic()) {
        if let Some(languages) = BY_WORD.get(word) {
            languages.iter().for_each(|index| scores[*index] += 1);
        }
    }
    let (best, &score) = scores.iter().enumerate().max_by_key(|(_, score)| **score)?;
    let second = scores.iter().enumerate().filter(|(i, _)| *i != best).map(|(_, s)| *s).max()?;
    let short = sample.split_whitespace().count() <= 6;
    (score >= second + 2 && score >= 2 * second || short && score >= 1 && second == 0).then(|| WORDS[best].0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_real_life_messages() {
        let cases = [
            ("Guten Tag, ist die Wohnung noch frei?", Some(Language::De)),
            ("Is the flat still available? I would like to view it.", Some(Language::En)),
            ("Bonjour, je souhaite visiter cet appartement.", Some(Language::Fr)),
            ("Buongiorno, vorrei visitare l'appartamento.", Some(Language::It)),
            ("Hola, estoy interesado en el piso. ¿Cuándo se puede visitar?", Some(Language::Es)),
            ("ok", None),
            ("ida@example.org https://example.org/a/b", None),
        ];
        for (text, expected) in cases {
            assert_eq!(detect_language(text), expected, "{text}");
        }
    }
}
