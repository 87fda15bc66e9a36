//! immobilier.ch: `LOCATION_…` or `VENTE_…` behind the dash of the subject.

use crate::letter::Letter;
use crate::portals::Parts;
use crate::text::{filled, patterns};

pub(crate) fn refine(letter: &Letter, parts: &mut Parts) {
    let by_subject = REF.capture(&letter.subject).and_then(filled);
    parts.reference.external_number = parts.reference.external_number.take().or(by_subject);
}

patterns! {
    REF = r"-\s*(?:LOCATION|VENTE)_(\S{1,60})\s*$";
}
