//! Finding where a value stands, the surest place first. Whatever is found must read the same value again.

use super::read::{self, is_label, labelled};
use super::{LayoutField, Page, Place, Rule, canonical};
use crate::model::Context;
use crate::text::{key, squeeze};

/// Words kept on either side of a value inside a sentence.
const WORDS: usize = 3;
/// A line is remembered by its number only this near to the top: further down they shift.
const FIRST_LINES: usize = 12;

/// The place of `value`; `all` are the values of the same mail, none of which may become part of a label.
pub(super) fn place(
    page: &Page,
    field: LayoutField,
    value: &str,
    all: &[(LayoutField, String)],
    ctx: &Context,
) -> Option<Place> {
    let wanted = canonical(field, value, ctx)?;
    let reads = |place: &Place| {
        let rule = Rule { field, place: place.clone() };
        read::value(page, &rule, ctx)
            .and_then(|found| canonical(field, &found, ctx))
            .is_some_and(|found| found == wanted)
    };
    if field == LayoutField::Message {
        return block(page, value).into_iter().find(reads);
    }
    let is_value = |text: &str| all.iter().any(|(field, value)| is_same(*field, text, value, ctx));
    behind(page).chain(below(page, &is_value)).find(&reads).or_else(|| {
        let sentences = sentences(page, value, &wanted, field, all, ctx);
        sentences.into_iter().chain((0..FIRST_LINES).map(|at| Place::Line { at })).find(&reads)
    })
}

fn is_same(field: LayoutField, text: &str, value: &str, ctx: &Context) -> bool {
    let text = canonical(field, text, ctx);
    text.is_some() && text == canonical(field, value, ctx)
}

/// Every line that has a label in front.
fn behind(page: &Page) -> impl Iterator<Item = Place> + '_ {
    let mut seen = std::collections::HashMap::<String, usize>::new();
    page.lines.iter().filter_map(|line| labelled(&line.text)).map(move |(label, _)| {
        let nth = seen.entry(label.clone()).or_insert(0);
        *nth += 1;
        Place::Behind { label, nth: *nth - 1 }
    })
}

