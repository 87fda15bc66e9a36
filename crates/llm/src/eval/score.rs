//! How often readings were right, field by field, and what was taken for what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Expected, Reading};

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "so many of so many")]
pub struct Share {
    pub right: u32,
    pub of: u32,
}

impl Share {
    fn count(&mut self, right: bool) {
        self.of += 1;
        self.right += u32::from(right);
    }

    /// From 0 to 1; 1 of nothing.
    pub fn value(self) -> f64 {
        if self.of == 0 { 1.0 } else { f64::from(self.right) / f64::from(self.of) }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>5} of {:>5}  {:>5.1} %", self.right, self.of, self.value() * 100.0)
    }
}

/// Counts readings against expectations.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// The language.
    pub language: Share,
    /// The main intent.
    pub intent: Share,
    /// All intents, in any order.
    pub intents: Share,
    /// All topics, in any order.
    pub topics: Share,
    /// All slots, in any order, none where none is expected.
    pub slots: Share,
    /// The same, only where slots are expected.
    pub named_slots: Share,
    /// The decision.
    pub decision: Share,
    /// Complaints that were seen.
    pub complaints: Share,
    /// Wishes for a person that were seen.
    pub human_requests: Share,
    /// Main intents: expected, found.
    confusion: BTreeMap<(&'static str, &'static str), u32>,
}

fn same<T: Ord>(left: &[T], right: &[T]) -> bool {
    left.iter().collect::<BTreeSet<_>>() == right.iter().collect()
}

impl Score {
    /// Counts one reading and says which fields are wrong.
    pub fn add(&mut self, expected: &Expected, found: &Reading) -> Vec<&'static str> {
        let mut wrong = Vec::new();
        let mut field = |share: &mut Share, name, right: bool| {
            share.count(right);
            if !right {
                wrong.push(name);
            }
        };
        if let Some(language) = expected.language {
            field(&mut self.language, "language", language == found.language);
        }
        if let Some(intent) = &expected.intent {
            field(&mut self.intents, "intent", same(intent, &found.intent));
            self.intent.count(intent.first() == found.intent.first());
            for (share, word) in [(&mut self.complaints, "complaint"), (&mut self.human_requests, "human_request")] {
                if intent.contains(&word) {
                    share.count(found.intent.contains(&word));
                }
            }
            if let (Some(expected), Some(found)) = (intent.first(), found.intent.first()) {
                *self.confusion.entry((expected, found)).or_default() += 1;
            }
        }
        if let Some(topics) = &expected.topics {
            field(&mut self.topics, "topics", same(topics, &found.topics));
        }
        if let Some(slots) = &expected.slots {
            let right = same(slots, &found.slots);
            field(&mut self.slots, "slots", right);
            if !slots.is_empty() {
                self.named_slots.count(right);
            }
        }
        if let Some(decision) = expected.decision {
            field(&mut self.decision, "decision", decision == found.decision);
        }
        wrong
    }

    /// Whether anything was expected at all.
    pub fn is_empty(&self) -> bool {
        [self.language, self.intent, self.topics, self.slots, self.decision].iter().all(|share| share.of == 0)
    }
}

/// The confusion table (rows: expected, columns: found) and the accuracy of each field.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named: BTreeSet<_> = self.confusion.keys().flat_map(|&(expected, found)| [expected, found]).collect();
        if !named.is_empty() {
            writeln!(f, "main intent, expected (row) and found (column)")?;
            write!(f, "{:20}", "")?;
            for word in &named {
                write!(f, "{:>9}", word.get(..8).unwrap_or(word))?;
            }
            writeln!(f)?;
            for expected in &named {
                write!(f, "{expected:20}")?;
                for found in &named {
                    match self.confusion.get(&(*expected, *found)) {
                        Some(count) => write!(f, "{count:>9}")?,
                        None => write!(f, "{:>9}", "·")?,
                    }
                }
                writeln!(f)?;
            }
            writeln!(f)?;
        }
        for (name, share) in [
            ("language", self.language),
            ("main intent", self.intent),
            ("all intents", self.intents),
            ("complaints seen", self.complaints),
            ("human requests seen", self.human_requests),
            ("topics", self.topics),
            ("slots", self.slots),
            ("slots where named", self.named_slots),
            ("decision", self.decision),
        ] {
            if share.of > 0 {
                writeln!(f, "{name:20}{share}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn fields_are_counted_only_where_expected() {
        let found = Reading {
            id: "a".to_owned(),
            language: Language::De,
            intent: vec!["question", "viewing_request"],
            topics: vec!["pets"],
            slots: Vec::new(),
            decision: "answer".to_owned(),
            confidence: 0.9,
        };
        let mut score = Score::default();
        assert!(score.is_empty());
        let expected = Expected {
            language: Some(Language::En),
            intent: Some(vec!["viewing_request", "question"]),
            topics: Some(vec!["pets"]),
            decision: Some("book"),
            slots: None,
        };
        assert_eq!(score.add(&expected, &found), ["language", "decision"]);
        assert_eq!((score.intents.value(), score.intent.value()), (1.0, 0.0));
        assert_eq!((score.topics, score.slots), (Share { right: 1, of: 1 }, Share::default()));
        assert_eq!(score.complaints, Share::default());
        let table = score.to_string();
        assert!(table.contains("decision                0 of     1    0.0 %"), "{table}");
        assert!(table.contains("viewing_request"), "{table}");
    }
}
