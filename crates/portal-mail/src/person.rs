//! Names of people as portals and people write them.

use crate::model::Salutation;
use crate::text::{filled, key, squeeze};
use words::{COMPANY, GROUP, PARTICLES, TITLES, is_in};

pub(crate) mod beside;
mod salutation;
mod words;

pub use salutation::salutation;
use salutation::{is_choice, is_couple, is_family};
pub(crate) use salutation::{is_group, salutation_field};

/// A name taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonName {
    /// From a salutation word only.
    pub salutation: Option<Salutation>,
    /// Academic titles in order, `Dr. Mag.`; kept out of the first name.
    pub title: Option<String>,
    /// Given names.
    pub first: Option<String>,
    /// Family name with its particles, or the company's name.
    pub last: Option<String>,
    /// The name is a company's.
    pub company: bool,
}

/// Takes a full name apart: `Herr Dr. Max von Muster`, `Probe, Ida` (last, first), `Muster GmbH`.
///
/// A single word is a family name after a salutation, else a first name: that is how chat
/// portals show people. Several people under one family name keep it as they write it, in `last`
/// (`Familie Muster`, `Herr und Frau Muster`): that is how they are addressed.
pub fn split_name(full: &str) -> PersonName {
    let cleaned = squeeze(&without_brackets(full).replace(['"', '<', '>', '*', '|'], " "));
    let cleaned = beside::without_address(&cleaned);
    let cleaned = cleaned.trim_matches(|c: char| ",;:-–".contains(c) || c.is_whitespace());
    let mut name = PersonName::default();
    if filled(cleaned).is_none() || cleaned.contains('@') {
        return name;
    }
    if is_company(cleaned) {
        name.last = Some(cleaned.to_owned());
        name.company = true;
        return name;
    }
    if let Some((last, first)) = cleaned.split_once(',') {
        return last_comma_first(name, last, first);
    }
    let words: Vec<&str> = cleaned.split(' ').collect();
    if is_couple(&words) || is_family(&words) {
        name.last = Some(cleaned.to_owned());
        return name;
    }
    let rest = take_leading(&mut name, &words);
    let (first, last) = first_and_last(&rest, rest.len() < words.len());
    name.first = first;
    name.last = last;
    name
}

/// A name from a field that asks for the family name first, written so that [`split_name`] reads it. Not everybody does as
/// they are asked: whose address begins with the first word was given that name.
pub(crate) fn last_first(full: &str, email: Option<&str>) -> String {
    let words: Vec<&str> = full.split_whitespace().collect();
    let [last, first] = words[..] else { return full.to_owned() };
    let local = email.and_then(|email| email.split('@').next()).map(key).unwrap_or_default();
    let as_written =
        full.contains(',') || salutation(last).is_some() || is_title(last) || local.starts_with(&key(last));
    if as_written { full.to_owned() } else { format!("{last}, {first}") }
}

fn last_comma_first(mut name: PersonName, last: &str, first: &str) -> PersonName {
    let before: Vec<&str> = last.split_whitespace().collect();
    let before = take_leading(&mut name, &before);
    // `Frau Eva Kern, Wien`: a whole name before the comma, and no given name behind it.
    if name.salutation.is_some() && before.len() >= 2 && !is_in(PARTICLES, &before[0].to_lowercase()) {
        let (given, family) = first_and_last(&before, true);
        (name.first, name.last) = (given, family);
        return name;
    }
    let after: Vec<&str> = first.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let only_titles = after.iter().all(|word| is_title(word));
    let after = if only_titles {
        name.title = filled(after.join(" ")).or(name.title);
        Vec::new()
    } else {
        take_leading(&mut name, &after)
    };
    if after.is_empty() {
        // `Ida Probe, MSc` and `Probe, Frau`: nothing but titles after the comma.
        let (first, last) = first_and_last(&before, name.salutation.is_some());
        (name.first, name.last) = (first, last);
    } else {
        name.first = filled(after.join(" "));
        name.last = filled(before.join(" "));
    }
    name
}

/// `Mag. (FH) Max Muster (Muster GmbH)` without what stands in brackets.
fn without_brackets(full: &str) -> String {
    let mut depth = 0usize;
    let mut kept = String::new();
    for c in full.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            c if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    if kept.trim().is_empty() { full.replace(['(', ')', '[', ']'], " ") } else { kept }
}

