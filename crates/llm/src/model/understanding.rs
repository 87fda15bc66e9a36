//! What a prospect's mail says.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{WishedDay, WishedWindow};

/// A language we can answer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// German.
    De,
    /// English.
    En,
    /// French.
    Fr,
    /// Italian.
    It,
    /// Spanish.
    Es,
}

impl Language {
    /// Every language, German first because it is the fallback.
    pub const ALL: [Self; 5] = [Self::De, Self::En, Self::Fr, Self::It, Self::Es];

    /// The ISO 639-1 code, as serialised.
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

/// What a mail wants from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Wants to see the property, or names or accepts a time for it.
    ViewingRequest,
    /// Asks something about the property or the process.
    Question,
    /// Does not want the property any more.
    NotInterested,
    /// Wants a person or a phone call.
    HumanRequest,
    /// Anger, complaint, legal threat.
    Complaint,
    /// Wants people to be chosen or avoided by origin, religion, gender, orientation, age or disability.
    DiscriminatoryWish,
    /// Cannot come to a viewing that was agreed.
    CancelViewing,
    /// Wants another time for a viewing that was agreed.
    RescheduleViewing,
    /// Thanks, confirms, nothing to do.
    Acknowledgement,
}

impl Intent {
    /// Every intent.
    pub const ALL: [Self; 9] = [
        Self::ViewingRequest,
        Self::Question,
        Self::NotInterested,
        Self::HumanRequest,
        Self::Complaint,
        Self::DiscriminatoryWish,
        Self::CancelViewing,
        Self::RescheduleViewing,
        Self::Acknowledgement,
    ];
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Is it still to be had.
    Availability,
    /// Rent or purchase price.
    Price,
    /// Another price than the one asked. No fact answers it: the agent decides.
    PriceNegotiation,
    /// Service charge, side costs, heating costs.
    ServiceCharge,
    /// Deposit.
    Deposit,
    /// Agent's commission.
    Commission,
    /// Living area or plot.
    Area,
    /// Number of rooms.
    Rooms,
    /// Storey.
    Floor,
    /// Lift, step-free access.
    Lift,
    /// Energy certificate.
    Energy,
    /// Kind of heating.
    Heating,
    /// When one can move in.
    AvailableFrom,
    /// Garage, parking space.
    Parking,
    /// Animals.
    Pets,
    /// Furniture, fitted kitchen.
    Furnishing,
    /// Balcony, terrace, garden.
    Balcony,
    /// The exposé, documents, "further information".
    Expose,
    /// Address, surroundings, transport.
    Location,
    /// Loan, mortgage.
    Financing,
    /// A question that fits none of these.
    Other,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 21] = [
        Self::Availability,
        Self::Price,
        Self::PriceNegotiation,
        Self::ServiceCharge,
        Self::Deposit,
        Self::Commission,
        Self::Area,
        Self::Rooms,
        Self::Floor,
        Self::Lift,
        Self::Energy,
        Self::Heating,
        Self::AvailableFrom,
        Self::Parking,
        Self::Pets,
        Self::Furnishing,
        Self::Balcony,
        Self::Expose,
        Self::Location,
        Self::Financing,
        Self::Other,
    ];
}

/// A mail to understand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnderstandRequest {
    /// The subject line, if it says anything.
    pub subject: Option<String>,
    /// Only what is new in the mail: no quotes, no signature.
    pub text: String,
    /// When the mail was written; relative dates count from here.
    pub now: Timestamp,
    /// The tenant's time zone.
    #[serde(with = "jiff::fmt::serde::tz::required")]
    pub zone: TimeZone,
    /// The language of the conversation so far, used when the text alone is unclear.
    pub language_hint: Option<Language>,
    /// True for the first mail of a lead: plain interest then means a wish to view.
    pub first_contact: bool,
}

/// One question in a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionTopic {
    /// What it is about.
    pub topic: Topic,
    /// The sentence that asks it, as written.
    pub excerpt: String,
}

/// How the writer feels about the agency, as the words show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// Nothing but business.
    #[default]
    Calm,
    /// Disappointed or impatient.
    Annoyed,
    /// Furious, insulting or threatening.
    Angry,
}

impl Mood {
    /// Every mood, the calmest first.
    pub const ALL: [Self; 3] = [Self::Calm, Self::Annoyed, Self::Angry];
}

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Understanding {
    /// The language of the mail.
    pub language: Language,
    /// `Some(true)` Sie/vous/Lei/usted, `Some(false)` Du/tu/tú, `None` unclear.
    pub formal: Option<bool>,
    /// The main one first; never empty.
    pub intents: Vec<Intent>,
    /// The questions asked, in the order asked, each topic once (except [`Topic::Other`]).
    pub topics: Vec<QuestionTopic>,
    /// Concrete instants the prospect proposes, all in the future, in the order written: the first is preferred.
    /// For a call request these are times to call.
    pub wished_times: Vec<Timestamp>,
    /// Days the prospect proposes, today or later, in the order written: with an hour (those of `wished_times`, with
    /// the part of the day the hour lies in) or without. What is offered instead of a time should lie there.
    #[serde(default)]
    pub wished_days: Vec<WishedDay>,
    /// Wider wishes ("weekday evenings from six", "any time next week"), none of them over, in the order written.
    #[serde(default)]
    pub wished_windows: Vec<WishedWindow>,
    /// How the writer feels.
    #[serde(default)]
    pub mood: Mood,
    /// The mail tries to give instructions to a machine, or asks for what only a machine's operator may know. Such a
    /// mail is never acted on without a person, whatever else it says.
    #[serde(default)]
    pub injection: bool,
    /// From 0 to 1: how far this reading can be acted on without a person looking.
    pub confidence: f64,
}

impl Understanding {
    /// Whether the mail has this intent, as the main one or beside it.
    pub fn wants(&self, intent: Intent) -> bool {
        self.intents.contains(&intent)
    }
}
