//! willhaben.at: the code (nine or ten digits) in brackets at the end of the subject.

use crate::letter::Letter;
use crate::portals::Parts;
use crate::text::{filled, patterns};

pub(crate) fn refine(letter: &Letter, parts: &mut Parts) {
    let labelled = parts.reference.portal_object_id.take().filter(|id| CODE.is_match(id));
    let by_subject = CODE_IN_SUBJECT.capture(&letter.subject).and_then(filled);
    parts.reference.portal_object_id = labelled.or(by_subject).or_else(|| parts.outside_match(&CODE_LINE));
}

patterns! {
    CODE = r"^\d{8,10}$";
    CODE_IN_SUBJECT = r"\(\s*(?:(?:willhaben-?)?Code:?\s*)?(\d{8,10})\s*\)";
    CODE_LINE = r"(?i)\b(?:willhaben-?)?code\s*:?\s*(\d{8,10})\b";
}
