//! What a letter gave, before it becomes a lead; portals add what only they know.

use crate::labels::block::Known;
use crate::labels::table::Field;
use crate::labels::{Found, collect, message};
use crate::letter::Letter;
use crate::model::{Context, Reference};
use crate::person;
use crate::person_draft::PersonParts;
use crate::portals::prose;
use crate::reference;
use crate::segment::Segment;
use crate::text::{filled, squeeze};

/// Person, listing and the portal's own lines around the message.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) person: PersonParts,
    pub(crate) reference: Reference,
    /// Lines outside the prospect's message: the only ones ids may be read from.
    pub(crate) outside: Vec<String>,
    /// Contact data came from the HTML body.
    pub(crate) from_html: bool,
    /// Name behind `Von:`, which is a person's only in an enquiry.
    pub(crate) writer: Option<String>,
    pub(crate) contacts: usize,
}

impl Parts {
    /// Reads the labels of both bodies; the text part wins, HTML fills gaps.
    pub(crate) fn read(letter: &Letter, ctx: &Context) -> Parts {
        let mut text = collect(&letter.text, &letter.subject, ctx);
        let mut html = collect(&letter.html, &letter.subject, ctx);
        let from_html = text.contacts() == 0 && html.contacts() > 0;
        if text.message.is_none() && html.message.is_none() {
            unlabelled_message(&letter.text, &mut text);
            if text.message.is_none() {
                unlabelled_message(&letter.html, &mut html);
            }
        }
        let outside = if letter.text.len() >= 3 { outside(&letter.text, &text) } else { outside(&letter.html, &html) };
        merge(&mut text, html);
        let contacts = text.contacts();
        let writer = text.values.remove(&Field::Writer);
        Parts { reference: listing(&text), person: person_of(text), outside, from_html, writer, contacts }
    }

    /// Takes the message from the lines outside all labels, where no label announced one.
    pub(crate) fn message_from_prose(&mut self, letter: &Letter) {
        for body in [&letter.text, &letter.html] {
            if self.person.message.is_some() {
                return;
            }
            if let Some((from, to)) = prose::find(body) {
                let text = crate::segment::to_text(&body[from..to]);
                self.person.message = filled(&text);
                let said: Vec<&str> = text.lines().collect();
                self.outside.retain(|line| !said.contains(&line.as_str()));
            }
        }
    }

    /// Group 1 of `find` on the first line outside the message that has it.
    pub(crate) fn outside_match(&self, pattern: &crate::text::Compiled) -> Option<String> {
        self.outside.iter().find_map(|line| pattern.capture(line).and_then(filled))
    }
}

fn outside(segments: &[Segment], found: &Found) -> Vec<String> {
    let (from, to) = found.message_at.unwrap_or((0, 0));
    let lines = segments.iter().enumerate().filter(|(at, _)| !(from..to).contains(at));
    lines.map(|(_, segment)| segment.text.clone()).filter(|line| !line.is_empty()).take(2_000).collect()
}

fn merge(text: &mut Found, html: Found) {
    for (field, value) in html.values {
        text.values.entry(field).or_insert(value);
    }
    text.message = match (text.message.take(), html.message) {
        // A cell has a border, a text has not: what follows it there is the portal's.
        (Some(plain), Some(cell)) if longer_tail(&plain, &cell) => Some(cell),
        (Some(plain), _) => Some(plain),
        (None, cell) => cell,
    };
    for url in html.exposes {
        if !text.exposes.contains(&url) {
            text.exposes.push(url);
        }
    }
    text.street = text.street.take().or(html.street);
    text.house_number = text.house_number.take().or(html.house_number);
    text.zip = text.zip.take().or(html.zip);
    text.city = text.city.take().or(html.city);
}

fn longer_tail(plain: &str, cell: &str) -> bool {
    let (plain, cell) = (squeeze(plain), squeeze(cell));
    plain.len() > cell.len() && cell.len() >= 10 && plain.starts_with(&cell)
}