/// Every line that may be a label of the next one.
fn below<'p>(page: &'p Page, is_value: &'p dyn Fn(&str) -> bool) -> impl Iterator<Item = Place> + 'p {
    let mut seen = std::collections::HashMap::<String, usize>::new();
    page.lines.iter().filter_map(move |line| {
        let label = key(&line.text);
        if label.is_empty() || !is_label(&line.text, &label) {
            return None;
        }
        let nth = seen.entry(label.clone()).or_insert(0);
        *nth += 1;
        let place = Place::Below { label, nth: *nth - 1 };
        // Digits and addresses are somebody's, not a label's.
        let is_fixed =
            line.text.len() <= 60 && !line.text.contains(['@', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        (is_fixed && !is_value(&line.text)).then_some(place)
    })
}

/// Places inside of lines and of the subject.
fn sentences(
    page: &Page,
    value: &str,
    wanted: &str,
    field: LayoutField,
    all: &[(LayoutField, String)],
    ctx: &Context,
) -> Vec<Place> {
    let subject = std::iter::once((page.subject.as_str(), true));
    let lines = page.lines.iter().map(|line| (line.text.as_str(), false));
    lines
        .chain(subject)
        .filter_map(|(line, subject)| {
            let (start, end) = spot(line, value, wanted, field, ctx)?;
            let others: Vec<(usize, usize)> = all
                .iter()
                .filter(|(other, _)| *other != field)
                .filter_map(|(other, value)| spot(line, value, &canonical(*other, value, ctx)?, *other, ctx))
                .collect();
            let from = others.iter().filter(|(_, e)| *e <= start).map(|(_, e)| *e).max().unwrap_or(0);
            let to = others.iter().filter(|(s, _)| *s >= end).map(|(s, _)| *s).min().unwrap_or(line.len());
            let before = last_words(&line[from..start]);
            let after = first_words(&line[end..to]);
            let is_anchored = before.chars().chain(after.chars()).any(|c| !c.is_whitespace());
            is_anchored.then_some(Place::Between { before, after, subject })
        })
        .collect()
}

/// Where in a line the value stands, in bytes.
fn spot(line: &str, value: &str, wanted: &str, field: LayoutField, ctx: &Context) -> Option<(usize, usize)> {
    let value = squeeze(value);
    if let Some(start) = line.find(&value).or_else(|| line.to_lowercase().find(&value.to_lowercase()))
        && line.is_char_boundary(start)
        && line.get(start..start + value.len()).is_some()
    {
        return Some((start, start + value.len()));
    }
    if field != LayoutField::Phone {
        return None;
    }
    // A telephone is written differently from how a human gave it: try every run of digits.
    let mut at = 0;
    while let Some(offset) = line[at..].find(|c: char| c.is_ascii_digit() || c == '+') {
        let start = at + offset;
        let length =
            line[start..].find(|c: char| !(c.is_ascii_digit() || " +()/.-".contains(c))).unwrap_or(line.len() - start);
        let run = line[start..start + length].trim_end_matches([' ', '(', '/', '.', '-', '+']);
        if canonical(field, run, ctx).as_deref() == Some(wanted) {
            return Some((start, start + run.len()));
        }
        at = start + length;
    }
    None
}

/// The end of a text, from a word on, and nothing with digits or addresses in it.
fn last_words(text: &str) -> String {
    let mut starts: Vec<usize> = text.match_indices(' ').map(|(at, _)| at).collect();
    starts.insert(0, 0);
    let trimmed = text.trim_end();
    let starts: Vec<usize> = starts.into_iter().filter(|at| *at < trimmed.len().max(1)).collect();
    let at = starts.len().saturating_sub(WORDS);
    let kept = &text[starts.get(at).copied().unwrap_or(0)..];
    let clean = kept.rfind(|c: char| c.is_ascii_digit() || c == '@').map_or(0, |at| at + 1);
    kept[clean..].to_owned()
}

/// The beginning of a text, up to the end of a word.
fn first_words(text: &str) -> String {
    let end =
        text.trim_start().match_indices(' ').nth(WORDS - 1).map(|(at, _)| at + text.len() - text.trim_start().len());
    let kept = &text[..end.unwrap_or(text.len())];
    let clean = kept.find(|c: char| c.is_ascii_digit() || c == '@').unwrap_or(kept.len());
    kept[..clean].to_owned()
}

/// The lines of a message, with the line in front and the one behind.
fn block(page: &Page, value: &str) -> Vec<Place> {
    let letters =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let wanted = letters(value);
    let lines: Vec<String> = page.lines.iter().map(|line| letters(&line.text)).collect();
    let mut places = Vec::new();
    for begin in 0..lines.len() {
        // The message begins with this line, or behind a label in it.
        let label = labelled(&page.lines[begin].text).filter(|(_, value)| !value.is_empty());
        let inline = label.map(|(label, value)| (label, letters(value)));
        for (label, first) in inline.into_iter().map(|(l, f)| (Some(l), f)).chain([(None, lines[begin].clone())]) {
            if first.is_empty() || !wanted.starts_with(&first) {
                continue;
            }
            let mut text = first;
            let mut end = begin + 1;
            while text.len() < wanted.len() && end < lines.len() {
                text.push_str(&lines[end]);
                end += 1;
            }
            if text != wanted {
                continue;
            }
            let label = label.or_else(|| begin.checked_sub(1).map(|above| key(&page.lines[above].text)));
            let until = page
                .lines
                .get(end)
                .map(|line| labelled(&line.text).map_or_else(|| key(&line.text), |(label, _)| label));
            if let Some(label) = label.filter(|label| !label.is_empty() && label.len() <= 120) {
                places.push(Place::Block { label, until: until.filter(|until| !until.is_empty()) });
            }
            // A message of one line in the middle of a sentence is none we could find again.
        }
    }
    places
}
