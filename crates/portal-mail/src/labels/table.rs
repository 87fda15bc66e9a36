//! The words portals label fields with, in five languages (PORTALS.md §3), as keys of
//! [`crate::text::key`]: lower case, no accents, no punctuation.

use std::collections::HashMap;
use std::sync::LazyLock;

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
            Company, Email, FirstName, LastName, Mobile, Name, PersonFact, Phone, Salutation, Title,
        };
        matches!(
            self,
            Salutation
                | Title
                | FirstName
                | LastName
                | Name
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
        matches!(
            self,
            ExternalNumber | PortalObjectId | ExposeUrl | PropertyAddress | PropertyFact
        )
    }

    /// Street, town and the like: whose depends on the section.
    pub(crate) fn is_place(self) -> bool {
        use Field::{Address, City, HouseNumber, Street, Zip, ZipCity};
        matches!(self, Street | HouseNumber | Zip | City | ZipCity | Address)
    }
}

const WORDS: &[(Field, &str)] = &[
    (
        Field::Salutation,
        "anrede geschlecht salutation civilite titolo appellativo tratamiento gender formofaddress formuledepolitesse",
    ),
    (
        Field::Title,
        "titel akademischertitel title akadtitel titre",
    ),
    (
        Field::FirstName,
        "vorname vornamen rufname prenom prenoms nome firstname givenname nombre",
    ),
    (
        Field::LastName,
        "nachname familienname zuname nom nomdefamille cognome lastname surname familyname apellido apellidos",
    ),
    (
        Field::Name,
        "name vorundnachname vorundzuname vornamename vornamenachname namevorname nachnamevorname interessent \
        interessentin interessentinnen anfragender anfragende anfragesteller anfragestellerin kontakt kontaktperson \
        anfragevon kontaktname kundenname kunde absender absendername vollstandigername ganzername fullname yourname \
        nometprenom nomprenom prenometnom prenomnom nomcomplet nomecognome nomeecognome cognomeenome cognomenome \
        nominativo nombreyapellidos nombrecompleto contact contactname enquirer inquirer sender expediteur \
        nomecompleto mittente remitente namedesinteressenten",
    ),
    (
        Field::Company,
        "firma firmenname unternehmen company companyname entreprise societe azienda empresa organisation raisonsociale ditta",
    ),
    (
        Field::Email,
        "email emailadresse mail mailadresse emailaddress adresseemail adressemail courriel adressedecourriel \
        indirizzoemail postaelettronica correo correoelectronico direcciondecorreo emaildesinteressenten mailto emailadr \
        adresseelectronique indirizzodipostaelettronica adressecourriel emailid kontaktemail",
    ),
    (
        Field::Phone,
        "telefon telefonnummer telefonnr tel telnr telefonprivat telefontagsuber telefongeschaftlich rufnummer \
        phone phonenumber telephone telephonenumber telephonefixe numerodetelephone ndetelephone ntelephone notelephone numeroditelefono \
        telefono telefononumero numerodetelefono telefonodecontacto fon fixnet festnetz festnetznummer ruckrufnummer \
        telefonfestnetz telephoneprive telefax2 contactnumber kontakttelefon nditelefono recapitotelefonico",
    ),
    (
        Field::Mobile,
        "mobil mobiltelefon mobilnummer mobilnr handy handynummer handynr natel mobile mobilephone mobilenumber \
        cellphone portable telephoneportable telephonemobile natelnr cellulare telefonomobile movil telefonomovil telefonmobil \
        mobiltel telmobil numerodeportable",
    ),
    (
        Field::Street,
        "strasse str strassehausnr strassehausnummer strassenr strassenummer strasseundhausnummer rue \
        rueetnumero via viaenumero street calle streetaddress strassehnr strasseundnr ruenumero",
    ),
    (
        Field::HouseNumber,
        "hausnummer hausnr housenumber numerocivico",
    ),
    (
        Field::Zip,
        "plz postleitzahl zip zipcode postcode postalcode codepostal npa cap codigopostal cp",
    ),
    (
        Field::City,
        "ort wohnort stadt city town ville localite citta localita ciudad poblacion gemeinde",
    ),
    (
        Field::ZipCity,
        "plzort plzundort plzstadt plzwohnort postleitzahlort npalocalite npalieu capcitta caplocalita zipcity \
        codepostalville cpville postleitzahlundort postcodecity codepostaletville npaville",
    ),
    (
        Field::Address,
        "adresse anschrift address indirizzo direccion wohnadresse postadresse adressepostale",
    ),
    (
        Field::PropertyAddress,
        "objektadresse objektanschrift adressedesobjekts adressederimmobilie adressedesobjektes immobilienadresse \
        lage standort objektort objektlage propertyaddress location adressedubien adressedelobjet situation \
        emplacement indirizzodelloggetto indirizzodellimmobile ubicacion direcciondelinmueble lagedesobjekts objektstandort",
    ),
    (
        Field::ExternalNumber,
        "objektnr objektnummer objektid objektkennung externeobjektnummer externeobjektnr externeid anbieterobjektid \
        anbieterobjektnr referenz referenznummer referenznr refnr refnummer ref kennung ihreobjektnummer ihreobjektnr \
        ihrereferenz anbieterkennung immobiliennummer immobiliennr interneobjektnummer interneid internenummer reference \
        referencenumber referenceno referenceid referenceagence referencedubien numerodereference nref nreference \
        riferimento numerodiriferimento rif rifannuncio codiceriferimento codicerif referencia referenciadelanuncio \
        votrereference objectnumber propertyreference propertyid propertynumber yourreference refexterne referenceexterne \
        referenzdesobjekts objektreferenz objreferenz objnr objektnrdesanbieters externereferenz externalreference externalid \
        maklerobjektnummer ihreimmobiliennummer agenturreferenz numerodobjet ndobjet codiceimmobile referenceannonce referencedelannonce",
    ),
    (
        Field::PortalObjectId,
        "scoutid onlineid willhabencode code anzeigennummer anzeigenid anzeigennr immobilienid inseratid inseratenummer \
        inseratnummer inseratnr inseratsnummer inseratsid inserateid exposeid exposenummer exposenr portalid listingid listingnumber adid adnumber annonceid \
        numerodannonce numerodelannonce idannonce idannuncio codiceannuncio numeroannuncio codigodelanuncio codigoanuncio \
        iddelanuncio immoscoutid is24id homegateid immoweltid onlinenummer onlineobjektnummer ndannonce idinserzione \
        numeroinserzione immobilienscoutid immonetid derstandardcode webcode portalobjektid willhabenid findmyhomeid objectid",
    ),
    (
        Field::ExposeUrl,
        "link exposelink linkzumexpose linkzurimmobilie linkzuminserat linkzuranzeige linkzumobjekt url expose \
        exposeurl inseratlink anzeigenlink objektlink lienverslannonce lien linkallannuncio enlace listingurl \
        propertylink linktotheproperty direktlink linkdelannuncio",
    ),
    (
        Field::Message,
        "nachricht mitteilung anmerkung anmerkungen anfrage anfragetext text kommentar bemerkung bemerkungen freitext \
        nachrichttext nachrichtdesinteressenten nachrichtvominteressenten ihrenachricht deinenachricht mitteilungstext \
        message yourmessage votremessage tonmessage commentaire commentaires remarque remarques demande texte messaggio \
        iltuomessaggio ilsuomessaggio testo testodelmessaggio commento richiesta mensaje tumensaje sumensaje comentario \
        comentarios comment comments enquiry inquiry enquirytext remarks anliegen zusatzlichenachricht \
        nachrichtandenanbieter personlichenachricht nachrichtihrerinteressentinnen nachrichtihresinteressenten nachrichtihrerinteressenten \
        nachrichtihrerinteressentin anmerkungenfragendesinteressenten anmerkungenfragen fragendesinteressenten textderanfrage wortlaut",
    ),
    (
        Field::PropertyFact,
        "objekt immobilie objekttitel titeldesobjekts titelderanzeige objektbezeichnung bezeichnung objektart immobilienart immobilientyp \
        objekttyp kaufpreis preis miete kaltmiete warmmiete gesamtmiete nettomiete bruttomiete zimmer zimmeranzahl anzahlzimmer wohnflache \
        flache grundstucksflache nutzflache etage inserat anzeige inseratstitel anzeigentitel vermarktungsart property bien objet titredelannonce \
        prix loyer pieces surface oggetto immobile prezzo affitto locali superficie precio habitaciones inmueble anuncio rent price rooms livingspace \
        propertytitle listing annonce annuncio betrifft nutzungsart baujahr verfugbarab bezugsfrei typedebien typ categorie kategorie",
    ),
    (
        Field::PersonFact,
        "fax telefax faxnummer land country pays paese pais geburtsdatum nationalitat staatsangehorigkeit sprache kundennummer \
        kontaktart bevorzugtekontaktart bevorzugterkontakt erreichbarkeit erreichbar ruckruf langue lingua kontaktwunsch gewunschterkontakt \
        wunsch wunsche interessean interesse anrufgewunscht besichtigunggewunscht",
    ),
    (
        Field::Other,
        "datum date data fecha uhrzeit zeit eingegangenam anfragedatum gesendetam betreff subject objetdumail von from an gesendet \
        anfragenummer anfrageid anfragenr ip ipadresse portal quelle source provenance herkunft datumderanfrage anfragevom status kundenid anbieter anbieternummer \
        anbieterid anbieternr maklernummer ansprechpartner ansprechpartnerin ihransprechpartner bearbeiter betreuer makler agent conseiller newsletter datenschutz einwilligung agb \
        leadid requestid vorgangsnummer ticket ticketnummer transaktionsnummer",
    ),
];

static TABLE: LazyLock<HashMap<&'static str, Field>> = LazyLock::new(|| {
    let words = WORDS
        .iter()
        .flat_map(|(field, words)| words.split_whitespace().map(move |word| (word, *field)));
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
        .or_else(|| {
            AFTER
                .iter()
                .find_map(|after| find(whole.strip_suffix(after)?))
        })
        .or_else(|| {
            BEFORE
                .iter()
                .find_map(|before| find(whole.strip_prefix(before)?))
        })
}

/// The field of a segment that is nothing but a label; without a colon only exact labels count.
pub(crate) fn label_only(text: &str) -> Option<Field> {
    let text = text.trim();
    match text.strip_suffix(':').or_else(|| text.strip_suffix('：')) {
        Some(label) => lookup(label),
        None if text.len() <= 40 && !text.contains(['.', '!', '?']) || text.ends_with("Nr.") => {
            exact(text)
        }
        None => None,
    }
}
