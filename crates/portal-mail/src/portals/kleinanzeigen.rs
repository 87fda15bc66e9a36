//! Kleinanzeigen: commercial estate ads (the prospect is in Reply-To) and the chat relay.

use crate::address;
use crate::labels::boilerplate::ends_message;
use crate::letter::Letter;
use crate::portals::Parts;
use crate::segment::{self, Segment};
use crate::text::{filled, patterns};

pub(crate) fn refine(letter: &Letter, parts: &mut Parts) -> String {
    let (from, said) = match [&letter.text, &letter.html].into_iter().find_map(|body| Some((body, message(body)?))) {
        Some((body, said)) => (Some(body), Some(said)),
        None => (None, None),
    };
    let lines: Vec<&str> = match (from, &said) {
        (Some(body), Some(said)) => {
            let around = body.iter().enumerate().filter(|(at, _)| !said.at.contains(at));
            around.map(|(_, line)| line.text.as_str()).collect()
        }
        _ => parts.outside.iter().map(String::as_str).collect(),
    };
    let labelled = parts.reference.portal_object_id.take().filter(|id| DIGITS.is_match(id));
    let number =
        lines.into_iter().chain([letter.subject.as_str()]).find_map(|line| AD_NUMBER.capture(line).and_then(filled));
    parts.reference.portal_object_id = number.or(labelled);
    // Mails end with links to other ads.
    let id = parts.reference.portal_object_id.clone();
    let this = |url: &String| id.is_none() || crate::reference::expose_ids(url) == id;
    parts.reference.expose_url = parts.reference.expose_url.take().filter(this);
    if let Some(said) = said {
        if parts.person.whole.is_none() && parts.person.first.is_none() && parts.person.last.is_none() {
            parts.person.whole = said.name;
            parts.person.single_is_last = false;
        }
        parts.person.phones.extend(said.phone);
        parts.person.message = filled(said.text).or(parts.person.message.take());
    }
    let relay = letter.senders.iter().any(|sender| address::is_relay(sender));
    if relay { "kleinanzeigen.chat@1".to_owned() } else { "kleinanzeigen.mail@1".to_owned() }
}

struct Said {
    name: Option<String>,
    phone: Option<String>,
    text: String,
    /// Segments the message stands in.
    at: std::ops::Range<usize>,
}

/// `Nachricht von Ida Probe`, then the message up to the portal's closing lines.
fn message(body: &[Segment]) -> Option<Said> {
    let (at, found) = body.iter().enumerate().find_map(|(at, line)| Some((at, HEAD.captures(&line.text)?)))?;
    let mut first = at + 1;
    let mut rest = found.get(1).map_or("", |rest| rest.as_str()).trim().to_owned();
    if rest.is_empty() {
        // The name stands alone on the next line.
        rest = body.get(first)?.text.clone();
        first += 1;
    }
    let (mut name, mut phone, mut inline) = (rest.clone(), None, String::new());
    let on_line = PHONE.captures(&rest).map(|p| (p.get(0).map_or(0, |m| m.start()), p[1].to_owned(), p[2].to_owned()));
    if let Some((start, number, text)) = on_line {
        name = rest[..start].trim().to_owned();
        (phone, inline) = (Some(number), text);
    } else if let Some(next) = body.get(first).and_then(|line| PHONE_FIRST.captures(&line.text)) {
        (phone, inline) = (Some(next[1].to_owned()), next[2].to_owned());
        first += 1;
    } else if let Some((before, after)) = rest.split_once(':') {
        (name, inline) = (before.to_owned(), after.trim().to_owned());
    }
    // In HTML the message has a cell of its own; the rows below it are the portal's.
    let cell = body.get(first).map_or(0, |line| line.cell_end);
    let border = if cell > first && cell != body[at].cell_end { cell } else { body.len() };
    let end =
        body[first.min(border)..border].iter().position(|line| ends_message(&line.text)).map_or(border, |n| first + n);
    let mut lines: Vec<Segment> = Vec::new();
    if !inline.trim().is_empty() {
        lines.push(Segment { text: inline.trim().to_owned(), ..Segment::default() });
    }
    lines.extend(body[first.min(end)..end].iter().cloned());
    let name = name.trim_end_matches([':', ',', ' ']).to_owned();
    Some(Said {
        name: filled(name).filter(|name| name.len() <= 60),
        phone,
        text: segment::to_text(&lines),
        at: at + 1..end,
    })
}

patterns! {
    DIGITS = r"^\d{8,12}$";
    AD_NUMBER = r"(?i)anzeigen-?(?:nummer|nr\.?|id)\s*:?\s*(\d{8,12})";
    HEAD = r"^(?:Nachricht|Antwort|Anfrage)\s+von\s*:?\s*(.{0,300})$";
    PHONE = r"(?s)\(\s*Tel(?:efon)?\.?\s*:?\s*([^)]{4,40})\)\s*:?\s*(.*)$";
    PHONE_FIRST = r"(?s)^\(?\s*Tel(?:efon)?\.?\s*:\s*([+\d][\d\s/()-]{4,30})\)?\s*(.*)$";
}
