//! Labels nobody has listed, by the words they are made of: `Inserate-Nr.`, `Objet n°`,
//! `Rückruf-Telefon`. Asked only where a colon or a cell border says that it is a label.

use crate::labels::table::Field;

/// Things an agency numbers.
const OWN: &[&str] = &[
    "objekt",
    "obj",
    "objet",
    "immobilien",
    "immobilie",
    "immo",
    "property",
    "oggetto",
    "immobile",
    "bien",
    "inmueble",
    "liegenschafts",
    "liegenschaft",
    "angebots",
    "angebot",
    "mietobjekt",
    "kaufobjekt",
    "projekt",
];
/// Who refers to a property by a reference of their own; a number of theirs would be a customer's.
const WHO: &[&str] = &["makler", "agentur", "agence", "agenzia", "anbieter"];
/// Numbers of the enquiry itself.
const ENQUIRY: &[&str] =
    &["demande", "anfrage", "request", "richiesta", "solicitud", "ticket", "vorgang", "enquiry", "inquiry"];
/// Things a portal numbers.
const PORTALS: &[&str] = &[
    "inserats",
    "inserate",
    "inserat",
    "anzeigen",
    "anzeige",
    "annonce",
    "annuncio",
    "anuncio",
    "listing",
    "scout",
    "expose",
    "online",
    "willhaben",
    "immmo",
    "homegate",
    "newhome",
    "comparis",
    "flatfox",
    "findmyhome",
    "derstandard",
    "kalaydo",
    "immoscout24",
    "immoscout",
    "immowelt",
    "immonet",
    "immostreet",
    "web",
    "portal",
    "inserzione",
    "ad",
    "advert",
];
/// What a number is called.
const NUMBERS: &[&str] = &[
    "nr",
    "nummer",
    "id",
    "no",
    "number",
    "n",
    "numero",
    "num",
    "code",
    "kennung",
    "kennziffer",
    "kz",
    "nro",
    "numer",
    "identnummer",
    "ident",
];
const WHOSE: &[&str] = &[
    "ihre", "ihr", "deine", "dein", "unsere", "votre", "vostro", "vostra", "suo", "your", "tu", "su", "externe",
    "interne", "eigene", "die", "l", "del", "dell", "de", "du",
];
const REFERENCE: &[&str] = &["referenz", "reference", "riferimento", "referencia", "kennziffer"];

/// How a reference is called beside the word for whose it is.
const REFERRED: &[&str] = &["ref", "rif", "refnr", "refno", "refnummer", "referenznr", "referenznummer"];

/// The field a label key (see [`crate::text::key`]) means by its parts.
pub(crate) fn field(key: &str) -> Option<Field> {
    if key.len() > 40 || key.len() < 3 || !key.is_ascii() {
        return None;
    }
    let has = |word: &str| key.contains(word);
    let begins = |words: &[&str]| words.iter().any(|word| key.starts_with(word));
    if let Some(number) = number(key) {
        return Some(number);
    }
    if has("telefax") || begins(&["fax"]) {
        return Some(Field::PersonFact);
    }
    if has("mail") && !has("datum") && !has("betreff") {
        return Some(Field::Email);
    }
    const MOBILE: &[&str] =
        &["mobiltel", "mobilnum", "mobilnr", "mobilfunk", "mobilephone", "mobileno", "mobilenum", "telmobil"];
    if begins(MOBILE)
        || key.ends_with("telefonmobil")
        || has("handy")
        || has("natel")
        || has("cellular")
        || has("cellphone")
    {
        return Some(Field::Mobile);
    }
    if has("telefon") || has("telephone") || has("phone") || has("rufnummer") {
        return Some(Field::Phone);
    }
    if begins(&["nachrichtvon", "nachrichten", "messagede", "messagefrom"]) {
        return None;
    }
    if begins(&["nachricht", "mitteilung", "anmerkung", "kommentar", "bemerkung", "messaggio", "mensaje"]) {
        return Some(Field::Message);
    }
    None
}

fn number(key: &str) -> Option<Field> {
    if ENQUIRY.iter().any(|word| key.contains(word)) {
        return None;
    }
    let bare = WHOSE.iter().find_map(|whose| key.strip_prefix(whose).filter(|rest| rest.len() >= 4)).unwrap_or(key);
    for key in [key, bare] {
        if made_of(key, PORTALS, NUMBERS) {
            return Some(Field::PortalObjectId);
        }
        let reference = REFERENCE.iter().any(|word| key.starts_with(word) || key.ends_with(word));
        let of_property = [OWN, WHO].iter().any(|words| made_of(key, words, REFERRED));
        if reference || of_property || made_of(key, OWN, NUMBERS) {
            return Some(Field::ExternalNumber);
        }
    }
    None
}

/// One of `heads` and one of `tails`, in either order, with a small word between them at most.
fn made_of(key: &str, heads: &[&str], tails: &[&str]) -> bool {
    let between = ["", "de", "del", "della", "dell", "du", "d", "l", "delobjet", "der", "des", "zu", "of"];
    let joined = |first: &[&str], second: &[&str]| {
        first.iter().filter_map(|word| key.strip_prefix(word)).any(|rest| {
            second.iter().filter_map(|word| rest.strip_suffix(word)).any(|middle| between.contains(&middle))
        })
    };
    joined(heads, tails) || joined(tails, heads)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::key;

    #[test]
    fn parts_tell() {
        for (label, expected) in [
            ("Inserate-Nr.", Some(Field::PortalObjectId)),
            ("N° de l'annonce", Some(Field::PortalObjectId)),
            ("Objet n°", Some(Field::ExternalNumber)),
            ("Rif. oggetto", Some(Field::ExternalNumber)),
            ("Ref.-Nr. Anbieter", Some(Field::ExternalNumber)),
            ("Obj.-Nr.", Some(Field::ExternalNumber)),
            ("Kundenreferenz", Some(Field::ExternalNumber)),
            ("Votre référence", Some(Field::ExternalNumber)),
            ("Immobilien-Kennung", Some(Field::ExternalNumber)),
            ("E-Mail der Anfragenden", Some(Field::Email)),
            ("Telefon (tagsüber)", Some(Field::Phone)),
            ("Mobilfunknummer", Some(Field::Mobile)),
            ("Nachricht an Sie", Some(Field::Message)),
            ("Nachricht von Ida", None),
            ("Immobilie", None),
            ("Telefax", Some(Field::PersonFact)),
            ("Wohnfläche", None),
            ("Frage", None),
            ("Nachrichtenverlauf", None),
            ("Mobiliar", None),
            ("Wohnungsnummer", None),
            ("Référence de la demande", None),
        ] {
            assert_eq!(field(&key(label)), expected, "{label}");
        }
    }
}
