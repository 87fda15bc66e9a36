//! Layouts a human explained: from one mail and what its fields are, where each of them stands; then the same fields out of
//! the next mail of that sender.
//!
//! A layout holds places, not values. [`infer`] notes for each value the surest place it stands at (behind a label, in
//! a sentence, in a line by number) and keeps only what reads that value again. [`apply`] is nothing but a reader: it gives a
//! draft when somebody can be reached and most places are still there, else nothing.

mod find;
mod read;

use serde::{Deserialize, Serialize};

use crate::letter::Letter;
use crate::model::{Context, LeadDraft};
use crate::person_draft::{self, PersonParts};
use crate::segment::Segment;
use crate::{mime, phone};

/// What a human can point at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LayoutField {
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Both, in any order a person is called by.
    Name,
    /// The prospect's address.
    Email,
    /// The prospect's telephone.
    Phone,
    /// What the prospect wrote.
    Message,
    /// The agency's own number of the listing.
    ExternalNumber,
    /// The sender's id of the listing.
    PortalObjectId,
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Place {
    /// Behind a label in the same line: `Mail: ida@example.org`.
    Behind {
        /// The label, as `text::key` writes it.
        label: String,
        /// Which of several lines with this label, from 0.
        nth: usize,
    },
    /// In the line or cell after the one that is the label.
    Below {
        /// The label, as `text::key` writes it.
        label: String,
        /// Which of several, from 0.
        nth: usize,
    },
    /// Inside of a line (or the subject), between fixed words.
    Between {
        /// What stands in front; empty: the beginning of the line.
        before: String,
        /// What follows; empty: the end of the line.
        after: String,
        /// In the subject, not in a line.
        subject: bool,
    },
    /// A line by its number, from 0; empty lines do not count.
    Line {
        /// Number.
        at: usize,
    },
    /// The lines from behind a label on.
    Block {
        /// The line in front, as `text::key` writes it.
        label: String,
        /// The line that ends it, likewise; none: the end of the mail.
        until: Option<String>,
    },
}

/// One field and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Field.
    pub field: LayoutField,
    /// Where it stands.
    pub place: Place,
}

/// Where the fields of a sender's mails stand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Layout {
    /// One rule per field.
    pub rules: Vec<Rule>,
}

/// Lines of a mail that are looked at: finding a place costs lines times lines.
const MOST_LINES: usize = 1_000;

/// A mail as layouts see it.
struct Page {
    subject: String,
    lines: Vec<Segment>,
}

impl Page {
    fn of(raw: &[u8]) -> Self {
        let letter = Letter::of(&mime::decode(raw));
        let lines = letter.body().iter().filter(|line| !line.text.is_empty()).take(MOST_LINES).cloned().collect();
        Self { subject: crate::text::squeeze(&letter.subject), lines }
    }
}

/// Learns the places of `values` in a mail. Fields whose value stands nowhere in it are the error.
pub fn infer(raw: &[u8], values: &[(LayoutField, String)], ctx: &Context) -> Result<Layout, Vec<LayoutField>> {
    let page = Page::of(raw);
    let mut layout = Layout::default();
    let mut missing = Vec::new();
    for (field, value) in values {
        match find::place(&page, *field, value, values, ctx) {
            Some(place) => layout.rules.push(Rule { field: *field, place }),
            None => missing.push(*field),
        }
    }
    if missing.is_empty() { Ok(layout) } else { Err(missing) }
}

/// Reads a mail by a layout; nothing when it does not look like that.
pub fn apply(raw: &[u8], layout: &Layout, ctx: &Context) -> Option<LeadDraft> {
    let page = Page::of(raw);
    let mut parts = PersonParts { single_is_last: true, ..PersonParts::default() };
    let mut draft = LeadDraft::default();
    let mut found = 0;
    for rule in &layout.rules {
        let Some(value) = read::value(&page, rule, ctx) else { continue };
        found += 1;
        match rule.field {
            LayoutField::FirstName => parts.first = Some(value),
            LayoutField::LastName => parts.last = Some(value),
            LayoutField::Name => parts.whole = Some(value),
            LayoutField::Email => parts.email = Some(value),
            LayoutField::Phone => parts.phones.push(value),
            LayoutField::Message => parts.message = Some(value),
            LayoutField::ExternalNumber => draft.reference.external_number = Some(value),
            LayoutField::PortalObjectId => draft.reference.portal_object_id = Some(value),
        }
    }
    if found * 2 < layout.rules.len() {
        return None;
    }
    let person = person_draft::draft(parts, ctx);
    let is_reached = person.email.is_some() || person.phone.is_some();
    is_reached.then_some(LeadDraft { reference: draft.reference, ..person })
}

/// What a value is compared by: two spellings of one address, number or name are equal.
fn canonical(field: LayoutField, text: &str, ctx: &Context) -> Option<String> {
    let value = match field {
        LayoutField::Email => crate::address::first(text)?,
        LayoutField::Phone => phone::normalise_phone(text, ctx.country)?,
        LayoutField::ExternalNumber | LayoutField::PortalObjectId => {
            let number = text.trim().trim_matches(['(', ')', '[', ']', '.', ',', ';', ':', '#', '"']);
            crate::reference::normalise_reference(number)
        }
        LayoutField::Message | LayoutField::Name | LayoutField::FirstName | LayoutField::LastName => {
            crate::text::squeeze(text).to_lowercase()
        }
    };
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests;
