//! ImmoScout24.de and .at: `Objekt  4711` in the subject, `Scout-ID:` in the body.

use crate::letter::Letter;
use crate::portals::Parts;
use crate::portals::dialect::bare_number;
use crate::text::{filled, patterns};

pub(crate) fn refine(letter: &Letter, parts: &mut Parts) {
    let by_subject = OBJECT_IN_BRACKETS.capture(&letter.subject).or_else(|| OBJECT.capture(&letter.subject));
    let number = by_subject.map(bare_number).and_then(filled);
    let number = number.or_else(|| parts.outside_match(&IMMOBILIE));
    // The Austrian portal labels its own ids `Objekt-ID`; no agency numbers its listings like that.
    let labelled = parts.reference.external_number.take();
    let (scout_id, own) = match labelled {
        Some(id) if AUSTRIAN_ID.is_match(&id) => (Some(id.to_lowercase()), None),
        own => (None, own),
    };
    // The subject is written by the portal for every mail; a body label may be another number.
    parts.reference.external_number = number.filter(|number| !AUSTRIAN_ID.is_match(number)).or(own);
    let scout = scout_id.or(parts.reference.portal_object_id.take().filter(|id| SCOUT_ID.is_match(id)));
    parts.reference.portal_object_id = scout.or_else(|| parts.outside_match(&SCOUT_ID_LINE));
}

patterns! {
    OBJECT_IN_BRACKETS = r"\(\s*(?:Objekt|Immobilie|Objekt-?Nr\.?|Objektnummer)\s*:?\s+([^()]{1,60}?)\s*\)";
    OBJECT = r"\bObjekt(?:-?Nr\.?|nummer)?\s*:?\s+([\p{L}0-9_./-]*\d[\p{L}0-9_./-]*)";
    IMMOBILIE = r"^(?:Ihre |zur |Zur |Anfrage zu |zu )?(?:Immobilie|Objekt)(?:-?Nr\.?|nummer)?\s*:?\s+\(?([\p{L}0-9_./-]*\d[\p{L}0-9_./-]*)\)?(?:\s|$)";
    AUSTRIAN_ID = r"(?i)^[0-9a-f]{24}$";
    SCOUT_ID = r"^(?:\d{8,}|[0-9a-f]{24})$";
    SCOUT_ID_LINE = r"(?i)scout-?id\s*:?\s*(\d{8,}|[0-9a-f]{24})\b";
}
