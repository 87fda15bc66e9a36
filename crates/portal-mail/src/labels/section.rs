//! Headings inside a portal mail: whose data follows.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::text::key;

/// Whose data the lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Section {
    #[default]
    Unknown,
    Person,
    Property,
    /// The agent's or the portal's own contact data: never the prospect's.
    Agent,
}

const PERSON: &[&str] = &[
    "folgendepersonistinteressiert",
    "lapersonnesuivanteestinteressee",
    "laseguentepersonaeinteressata",
    "thefollowingpersonisinterested",
    "kontaktdaten",
    "kontaktdatendesinteressenten",
    "kontaktdatenderinteressentin",
    "angabenzuminteressenten",
    "angabendesinteressenten",
    "interessentendaten",
    "personlichedaten",
    "datenzurperson",
    "infosclient",
    "infoclient",
    "coordonnees",
    "vosinformations",
    "contactdetails",
    "dettaglidicontatto",
    "daticliente",
    "datosdecontacto",
    "datenvoninteressent",
    "kontaktinformationen",
    "ihrinteressent",
    "ihreinteressentin",
    "angabenzurperson",
    "informationsclient",
    "coordonneesduclient",
    "datidicontatto",
    "kontaktdatenvoninteressentin",
    "absenderdaten",
    "contactinformation",
    "informationsdecontact",
    "datendesinteressenten",
    "datendesanfragenden",
    "kontaktdatendesanfragenden",
    "personendaten",
    "datosdelinteresado",
];
const PROPERTY: &[&str] = &[
    "objekt",
    "immobilie",
    "property",
    "objet",
    "oggetto",
    "immobile",
    "inmueble",
    "objektvoninteresse",
    "objetdinteret",
    "oggettodinteresse",
    "propertyofinterest",
    "infosbienobjet",
    "infosbien",
    "infosobjet",
    "bienconcerne",
    "objektdaten",
    "angabenzumobjekt",
    "angabenzurimmobilie",
    "immobiliendaten",
    "angefragtesobjekt",
    "angefragteimmobilie",
    "ihrobjekt",
    "ihreimmobilie",
    "ihrinserat",
    "ihreanzeige",
    "anzeigendaten",
    "zumobjekt",
    "zurimmobilie",
    "datenzumobjekt",
    "informationenzumobjekt",
    "objektinformationen",
    "objetconcerne",
    "datosdelinmueble",
    "datidellimmobile",
    "propertydetails",
    "propertydata",
    "esgehtumfolgendesobjekt",
    "esgehtumfolgendeimmobilie",
    "anfragezufolgenderimmobilie",
    "anfragezufolgendemobjekt",
    "inserat",
    "bien",
    "betroffenesobjekt",
    "betroffeneimmobilie",
    "objektdetails",
    "immobiliendetails",
    "votreannonce",
    "annonceconcernee",
];
const AGENT: &[&str] = &[
    "anbieter",
    "anbieterdaten",
    "ihransprechpartner",
    "ihreansprechpartnerin",
    "ansprechpartner",
    "ansprechpartnerin",
    "ihrberater",
    "ihreberaterin",
    "ihrkundenbetreuer",
    "kundenservice",
    "impressum",
    "votreconseiller",
    "makler",
    "kundenbetreuung",
    "ihrekundenbetreuung",
    "ihrkontaktbeiimmoscout24",
    "support",
    "serviceclient",
    "servizioclienti",
];

/// The section a line opens, if it is a heading.
pub(crate) fn heading(line: &str) -> Option<Section> {
    if line.len() > 90 {
        return None;
    }
    let head = line.split_once(':').map_or(line, |(head, rest)| if rest.trim().is_empty() { head } else { line });
    let key = key(head);
    let key = key.as_str();
    // `Kontaktdaten Ihrer Interessent:innen` and whatever it will be called next year.
    let of_prospect = key.starts_with("kontaktdaten") && key.contains("interessent");
    if of_prospect { Some(Section::Person) } else { HEADINGS.get(key).copied() }
}

/// Every known heading, as a key.
static HEADINGS: LazyLock<HashMap<&'static str, Section>> = LazyLock::new(|| {
    let lists = [(Section::Agent, AGENT), (Section::Property, PROPERTY), (Section::Person, PERSON)];
    lists.into_iter().flat_map(|(section, words)| words.iter().map(move |word| (*word, section))).collect()
});

/// Whether the label of a line announces the agent's or the portal's data (`Ansprechpartner: …`).
pub(crate) fn is_agent_label(line: &str) -> bool {
    line.split(':').next().and_then(heading) == Some(Section::Agent)
}
