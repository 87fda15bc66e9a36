//! The vocabulary of the crate: what goes in, what comes out, and how it is written as JSON.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::facts::MailFacts;

/// What the caller knows and a mail does not say.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Where the agency sits; the region of phone numbers written without a country code.
    pub country: Country,
    /// Lower-case addresses of the tenant's users and intake addresses. Mails from them are
    /// forwards by the team; none of them is ever a prospect.
    pub team: Vec<String>,
}

impl Context {
    /// Whether `address` belongs to the tenant.
    pub fn is_team(&self, address: &str) -> bool {
        self.team.iter().any(|own| own.eq_ignore_ascii_case(address.trim()))
    }
}

/// A country the product is sold in (ISO 3166-1 alpha-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Country {
    #[serde(rename = "AT")]
    At,
    #[default]
    #[serde(rename = "DE")]
    De,
    #[serde(rename = "CH")]
    Ch,
}

/// What a mail is, and so what intake does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// A new enquiry, by a portal, a contact form or a person.
    Lead,
    /// A person's answer in an existing conversation.
    Reply,
    /// An out-of-office note or another machine's answer (RFC 3834).
    AutoReply,
    /// A delivery report about a mail we sent (RFC 3464 and its non-standard cousins).
    Bounce,
    /// Mail nobody has to act on: newsletters, search alerts, statistics, receipts.
    Noise,
    /// Obvious junk.
    Spam,
    /// None of these for certain; a human decides.
    Unknown,
}

macro_rules! portals {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// A property portal that sends enquiries by mail (PORTALS.md §2).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[allow(missing_docs)]
        pub enum Portal { $(#[serde(rename = $name)] $variant),+ }

        impl Portal {
            /// Every portal, in the order of the specification.
            pub const ALL: &'static [Portal] = &[$(Portal::$variant),+];

            /// The name used in JSON and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Portal::$variant => $name),+ }
            }
        }
    };
}

portals! {
    ImmoScout24 = "immoscout24",
    ImmoScout24Ch = "immoscout24.ch",
    ImmoScout24At = "immoscout24.at",
    Immowelt = "immowelt",
    Immonet = "immonet",
    Kleinanzeigen = "kleinanzeigen",
    Ivd24 = "ivd24",
    Homegate = "homegate",
    ImmobilierCh = "immobilier.ch",
    Idealista = "idealista",
    Willhaben = "willhaben",
    DerStandard = "derstandard",
    FindMyHome = "findmyhome",
    Immmo = "immmo",
    Kalaydo = "kalaydo",
    Immozentral = "immozentral",
    Immopool = "immopool",
    EinsAImmobilienmarkt = "1a-immobilienmarkt",
    Neubaukompass = "neubaukompass",
    Comparis = "comparis",
    Newhome = "newhome",
    Immostreet = "immostreet",
    Flatfox = "flatfox",
}

/// Which reader produced the leads, with its version: `immoscout24.text@1`, `generic@2`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AdapterId(pub String);

impl AdapterId {
    /// The number behind the `@`.
    pub fn version(&self) -> Option<u32> {
        self.0.rsplit_once('@')?.1.parse().ok()
    }
}

/// A language the product speaks (ISO 639-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Language {
    De,
    En,
    Fr,
    It,
    Es,
}

impl Language {
    /// The ISO 639-1 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
            Self::Fr => "fr",
            Self::It => "it",
            Self::Es => "es",
        }
    }
}

/// How a person is addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)]
pub enum Salutation {
    Mr,
    Ms,
    Diverse,
}

/// Whether an address is the prospect's own (PORTALS.md §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AddressKind {
    /// The prospect's own mailbox.
    Direct,
    /// A mask by the portal; never a key for a person.
    Relay,
    /// The mail named no address.
    #[default]
    None,
}

/// Facts the prospect told the portal about themselves: label and value in the portal's order.
/// Sensitive (income, household); kept apart from the message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SelfDisclosure(pub Vec<(String, String)>);

impl Serialize for SelfDisclosure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(label, value)| (label, value)))
    }
}

impl<'de> Deserialize<'de> for SelfDisclosure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> serde::de::Visitor<'de> for Pairs {
            type Value = SelfDisclosure;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map of label to value")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(SelfDisclosure(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// Which listing an enquiry is about, as the portal named it (PORTALS.md §4). Never filled from
/// the prospect's free text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reference {
    /// The agency's own number (`oobj_id`, Ref.-Nr., Objekt).
    pub external_number: Option<String>,
    /// The id visible on the portal (Scout-ID, willhaben-Code, Anzeigennummer).
    pub portal_object_id: Option<String>,
    /// The portal's own key of the listing, which nobody sees (`portal_unique_id`).
    pub portal_unique_id: Option<String>,
    /// The portal's page of the listing.
    pub expose_url: Option<String>,
    /// Street of the property without the house number.
    pub street: Option<String>,
    /// House number with its suffix, `12a`.
    pub house_number: Option<String>,
    /// Postal code.
    pub zip: Option<String>,
    /// Town.
    pub city: Option<String>,
}

impl Reference {
    /// Whether nothing about the listing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One enquiry by one person about one listing, as far as the mail tells.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LeadDraft {
    /// From a salutation word (Herr, Madame …) only, never guessed from a name.
    pub salutation: Option<Salutation>,
    /// First name without titles.
    pub first_name: Option<String>,
    /// Last name with particles (`von Muster`), the company when no person is named, or several
    /// people as they call themselves (`Familie Muster`, `Herr und Frau Muster`).
    pub last_name: Option<String>,
    /// Lower-case address of the prospect; never the portal's or the team's.
    pub email: Option<String>,
    /// Whose address `email` is.
    pub address_kind: AddressKind,
    /// E.164, default region from [`Context::country`].
    pub phone: Option<String>,
    /// Language of the prospect's message; none when unclear.
    pub language: Option<Language>,
    /// What the prospect wrote, without boilerplate and self-disclosure.
    pub message: Option<String>,
    /// The enquiry itself is behind a link of the portal, or contact data is missing.
    pub incomplete: bool,
    /// What the prospect told the portal about themselves.
    pub self_disclosure: Option<SelfDisclosure>,
    /// Which listing.
    pub reference: Reference,
    /// The portal's stable key of the person (`int_id`); useful when the address is an alias.
    #[serde(skip)]
    pub person_key: Option<String>,
}

/// Something that was left out of what the person said, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// `forward`, `history`, `signature`, `self_disclosure` or `portal_text`.
    pub what: &'static str,
    /// In one line, without personal data.
    pub why: &'static str,
}

/// What intake makes of one mail. Serialises to the JSON that `immivo parse` prints.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Understood {
    /// What the mail is.
    pub class: Class,
    /// The portal it came from; none when it came directly.
    pub portal: Option<Portal>,
    /// Which reader produced the leads.
    pub adapter: Option<AdapterId>,
    /// Version of that reader; grows with every change of what it reads.
    pub version: Option<u32>,
    /// The enquiries in the mail; empty unless `class` is [`Class::Lead`].
    pub leads: Vec<LeadDraft>,
    /// Why this class, what was cut away and why. No personal data.
    pub reasons: Vec<String>,
    /// What was cut away.
    pub cut: Vec<Cut>,
    /// The mail itself, decoded.
    #[serde(skip)]
    pub mail: MailFacts,
}
