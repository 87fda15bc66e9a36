//! homegate.ch and immoscout24.ch: one text in four languages, listing ids of ten digits.

use crate::letter::Letter;
use crate::portals::Parts;
use crate::text::{filled, patterns};

pub(crate) fn refine(letter: &Letter, parts: &mut Parts) {
    let listing = parts.outside_match(&LISTING).or_else(|| LISTING.capture(&letter.subject).and_then(filled));
    let reference = &mut parts.reference;
    let labelled = reference.portal_object_id.take().filter(|id| DIGITS.is_match(id));
    reference.portal_object_id = labelled.or(listing);
    // `Référence: []` means that the agency gave none; the listing id is not the agency's number.
    let own = reference.external_number.take().filter(|number| Some(number) != reference.portal_object_id.as_ref());
    reference.external_number = own;
}

patterns! {
    LISTING = r"(?:^|\D)(4\d{9})(?:\D|$)";
    DIGITS = r"^\d{7,10}$";
}
