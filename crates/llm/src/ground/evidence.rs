//! What the cited sources of a statement contain.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};

use super::figures::{self, Amount};
use crate::{AnswerKind, AnswerRequest, FactKind, FactValue, format, source};

/// Everything a statement may repeat.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// The values of the cited facts.
    pub(super) values: Vec<FactValue>,
    /// Every number of the cited texts, with what it counts there.
    pub(super) amounts: Vec<Amount>,
    pub(super) dates: BTreeSet<Date>,
    /// Hour and minute.
    pub(super) times: BTreeSet<(u32, u32)>,
    /// Texts that may be quoted, for links, mail addresses, dates and hours in them.
    pub(super) texts: Vec<String>,
    pub(super) links: Vec<String>,
}

impl Evidence {
    /// Adds what a source contains; false when the request has no such source.
    pub(super) fn add(&mut self, id: &str, request: &AnswerRequest) -> bool {
        if let Some(fact) = request.facts.iter().find(|fact| fact.id == id) {
            self.value(fact.kind, &fact.value);
            return true;
        }
        if let Some(slot) = request.slots.iter().find(|slot| slot.id == id) {
            self.instant(slot.start, request);
            self.instant(slot.end, request);
            return true;
        }
        match (id, &request.kind) {
            (source::BOOKING_LINK, _) => {
                self.links.extend(request.booking_url.clone());
                request.booking_url.is_some()
            }
            (source::PROPERTY_TITLE, _) => {
                self.texts.extend(request.property_title.clone());
                request.property_title.is_some()
            }
            (source::BOOKED_START, AnswerKind::SlotBooked { start }) => {
                self.instant(*start, request);
                true
            }
            (source::WISHED_TIME, AnswerKind::SlotTaken { wished } | AnswerKind::SlotImpossible { wished }) => {
                self.instant(*wished, request);
                true
            }
            (source::AGENT_ANSWER, AnswerKind::AgentAnswer { .. }) => true,
            (id, _) => source::POLICIES.contains(&id),
        }
    }

    fn value(&mut self, kind: FactKind, value: &FactValue) {
        match value {
            FactValue::Text(text) if kind == FactKind::ExposeLink => {
                self.links.push(text.clone());
                return;
            }
            FactValue::Text(text) => {
                self.amounts.extend(figures::amounts(text));
                self.texts.push(text.clone());
            }
            FactValue::Date(date) => {
                self.dates.insert(*date);
            }
            _ => {}
        }
        self.values.push(value.clone());
    }

    fn instant(&mut self, instant: Timestamp, request: &AnswerRequest) {
        let local = instant.to_zoned(request.zone.clone());
        self.dates.insert(local.date());
        self.times.insert((local.hour().unsigned_abs().into(), local.minute().unsigned_abs().into()));
    }
}

/// The text without the names that stand in the request: a "3-Zimmer-Wohnung" in the title is no claim.
pub(super) fn without_names(text: &str, request: &AnswerRequest) -> String {
    let names = [
        request.property_title.as_deref(),
        Some(request.agency_name.as_str()),
        request.agent_name.as_deref(),
        request.first_name.as_deref(),
        request.last_name.as_deref(),
    ];
    names
        .into_iter()
        .flatten()
        .map(str::trim)
        .filter(|name| name.chars().count() > 1)
        .fold(text.to_owned(), |text, name| without(&text, name))
}

/// The text without a name where it stands as words of its own: not inside another word ("Li" in "Lift"), a link or an
/// address, and not where it is a month beside a number ("3. Mai").
fn without(text: &str, name: &str) -> String {
    let mut rest = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = text[from..].find(name).map(|at| from + at) {
        let end = at + name.len();
        rest.push_str(&text[from..at]);
        rest.push_str(if stands_alone(text, at, end) { " " } else { name });
        from = end;
    }
    rest.push_str(&text[from..]);
    rest
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = (&text[..start], &text[end..]);
    let part_of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '@' | '/');
    if before.ends_with(part_of_word) || after.starts_with(part_of_word) {
        return false;
    }
    let begin = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let close = end + after.find(char::is_whitespace).unwrap_or(after.len());
    let word = &text[begin..close];
    let linked = word.contains("://") || word.contains('@') || word.starts_with("www.");
    let counted = |piece: Option<&str>| piece.is_some_and(|piece| piece.starts_with(|c: char| c.is_ascii_digit()));
    let name = &text[start..end];
    let one_word = !name.contains(char::is_whitespace);
    let month = crate::Language::ALL
        .iter()
        .any(|language| format::month_names(*language).iter().any(|month| month.to_lowercase() == name.to_lowercase()));
    let beside_number = counted(before.split_whitespace().last()) || counted(after.split_whitespace().next());
    let amount = name.starts_with(|c: char| c.is_ascii_digit());
    !linked && !(one_word && (amount || month && beside_number))
}

/// The text without names, links and the words of cited texts, which may be in another language.
pub(super) fn without_quotations(text: &str, request: &AnswerRequest) -> String {
    let text = without_names(text, request);
    let text = request.facts.iter().fold(text, |text, fact| match &fact.value {
        FactValue::Text(value) => {
            let value = value.trim();
            // One quoted sentence of a longer text counts as quoted too.
            crate::builtin::text::sentences(value)
                .iter()
                .fold(text.replace(value, " "), |text, sentence| text.replace(sentence.raw.trim_end_matches('.'), " "))
        }
        _ => text,
    });
    text.split_whitespace().filter(|word| !word.contains("://")).collect::<Vec<_>>().join(" ")
}
