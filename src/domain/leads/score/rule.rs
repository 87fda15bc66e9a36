//! The rule. To change what counts how much: the table in `points` and the tests below.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::model::LeadSource;
use super::super::state::Status;
use crate::domain::codes::code;

code! {
    /// What is looked at.
    Aspect { /// When they want to move or buy.
        TimeFrame = "TIME_FRAME", /// Whether they can pay.
        Financing = "FINANCING", /// Whether what they have fits the price.
        BudgetFit = "BUDGET_FIT", /// Where the enquiry came from.
        Source = "SOURCE", /// What they have done so far.
        Engagement = "ENGAGEMENT", /// What is known of them.
        Completeness = "COMPLETENESS" }
}

code! {
    /// What was found.
    Finding { /// Nothing is known.
        Unknown = "UNKNOWN", /// Within three months.
        Soon = "SOON", /// Within a year.
        Later = "LATER", /// Later than that.
        Far = "FAR", /// Proven, or said without reserve.
        Confirmed = "CONFIRMED", /// Some of it.
        Partly = "PARTLY", /// Not yet, or something speaks against it.
        Open = "OPEN", /// Well within.
        Fits = "FITS", /// Just about.
        Tight = "TIGHT", /// Too little.
        Beyond = "BEYOND", /// The agency's own page.
        Website = "WEBSITE", /// A mail to the agency.
        Direct = "DIRECT", /// Typed in by the agency.
        Manual = "MANUAL", /// A table the agency brought along.
        Imported = "IMPORTED", /// A portal.
        Portal = "PORTAL", /// Holds or had an appointment.
        Booked = "BOOKED", /// Wrote more than once.
        WroteAgain = "WROTE_AGAIN", /// Wrote something of their own.
        Wrote = "WROTE", /// The portal's standard sentence, or little more.
        Brief = "BRIEF", /// Has not written.
        Silent = "SILENT", /// The lead is lost.
        Lost = "LOST", /// Name, telephone, own address and listing are known.
        Complete = "COMPLETE", /// Some of them are.
        Partial = "PARTIAL", /// None of them is.
        Bare = "BARE" }
}

/// One line of the sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// What was looked at.
    pub aspect: Aspect,
    /// What was found.
    pub finding: Finding,
    /// What it counts.
    pub points: u8,
    /// What it could count.
    pub of: u8,
}

/// What is known of a lead, in the rule's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signals {
    /// Where it came from.
    pub source: LeadSource,
    /// How far it has come.
    pub status: Status,
    /// Days from the enquiry to when they want to move or buy.
    pub days: Option<i32>,
    /// `Confirmed`, `Partly`, `Open` or `Unknown`.
    pub financing: Finding,
    /// `Fits`, `Tight`, `Beyond` or `Unknown`.
    pub budget: Finding,
    /// Messages they wrote.
    pub messages: i64,
    /// Letters of the longest of them.
    pub longest: i32,
    /// They hold or had an appointment.
    pub booked: bool,
    /// Of name, telephone, own address and listing, how many are known.
    pub known: u8,
}

/// Below this a message is hardly more than the portal's standard sentence.
const BRIEF: i32 = 80;

/// The score, and what makes it up.
#[must_use]
pub fn score(signals: Signals) -> (u8, Vec<Reason>) {
    let time = match signals.days {
        None => Finding::Unknown,
        Some(..=92) => Finding::Soon,
        Some(93..=366) => Finding::Later,
        Some(_) => Finding::Far,
    };
    let source = match signals.source {
        LeadSource::Widget => Finding::Website,
        LeadSource::Email => Finding::Direct,
        LeadSource::Manual => Finding::Manual,
        LeadSource::Import => Finding::Imported,
        LeadSource::Portal => Finding::Portal,
    };
    let engagement = match (signals.status, signals.booked, signals.messages) {
        (Status::Lost, _, _) => Finding::Lost,
        (_, true, _) => Finding::Booked,
        (_, _, 2..) => Finding::WroteAgain,
        (_, _, 1) if signals.longest >= BRIEF => Finding::Wrote,
        (_, _, 1) => Finding::Brief,
        _ => Finding::Silent,
    };
    let completeness = match signals.known {
        4.. => Finding::Complete,
        0 => Finding::Bare,
        _ => Finding::Partial,
    };
    let reasons = vec![
        reason(Aspect::TimeFrame, time),
        reason(Aspect::Financing, signals.financing),
        reason(Aspect::BudgetFit, signals.budget),
        reason(Aspect::Source, source),
        reason(Aspect::Engagement, engagement),
        Reason { points: signals.known.min(4) * 5 / 2, ..reason(Aspect::Completeness, completeness) },
    ];
    (reasons.iter().map(|reason| reason.points).sum(), reasons)
}

fn reason(aspect: Aspect, finding: Finding) -> Reason {
    Reason { aspect, finding, points: aspect.points(finding), of: aspect.most() }
}

