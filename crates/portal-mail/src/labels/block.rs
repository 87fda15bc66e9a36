//! Whether a line below a message begins a label block of the portal. Labels are the prospect's
//! words until the block proves otherwise: an id read from those would tie the enquiry to another
//! listing (PORTALS.md §4).

use crate::address;
use crate::labels::boilerplate::{ends_message, is_greeting};
use crate::labels::message::is_portal_greeting;
use crate::labels::pairs::pairs;
use crate::labels::section::{self, Section};
use crate::labels::table::{self, Field};
use crate::segment::Segment;
use crate::text::{filled, key, patterns};

/// Lines looked at from the first label on.
const WINDOW: usize = 40;

/// What the mail has said before its message, and in its subject.
pub(crate) trait Known {
    /// The field has a value.
    fn has(&self, field: Field) -> bool;
    /// The portal itself names this number elsewhere.
    fn names(&self, number: &str) -> bool;
    /// The subject or a label holds the portal's id of the listing.
    fn has_portal_id(&self) -> bool;
    /// The subject or a label says which listing it is about.
    fn has_listing(&self) -> bool;
}

/// A line inside a message that may be the last one of it.
pub(crate) struct Place<'s> {
    pub(crate) segments: &'s [Segment],
    pub(crate) at: usize,
    /// Where the message ends at the latest.
    pub(crate) end: usize,
    /// No line of the message came before.
    pub(crate) first: bool,
    /// The message began on the line of its label, as the values around it do.
    pub(crate) inline: bool,
}

/// What stands from a label on to the end of the message's place.
#[derive(Default)]
struct Block<'s> {
    labels: Vec<(Field, &'s str)>,
    /// Lines that are neither labels nor their values.
    lines: usize,
    sentences: usize,
}

/// Whether the portal's labels go on at this line.
pub(crate) fn begins(place: &Place<'_>, known: &dyn Known) -> bool {
    let segment = &place.segments[place.at];
    let Some((field, value)) = label_at(place.segments, place.at) else {
        let text = segment.text.trim();
        // `Objet d'intérêt:` is the portal's; `Bien:` alone may be the prospect's.
        let certain = text.ends_with(':') && key(text).len() >= 12;
        let next = || label_at(place.segments, place.at + 1).is_some_and(|(field, value)| is_plausible(field, value));
        return section::heading(text).is_some_and(|section| {
            certain || next() || section == Section::Person && has_bare_contact(place.segments, place.at)
        });
    };
    if field == Field::Message {
        return true;
    }
    is_plausible(field, value) && is_portals(&scan(place), place, known)
}

/// Under a heading for the person stands, without labels, how to reach them.
fn has_bare_contact(segments: &[Segment], heading: usize) -> bool {
    segments.iter().skip(heading + 1).take(4).any(|line| bare(&line.text).is_some())
}

fn scan<'s>(place: &Place<'s>) -> Block<'s> {
    let mut block = Block::default();
    let mut after_bare_label = false;
    for index in place.at..place.end.min(place.at + WINDOW) {
        let segment = &place.segments[index];
        if segment.text.is_empty() {
            continue;
        }
        let signs_off = is_greeting(&segment.text) && block.labels.len() > 1;
        if ends_message(&segment.text) || signs_off || is_portal_greeting(place.segments, index, place.end) {
            break;
        }
        match label_at(place.segments, index) {
            Some((field, value)) if is_plausible(field, value) => {
                block.labels.push((field, value));
                after_bare_label = is_bare_label(segment);
            }
            None if after_bare_label || section::heading(&segment.text).is_some() => after_bare_label = false,
            _ if !block.labels.is_empty() && bare(&segment.text).is_some() => {
                block.labels.extend(bare(&segment.text).map(|field| (field, segment.text.as_str())));
                after_bare_label = false;
            }
            _ => {
                block.lines += 1;
                block.sentences += usize::from(is_sentence(&segment.text));
                after_bare_label = false;
            }
        }
        if block.sentences >= 2 {
            break;
        }
    }
    block
}

