//! idealista: name, reference and address in the subject, the message between the masked
//! address and the answer button.

use crate::address;
use crate::labels::boilerplate::ends_message;
use crate::letter::Letter;
use crate::portals::Parts;
use crate::portals::dialect::bare_number;
use crate::reference;
use crate::segment;
use crate::text::{filled, patterns};

pub(crate) fn refine(letter: &Letter, parts: &mut Parts) {
    let subject = letter.subject.as_str();
    if let Some(name) = NAME.capture(subject) {
        parts.person.whole = filled(name);
        parts.person.single_is_last = false;
    }
    if let Some(found) = REF_AND_PLACE.captures(subject) {
        parts.reference.external_number = filled(bare_number(&found[1]));
        place(found.get(2).map_or("", |rest| rest.as_str()), parts);
    }
    let code = parts.outside_match(&CODE);
    parts.reference.portal_object_id = code.or(parts.reference.portal_object_id.take());
    between(letter, parts);
}

/// `Calle Mayor, 12, Madrid`: street, number and town.
fn place(text: &str, parts: &mut Parts) {
    let (street, number, zip, city) = reference::split_address(text);
    let (street, city) = match city.as_deref().and_then(|city| city.rsplit_once(',')) {
        Some((left, right)) if street.is_none() => (filled(left), filled(right)),
        _ => (street, city),
    };
    let reference = &mut parts.reference;
    if reference.street.is_none() && reference.city.is_none() {
        reference.street = street;
        reference.house_number = number;
        reference.zip = zip;
        reference.city = city;
    }
}

fn between(letter: &Letter, parts: &mut Parts) {
    let masked = |line: &str| address::first(line).filter(|found| address::is_relay(found));
    for body in [&letter.text, &letter.html] {
        let Some(at) = body.iter().position(|line| masked(&line.text).is_some()) else {
            continue;
        };
        if parts.person.email.is_none() {
            parts.person.email = masked(&body[at].text);
        }
        let phone_next = body.get(at + 1).is_some_and(|line| PHONE_ONLY.is_match(&line.text));
        if phone_next {
            parts.person.phones.push(body[at + 1].text.clone());
        }
        let from = at + 1 + usize::from(phone_next);
        let Some(length) = body[from..].iter().position(|line| ends_message(&line.text)) else {
            continue;
        };
        if parts.person.message.is_none() {
            parts.person.message = filled(segment::to_text(&body[from..from + length]));
        }
    }
}

patterns! {
    NAME = r"(?i)^(?:.{0,8}:\s*)?(?:nuevo mensaje de|nova mensagem de|nuovo messaggio di|new message from)\s+(.{1,60}?)\s+(?:sobre|acerca|su |about|riguardo)";
    REF_AND_PLACE = r"(?i)\b(?:con|com|with|con il)?\s*ref(?:erencia)?\.?\s*:\s*([^,]{1,40})(?:,\s*(.{3,120}))?$";
    CODE = r"(?i)(?:c[oó]digo (?:del |do )?an[uú]ncio|codice (?:dell.)?annuncio|(?:property|listing|ad) code)\s*:?\s*(\d{6,10})";
    PHONE_ONLY = r"^\+?[\d\s()./-]{8,20}$";
}
