//! What a column may be, and by which headings it is known.
//!
//! Headings are compared without case, marks, units and what stands in brackets ([`super::propose`]). The words are those of
//! the usual agency programs and spreadsheets, German first.

use super::model::ImportKind;
use super::values::Form;

/// What a column may be.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name, as on the lead or listing.
    pub name: &'static str,
    /// For people: German and English.
    pub label: (&'static str, &'static str),
    /// How values are written.
    pub(super) form: Form,
    /// Headings it is known by, in the form of [`super::propose::normal`].
    pub(super) words: &'static [&'static str],
}

const fn field(
    name: &'static str,
    label: (&'static str, &'static str),
    form: Form,
    words: &'static [&'static str],
) -> Field {
    Field { name, label, form, words }
}

/// The fields of a kind, most telling first.
#[must_use]
pub fn fields(kind: ImportKind) -> &'static [Field] {
    match kind {
        ImportKind::Leads => &LEAD,
        ImportKind::Properties => &PROPERTY,
    }
}

#[rustfmt::skip]
const LEAD: [Field; 10] = [
    field("email", ("E-Mail", "E-mail"), Form::Text, &["e mail", "email", "mail", "e mail adresse", "email adresse", "emailadresse", "mailadresse", "email address", "courriel", "adresse e mail", "posta elettronica", "correo"]),
    field("phone", ("Telefon", "Phone"), Form::Text, &["telefon", "tel", "telefonnummer", "handy", "mobil", "mobiltelefon", "mobilnummer", "handynummer", "rufnummer", "phone", "phone number", "mobile", "telephone", "natel", "telefono", "cellulare"]),
    field("firstName", ("Vorname", "First name"), Form::Text, &["vorname", "first name", "firstname", "given name", "prenom", "nome", "nombre"]),
    field("lastName", ("Nachname", "Last name"), Form::Text, &["nachname", "familienname", "zuname", "last name", "lastname", "surname", "family name", "nom", "cognome", "apellido", "apellidos"]),
    field("name", ("Vor- und Nachname", "Full name"), Form::Text, &["name", "kontakt", "kontaktname", "interessent", "kunde", "vollstandiger name", "full name", "contact", "vor und nachname", "ansprechpartner"]),
    field("salutation", ("Anrede", "Salutation"), Form::Text, &["anrede", "salutation", "title", "geschlecht", "civilite", "titolo"]),
    field("language", ("Sprache", "Language"), Form::Text, &["sprache", "language", "langue", "lingua", "idioma", "korrespondenzsprache"]),
    field("property", ("Objekt (eigene Nummer oder Portal-ID)", "Property (own number or portal id)"), Form::Text, &["objekt", "objektnummer", "objektnr", "objekt nr", "objekt id", "immobilie", "immobiliennummer", "property", "property number", "property id", "externe nummer", "scout id", "willhaben code", "anzeigennummer", "referenz", "reference"]),
    field("assignee", ("Betreuer (E-Mail)", "Assignee (e-mail)"), Form::Text, &["betreuer", "makler", "bearbeiter", "zustandig", "zustandiger", "agent", "assignee", "owner", "mitarbeiter"]),
    field("message", ("Nachricht", "Message"), Form::Text, &["nachricht", "anfrage", "anfragetext", "text", "bemerkung", "bemerkungen", "notiz", "notizen", "kommentar", "message", "comment", "notes", "note"]),
];