/// Takes salutation and titles off the front, and titles off the end.
fn take_leading<'w>(name: &mut PersonName, words: &[&'w str]) -> Vec<&'w str> {
    let mut rest: Vec<&str> = words.to_vec();
    let mut titles: Vec<&str> = name.title.as_deref().map(str::split_whitespace).into_iter().flatten().collect();
    while let Some(word) = rest.first().copied() {
        let only_word = rest.len() == 1;
        // `M. Muster` is more often an initial than a Monsieur; `M. Luc Muster` is one.
        let initial = word == "M." && rest.len() < 3;
        if name.salutation.is_none() && !(only_word && word.len() < 3) && !initial && salutation(word).is_some() {
            name.salutation = salutation(word);
        } else if is_title(word) && !only_word || word.ends_with('.') && is_title(word) {
            titles.push(word);
        } else if !only_word && (is_in(GROUP, &key(word)) || is_choice(word)) {
        } else {
            break;
        }
        rest.remove(0);
    }
    while rest.len() > 1 && rest.last().is_some_and(|word| is_title(word) && !is_in(PARTICLES, word)) {
        titles.extend(rest.pop());
    }
    let joined = titles.join(" ");
    name.title = filled(joined);
    rest
}

fn is_title(word: &str) -> bool {
    let plain = key(&word.replace('.', ""));
    // `di` and `ma` are also particles and names: only a title when written as one.
    let ambiguous =
        matches!(plain.as_str(), "di" | "ma" | "me" | "ba" | "lic" | "arch" | "med" | "nat" | "pol" | "univ" | "rer");
    if ambiguous {
        return word.ends_with('.') || word.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
    }
    let mut parts = word.split('.').filter(|part| !part.is_empty()).enumerate();
    // `Dr.in`, `Mag.a`: the female ending stands behind the dot.
    parts.all(|(at, part)| is_in(TITLES, &key(part)) || at > 0 && matches!(part, "in" | "a" | "ª")) && !plain.is_empty()
        || is_in(TITLES, &plain)
}

fn first_and_last(words: &[&str], single_is_last: bool) -> (Option<String>, Option<String>) {
    match words {
        [] => (None, None),
        [single] if single_is_last => (None, filled(single)),
        [single] => (filled(single), None),
        // `MÜLLER Anna`: registers write the family name first, in capitals.
        [.., last] if is_capitals(words[0], 3) && !is_capitals(last, 1) => {
            let from = words.iter().take_while(|word| is_capitals(word, 2)).count();
            (filled(words[from..].join(" ")), filled(words[..from].join(" ")))
        }
        _ => {
            let particle = words.iter().skip(1).position(|word| is_in(PARTICLES, &word.to_lowercase()));
            let from = match particle {
                Some(at) if at + 2 < words.len() => at + 1,
                _ if is_in(PARTICLES, &words[0].to_lowercase()) => 0,
                _ => words.len() - 1,
            };
            (filled(words[..from].join(" ")), filled(words[from..].join(" ")))
        }
    }
}

/// Written in capitals, and long enough not to be initials.
fn is_capitals(word: &str, least: usize) -> bool {
    let letters = || word.chars().filter(|c| c.is_alphabetic());
    letters().count() >= least && letters().all(char::is_uppercase)
}