fn is_portals(block: &Block<'_>, place: &Place<'_>, known: &dyn Known) -> bool {
    let any = |wanted: &dyn Fn(Field, &str) -> bool| block.labels.iter().any(|(field, value)| wanted(*field, value));
    let number = |field: Field| matches!(field, Field::ExternalNumber | Field::PortalObjectId);
    let named = any(&|field, value| number(field) && known.names(value));
    let contact = any(&|field, _| field.is_contact() && !known.has(field));
    let listing = named
        || any(&|field, _| match field {
            Field::ExternalNumber => !known.has_listing(),
            Field::PortalObjectId => !known.has_portal_id(),
            _ => field.is_property() && !known.has(field),
        });
    // Portals ask for an address first of all; without one so far, the person's data are to come.
    let address = any(&|field, _| field == Field::Email && !known.has(field));
    let formal = block.labels.len() >= 2 && block.labels.iter().all(|(field, _)| *field == Field::Other);
    let (several, alone) = (block.labels.len() >= 2, block.lines == 0);
    let segment = &place.segments[place.at];
    if segment.gap || place.first || is_column(&segment.text) {
        let person = several && contact && (block.sentences < 2 || block.labels.len() >= 3);
        return person || alone && (contact || listing || formal);
    }
    several && address || alone && (named || place.inline && (contact || listing) || block.labels.len() >= 3 && listing)
}

/// The label a line begins with, and its value there or on the line below.
pub(crate) fn label_at(segments: &[Segment], at: usize) -> Option<(Field, &str)> {
    let segment = segments.get(at).filter(|segment| segment.text.len() <= 300)?;
    let below = || segments.get(at + 1).map_or("", |next| next.text.as_str());
    if let Some(pair) = pairs(&segment.text).first() {
        return Some((pair.field, if pair.value.is_empty() { below() } else { pair.value }));
    }
    let text = segment.text.trim_end();
    let field = table::label_only(text)?;
    // Without a colon a lone word is a label only where no prose would put it.
    let lone = text.len() >= 4 && (field.is_contact() || field.is_property());
    (text.ends_with(':') || lone).then(|| (field, below()))
}

/// What a line is that holds nothing but an address or a number.
pub(crate) fn bare(line: &str) -> Option<Field> {
    let line = line.trim();
    if line.len() > 80 {
        return None;
    }
    if address::first(line).is_some_and(|found| found.len() + 4 >= line.len()) {
        return Some(Field::Email);
    }
    BARE_PHONE.is_match(line).then_some(Field::Phone)
}

/// Whether a portal would fill the field like this: `Telefon: abends` is a person's sentence.
fn is_plausible(field: Field, value: &str) -> bool {
    let value = value.trim();
    if filled(value).is_none() {
        return true;
    }
    let words = value.split(' ').count();
    match field {
        Field::Email => words <= 3 && (address::first(value).is_some() || value.ends_with('@')),
        // Counted, not parsed: this is asked of every line again and again.
        Field::Phone | Field::Mobile => {
            PHONE.is_match(value) && value.chars().take(60).filter(char::is_ascii_digit).count() >= 6
        }
        Field::FirstName | Field::LastName | Field::Name | Field::NameLastFirst => {
            words <= 12 && NAME.is_match(value) || address::first(value).is_some()
        }
        Field::ExternalNumber | Field::PortalObjectId => words <= 5 && !is_sentence(value),
        _ => true,
    }
}

/// A label without a colon, alone or with its value in a column apart.
fn is_column(text: &str) -> bool {
    let apart = ["\t", "|", "  ", " = "].iter().any(|separator| text.trim().contains(separator));
    !text.contains(':') && (apart || table::label_only(text).is_some())
}

fn is_sentence(line: &str) -> bool {
    line.len() > 60 || line.ends_with(['.', '!', '?']) || line.split(' ').count() > 7
}

fn is_bare_label(segment: &Segment) -> bool {
    let text = segment.text.trim_end();
    text.ends_with(':') || !text.contains(':')
}

patterns! {
    BARE_PHONE = r"^\(?\+?\d[\d\s()/.-]{6,24}$";
    PHONE = r"^(?:tel:|☎)?\s*[+(\d]";
    NAME = r"^[\p{Lu}\p{Lo}(„\x22]|^(?:von|van|de|del|della|di|da|zu|el|al|d['’])[\s\p{Lu}]|^\S+$";
}