#[rustfmt::skip]
const PROPERTY: [Field; 44] = [
    field("title", ("Titel", "Title"), Form::Text, &["titel", "objekttitel", "uberschrift", "bezeichnung", "objektbezeichnung", "title", "name", "headline", "titre", "titolo"]),
    field("description", ("Beschreibung", "Description"), Form::Text, &["beschreibung", "objektbeschreibung", "beschreibungstext", "text", "description", "descrizione"]),
    field("type", ("Objektart", "Type"), Form::Kind, &["objektart", "art", "immobilientyp", "objekttyp", "typ", "kategorie", "type", "property type", "nutzungsart"]),
    field("marketing", ("Vermarktung", "Marketing"), Form::Marketing, &["vermarktung", "vermarktungsart", "angebotsart", "marketing", "kauf miete", "miete kauf", "offer type"]),
    field("status", ("Status", "Status"), Form::Status, &["status", "objektstatus", "zustand der vermarktung", "state"]),
    field("externalNumber", ("Eigene Objektnummer", "Own number"), Form::Text, &["objektnummer", "objektnr", "objekt nr", "nummer", "nr", "externe nummer", "objektnr extern", "external number", "number", "referenz", "reference", "ref", "interne nummer"]),
    field("portalIds.immoscout24", ("Scout-ID", "Scout ID"), Form::Text, &["scout id", "scoutid", "immoscout id", "immoscout24", "immobilienscout24", "is24 id"]),
    field("portalIds.willhaben", ("willhaben-Code", "willhaben code"), Form::Text, &["willhaben code", "willhaben id", "willhaben", "willhabencode"]),
    field("portalIds.immowelt", ("immowelt-ID", "immowelt ID"), Form::Text, &["immowelt id", "immowelt", "online id"]),
    field("portalIds.kleinanzeigen", ("Kleinanzeigen-Nummer", "Kleinanzeigen number"), Form::Text, &["kleinanzeigen", "anzeigennummer", "anzeigen id", "kleinanzeigen id"]),
    field("portalIds.homegate", ("homegate-ID", "homegate ID"), Form::Text, &["homegate", "homegate id"]),
    field("street", ("Straße", "Street"), Form::Text, &["strasse", "street", "adresse", "anschrift", "address", "rue", "via"]),
    field("houseNumber", ("Hausnummer", "House number"), Form::Text, &["hausnummer", "hausnr", "haus nr", "hnr", "house number", "numero civico"]),
    field("zip", ("PLZ", "Zip"), Form::Text, &["plz", "postleitzahl", "zip", "zip code", "postcode", "postal code", "npa", "cap", "code postal"]),
    field("city", ("Ort", "City"), Form::Text, &["ort", "stadt", "wohnort", "city", "town", "ville", "citta", "ciudad", "gemeinde"]),
    field("country", ("Land", "Country"), Form::Country, &["land", "country", "pays", "paese", "staat"]),
    field("addressReleased", ("Adresse freigegeben", "Address released"), Form::Truth, &["adresse freigegeben", "adressfreigabe", "objektadresse freigeben", "address released"]),
    field("currency", ("Währung", "Currency"), Form::Text, &["wahrung", "currency", "devise", "valuta"]),
    field("purchasePriceCents", ("Kaufpreis", "Purchase price"), Form::Money, &["kaufpreis", "preis", "purchase price", "price", "prix", "prezzo", "verkaufspreis", "angebotspreis"]),
    field("coldRentCents", ("Kaltmiete", "Cold rent"), Form::Money, &["kaltmiete", "nettokaltmiete", "nettomiete", "hauptmietzins", "miete", "cold rent", "net rent", "rent", "loyer"]),
    field("warmRentCents", ("Warmmiete", "Warm rent"), Form::Money, &["warmmiete", "gesamtmiete", "bruttomiete", "warm rent", "gross rent", "total rent"]),
    field("serviceChargeCents", ("Nebenkosten", "Service charge"), Form::Money, &["nebenkosten", "betriebskosten", "hausgeld", "bk", "service charge", "utilities", "charges"]),
    field("heatingCostCents", ("Heizkosten", "Heating costs"), Form::Money, &["heizkosten", "heating costs", "heating cost"]),
    field("depositCents", ("Kaution", "Deposit"), Form::Money, &["kaution", "deposit", "caution", "cauzione"]),
    field("commissionText", ("Provision", "Commission"), Form::Text, &["provision", "courtage", "maklerprovision", "aussenprovision", "commission", "kauferprovision"]),
    field("livingArea", ("Wohnfläche", "Living area"), Form::Number, &["wohnflache", "wfl", "flache", "living area", "area", "surface", "superficie"]),
    field("usableArea", ("Nutzfläche", "Usable area"), Form::Number, &["nutzflache", "nfl", "usable area"]),
    field("plotArea", ("Grundstück", "Plot"), Form::Number, &["grundstucksflache", "grundstuck", "grundflache", "plot area", "plot", "land area"]),
    field("rooms", ("Zimmer", "Rooms"), Form::Number, &["zimmer", "anzahl zimmer", "zimmeranzahl", "zi", "raume", "rooms", "pieces", "locali"]),
    field("bedrooms", ("Schlafzimmer", "Bedrooms"), Form::Number, &["schlafzimmer", "anzahl schlafzimmer", "bedrooms"]),
    field("bathrooms", ("Badezimmer", "Bathrooms"), Form::Number, &["badezimmer", "bader", "anzahl badezimmer", "bad", "bathrooms"]),
    field("floor", ("Etage", "Floor"), Form::Floor, &["etage", "stock", "stockwerk", "geschoss", "floor", "etage nr"]),
    field("floors", ("Etagen des Hauses", "Floors of the house"), Form::Whole, &["etagen", "etagenzahl", "anzahl etagen", "geschosse", "floors"]),
    field("yearBuilt", ("Baujahr", "Year built"), Form::Whole, &["baujahr", "bj", "year built", "year of construction"]),
    field("condition", ("Zustand", "Condition"), Form::Text, &["zustand", "condition", "objektzustand"]),
    field("heating", ("Heizung", "Heating"), Form::Text, &["heizung", "heizungsart", "heating", "chauffage"]),
    field("energyValue", ("Energiekennwert (kWh/m²a, HWB)", "Energy value"), Form::Number, &["energiekennwert", "energieverbrauch", "energiebedarf", "endenergiebedarf", "endenergieverbrauch", "hwb", "energy value"]),
    field("energyClass", ("Energieklasse", "Energy class"), Form::Text, &["energieklasse", "energieeffizienzklasse", "hwb klasse", "energy class"]),
    field("energyCarrier", ("Energieträger", "Energy carrier"), Form::Text, &["energietrager", "primarenergietrager", "befeuerung", "energy carrier"]),
    field("lift", ("Aufzug", "Lift"), Form::Truth, &["aufzug", "lift", "fahrstuhl", "personenaufzug", "elevator", "ascenseur"]),
    field("balcony", ("Balkon", "Balcony"), Form::Truth, &["balkon", "balcony", "balkon terrasse", "loggia"]),
    field("petsAllowed", ("Haustiere erlaubt", "Pets allowed"), Form::Truth, &["haustiere", "haustiere erlaubt", "tiere erlaubt", "pets", "pets allowed"]),
    field("parking", ("Stellplatz", "Parking"), Form::Text, &["stellplatz", "stellplatze", "garage", "parken", "parking", "parkplatz"]),
    field("availableFrom", ("Frei ab", "Available from"), Form::Day, &["frei ab", "verfugbar ab", "bezugsfrei ab", "bezug", "bezugsfrei", "beziehbar ab", "available from", "disponible"]),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::propose::normal;
    use super::*;

    #[test]
    fn headings_are_in_their_normal_form_and_each_names_one_field() {
        for kind in [ImportKind::Leads, ImportKind::Properties] {
            let mut seen = HashSet::new();
            for field in fields(kind) {
                for word in field.words {
                    assert_eq!(&normal(word), word, "{}", field.name);
                    assert!(seen.insert(word), "{word} names {} and another", field.name);
                }
            }
        }
    }
}