fn listing(found: &Found) -> Reference {
    let own = |field: Field| found.get(field).map(bare_number).and_then(filled);
    // Footers show other listings as well: the link to the numbered one is the right one.
    let id = own(Field::PortalObjectId);
    let named = found.exposes.iter().find(|url| id.is_some() && reference::expose_ids(url) == id);
    let expose_url = named.or(found.exposes.first()).cloned();
    Reference {
        external_number: own(Field::ExternalNumber),
        portal_object_id: id.or_else(|| expose_url.as_deref().and_then(reference::expose_ids)),
        expose_url,
        portal_unique_id: None,
        street: found.street.clone(),
        house_number: found.house_number.clone(),
        zip: found.zip.clone(),
        city: found.city.clone(),
    }
}

/// `Ida hat Ihnen diese Nachricht gesendet:` and the text below, or a text in quotation marks.
fn unlabelled_message(body: &[Segment], found: &mut Found) {
    if let Some((from, to)) = quotation(body) {
        found.message = Some(crate::segment::to_text(&body[from..to]));
        found.message_at = Some((from, to));
        return;
    }
    let intro = body.iter().take(60).position(|line| {
        line.text.len() < 160 && INTRO.is_match(&line.text) && !super::noise::is_link_phrase(&line.text)
    });
    let read = intro.map(|at| (at, message::read(body, at, "", &Labelled(found))));
    if let Some((at, extent)) = read.filter(|(_, extent)| extent.text.len() >= 5) {
        // The introduction is the portal's own line, and may name the person.
        found.message_at = Some((at + 1, extent.next));
        found.message = Some(extent.text);
    }
}

/// Labels were read from the whole body, those below the message included: none of them is the prospect's.
struct Labelled<'f>(&'f Found);

impl Known for Labelled<'_> {
    fn has(&self, _: Field) -> bool {
        false
    }

    fn names(&self, number: &str) -> bool {
        self.0.get(Field::ExternalNumber) == Some(number) || self.0.get(Field::PortalObjectId) == Some(number)
    }

    fn has_portal_id(&self) -> bool {
        false
    }

    fn has_listing(&self) -> bool {
        false
    }
}

/// The segments of a text that stands in quotation marks, four words at least.
fn quotation(body: &[Segment]) -> Option<(usize, usize)> {
    let opens = |line: &str| line.starts_with(['"', '„', '«', '“', '»']);
    let closes = |line: &str| line.ends_with(['"', '“', '”', '»', '«']);
    let from = body.iter().position(|line| opens(&line.text))?;
    let length = body[from..].iter().take(80).position(|line| closes(&line.text) && line.text.len() > 1)?;
    let words: usize = body[from..=from + length].iter().map(|line| line.text.split(' ').count()).sum();
    (words >= 4).then_some((from, from + length + 1))
}

/// `[A-12]`, `(4711)`, `#4711` without the wrapping; `12 34 (Wohnung)` without the remark.
pub(crate) fn bare_number(number: &str) -> &str {
    let number = number.trim();
    let number = match number.split_once([' ', '\t']) {
        Some(_) if number.ends_with(')') => number.rfind(" (").map_or(number, |remark| &number[..remark]),
        _ => number,
    };
    number.trim_matches(['[', ']', '(', ')', '#', '"', '\'', ' ', ',', ';'])
}

fn person_of(mut found: Found) -> PersonParts {
    let mut take = |field: Field| found.values.remove(&field);
    let email = take(Field::Email);
    let reversed = take(Field::NameLastFirst).map(|name| person::last_first(&name, email.as_deref()));
    PersonParts {
        salutation: take(Field::Salutation),
        first: take(Field::FirstName),
        last: take(Field::LastName),
        whole: take(Field::Name).or(reversed),
        single_is_last: true,
        company: take(Field::Company),
        email,
        phones: [take(Field::Mobile), take(Field::Phone)].into_iter().flatten().collect(),
        message: found.message,
    }
}

crate::text::patterns! {
    INTRO = r"(?i)(?:nachricht|anfrage|mitteilung|geschrieben|schreibt|message|demande|écrit|enquiry|inquiry|wrote|messaggio|richiesta|scritto|mensaje|escrito)[^:]{0,60}:$";
}
