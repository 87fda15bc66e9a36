//! What a rule is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::fields::FieldProblem;
use crate::domain::users::UserId;

/// One rule. It finds nobody where what it asks for is not known of the lead, or where its person is away without a
/// substitute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Rule {
    /// Whoever shows the listing.
    PropertyAgent {},
    /// Leads of one portal.
    Portal {
        /// In the words of the mail parser: `willhaben`, `immoscout24` …
        portal: String,
        /// Who gets them.
        user_id: UserId,
    },
    /// Leads whose listing, or else the mail, has a postal code that starts like this.
    ZipPrefix {
        /// `10` is the first two digits.
        zip_prefix: String,
        /// Who gets them.
        user_id: UserId,
    },
    /// Leads of people who write in one language.
    Language {
        /// `de`, `en`, `fr`, `it` or `es`.
        language: String,
        /// Who gets them.
        user_id: UserId,
    },
    /// In turn.
    RoundRobin {
        /// Between whom.
        members: Vec<Member>,
    },
}

/// Somebody in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// Share of the leads, of the sum of all weights, 1 to 100.
    pub weight: i16,
}

impl Rule {
    /// The word in the database and on the wire.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PropertyAgent {} => "PROPERTY_AGENT",
            Self::Portal { .. } => "PORTAL",
            Self::ZipPrefix { .. } => "ZIP_PREFIX",
            Self::Language { .. } => "LANGUAGE",
            Self::RoundRobin { .. } => "ROUND_ROBIN",
        }
    }
}

/// The rules of an agency, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleList {
    /// The rules; none: the listing's agent gets the lead.
    pub rules: Vec<Rule>,
    /// Grows with each change; 0 before the first.
    pub version: i32,
}

/// Why rules were not changed or tried.
#[derive(Debug, thiserror::Error)]
pub enum RoutingError {
    /// Somebody else changed them since the caller read them.
    #[error("the rules were changed meanwhile")]
    Changed,
    /// Some rules are wrong.
    #[error("{} fields are not valid", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}