impl Aspect {
    /// What it can count; 100 together.
    const fn most(self) -> u8 {
        match self {
            Self::TimeFrame => 15,
            Self::Financing | Self::BudgetFit => 20,
            Self::Source | Self::Completeness => 10,
            Self::Engagement => 25,
        }
    }

    /// What a finding counts. What is not known counts less than the half: most enquiries say little, and who says
    /// something good of themselves should stand above them.
    const fn points(self, finding: Finding) -> u8 {
        match (self, finding) {
            (Self::TimeFrame, Finding::Soon) => 15,
            (Self::TimeFrame, Finding::Later) => 9,
            (Self::TimeFrame, Finding::Unknown) => 6,
            (Self::TimeFrame, Finding::Far) => 3,
            (Self::Financing, Finding::Confirmed) | (Self::BudgetFit, Finding::Fits) => 20,
            (Self::Financing, Finding::Partly) => 14,
            (Self::BudgetFit, Finding::Tight) => 12,
            (Self::Financing | Self::BudgetFit, Finding::Unknown) => 8,
            (Self::Financing, Finding::Open) | (Self::BudgetFit, Finding::Beyond) => 3,
            (Self::Source, Finding::Website) => 10,
            (Self::Source, Finding::Direct) => 9,
            (Self::Source, Finding::Manual) => 8,
            (Self::Source, Finding::Portal) => 6,
            (Self::Source, Finding::Imported) => 4,
            (Self::Engagement, Finding::Booked) => 25,
            (Self::Engagement, Finding::WroteAgain) => 18,
            (Self::Engagement, Finding::Wrote) => 12,
            (Self::Engagement, Finding::Brief) => 6,
            (Self::Engagement, Finding::Silent) => 3,
            (Self::Completeness, Finding::Complete) => 10,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Signals = Signals {
        source: LeadSource::Portal,
        status: Status::Contacted,
        days: None,
        financing: Finding::Unknown,
        budget: Finding::Unknown,
        messages: 1,
        longest: 30,
        booked: false,
        known: 2,
    };

    #[test]
    fn every_signal_counts_as_the_table_says() {
        let plain = 6 + 8 + 8 + 6 + 6 + 5;
        for (signals, expected) in [
            (PLAIN, plain),
            (Signals { days: Some(0), ..PLAIN }, plain + 9),
            (Signals { days: Some(92), ..PLAIN }, plain + 9),
            (Signals { days: Some(93), ..PLAIN }, plain + 3),
            (Signals { days: Some(366), ..PLAIN }, plain + 3),
            (Signals { days: Some(367), ..PLAIN }, plain - 3),
            (Signals { financing: Finding::Confirmed, ..PLAIN }, plain + 12),
            (Signals { financing: Finding::Partly, ..PLAIN }, plain + 6),
            (Signals { financing: Finding::Open, ..PLAIN }, plain - 5),
            (Signals { budget: Finding::Fits, ..PLAIN }, plain + 12),
            (Signals { budget: Finding::Tight, ..PLAIN }, plain + 4),
            (Signals { budget: Finding::Beyond, ..PLAIN }, plain - 5),
            (Signals { source: LeadSource::Widget, ..PLAIN }, plain + 4),
            (Signals { source: LeadSource::Email, ..PLAIN }, plain + 3),
            (Signals { source: LeadSource::Manual, ..PLAIN }, plain + 2),
            (Signals { longest: BRIEF, ..PLAIN }, plain + 6),
            (Signals { messages: 0, ..PLAIN }, plain - 3),
            (Signals { messages: 2, ..PLAIN }, plain + 12),
            (Signals { booked: true, ..PLAIN }, plain + 19),
            (Signals { booked: true, status: Status::Lost, ..PLAIN }, plain - 6),
            (Signals { known: 0, ..PLAIN }, plain - 5),
            (Signals { known: 3, ..PLAIN }, plain + 2),
            (Signals { known: 4, ..PLAIN }, plain + 5),
        ] {
            assert_eq!(score(signals).0, expected, "{signals:?}");
        }
    }

    #[test]
    fn the_best_has_100_points_and_every_reason_says_of_how_many() {
        let best = Signals {
            source: LeadSource::Widget,
            days: Some(10),
            financing: Finding::Confirmed,
            budget: Finding::Fits,
            booked: true,
            known: 4,
            ..PLAIN
        };
        let (points, reasons) = score(best);
        assert_eq!(points, 100);
        assert_eq!(reasons.iter().map(|reason| reason.of).sum::<u8>(), 100);
        assert!(reasons.iter().all(|reason| reason.points == reason.of));
        assert_eq!(reasons.len(), 6);
        for (_, reasons) in [score(PLAIN), score(Signals { status: Status::Lost, known: 0, messages: 0, ..PLAIN })] {
            assert!(reasons.iter().all(|reason| reason.points <= reason.of), "{reasons:?}");
        }
    }
}
