//! Where the prospect's message begins and ends.

use crate::labels::boilerplate::{ends_message, is_greeting, is_portal_signature};
use crate::labels::pairs::pairs;
use crate::labels::section;
use crate::labels::table::{self, Field};
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
    let whole = key(line);
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

/// Reads the message that begins at segment `first`; `inline` is text from the heading's line.
/// `filled` tells which fields are known already: a label for one of those is the prospect's text.
pub(crate) fn read(segments: &[Segment], heading_at: usize, inline: &str, filled: &dyn Fn(Field) -> bool) -> Extent {
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
        if !own_cell && ends_at_label(segments, at, end, filled, kept.is_empty()) {
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

fn is_portal_greeting(segments: &[Segment], at: usize, end: usize) -> bool {
    is_greeting(&segments[at].text)
        && segments[at + 1..end.min(at + 4).max(at + 1)].iter().any(|segment| is_portal_signature(&segment.text))
}

/// Whether a label block of the portal begins here. Single labels inside prose are the
/// prospect's words; ids are never read from those.
fn ends_at_label(
    segments: &[Segment],
    at: usize,
    end: usize,
    filled: &dyn Fn(Field) -> bool,
    nothing_yet: bool,
) -> bool {
    let Some(first) = label_at(&segments[at]) else {
        let text = segments[at].text.trim();
        // `Objet d'intérêt:` is the portal's; `Bien:` alone may be the prospect's.
        let certain = text.ends_with(':') && key(text).len() >= 12;
        return section::heading(text).is_some() && (certain || segments.get(at + 1).and_then(label_at).is_some());
    };
    if first == Field::Message {
        return true;
    }
    let mut labels = vec![first];
    // Sentences are the prospect's; short lines may be values (names, streets) of the block.
    let (mut lines, mut sentences) = (0usize, 0usize);
    let mut index = at + 1;
    let mut after_bare_label = is_bare_label(&segments[at]);
    while index < end && index < at + 40 && sentences < 2 {
        let segment = &segments[index];
        if segment.text.is_empty() {
        } else if ends_message(&segment.text) || is_greeting(&segment.text) && labels.len() > 1 {
            break;
        } else if let Some(field) = label_at(segment) {
            labels.push(field);
            after_bare_label = is_bare_label(segment);
        } else if after_bare_label || section::heading(&segment.text).is_some() {
            after_bare_label = false;
        } else {
            lines += 1;
            sentences += usize::from(is_sentence(&segment.text));
        }
        index += 1;
    }
    let wanted = |field: &Field| (field.is_contact() || field.is_property()) && !filled(*field);
    let several = labels.len() >= 2 && labels.iter().any(wanted) && (sentences < 2 || labels.len() >= 3);
    let unmarked = !segments[at].text.contains(':');
    let tail = lines == 0 && (segments[at].gap || nothing_yet || unmarked) && labels.iter().any(wanted);
    several || tail
}

fn label_at(segment: &Segment) -> Option<Field> {
    if segment.text.len() > 300 {
        return None;
    }
    pairs(&segment.text).first().map(|pair| pair.field).or_else(|| {
        let text = segment.text.trim_end();
        let field = table::label_only(text)?;
        // Without a colon a lone word is a label only where no prose would put it.
        let lone = text.len() >= 4 && (field.is_contact() || field.is_property());
        (text.ends_with(':') || lone).then_some(field)
    })
}

fn is_sentence(line: &str) -> bool {
    line.len() > 60 || line.ends_with(['.', '!', '?']) || line.split(' ').count() > 7
}

fn is_bare_label(segment: &Segment) -> bool {
    let text = segment.text.trim_end();
    text.ends_with(':') || !text.contains(':')
}
