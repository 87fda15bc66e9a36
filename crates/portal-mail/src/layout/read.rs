//! Reading one value at its place.

use super::{LayoutField, Page, Place, Rule, canonical};
use crate::model::Context;
use crate::text::{filled, key};

/// Lines of a message at most.
const MOST_LINES: usize = 400;

/// The value at a rule's place, if there is one that can be this field.
pub(super) fn value(page: &Page, rule: &Rule, ctx: &Context) -> Option<String> {
    let text = text_at(page, &rule.place)?;
    let text = filled(text)?;
    match rule.field {
        LayoutField::Message => Some(text),
        // A line that has become a paragraph is no name and no number.
        _ if text.chars().count() > 200 => None,
        LayoutField::Email | LayoutField::Phone => canonical(rule.field, &text, ctx),
        LayoutField::ExternalNumber | LayoutField::PortalObjectId => {
            let number = text.trim_matches(['(', ')', '[', ']', '.', ',', ';', ':', '#', '"', ' ']);
            filled(number).filter(|number| number.chars().count() <= 60)
        }
        LayoutField::Name | LayoutField::FirstName | LayoutField::LastName => {
            Some(text).filter(|name| name.chars().count() <= 80 && !name.contains('@'))
        }
    }
}

fn text_at(page: &Page, place: &Place) -> Option<String> {
    let lines = &page.lines;
    match place {
        Place::Behind { label, nth } => {
            let mut with = lines.iter().filter_map(|line| labelled(&line.text)).filter(|(own, _)| own == label);
            with.nth(*nth).map(|(_, value)| value.to_owned())
        }
        Place::Below { label, nth } => {
            let mut at = (0..lines.len()).filter(|at| is_label(&lines[*at].text, label));
            let at = at.nth(*nth)?;
            lines.get(at + 1).map(|line| line.text.clone())
        }
        Place::Between { before, after, subject } => {
            if *subject {
                return between(&page.subject, before, after).map(str::to_owned);
            }
            lines.iter().find_map(|line| between(&line.text, before, after)).map(str::to_owned)
        }
        Place::Line { at } => lines.get(*at).map(|line| line.text.clone()),
        Place::Block { label, until } => {
            let begin = (0..lines.len()).find(|at| opens(&lines[*at].text, label))?;
            let same_line = labelled(&lines[begin].text).map(|(_, value)| value).filter(|value| !value.is_empty());
            let mut text: Vec<&str> = same_line.into_iter().collect();
            for line in lines.iter().skip(begin + 1).take(MOST_LINES) {
                if until.as_ref().is_some_and(|until| key(&line.text) == *until || begins(&line.text, until)) {
                    break;
                }
                if line.gap && !text.is_empty() {
                    text.push("");
                }
                text.push(&line.text);
            }
            Some(text.join("\n"))
        }
    }
}

/// A line taken apart at its first colon or column.
pub(super) fn labelled(line: &str) -> Option<(String, &str)> {
    let (label, value) = [":", "\t", " | ", " = ", "  "].into_iter().find_map(|mark| line.split_once(mark))?;
    let label = key(label);
    (!label.is_empty() && label.len() <= 60).then(|| (label, value.trim().trim_start_matches(['|', '=']).trim()))
}

/// Whether a line is this label and nothing else.
pub(super) fn is_label(line: &str, label: &str) -> bool {
    line.len() <= 120 && key(line) == label
}

fn opens(line: &str, label: &str) -> bool {
    is_label(line, label) || labelled(line).is_some_and(|(own, _)| own == label)
}

/// Whether a line is a label with a value where the layout had it alone, or the other way round.
fn begins(line: &str, label: &str) -> bool {
    labelled(line).is_some_and(|(own, _)| own == label)
}

/// What stands between two fixed pieces of a line. Without a piece in front the line begins with the value, and it is one
/// only if the piece behind is there.
pub(super) fn between<'t>(line: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let start = if before.is_empty() { 0 } else { line.find(before)? + before.len() };
    let rest = &line[start..];
    let end = if after.is_empty() { rest.len() } else { rest.find(after)? };
    let value = rest[..end].trim();
    (!value.is_empty()).then_some(value)
}
