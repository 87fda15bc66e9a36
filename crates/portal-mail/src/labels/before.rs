//! What a mail has told about its listing and person before its message begins.

use crate::labels::block::Known;
use crate::labels::found::Found;
use crate::labels::table::Field;

/// What is known where a message begins.
pub(super) struct Before<'a> {
    pub(super) found: &'a Found,
    pub(super) subject: &'a str,
}

impl Known for Before<'_> {
    fn has(&self, field: Field) -> bool {
        self.found.values.contains_key(&field)
    }

    fn names(&self, number: &str) -> bool {
        let number = number.trim_matches(|c: char| !c.is_alphanumeric());
        let told = [Field::ExternalNumber, Field::PortalObjectId].into_iter().filter_map(|field| self.found.get(field));
        number.len() >= 3 && std::iter::once(self.subject).chain(told).any(|place| holds_word(place, number))
    }

    fn has_portal_id(&self) -> bool {
        self.has(Field::PortalObjectId) || !self.found.exposes.is_empty() || PORTAL_ID.is_match(self.subject)
    }

    fn has_listing(&self) -> bool {
        self.has(Field::ExternalNumber)
            || self.has(Field::PortalObjectId)
            || !self.found.exposes.is_empty()
            || NUMBER.is_match(self.subject)
    }
}

/// Whether `word` stands in `text` and is no part of a longer word.
fn holds_word(text: &str, word: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word)
        .take(20)
        .any(|(at, _)| !inside(text[..at].chars().next_back()) && !inside(text[at + word.len()..].chars().next()))
}

crate::text::patterns! {
    /// The shapes of portals' ids (PORTALS.md §4).
    PORTAL_ID = r"\d{8,12}|\b[0-9a-f]{24}\b";
    /// A number as listings have them, in a subject: long, or behind a word for it.
    NUMBER = r"(?i)\d{5,}|\b(?:objekt|immobilie|ref|referenz|référence|rif|code|inserat|anzeige|expos[eé])[\p{L}.-]*\s*[:#]?\s*\(?[\p{L}]{0,6}[-_./]?\d";
}
