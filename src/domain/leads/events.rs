//! The timeline: what happened to a lead, who or what decided, on which facts.

use super::model::LeadId;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::codes::code;
use crate::domain::users::UserId;
use crate::ids::new_id;

code! {
    /// Who did it.
    Actor { /// The program, by rule.
        System = "SYSTEM", /// A language engine's decision.
        Ai = "AI", /// One of the agency's people.
        Agent = "AGENT", /// The prospect.
        Prospect = "PROSPECT" }
}

code! {
    /// What happened.
    EventKind {
        /// A lead was made.
        LeadCreated = "LEAD_CREATED",
        /// A copy of the same enquiry came and was joined.
        DuplicateJoined = "DUPLICATE_JOINED",
        /// The listing was found or chosen.
        PropertyAssigned = "PROPERTY_ASSIGNED",
        /// Somebody got the lead; by which rule.
        Assigned = "ASSIGNED",
        /// The prospect wrote.
        MessageReceived = "MESSAGE_RECEIVED",
        /// What the engine understood and what was decided.
        Decided = "DECIDED",
        /// An answer is on its way.
        AnswerQueued = "ANSWER_QUEUED",
        /// A provider accepted a mail.
        MessageSent = "MESSAGE_SENT",
        /// A queued answer was withdrawn because the prospect wrote again.
        AnswerCancelled = "ANSWER_CANCELLED",
        /// A mail could not be sent.
        DeliveryFailed = "DELIVERY_FAILED",
        /// The prospect's server gave a mail back.
        Bounced = "BOUNCED",
        /// Status or automation changed.
        StateChanged = "STATE_CHANGED",
        /// A human was asked.
        TaskCreated = "TASK_CREATED",
        /// A human answered and it was carried out.
        TaskResolved = "TASK_RESOLVED",
        /// An answer waits for approval.
        DraftCreated = "DRAFT_CREATED",
        /// It was approved, rejected or overtaken.
        DraftDecided = "DRAFT_DECIDED",
        /// A viewing is confirmed.
        ViewingBooked = "VIEWING_BOOKED",
        /// A viewing was moved.
        ViewingRescheduled = "VIEWING_RESCHEDULED",
        /// A viewing was cancelled.
        ViewingCancelled = "VIEWING_CANCELLED",
        /// Somebody changed the lead's fields.
        Edited = "EDITED",
        /// The owner of an open task was reminded of it.
        TaskReminded = "TASK_REMINDED",
        /// All administrators were told that a task is still open.
        TaskEscalated = "TASK_ESCALATED",
        /// The prospect will be asked again unless they answer.
        FollowUpPlanned = "FOLLOW_UP_PLANNED",
        /// They will not, and why.
        FollowUpStopped = "FOLLOW_UP_STOPPED",
        /// The prospect does not want to be asked again.
        Unsubscribed = "UNSUBSCRIBED",
        /// Somebody wrote a note for colleagues.
        Noted = "NOTED",
    }
}

/// One line of the timeline.
#[derive(Debug, Clone)]
pub struct LeadEvent {
    /// Id.
    pub id: uuid::Uuid,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// By whom.
    pub actor: Actor,
    /// Which of the agency's people.
    pub user_id: Option<UserId>,
    /// Details, without personal data that an erasure would have to look for.
    pub data: serde_json::Value,
}

/// Adds a line.
///
/// # Errors
/// When the database cannot be asked.
pub async fn note(
    conn: &mut TenantConn,
    lead: LeadId,
    kind: EventKind,
    (actor, user): (Actor, Option<UserId>),
    data: serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* leads.note */ INSERT INTO lead_events (id, tenant_id, lead_id, at, kind, actor, user_id, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        new_id(),
        conn.tenant().0,
        lead.0,
        conn.now() as _,
        kind as _,
        actor as _,
        user.map(|id| id.0),
        data,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// The whole timeline, oldest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn timeline(conn: &mut TenantConn, lead: LeadId) -> Result<Vec<LeadEvent>, sqlx::Error> {
    sqlx::query_as!(
        LeadEvent,
        r#"/* leads.timeline */
         SELECT id, at, kind AS "kind: EventKind", actor AS "actor: Actor", user_id AS "user_id: UserId", data
         FROM lead_events WHERE tenant_id = $1 AND lead_id = $2 ORDER BY at, id"#,
        conn.tenant().0,
        lead.0,
    )
    .fetch_all(conn.sql())
    .await
}
