//! What is counted.

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::properties::PropertyId;
use crate::domain::users::UserId;

/// Most days of one question.
pub const MOST_DAYS: i32 = 366;

/// Days of the agency's zone, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    from: Date,
    to: Date,
}

/// Why these are no days to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DaysError {
    /// The last is before the first.
    #[error("the last day is before the first")]
    Backwards,
    /// There are more than [`MOST_DAYS`].
    #[error("there are more than {MOST_DAYS} days")]
    TooMany,
}

impl Days {
    /// From the first to the last.
    ///
    /// # Errors
    /// [`DaysError`].
    pub fn new(from: Date, to: Date) -> Result<Self, DaysError> {
        let days = from.until(to).map_or(i32::MAX, |span| span.get_days());
        match days {
            ..0 => Err(DaysError::Backwards),
            MOST_DAYS.. => Err(DaysError::TooMany),
            _ => Ok(Self { from, to }),
        }
    }

    /// The first.
    #[must_use]
    pub fn from(self) -> Date {
        self.from
    }

    /// The last.
    #[must_use]
    pub fn to(self) -> Date {
        self.to
    }
}

/// How many of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counted {
    /// A status; a portal, or a source where there was none; or a day.
    pub name: String,
    /// How many.
    pub count: i64,
}

/// Leads that came in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Leads {
    /// All.
    pub total: i64,
    /// By where they stand now.
    pub by_status: Vec<Counted>,
    /// By portal (`willhaben`), or by source (`EMAIL`) where none was between.
    pub by_portal: Vec<Counted>,
    /// By day of the agency's zone; days without a lead are there, too.
    pub by_day: Vec<Counted>,
}

/// How they were answered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Answers {
    /// Leads with an answer that a provider accepted.
    pub answered: i64,
    /// Seconds from the enquiry to the first answer: half took no longer.
    pub median_seconds: Option<f64>,
    /// Nine in ten took no longer.
    pub p90_seconds: Option<f64>,
    /// Of those answered, leads to which no human wrote or approved anything so far.
    pub without_human: i64,
    /// The same as a share, 0 to 1.
    pub without_human_share: Option<f64>,
}

/// Appointments made on these days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Viewings {
    /// All.
    pub booked: i64,
    /// Of these, given back or called off.
    pub cancelled: i64,
}

/// One of the agency's people.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentFigures {
    /// Who; null for leads that nobody has.
    pub user_id: Option<UserId>,
    /// Leads that came in and are theirs now.
    pub leads: i64,
    /// Of these, answered.
    pub answered: i64,
    /// Seconds to the first answer, median.
    pub median_seconds: Option<f64>,
    /// Appointments made in viewings they show.
    pub booked: i64,
}

/// One listing.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PropertyFigures {
    /// Which; null for leads without one.
    pub property_id: Option<PropertyId>,
    /// Leads that came in for it.
    pub leads: i64,
    /// Of these, answered.
    pub answered: i64,
    /// Seconds to the first answer, median.
    pub median_seconds: Option<f64>,
    /// Appointments made for it.
    pub booked: i64,
}

/// Figures of an agency.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// Leads that came in.
    pub leads: Leads,
    /// How they were answered.
    pub answers: Answers,
    /// Appointments made.
    pub viewings: Viewings,
    /// By person, most leads first.
    pub agents: Vec<AgentFigures>,
    /// By listing, most leads first; the first hundred.
    pub properties: Vec<PropertyFigures>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_can_be_asked_for_and_no_more() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        for (from, to, expected) in [
            ("2026-11-23", "2026-11-23", None),
            ("2024-01-01", "2024-12-31", None),
            ("2024-01-01", "2025-01-01", Some(DaysError::TooMany)),
            ("2026-11-23", "2026-11-22", Some(DaysError::Backwards)),
        ] {
            assert_eq!(Days::new(day(from), day(to)).err(), expected, "{from} {to}");
        }
    }
}
