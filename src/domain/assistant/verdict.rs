//! What is done with a mail under an agency's policy: the matrix's decision ([`decide`]), whether it may be said without a
//! human, whether viewings may be offered, and why. A pure function of lead, understanding, policy and the day so far.

use serde::Serialize;

use super::decide::{Decision, Situation, decide};
use crate::domain::tenants::{AutomationMode, Tenant};

/// How much the agency leaves to the system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// What goes out by itself.
    pub mode: AutomationMode,
    /// Automatic mails on one lead in a day of the agency's zone; then answers are drafted.
    pub daily_answers_per_lead: Option<i32>,
    /// Leads for one listing in a day of the agency's zone; then no more viewings are offered.
    pub daily_enquiries_per_property: Option<i32>,
}

impl From<&Tenant> for Policy {
    fn from(tenant: &Tenant) -> Self {
        Self {
            mode: tenant.automation_mode,
            daily_answers_per_lead: tenant.daily_answers_per_lead,
            daily_enquiries_per_property: tenant.daily_enquiries_per_property,
        }
    }
}

/// What the day in the agency's zone has brought so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    /// Automatic mails on this lead.
    pub answers: i64,
    /// Leads for this listing that came before this one.
    pub enquiries_before: i64,
}

/// Who says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// It goes out by itself.
    System,
    /// It waits for approval.
    Draft,
    /// Nothing is written; people are told what came.
    Nobody,
}

/// Why something is done as it is; on the timeline as these words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// People hold the lead, or it is closed.
    HeldByPeople,
    /// Anger, a complaint or a legal threat.
    Complaint,
    /// People are to be chosen by what they are.
    DiscriminatoryWish,
    /// A person or a call is wanted.
    PersonWanted,
    /// The reading, or the answer, is not sure enough.
    BelowThreshold,
    /// The mail tries to command a machine.
    Injection,
    /// The property is not wanted any more.
    NotInterested,
    /// Nobody knows which listing is meant.
    ListingUnknown,
    /// A time was named.
    TimeNamed,
    /// The viewing is called off.
    ViewingCalledOff,
    /// Thanks need no answer.
    OnlyThanks,
    /// Something was asked or wished that the facts and free times answer.
    Asked,
    /// The agency has everything drafted.
    DraftsOnly,
    /// The agency has only first answers sent.
    NotTheFirstAnswer,
    /// The agency has switched the system off.
    SwitchedOff,
    /// This lead got as many automatic mails today as the agency allows.
    DailyAnswers,
    /// This listing got as many enquiries today as the agency allows.
    DailyEnquiries,
}

impl Reason {
    /// For people in the agency.
    #[must_use]
    pub const fn german(self) -> &'static str {
        match self {
            Self::HeldByPeople => "die Anfrage liegt bei einem Menschen",
            Self::Complaint => "Beschwerde",
            Self::DiscriminatoryWish => "diskriminierender Wunsch",
            Self::PersonWanted => "ein Mensch oder ein Anruf wird gewünscht",
            Self::BelowThreshold => "das System ist sich nicht sicher genug",
            Self::Injection => "die Nachricht versucht, dem System Anweisungen zu geben",
            Self::NotInterested => "kein Interesse mehr",
            Self::ListingUnknown => "welches Objekt gemeint ist, ist nicht bekannt",
            Self::TimeNamed => "ein Termin wurde genannt",
            Self::ViewingCalledOff => "der Termin wurde abgesagt",
            Self::OnlyThanks => "nur ein Dank",
            Self::Asked => "eine Frage oder ein Besichtigungswunsch",
            Self::DraftsOnly => "Antworten werden nur als Entwurf geschrieben",
            Self::NotTheFirstAnswer => "nur die erste Antwort wird automatisch versendet",
            Self::SwitchedOff => "die Automatik ist ausgeschaltet",
            Self::DailyAnswers => "für heute sind genug automatische Antworten an diese Person gegangen",
            Self::DailyEnquiries => "für dieses Objekt sind heute sehr viele Anfragen gekommen",
        }
    }
}

/// What is done, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What.
    pub decision: Decision,
    /// Who says it.
    pub voice: Voice,
    /// Whether viewings may be offered and booked.
    pub offers: bool,
    /// Why: the mail's own reason first, then the policy's.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// The reasons that make an answer wait for approval.
    pub fn drafting(&self) -> impl Iterator<Item = Reason> + '_ {
        let drafts = |reason: &Reason| {
            matches!(
                reason,
                Reason::BelowThreshold
                    | Reason::Injection
                    | Reason::DraftsOnly
                    | Reason::NotTheFirstAnswer
                    | Reason::DailyAnswers
            )
        };
        self.reasons.iter().copied().filter(drafts)
    }
}

/// Judges a mail.
#[must_use]
pub fn judge(situation: Situation<'_>, policy: Policy, day: Day) -> Verdict {
    let decision = decide(situation);
    let mut reasons = vec![reason(decision, situation)];
    let beyond = |limit: Option<i32>, count: i64| limit.is_some_and(|limit| count >= i64::from(limit));
    let offers = !beyond(policy.daily_enquiries_per_property, day.enquiries_before);
    if !offers && matches!(decision, Decision::Book | Decision::Answer | Decision::Draft | Decision::PromiseCall) {
        reasons.push(Reason::DailyEnquiries);
    }
    // A time that was named is not booked where none is offered. Who holds a viewing keeps it and may move it.
    let decision = if decision == Decision::Book && !offers { Decision::Answer } else { decision };
    let speaks = !matches!(decision, Decision::Silent | Decision::Escalate);
    let hand_over = match policy.mode {
        AutomationMode::Off => Some((Voice::Nobody, Reason::SwitchedOff)),
        AutomationMode::Drafts => Some((Voice::Draft, Reason::DraftsOnly)),
        AutomationMode::FirstAnswer if !situation.first => Some((Voice::Draft, Reason::NotTheFirstAnswer)),
        _ if beyond(policy.daily_answers_per_lead, day.answers) => Some((Voice::Draft, Reason::DailyAnswers)),
        _ => None,
    };
    let voice = match hand_over.filter(|_| speaks) {
        Some((voice, why)) => {
            reasons.push(why);
            voice
        }
        None if decision == Decision::Draft => Voice::Draft,
        None => Voice::System,
    };
    Verdict { decision, voice, offers, reasons }
}

/// The mail's own reason.
fn reason(decision: Decision, situation: Situation<'_>) -> Reason {
    match decision {
        Decision::Silent if !situation.state.answers_itself() => Reason::HeldByPeople,
        Decision::Silent => Reason::OnlyThanks,
        Decision::Escalate => Reason::Complaint,
        Decision::Neutral => Reason::DiscriminatoryWish,
        Decision::PromiseCall => Reason::PersonWanted,
        Decision::Draft if situation.understanding.injection => Reason::Injection,
        Decision::Draft => Reason::BelowThreshold,
        Decision::Close => Reason::NotInterested,
        Decision::AskWhich => Reason::ListingUnknown,
        Decision::Book | Decision::Move => Reason::TimeNamed,
        Decision::Cancel => Reason::ViewingCalledOff,
        Decision::Answer => Reason::Asked,
    }
}

#[cfg(test)]
mod tests;
