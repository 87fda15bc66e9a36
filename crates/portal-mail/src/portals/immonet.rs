//! immonet: `Referenznummer: 4711` to the end of the subject.

use crate::letter::Letter;
use crate::portals::Parts;
use crate::text::{filled, patterns};

pub(crate) fn refine(letter: &Letter, parts: &mut Parts) {
    let by_subject = REF.capture(&letter.subject).and_then(filled);
    parts.reference.external_number = parts.reference.external_number.take().or(by_subject);
}

patterns! {
    REF = r"(?i)\breferenz-?nummer\s*:\s*(.{1,80})$";
}
