//! Where the prospect's message begins and ends.

use crate::labels::block::{self, Known, Place};
use crate::labels::boilerplate::{ends_message, is_greeting, is_portal_signature};
use crate::segment::{self, Segment};
use crate::text::key;

/// Headings over a message that are more than a label, as key prefixes. Portals change the
/// ending (`Interessent`, `Interessenten`, `Interessent:innen`), so only the beginning counts.
const HEADINGS: &[&str] = &[
    "nachrichtihrerinteressent",
    "nachrichtihresinteressent",
    "nachrichtdesinteressent",
    "nachrichtderinteressent",
    "nachrichtvominteressent",
    "anmerkungenfragendes",
    "anmerkungenundfragendes",
    "fragendesinteressent",
    "mitteilungdesinteressent",
    "nachrichtvonihreminteressent",
    "textdernachricht",
    "textderanfrage",
    "inhaltderanfrage",
    "inhaltdernachricht",
    "dienachrichtlautet",
    "folgendenachricht",
    "messageduclient",
    "messagedelapersonne",
    "messagefromtheprospect",
    "messagefrominterested",
    "messaggiodelcliente",
    "mensajedelinteresado",
    "mensajedelusuario",
    "anfragedesinteressent",
    "nachrichtdesanfragenden",
    "nachrichtdeskunden",
];

/// The text behind a message heading on the same line (mostly empty), if the line is one.
pub(crate) fn heading(line: &str) -> Option<&str> {
    if line.len() > 400 {
        return None;
    }
    let whole = key(crate::text::cut(line, 120));
    if !HEADINGS.iter().any(|heading| whole.starts_with(heading)) {
        return None;
    }
    // `Interessent:innen` has a colon inside: the text starts after the last early one.
    let head: String = line.chars().take(60).collect();
    match head.rfind([':', ';']) {
        Some(at) if !line[at..].to_lowercase().starts_with(":innen") => Some(line[at + 1..].trim()),
        _ => Some(""),
    }
}

/// A message and the index of the first segment behind it.
pub(crate) struct Extent {
    pub(crate) text: String,
    pub(crate) next: usize,
}

/// Reads the message behind the heading; `inline` is text from the heading's own line.
pub(crate) fn read(segments: &[Segment], heading_at: usize, inline: &str, known: &dyn Known) -> Extent {
    let mut first = heading_at + 1;
    while first < segments.len() && segments[first].text.is_empty() {
        first += 1;
    }
    let end = limit(segments, heading_at, first, inline);
    let own_cell = inline.is_empty() && is_cell_of_its_own(segments, heading_at, first);
    let mut kept: Vec<Segment> = Vec::new();
    if !inline.is_empty() {
        kept.push(Segment { text: inline.to_owned(), ..Segment::default() });
    }
    let mut at = first;
    while at < end {
        let segment = &segments[at];
        if ends_message(&segment.text) || is_portal_greeting(segments, at, end) {
            break;
        }
        let place = Place { segments, at, end, first: kept.is_empty(), inline: !inline.is_empty() };
        if !own_cell && block::begins(&place, known) {
            break;
        }
        kept.push(segment.clone());
        at += 1;
    }
    // What stands behind an end mark inside the message's own cell is no label block either.
    let next = if own_cell { end } else { at };
    Extent { text: segment::to_text(&kept), next: next.max(heading_at + 1) }
}

/// The message never leaves its table cell, when the heading stands outside that cell.
fn limit(segments: &[Segment], heading_at: usize, first: usize, inline: &str) -> usize {
    let heading = &segments[heading_at];
    if !inline.is_empty() {
        return if heading.cell_end > 0 { heading.cell_end } else { segments.len() };
    }
    let Some(value) = segments.get(first) else {
        return segments.len();
    };
    // The rest of the heading's row is empty: so is the message.
    if heading.row_end > heading_at && first >= heading.row_end && heading.cell_end != heading.row_end {
        return first.min(heading.row_end);
    }
    if value.cell_end > 0 { value.cell_end.max(first + 1) } else { segments.len() }
}

fn is_cell_of_its_own(segments: &[Segment], heading_at: usize, first: usize) -> bool {
    segments.get(first).is_some_and(|value| value.cell_end > 0 && value.cell_end != segments[heading_at].cell_end)
}

/// A closing formula with the portal's name below it, before the next paragraph: what follows a
/// person's own name is another matter.
pub(crate) fn is_portal_greeting(segments: &[Segment], at: usize, end: usize) -> bool {
    let below = &segments[at + 1..end.min(at + 4).max(at + 1)];
    let signed = below.iter().skip(1).position(|segment| segment.gap).map_or(below, |gap| &below[..=gap]);
    is_greeting(&segments[at].text) && signed.iter().any(|segment| is_portal_signature(&segment.text))
}