/// Whether a name carries a legal form or the like.
pub(crate) fn is_company(name: &str) -> bool {
    name.split_whitespace().any(|word| is_in(COMPANY, &key(word)) && word.chars().any(char::is_uppercase))
        || name.to_lowercase().contains("gmbh")
        || name.contains("e.U.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(full: &str) -> (Option<Salutation>, Option<String>, Option<String>) {
        let name = split_name(full);
        (name.salutation, name.first, name.last)
    }

    #[test]
    fn family_name_first_where_it_was_asked_for() {
        for (full, email, expected) in [
            ("Probe Ida", None, "Probe, Ida"),
            ("Probe Ida", Some("ida.probe@example.org"), "Probe, Ida"),
            ("Ida Probe", Some("ida.probe@example.org"), "Ida Probe"),
            ("Probe, Ida", None, "Probe, Ida"),
            ("Frau Probe", None, "Frau Probe"),
            ("Ida von Probe", None, "Ida von Probe"),
        ] {
            assert_eq!(last_first(full, email), expected, "{full}");
        }
    }

    #[test]
    fn names() {
        use Salutation::{Mr, Ms};
        let cases: [(&str, Option<Salutation>, &str, &str); 47] = [
            ("Ida Probe", None, "Ida", "Probe"),
            ("Probe, Ida", None, "Ida", "Probe"),
            ("Frau Ida Probe", Some(Ms), "Ida", "Probe"),
            ("Frau Dr. Ida Probe", Some(Ms), "Ida", "Probe"),
            ("Herr Mag. (FH) Max Muster", Some(Mr), "Max", "Muster"),
            ("DI Max Muster", None, "Max", "Muster"),
            ("Dipl.-Ing. Max Muster", None, "Max", "Muster"),
            ("Prof. Dr. med. Eva Beispiel", None, "Eva", "Beispiel"),
            ("Ida Probe, MSc", None, "Ida", "Probe"),
            ("Max von Muster", None, "Max", "von Muster"),
            ("Anna Maria della Prova", None, "Anna Maria", "della Prova"),
            ("Luca di Prova", None, "Luca", "di Prova"),
            ("Monsieur Jean Exemple", Some(Mr), "Jean", "Exemple"),
            ("Mme Claire Exemple", Some(Ms), "Claire", "Exemple"),
            ("Signora Giulia Prova", Some(Ms), "Giulia", "Prova"),
            ("Sig.ra Giulia Prova", Some(Ms), "Giulia", "Prova"),
            ("Mr John Sample", Some(Mr), "John", "Sample"),
            ("Frau Probe", Some(Ms), "", "Probe"),
            ("Ida", None, "Ida", ""),
            ("Muster Immobilien GmbH", None, "", "Muster Immobilien GmbH"),
            ("Dr. Probe, Ida", None, "Ida", "Probe"),
            ("Herr und Frau Muster", None, "", "Herr und Frau Muster"),
            ("Hr. u. Fr. Dr. Muster", None, "", "Hr. u. Fr. Dr. Muster"),
            ("M. et Mme Exemple", None, "", "M. et Mme Exemple"),
            ("Mr & Mrs Sample", None, "", "Mr & Mrs Sample"),
            ("Familie Muster", None, "", "Familie Muster"),
            ("Eheleute von Muster", None, "", "Eheleute von Muster"),
            ("Familie Dr. Ida und Max Muster", None, "Ida und Max", "Muster"),
            ("Familie Ida Probe", None, "Ida", "Probe"),
            ("Herr/Frau Probe", None, "", "Probe"),
            ("M. Probe", None, "M.", "Probe"),
            ("M. Luc Exemple", Some(Mr), "Luc", "Exemple"),
            ("Mann, Ida", None, "Ida", "Mann"),
            ("Donna Sample", None, "Donna", "Sample"),
            ("MÜSSIG Jörg", None, "Jörg", "MÜSSIG"),
            ("VON MUSTER Ida Maria", None, "Ida Maria", "VON MUSTER"),
            ("Jörg MÜSSIG", None, "Jörg", "MÜSSIG"),
            ("IDA PROBE", None, "IDA", "PROBE"),
            ("JP Muster", None, "JP", "Muster"),
            ("Frau Ida Probe, Hauptstr. 3, 10115 Berlin", Some(Ms), "Ida", "Probe"),
            ("Probe, Ida, Am Markt, 1010 Wien", None, "Ida", "Probe"),
            ("Ida Probe Musterweg 3 1010 Wien", None, "Ida", "Probe"),
            ("Ida Probe, Tel. 0664 1234567", None, "Ida", "Probe"),
            ("Frau Ida Probe, Wien", Some(Ms), "Ida", "Probe"),
            ("Dipl.-Ing. (FH) Max Muster", None, "Max", "Muster"),
            ("Muster 24 GmbH, Hauptstr. 3, 1010 Wien", None, "", "Muster 24 GmbH"),
            ("", None, "", ""),
        ];
        for (full, salutation, first, last) in cases {
            assert_eq!(shown(full), (salutation, filled(first), filled(last)), "{full}");
        }
        assert_eq!(split_name("Frau Dr. Ida Probe").title.as_deref(), Some("Dr."));
    }
}
