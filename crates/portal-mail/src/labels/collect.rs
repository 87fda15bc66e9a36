//! Runs over the segments once and collects the value of every field.

use crate::address;
use crate::labels::before::Before;
use crate::labels::found::Found;
use crate::labels::message;
use crate::labels::pairs::pairs;
use crate::labels::section::{self, Section};
use crate::labels::table::{self, Field};
use crate::model::Context;
use crate::person::beside::without_address;
use crate::person::salutation;
use crate::phone::normalise_phone;
use crate::reference;
use crate::segment::Segment;
use crate::text::{filled, key, squeeze};

/// Reads all labels. `subject` tells what the portal says beside them.
pub(crate) fn collect(segments: &[Segment], subject: &str, ctx: &Context) -> Found {
    let mut reader = Reader {
        segments,
        subject,
        ctx,
        found: Found::default(),
        section: Section::Unknown,
        pending: Vec::new(),
        weak: false,
        loose: None,
        beside: Vec::new(),
    };
    let mut at = 0;
    while at < segments.len() {
        at = reader.step(at);
    }
    reader.settle(false);
    reader.loose_place();
    for (field, value) in reader.beside {
        reader.found.values.entry(field).or_insert(value);
    }
    reader.found
}

pub(super) struct Reader<'a> {
    pub(super) segments: &'a [Segment],
    subject: &'a str,
    pub(super) ctx: &'a Context,
    pub(super) found: Found,
    pub(super) section: Section,
    /// Places read before it was known whose they are.
    pending: Vec<(Field, String)>,
    /// The message stood under a label that may also hold its kind (`Demande: Visite`).
    weak: bool,
    /// A whole address on a line of its own, above everything about a person.
    pub(super) loose: Option<String>,
    /// Contacts that stood with the name. Whoever fills in a form types what they like there, so a field of its own wins,
    /// wherever it stands.
    beside: Vec<(Field, String)>,
}

