//! Portal XML, attached or pasted into a body, from senders who deviate from every schema.
//!
//! Sniffed by content, never by name or type. DTDs and entities of their own are not read;
//! size, depth and number of elements are bounded (PORTALS.md §5).

pub(crate) mod feedback;
pub(crate) mod objektanfrage;
pub(crate) mod tree;

use std::borrow::Cow;

use crate::model::{Context, LeadDraft};
use crate::text::patterns;
use tree::Element;

/// What an XML document said.
#[derive(Debug)]
pub(crate) struct FromXml {
    pub(crate) adapter: &'static str,
    pub(crate) leads: Vec<LeadDraft>,
    /// `sender/name` of the document: which portal made it.
    pub(crate) sender: Option<String>,
}

/// Reads the first XML that holds enquiries: attachments first, then the body.
pub(crate) fn read(attached: &[Vec<u8>], body: &str, ctx: &Context) -> Option<FromXml> {
    attached.iter().find_map(|bytes| read_text(&tree::decode(bytes), ctx)).or_else(|| read_text(body, ctx))
}

/// Whether an element begins in a line that may hold enquiries.
pub(crate) fn is_begun(line: &str) -> bool {
    line.contains('<') && (ROOT_FEEDBACK.is_match(line) || ROOT_ANFRAGE.is_match(line))
}

fn read_text(text: &str, ctx: &Context) -> Option<FromXml> {
    if !text.contains('<') {
        return None;
    }
    if let Some(found) = ROOT_FEEDBACK.find(text) {
        let xml = unquoted(text, found.start());
        let root = tree::parse(until_end(&xml, "openimmo_feedback"))?;
        return feedback::read(root.find_self("openimmo_feedback")?, ctx);
    }
    let start = ROOT_ANFRAGE.find(text)?.start();
    let root = tree::parse(&unquoted(text, start))?;
    objektanfrage::read(&root, ctx)
}

/// `text` from `start` on; where the root stands in a quoted line, without the quote marks.
fn unquoted(text: &str, start: usize) -> Cow<'_, str> {
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let marks = text[line..start].chars().filter(|c| *c == '>').count();
    if marks == 0 || text[line..start].chars().any(|c| !matches!(c, '>' | ' ')) {
        return Cow::Borrowed(&text[start..]);
    }
    let unmarked = text[start..].split('\n').map(|line| {
        let mut rest = line;
        for _ in 0..marks {
            rest = rest.trim_start_matches(' ').strip_prefix('>').unwrap_or(rest);
        }
        rest
    });
    Cow::Owned(unmarked.collect::<Vec<_>>().join("\n"))
}

fn until_end<'t>(xml: &'t str, name: &str) -> &'t str {
    let end = format!("</{name}");
    let at = xml.to_ascii_lowercase().rfind(&end);
    match at.and_then(|at| xml[at..].find('>').map(|close| at + close + 1)) {
        Some(end) => &xml[..end],
        None => xml,
    }
}

/// Text of the first of these children that says something.
pub(crate) fn child(element: &Element, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| element.text_of(name))
}

patterns! {
    ROOT_FEEDBACK = r"(?i)<(?:[a-z0-9]+:)?openimmo_feedback\b";
    ROOT_ANFRAGE = r"(?i)<(?:[a-z0-9]+:)?objektanfrage\b";
}
