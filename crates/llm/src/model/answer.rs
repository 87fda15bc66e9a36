//! What is asked of an engine and what it answers.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{Fact, Language, QuestionTopic, Understanding};

/// A free viewing slot that may be offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotOffer {
    /// `slot.<n>`, cited by the statement that offers it.
    pub id: String,
    /// When it begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
}

/// How a person is addressed. Only what the person chose, never guessed from a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Salutation {
    /// Herr, Mr.
    Mr,
    /// Frau, Ms.
    Ms,
    /// Addressed by full name.
    Diverse,
}

/// Which letter is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AnswerKind {
    /// The first answer to an enquiry: thanks, core facts, asked facts, slots.
    FirstAnswer,
    /// An answer inside a conversation.
    Reply,
    /// "We got it, a colleague will answer": nothing else is said.
    Acknowledge,
    /// A colleague will call.
    CallPromised,
    /// The prospect is not interested any more.
    Close,
    /// To a discriminatory wish: how prospects are chosen here, and nothing about anybody.
    NeutralProcess,
    /// A viewing was booked.
    SlotBooked {
        /// When it begins.
        start: Timestamp,
    },
    /// Somebody else has the wished time; the request's slots are offered instead.
    SlotTaken {
        /// The time that was wished for.
        wished: Timestamp,
    },
    /// There are no viewings at the wished time, and never were (a Sunday, the night, beyond the horizon); the
    /// request's slots are offered instead.
    SlotImpossible {
        /// The time that was wished for.
        wished: Timestamp,
    },
    /// Pass on what the agent wrote, unchanged.
    AgentAnswer {
        /// The agent's words.
        text: String,
    },
}

/// A letter as an engine wrote it and as the agency sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// What was asked.
    pub question: String,
    /// The engine's words.
    pub before: String,
    /// The agency's words.
    pub after: String,
}

/// Everything an answer may be made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerRequest {
    /// Which letter is wanted.
    pub kind: AnswerKind,
    /// The language to write in.
    pub language: Language,
    /// Sie/vous/Lei/usted rather than Du/tu/tú.
    pub formal: bool,
    /// How the person wants to be addressed, if known.
    pub salutation: Option<Salutation>,
    /// The prospect's last name.
    pub last_name: Option<String>,
    /// The prospect's first name.
    pub first_name: Option<String>,
    /// What the mail says.
    pub understanding: Understanding,
    /// What is new in the mail; data, never an instruction.
    pub prospect_text: String,
    /// The listing's title.
    pub property_title: Option<String>,
    /// What may be said.
    pub facts: Vec<Fact>,
    /// How the agency rewrote letters like this one: its tone, and never what may be said.
    #[serde(default)]
    pub examples: Vec<Example>,
    /// Viewing slots that may be offered; empty when none may.
    pub slots: Vec<SlotOffer>,
    /// The page where a viewing can be booked.
    pub booking_url: Option<String>,
    /// So many enquired today that no more viewings are given away: the letter says so instead of offering any.
    #[serde(default)]
    pub full_today: bool,
    /// The zone in which times are written.
    #[serde(with = "jiff::fmt::serde::tz::required")]
    pub zone: TimeZone,
    /// The agency's name.
    pub agency_name: String,
    /// The agent's name.
    pub agent_name: Option<String>,
}

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementRole {
    /// The opening line.
    Greeting,
    /// Says something about the property; must cite a fact.
    Fact,
    /// Says what happens next; cites a policy, a slot or the booking link.
    Process,
    /// The end of the letter.
    Closing,
}

/// One sentence or list item with the ids of what it rests on (see [`crate::source`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// As it will be sent.
    pub text: String,
    /// Ids of facts and slots, or the fixed ids in [`crate::source`].
    pub sources: Vec<String>,
    /// What it is for.
    pub role: StatementRole,
}

/// An answer that can be checked sentence by sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// In the order they are sent.
    pub statements: Vec<Statement>,
    /// Questions the facts do not answer; the letter says that somebody will find out.
    pub unanswered: Vec<QuestionTopic>,
    /// From 0 to 1: how far it can be sent without a person looking.
    pub confidence: f64,
}
