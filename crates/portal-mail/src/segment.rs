//! A mail body as a list of segments: lines of a text, or lines and cells of an HTML page.
//!
//! Text and HTML go through the same readers; what HTML knows more (which cell, which row, which
//! links) is kept beside each segment.

use crate::text::{plain, squeeze, unescape};

/// Segments read per body. Portal mails have some hundreds.
const MAX_SEGMENTS: usize = 20_000;
/// Characters kept per line.
const MAX_LINE: usize = 20_000;

/// One line or cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Text without markup, single spaces (double ones stay in plain text: they separate columns).
    pub(crate) text: String,
    /// Link targets inside the segment.
    pub(crate) links: Vec<String>,
    /// An empty line or paragraph gap came before.
    pub(crate) gap: bool,
    /// End (exclusive index) of the innermost table cell around it; 0 outside tables.
    pub(crate) cell_end: usize,
    /// End (exclusive index) of the innermost table row with two or more cells; 0 without one.
    pub(crate) row_end: usize,
}

/// The lines of a plain text. `*bold*` marks and entities are resolved.
pub(crate) fn from_text(text: &str) -> Vec<Segment> {
    let text = plain(text);
    let text = unescape(&text);
    let mut segments = Vec::new();
    let mut gap = false;
    for line in text.lines() {
        if segments.len() >= MAX_SEGMENTS {
            break;
        }
        let line = crate::text::cut(line.trim(), MAX_LINE);
        if line.is_empty() || line.chars().all(|c| c == '>' || c == ' ') {
            gap = true;
            continue;
        }
        segments.push(Segment { text: unstar(line), gap, ..Segment::default() });
        gap = false;
    }
    segments
}

/// `*Name:* Ida` and `**Name:** Ida`, as text parts made from HTML have it.
fn unstar(line: &str) -> String {
    if line.matches('*').count() >= 2 && (line.starts_with('*') || line.ends_with('*')) {
        return line.replace('*', "").trim().to_owned();
    }
    line.to_owned()
}

/// Segments as text again, paragraphs kept.
pub(crate) fn to_text(segments: &[Segment]) -> String {
    let mut text = String::new();
    for segment in segments.iter().filter(|segment| !segment.text.is_empty()) {
        if !text.is_empty() {
            text.push('\n');
            if segment.gap {
                text.push('\n');
            }
        }
        text.push_str(&segment.text);
    }
    text
}

/// Removes one level of `> ` from a body that is quoted as a whole.
pub(crate) fn unquoted(segments: &[Segment]) -> Vec<Segment> {
    let quoted = segments.iter().filter(|segment| segment.text.starts_with('>')).count();
    if quoted * 10 < segments.len() * 6 || quoted == 0 {
        return segments.to_vec();
    }
    segments
        .iter()
        .map(|segment| {
            let text = segment.text.strip_prefix('>').unwrap_or(&segment.text);
            Segment { text: text.trim_start().to_owned(), ..segment.clone() }
        })
        .collect()
}

/// `segments` from index `from` on, with cell and row ends moved along.
pub(crate) fn tail(segments: &[Segment], from: usize) -> Vec<Segment> {
    segments[from.min(segments.len())..]
        .iter()
        .map(|segment| Segment {
            cell_end: segment.cell_end.saturating_sub(from),
            row_end: segment.row_end.saturating_sub(from),
            ..segment.clone()
        })
        .collect()
}

/// A segment of HTML text, white space collapsed.
pub(crate) fn html_line(text: &str) -> String {
    // Most tags stand behind nothing but white space.
    if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
        return String::new();
    }
    squeeze(&plain(crate::text::cut(text, MAX_LINE)))
}

/// Whether the list is as long as we read.
pub(crate) fn full(segments: &[Segment]) -> bool {
    segments.len() >= MAX_SEGMENTS
}
