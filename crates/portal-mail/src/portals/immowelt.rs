//! immowelt: `Ref.-Nr. 4711: …` in the subject.

use crate::letter::Letter;
use crate::portals::Parts;
use crate::text::{filled, patterns};

pub(crate) fn refine(letter: &Letter, parts: &mut Parts) {
    let by_subject = REF.capture(&letter.subject).and_then(filled);
    parts.reference.external_number = by_subject.or(parts.reference.external_number.take());
}

patterns! {
    REF = r"(?i)\bref\.?\s?-?\s?nr\.?\s*:?\s*([^:,]{1,60}?)\s*(?::|,|$| - )";
}