impl Reader<'_> {
    /// Reads the segment at `at`; returns the index of the next one.
    fn step(&mut self, at: usize) -> usize {
        let segment = &self.segments[at];
        let text = segment.text.as_str();
        if text.is_empty() {
            self.links(segment);
            return at + 1;
        }
        if let Some(inline) = message::heading(text) {
            return self.message(at, inline);
        }
        let pairs = pairs(text);
        // Links in the prospect's own words name no listing.
        if !pairs.iter().any(|pair| pair.field == Field::Message) {
            self.links(segment);
        }
        if pairs.is_empty() {
            return self.unpaired(at);
        }
        let mut next = at + 1;
        for pair in &pairs {
            if pair.field == Field::Message && self.wants_message() {
                return self.message(at, pair.value);
            }
            if !pair.value.is_empty() {
                self.take(pair.field, pair.value, segment);
            } else if let Some(value_at) = self.value_after(at) {
                self.enter(text);
                self.take_cell(pair.field, value_at);
                next = value_at + 1;
            } else {
                self.enter(text);
            }
        }
        next
    }

    fn unpaired(&mut self, at: usize) -> usize {
        let text = self.segments[at].text.as_str();
        let own_cell = self.segments[at].cell_end == at + 1 && self.segments[at].row_end > at + 1 && text.len() <= 40;
        let label = table::label_only(text).or_else(|| own_cell.then(|| table::lookup(text)).flatten());
        let value_at = label.and_then(|_| self.value_after(at));
        match (label, value_at) {
            (Some(Field::Message), _) if self.wants_message() => return self.message(at, ""),
            (Some(field), Some(value_at))
                if self.is_cell_pair(at, value_at)
                    || text.ends_with(':')
                    || field.is_contact()
                    || field.is_property() && text.len() >= 8 =>
            {
                self.enter(text);
                self.take_cell(field, value_at);
                return value_at + 1;
            }
            _ => self.enter(text),
        }
        if self.section == Section::Person {
            self.person_line(at);
        }
        if self.section == Section::Unknown {
            self.lone_address(at);
        }
        if self.section == Section::Property && reference::split_address(text).2.is_some() {
            self.property_line(at);
        }
        at + 1
    }

    fn enter(&mut self, line: &str) {
        if let Some(section) = section::heading(line) {
            self.section = section;
        }
    }

    /// Takes a value segment; an address may go on through its cell.
    fn take_cell(&mut self, field: Field, at: usize) {
        let segment = &self.segments[at];
        if (field == Field::Address || field == Field::PropertyAddress) && segment.cell_end > at + 1 {
            let lines: Vec<&str> = self.segments[at..segment.cell_end.min(at + 4)]
                .iter()
                .map(|line| line.text.as_str())
                .filter(|line| !line.is_empty() && pairs(line).is_empty())
                .collect();
            self.take(field, &lines.join(", "), segment);
            return;
        }
        // An address broken over two lines: `ida.probe@exam` / `ple.org`.
        if field == Field::Email
            && address::first(&segment.text).is_none()
            && let Some(next) = self.segments.get(at + 1)
            && segment.text.contains('@')
        {
            let joined = format!("{}{}", segment.text, next.text);
            self.take(field, &joined, segment);
            return;
        }
        self.take(field, &segment.text, segment);
    }

    fn take(&mut self, field: Field, value: &str, segment: &Segment) {
        let value = squeeze(value.trim_end_matches([',', ';', ' ']));
        if field.is_contact() && self.section == Section::Agent {
            return;
        }
        let valid = match field {
            Field::Email => self.email(&value, segment),
            Field::Phone | Field::Mobile => normalise_phone(&value, self.ctx.country),
            Field::ExposeUrl => None,
            Field::FirstName
            | Field::LastName
            | Field::Name
            | Field::NameLastFirst
            | Field::Company
            | Field::Writer => name_like(&value),
            _ => filled(&value),
        };
        if field == Field::Other && section::is_agent_label(&segment.text) {
            self.section = Section::Agent;
            return;
        }
        if field.is_place() {
            self.place(field, &value);
            return;
        }
        if field.is_contact() {
            self.section = Section::Person;
        } else if field.is_property() {
            self.section = Section::Property;
            self.settle(true);
        }
        match field {
            Field::PropertyAddress => self.found.place(Field::Address, &value),
            Field::PropertyFact if reference::names_town(&value) => {
                // Without a house number, what stands before the town is a title, no street.
                match reference::split_address(&value) {
                    (_, None, Some(zip), city) => {
                        self.found.zip.get_or_insert(zip);
                        self.found.city = self.found.city.take().or(city);
                    }
                    _ => self.found.place(Field::Address, &value),
                }
            }
            _ => {}
        }
        if matches!(field, Field::Name | Field::Writer) && value.contains('@') {
            self.contact_line(&value, segment);
        }
        // `Herr` alone, the name on the line below.
        if field == Field::Name && salutation(&value).is_some() && value.len() > 2 {
            self.found.values.entry(Field::Salutation).or_insert(value);
            return;
        }
        if let Some(valid) = valid {
            self.found.values.entry(field).or_insert(valid);
        }
    }

    /// `Contact: ida@example.org, 079 123 45 67`.
    fn contact_line(&mut self, value: &str, segment: &Segment) {
        if let Some(email) = self.email(value, segment) {
            self.beside.push((Field::Email, email));
        }
        let phone = value
            .split(',')
            .filter(|part| !part.contains('@'))
            .find_map(|part| normalise_phone(part, self.ctx.country));
        if let Some(phone) = phone {
            self.beside.push((Field::Phone, phone));
        }
    }

    fn place(&mut self, field: Field, value: &str) {
        match self.section {
            Section::Property => self.found.place(field, value),
            Section::Unknown => self.pending.push((field, value.to_owned())),
            Section::Person | Section::Agent => {}
        }
    }

    /// Decides whose the places were that came before any other field.
    fn settle(&mut self, property: bool) {
        for (field, value) in std::mem::take(&mut self.pending) {
            if property {
                self.found.place(field, &value);
            }
        }
    }

    pub(super) fn email(&self, value: &str, segment: &Segment) -> Option<String> {
        let linked = segment.links.iter().filter_map(|link| address::first(link.strip_prefix("mailto:")?));
        address::all(value).into_iter().chain(linked).find(|a| !self.ctx.is_team(a) && !address::is_portals_own(a))
    }

    fn message(&mut self, at: usize, inline: &str) -> usize {
        let known = Before { found: &self.found, subject: self.subject };
        let extent = message::read(self.segments, at, inline, &known);
        if let Some(text) = filled(&extent.text).filter(|_| self.wants_message()) {
            self.found.message = Some(text);
            self.found.message_at = Some((at, extent.next));
            let label = key(self.segments[at].text.split(':').next().unwrap_or_default());
            self.weak = matches!(
                label.as_str(),
                "demande" | "anfrage" | "anliegen" | "richiesta" | "solicitud" | "request" | "interesse"
            );
        }
        extent.next
    }

    fn wants_message(&self) -> bool {
        self.found.message.as_ref().is_none_or(|text| self.weak && text.len() < 60)
    }

    fn links(&mut self, segment: &Segment) {
        let written = address::urls(&segment.text);
        for url in written.iter().chain(&segment.links) {
            if self.found.exposes.len() < 10
                && reference::expose_ids(url).is_some()
                && !self.found.exposes.contains(url)
            {
                self.found.exposes.push(url.clone());
            }
        }
    }
}

/// A name is short and no link or sentence; an address beside it is not part of it.
fn name_like(value: &str) -> Option<String> {
    let value = without_address(value.split('<').next().unwrap_or(value));
    let sane = value.len() <= 120 && !value.contains("://") && value.split(' ').count() <= 9 && !value.contains('?');
    let mailbox = value.split('(').next().unwrap_or_default().contains('@');
    if sane && !mailbox { filled(value) } else { None }
}
