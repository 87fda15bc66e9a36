//! How a person, or several people, are addressed: by a word before the name or in its own field.

use super::is_title;
use super::words::{AND, DIVERSE, FEMALE, GROUP, MALE, MR, MS, OTHER_GENDER, PARTICLES, is_in};
use crate::model::Salutation;
use crate::text::key;

/// The salutation a word stands for, in five languages.
pub fn salutation(word: &str) -> Option<Salutation> {
    let key = key(word);
    if is_in(MR, &key) {
        Some(Salutation::Mr)
    } else if is_in(MS, &key) {
        Some(Salutation::Ms)
    } else if is_in(DIVERSE, &key) {
        Some(Salutation::Diverse)
    } else {
        None
    }
}

/// The salutation a field made for it says: `Frau Dr.`, `weiblich`, `w`. None where it leaves the
/// choice open (`Herr/Frau`) or names two people.
pub(crate) fn salutation_field(text: &str) -> Option<Salutation> {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '.').filter(|w| !w.is_empty()).collect();
    let alone = words.len() == 1;
    let mut said = words.iter().filter_map(|word| {
        let key = key(word);
        // A lone letter means something only where nothing else stands.
        let listed = |list: &str| is_in(list, &key) && (alone || key.chars().count() > 1);
        let by_word = salutation(word).filter(|_| alone || key.chars().count() > 1);
        by_word.or_else(|| {
            let by_gender = [(MALE, Salutation::Mr), (FEMALE, Salutation::Ms), (OTHER_GENDER, Salutation::Diverse)];
            by_gender.into_iter().find(|(list, _)| listed(list)).map(|(_, found)| found)
        })
    });
    let first = said.next()?;
    said.all(|other| other == first).then_some(first)
}

/// Whether a salutation means several people: `Familie`, `Herr und Frau`, `M. et Mme`.
pub(crate) fn is_group(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.first().is_some_and(|word| is_in(GROUP, &key(word))) || is_couple(&words)
}

/// Two salutations joined by a word.
pub(super) fn is_couple(words: &[&str]) -> bool {
    let said: Vec<usize> = (0..words.len()).filter(|at| salutation(words[*at]).is_some()).collect();
    matches!(said[..], [first, second] if words[first + 1..second].iter().any(|word| joins(word)))
}

fn joins(word: &str) -> bool {
    matches!(word, "&" | "+") || is_in(AND, &word.trim_end_matches('.').to_lowercase())
}

/// A word for a family and nothing but family names: given names make people of it.
pub(super) fn is_family(words: &[&str]) -> bool {
    let [group, rest @ ..] = words else {
        return false;
    };
    let names: Vec<&str> = rest.iter().copied().filter(|word| !is_title(word) || is_in(PARTICLES, word)).collect();
    let two = matches!(names[..], [_, and, _] if joins(and));
    let one = matches!(names[..], [_]) || names.first().is_some_and(|word| is_in(PARTICLES, &word.to_lowercase()));
    is_in(GROUP, &key(group)) && (one || two)
}

/// `Herr/Frau`, which says nothing.
pub(super) fn is_choice(word: &str) -> bool {
    word.contains('/') && word.split('/').all(|one| salutation(one).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn salutation_fields() {
        use Salutation::{Diverse, Mr, Ms};
        for (text, expected) in [
            ("Herr", Some(Mr)),
            ("Frau Dr.", Some(Ms)),
            ("m", Some(Mr)),
            ("w", Some(Ms)),
            ("(W)", Some(Ms)),
            ("f", Some(Ms)),
            ("d", Some(Diverse)),
            ("männlich", Some(Mr)),
            ("weiblich (w)", Some(Ms)),
            ("divers / keine Angabe", Some(Diverse)),
            ("m/w/d", None),
            ("Herr/Frau", None),
            ("Herr und Frau", None),
            ("Familie", None),
            ("Frau Dr. h. c.", Some(Ms)),
            ("", None),
        ] {
            assert_eq!(salutation_field(text), expected, "{text}");
        }
    }
}
