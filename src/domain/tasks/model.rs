//! What a task is.

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::domain::leads::LeadId;
use crate::domain::properties::{PropertyError, PropertyId};
use crate::domain::users::UserId;
use crate::templates::TemplateError;

crate::ids::id_type!(
    /// A task.
    TaskId
);

code! {
    /// What is to be done, and so what resolving does.
    TaskKind {
        /// A question whose answer is not in the facts. Resolving sends the agent's answer.
        AnswerQuestion = "ANSWER_QUESTION",
        /// Which listing is meant. Resolving ties the lead to it and lets the system answer.
        AssignProperty = "ASSIGN_PROPERTY",
        /// The prospect wants to be called. Resolving notes the call and gives the lead back to the system.
        CallBack = "CALL_BACK",
        /// Anger, complaint, legal threat. Resolving sends an answer if one is given and gives the lead back.
        Complaint = "COMPLAINT",
        /// The portal held the enquiry back, or no address is known. Resolving notes what was found out.
        IncompleteLead = "INCOMPLETE_LEAD",
        /// A mail could not be sent. Resolving tries again, to a corrected address if one is given.
        DeliveryFailed = "DELIVERY_FAILED",
        /// An answer was written and waits. Resolving sends it, in other words if some are given.
        ApproveDraft = "APPROVE_DRAFT",
        /// A listing that is offered, or asked about, lacks what must be said of its energy (GEG § 87, EAVG § 3). Resolving
        /// stores it and answers who asked; about no lead.
        MissingEnergyData = "MISSING_ENERGY_DATA",
        /// Language engines have cost most of what they may this month. Resolving notes what was done; about no lead.
        AiBudget = "AI_BUDGET",
        /// A portal that used to send enquiries sends none. Resolving notes what was found out; about no lead.
        PortalQuiet = "PORTAL_QUIET",
        /// A portal tells something much less often than before. Resolving notes what was found out; about no lead.
        PortalFieldMissing = "PORTAL_FIELD_MISSING",
        /// A watched mailbox needs somebody. Resolving notes what was done; about no lead, closed by the next good check.
        MailboxTrouble = "MAILBOX_TROUBLE",
    }
}

code! {
    /// Where a task stands.
    TaskState { /// Waiting for a human.
        Open = "OPEN", /// Decided and carried out.
        Resolved = "RESOLVED", /// No longer needed.
        Cancelled = "CANCELLED" }
}

/// Hours until the owner of an open task is reminded.
pub const REMIND_HOURS: i32 = 24;
/// Hours from then until every administrator is told.
pub const ESCALATE_HOURS: i32 = 24;

/// Something a human must decide or do.
#[derive(Debug, Clone)]
pub struct Task {
    /// Id.
    pub id: TaskId,
    /// The lead it is about.
    pub lead_id: Option<LeadId>,
    /// What is to be done.
    pub kind: TaskKind,
    /// In one line.
    pub title: String,
    /// What is needed to decide: the question, the candidates, the error.
    pub details: serde_json::Value,
    /// Where it stands.
    pub state: TaskState,
    /// Whose it is; `None`: any administrator's.
    pub owner_id: Option<UserId>,
    /// What was decided.
    pub resolution: Option<serde_json::Value>,
    /// By whom.
    pub resolved_by: Option<UserId>,
    /// When.
    pub resolved_at: Option<Timestamp>,
    /// The listing whose data is missing.
    pub property_id: Option<PropertyId>,
    /// When its owner is reminded.
    pub due_at: Timestamp,
    /// Out of sight until then.
    pub snoozed_until: Option<Timestamp>,
    /// When its owner was reminded.
    pub reminded_at: Option<Timestamp>,
    /// When every administrator was told.
    pub escalated_at: Option<Timestamp>,
    /// Grows with each change by a person.
    pub version: i32,
    /// When it came up.
    pub created_at: Timestamp,
}

impl Task {
    /// Whether its owner must be reminded at `now`.
    #[must_use]
    pub fn is_to_remind(&self, now: Timestamp) -> bool {
        self.is_due(now) && self.reminded_at.is_none()
    }

    /// Whether every administrator must be told at `now`.
    #[must_use]
    pub fn is_to_escalate(&self, now: Timestamp) -> bool {
        let escalation = Timestamp(self.due_at.0 + SignedDuration::from_hours(ESCALATE_HOURS.into()));
        self.is_due(now) && escalation <= now && self.escalated_at.is_none()
    }

    fn is_due(&self, now: Timestamp) -> bool {
        let is_in_sight = self.snoozed_until.is_none_or(|until| until <= now);
        self.state == TaskState::Open && is_in_sight && self.due_at <= now
    }
}

/// Which tasks are wanted; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// Where it stands.
    pub state: Option<TaskState>,
    /// What is to be done.
    pub kind: Option<TaskKind>,
    /// About which lead.
    pub lead_id: Option<LeadId>,
    /// About which listing's data.
    pub property_id: Option<PropertyId>,
    /// Whose.
    pub owner_id: Option<UserId>,
    /// Whether its time has passed.
    pub overdue: Option<bool>,
    /// Whether it is out of sight now.
    pub snoozed: Option<bool>,
}

/// Why a task was not resolved.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// No such task for this viewer.
    #[error("no such task")]
    NotFound,
    /// It is resolved or cancelled already.
    #[error("the task is not open any more")]
    NotOpen,
    /// Somebody else changed it since the caller read it.
    #[error("the task was changed meanwhile")]
    Changed,
    /// The resolution lacks what this kind needs, or holds what it cannot use. Names the field.
    #[error("`{field}`: {problem}")]
    Resolution {
        /// Field of the resolution.
        field: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The lead does not allow it.
    #[error(transparent)]
    Lead(#[from] crate::domain::leads::LeadError),
    /// The draft it is about cannot be sent.
    #[error("the draft cannot be sent")]
    Draft(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A template of a mail is broken.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The listing it is about cannot be changed.
    #[error(transparent)]
    Property(#[from] PropertyError),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}
