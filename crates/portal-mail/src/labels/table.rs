//! The words portals label fields with, in five languages (PORTALS.md §3), as keys of
//! [`crate::text::key`]: lower case, no accents, no punctuation.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::labels::shape;
use crate::labels::words::WORDS;
use crate::text::key;

/// What a label announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Field {
    Salutation,
    Title,
    FirstName,
    LastName,
    /// A whole name, or the family name where a first name stands beside it.
    Name,
    /// A whole name under a label that puts the family name first: `Name, Vorname`.
    NameLastFirst,
    /// `Von:` in an enquiry, which is a name or an address or both.
    Writer,
    Company,
    Email,
    Phone,
    Mobile,
    Street,
    HouseNumber,
    Zip,
    City,
    ZipCity,
    Address,
    /// Address of the property, whatever section it stands in.
    PropertyAddress,
    /// The agency's own number.
    ExternalNumber,
    /// The portal's number.
    PortalObjectId,
    ExposeUrl,
    Message,
    /// Facts about the property that we do not read: they tell where we are.
    PropertyFact,
    /// Facts about the person that we do not read.
    PersonFact,
    /// Neither; only ends the value before.
    Other,
}

impl Field {
    /// Whether it belongs to the person who asks.
    pub(crate) fn is_contact(self) -> bool {
        use Field::{
            Company, Email, FirstName, LastName, Mobile, Name, NameLastFirst, PersonFact, Phone, Salutation, Title,
        };
        matches!(
            self,
            Salutation
                | Title
                | FirstName
                | LastName
                | Name
                | NameLastFirst
                | Company
                | Email
                | Phone
                | Mobile
                | PersonFact
        )
    }

    /// Whether it belongs to the listing.
    pub(crate) fn is_property(self) -> bool {
        use Field::{ExposeUrl, ExternalNumber, PortalObjectId, PropertyAddress, PropertyFact};
        matches!(self, ExternalNumber | PortalObjectId | ExposeUrl | PropertyAddress | PropertyFact)
    }

    /// Street, town and the like: whose depends on the section.
    pub(crate) fn is_place(self) -> bool {
        use Field::{Address, City, HouseNumber, Street, Zip, ZipCity};
        matches!(self, Street | HouseNumber | Zip | City | ZipCity | Address)
    }
}

static TABLE: LazyLock<HashMap<&'static str, Field>> = LazyLock::new(|| {
    let words = WORDS.iter().flat_map(|(field, words)| words.split_whitespace().map(move |word| (word, *field)));
    words.collect()
});

/// Words that may stand before or after a label without changing it.
const BEFORE: [&str; 22] = [
    "ihre",
    "ihr",
    "deine",
    "dein",
    "seine",
    "kontakt",
    "kunden",
    "kunde",
    "interessenten",
    "interessent",
    "absender",
    "votre",
    "vos",
    "ton",
    "il tuo",
    "iltuo",
    "ilsuo",
    "tua",
    "your",
    "tu",
    "su",
    "contact",
];
const AFTER: [&str; 20] = [
    "desinteressenten",
    "derinteressentin",
    "derinteressentinnen",
    "desanfragenden",
    "desabsenders",
    "deskunden",
    "derperson",
    "interessent",
    "desanfragestellers",
    "duclient",
    "delinteresse",
    "delapersonneinteressee",
    "delcliente",
    "dellinteressato",
    "delinteresado",
    "ofthesender",
    "ofprospect",
    "desmieters",
    "deskaufers",
    "delapersonne",
];

/// The field of exactly this label.
pub(crate) fn exact(label: &str) -> Option<Field> {
    TABLE.get(key(label).as_str()).copied()
}

/// The field of a label, with possessives and "des Interessenten" around it ignored.
pub(crate) fn lookup(label: &str) -> Option<Field> {
    if label.len() > 80 {
        return None;
    }
    let whole = key(label);
    let find = |key: &str| TABLE.get(key).copied();
    find(&whole)
        .or_else(|| AFTER.iter().find_map(|after| find(whole.strip_suffix(after)?)))
        .or_else(|| BEFORE.iter().find_map(|before| find(whole.strip_prefix(before)?)))
        .or_else(|| shape::field(&whole))
}

/// The field of a segment that is nothing but a label; without a colon only exact labels count.
pub(crate) fn label_only(text: &str) -> Option<Field> {
    let text = text.trim();
    match text.strip_suffix(':').or_else(|| text.strip_suffix('：')) {
        Some(label) => lookup(label),
        None if text.len() <= 40 && !text.contains(['.', '!', '?']) => exact(text),
        None if text.ends_with("Nr.") && text.len() <= 40 => lookup(text),
        None => None,
    }
}
