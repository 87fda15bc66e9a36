//! Word patterns: the rules of the grammar, one per line of a lexicon.
//!
//! `besicht*|schaut euch an ~3 termin` is one of two phrases, up to three other words, and a word. `~0` only parts
//! two lists. A star is a stem; `^` before a word: it must begin a clause. Long stems forgive one typing error, unless `=`
//! stands in front. `@name`
//! stands for a class of words the lexicon defines.

use super::text::{Token, fold};

/// One rule.
#[derive(Debug)]
pub(crate) struct Pattern {
    elements: Vec<Element>,
}

#[derive(Debug)]
enum Element {
    /// One of several phrases.
    Phrase(Vec<Vec<Choice>>),
    /// Up to so many other words.
    Gap(usize),
}

#[derive(Debug)]
struct Choice {
    text: String,
    open_start: bool,
    open_end: bool,
    anchored: bool,
    /// A typing error is another word: "besprechen" is not "besprochen".
    exact: bool,
}

/// A stem this long forgives one wrong, missing, doubled or swapped letter; shorter ones would match other words.
const FORGIVING_STEM: usize = 6;
const FORGIVING_WORD: usize = 7;

impl Pattern {
    pub(crate) fn parse(line: &str) -> Self {
        let mut elements = Vec::new();
        let mut phrase: Vec<&str> = Vec::new();
        for part in line.split_whitespace() {
            if let Some(count) = part.strip_prefix('~') {
                elements.extend(phrases(&mut phrase));
                elements.push(Element::Gap(count.parse().unwrap_or(2)));
            } else {
                phrase.push(part);
            }
        }
        elements.extend(phrases(&mut phrase));
        Self { elements }
    }

    /// Where the rule matches, as ranges of tokens.
    pub(crate) fn find(&self, tokens: &[Token]) -> Vec<(usize, usize)> {
        (0..tokens.len()).filter_map(|start| Some((start, matches(&self.elements, tokens, start)?))).collect()
    }
}

fn phrases(parts: &mut Vec<&str>) -> Option<Element> {
    let text = std::mem::take(parts).join(" ");
    (!text.is_empty()).then(|| {
        Element::Phrase(text.split('|').map(|phrase| phrase.split_whitespace().map(Choice::parse).collect()).collect())
    })
}

fn matches(elements: &[Element], tokens: &[Token], at: usize) -> Option<usize> {
    match elements.split_first() {
        None => Some(at),
        Some((Element::Phrase(phrases), rest)) => phrases.iter().find_map(|phrase| {
            let words = tokens.get(at..at + phrase.len())?;
            let fits = phrase.iter().zip(words).all(|(choice, token)| choice.fits(token));
            if fits { matches(rest, tokens, at + phrase.len()) } else { None }
        }),
        Some((Element::Gap(count), rest)) => (0..=*count).find_map(|skipped| matches(rest, tokens, at + skipped)),
    }
}

impl Choice {
    fn parse(part: &str) -> Self {
        let anchored = part.starts_with('^');
        let part = part.trim_start_matches('^');
        let exact = part.starts_with('=');
        let part = part.trim_start_matches('=');
        let open_start = part.starts_with('*');
        let open_end = part.len() > 1 && part.ends_with('*');
        Self { text: fold(part.trim_matches('*')), open_start, open_end, anchored, exact }
    }

    fn fits(&self, token: &Token) -> bool {
        if self.anchored && !token.clause_start {
            return false;
        }
        let token = token.text.as_str();
        let stem = self.text.as_str();
        let forgives = |length: usize| !self.exact && stem.len() >= length;
        match (self.open_start, self.open_end) {
            (true, true) => token.contains(stem),
            (true, false) => token.ends_with(stem),
            (false, true) => token.starts_with(stem) || (forgives(FORGIVING_STEM) && starts_nearly(token, stem)),
            (false, false) => {
                // Another last letter is another inflection, not a typing error.
                let same_end = token.as_bytes().last() == stem.as_bytes().last();
                token == stem || (forgives(FORGIVING_WORD) && same_end && nearly(token, stem))
            }
        }
    }
}

fn starts_nearly(token: &str, stem: &str) -> bool {
    let length = stem.len();
    // The first letter is rarely wrong, and comparing it first keeps "garten" apart from "warten".
    token.as_bytes().first() == stem.as_bytes().first()
        && [length - 1, length, length + 1]
            .into_iter()
            .filter_map(|end| token.get(..end))
            // A stem without its end is another word ("trova" is no "trovat-"), not a typing error.
            .any(|head| !stem.starts_with(head) && nearly(head, stem))
}

/// At most one insertion, deletion, replacement or swap apart, with the same first letter.
fn nearly(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.first() != right.first() || left.len().abs_diff(right.len()) > 1 {
        return false;
    }
    let same_head = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[same_head..], &right[same_head..]);
    if left.is_empty() || right.is_empty() {
        return true;
    }
    match left.len().cmp(&right.len()) {
        std::cmp::Ordering::Less => *left == right[1..],
        std::cmp::Ordering::Greater => left[1..] == *right,
        std::cmp::Ordering::Equal => {
            left[1..] == right[1..]
                || (left.len() >= 2 && left[0] == right[1] && left[1] == right[0] && left[2..] == right[2..])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::text::tokens;

    fn found(pattern: &str, text: &str) -> bool {
        !Pattern::parse(pattern).find(&tokens(text)).is_empty()
    }

    #[test]
    fn gaps_and_alternatives() {
        assert!(found("besicht*|anschau* ~3 termin", "Besichtigung, haben Sie einen Termin?"));
        assert!(!found("besicht* ~1 termin", "Besichtigung an einem anderen Termin"));
    }

    #[test]
    fn one_typing_error_is_forgiven_in_long_stems_only() {
        assert!(found("besicht*", "besihctigung"));
        assert!(found("besicht*", "besichtgung"));
        assert!(found("besicht*", "bessichtigung"));
        assert!(!found("miete", "mieze"));
        assert!(!found("garten*", "warten"));
        assert!(found("=besprochen", "besprochen") && !found("=besprochen", "besprechen"));
    }

    #[test]
    fn anchors_need_a_clause_start() {
        assert!(found("^ist ~4 frei", "Hallo, ist die Wohnung noch frei"));
        assert!(!found("^ist", "Die Wohnung ist frei"));
    }
}
