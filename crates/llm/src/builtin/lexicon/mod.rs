//! The word lists of each language, read on first use.

use std::{collections::HashMap, sync::OnceLock};

use super::{
    pattern::Pattern,
    text::{Sentence, Token},
};
use crate::Language;

/// The rules of one language, by section.
#[derive(Debug)]
pub(crate) struct Lexicon {
    sections: HashMap<&'static str, Section>,
}

#[derive(Debug, Default)]
struct Section {
    rules: Vec<Pattern>,
    /// Rules whose matches cancel every match they overlap ("I am a lawyer" is no threat).
    exceptions: Vec<Pattern>,
}

static LEXICONS: [OnceLock<Lexicon>; 5] = [const { OnceLock::new() }; 5];

/// The lexicon of a language. Nothing is kept in memory before the first call.
pub(crate) fn lexicon(language: Language) -> &'static Lexicon {
    let (index, source) = match language {
        Language::De => (0, include_str!("de.txt")),
        Language::En => (1, include_str!("en.txt")),
        Language::Fr => (2, include_str!("fr.txt")),
        Language::It => (3, include_str!("it.txt")),
        Language::Es => (4, include_str!("es.txt")),
    };
    LEXICONS[index].get_or_init(|| Lexicon::parse(source))
}

/// A rule with its classes of words (`@person`, defined above it as `@person = agent*|someone`) written out.
fn spelled_out(rule: &str, words: &[(&str, &str)]) -> String {
    let part = |part: &str| match part.strip_prefix('@') {
        Some(name) => words.iter().find(|(word, _)| *word == name).map_or(part, |(_, meaning)| meaning).to_owned(),
        None => part.to_owned(),
    };
    let element = |element: &str| element.split('|').map(part).collect::<Vec<_>>().join("|");
    rule.split_whitespace().map(element).collect::<Vec<_>>().join(" ")
}

impl Lexicon {
    pub(crate) fn parse(source: &'static str) -> Self {
        let mut sections: HashMap<&'static str, Section> = HashMap::new();
        let mut name = "";
        let mut words: Vec<(&str, &str)> = Vec::new();
        for line in source.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                name = header;
                continue;
            }
            if let Some((word, meaning)) = line.strip_prefix('@').and_then(|rest| rest.split_once(" = ")) {
                words.push((word, meaning));
                continue;
            }
            let section = sections.entry(name).or_default();
            match line.strip_prefix("- ") {
                Some(rule) => section.exceptions.push(Pattern::parse(&spelled_out(rule, &words))),
                None => section.rules.push(Pattern::parse(&spelled_out(line, &words))),
            }
        }
        Self { sections }
    }

    /// The names of the sections, in no order.
    pub(crate) fn sections(&self) -> impl Iterator<Item = &'static str> {
        self.sections.keys().copied()
    }

    /// Where a section's rules match.
    pub(crate) fn find(&self, section: &str, tokens: &[Token]) -> Vec<(usize, usize)> {
        let Some(section) = self.sections.get(section) else {
            return Vec::new();
        };
        let exceptions: Vec<_> = section.exceptions.iter().flat_map(|rule| rule.find(tokens)).collect();
        section
            .rules
            .iter()
            .flat_map(|rule| rule.find(tokens))
            .filter(|found| !exceptions.iter().any(|except| found.0 < except.1 && except.0 < found.1))
            .collect()
    }

    /// Whether one of a section's rules matches.
    pub(crate) fn has(&self, section: &str, sentence: &Sentence) -> bool {
        !self.find(section, &sentence.tokens).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_words_are_written_out() {
        let words = [("person", "agent*|real human")];
        assert_eq!(spelled_out("talk ~2 @person|you", &words), "talk ~2 agent*|real human|you");
    }

    #[test]
    fn every_class_used_is_defined() {
        let sources = ["de", "en", "fr", "it", "es"].map(|code| match code {
            "de" => include_str!("de.txt"),
            "en" => include_str!("en.txt"),
            "fr" => include_str!("fr.txt"),
            "it" => include_str!("it.txt"),
            _ => include_str!("es.txt"),
        });
        for source in sources {
            let mut defined = Vec::new();
            for line in source.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
                if let Some((word, _)) = line.strip_prefix('@').and_then(|rest| rest.split_once(" = ")) {
                    defined.push(word);
                    continue;
                }
                for used in line.split([' ', '|']).filter_map(|part| part.strip_prefix('@')) {
                    assert!(defined.contains(&used), "@{used} in {line:?}");
                }
            }
        }
    }

    #[test]
    fn every_language_has_every_section() {
        let names = |language| {
            let mut names: Vec<_> = lexicon(language).sections.keys().copied().collect();
            names.sort_unstable();
            names
        };
        for language in Language::ALL {
            assert_eq!(names(language), names(Language::De), "{language:?}");
        }
    }
}
