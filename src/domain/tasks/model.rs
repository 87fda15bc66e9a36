//! What a task is.

use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::domain::leads::LeadId;
use crate::domain::users::UserId;

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
    /// When it came up.
    pub created_at: Timestamp,
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
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}
