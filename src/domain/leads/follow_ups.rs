//! The plan of asking a prospect again who does not answer: one step of a lead waits at a time.
//!
//! Always true: a plan begins when an answer of ours was accepted, and stops with the first thing that makes it wrong
//! (the prospect writes, books or unsubscribes, a human takes over, a mail comes back); every change of state that stops
//! one goes through [`super::record`]. When, is [`tenants::FollowUpPolicy`](crate::domain::tenants::FollowUpPolicy)'s; what is written, and whether it still holds at that
//! time, is `domain/assistant/follow_up.rs`'.

use serde_json::json;
use uuid::Uuid;

use super::events::{Actor, EventKind, note};
use super::model::{Lead, LeadId};
use super::state::{Automation, LeadState, Status};
use crate::clock::Timestamp;
use crate::db::{PlatformConn, TenantConn};
use crate::domain::codes::code;
use crate::domain::tenants::Tenant;
use crate::ids::{TenantId, new_id};

code! {
    /// Why a plan stopped.
    FollowUpStop { /// The prospect wrote.
        Replied = "REPLIED", /// A viewing is confirmed.
        Booked = "BOOKED", /// The lead was closed.
        Lost = "LOST", /// A human works on the lead, or an answer is still owed.
        Human = "HUMAN", /// A newer answer of ours begins another plan.
        NewerAnswer = "NEWER_ANSWER", /// The prospect does not want to be asked again.
        Unsubscribed = "UNSUBSCRIBED", /// A mail came back or could not be sent.
        Bounced = "BOUNCED", /// No address is known any more.
        NoAddress = "NO_ADDRESS", /// The listing is not offered any more.
        ListingGone = "LISTING_GONE", /// The agency asks nobody again.
        SwitchedOff = "SWITCHED_OFF", /// The agency is suspended.
        Suspended = "SUSPENDED", /// The person is being forgotten.
        Erased = "ERASED" }
}

/// One step: a mail, or the closing of the lead.
#[derive(Debug, Clone)]
pub struct FollowUpStep {
    /// Id.
    pub id: Uuid,
    /// Whom.
    pub lead_id: LeadId,
    /// Which mail it is, from 1.
    pub number: i16,
    /// It closes the lead instead of writing.
    pub closes: bool,
    /// When our answer was accepted that is followed up.
    pub base_at: Timestamp,
    /// The prospect's message it was to: a newer one stops the plan.
    pub revision: i32,
    /// When.
    pub due_at: Timestamp,
}

/// Begins a plan: an answer of ours to `revision` was accepted just now. Does nothing where nobody is to be asked again.
/// Call with a locked lead.
///
/// # Errors
/// When the database cannot do it.
pub async fn begin(conn: &mut TenantConn, tenant: &Tenant, lead: &Lead, revision: i32) -> Result<(), sqlx::Error> {
    stop(conn, lead.id, FollowUpStop::NewerAnswer).await?;
    let base = conn.now();
    let Some(due) = tenant.follow_ups.first(base, &tenant.zone()) else { return Ok(()) };
    let answered = matches!(lead.status, Status::Contacted | Status::Conversation);
    if !answered || lead.automation != Automation::Active || lead.email.is_none() || is_unsubscribed(conn, lead).await?
    {
        return Ok(());
    }
    let step =
        FollowUpStep { id: new_id(), lead_id: lead.id, number: 1, closes: false, base_at: base, revision, due_at: due };
    plan(conn, &step).await
}

/// Writes a step down.
///
/// # Errors
/// When the database cannot do it.
pub async fn plan(conn: &mut TenantConn, step: &FollowUpStep) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* leads.plan_follow_up */
         INSERT INTO follow_ups (id, tenant_id, lead_id, number, closes, base_at, revision, due_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        step.id,
        conn.tenant().0,
        step.lead_id.0,
        step.number,
        step.closes,
        step.base_at as _,
        step.revision,
        step.due_at as _,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    let data = json!({"number": step.number, "closes": step.closes, "dueAt": step.due_at});
    note(conn, step.lead_id, EventKind::FollowUpPlanned, (Actor::System, None), data).await
}

/// Stops the plan of a lead, if it has one.
///
/// # Errors
/// When the database cannot do it.
pub async fn stop(conn: &mut TenantConn, lead: LeadId, why: FollowUpStop) -> Result<(), sqlx::Error> {
    let stopped = sqlx::query_scalar!(
        "/* leads.stop_follow_ups */
         UPDATE follow_ups SET state = 'STOPPED', reason = $3, ended_at = $4
         WHERE tenant_id = $1 AND lead_id = $2 AND state = 'WAITING' RETURNING number",
        conn.tenant().0,
        lead.0,
        why as _,
        conn.now() as _,
    )
    .fetch_optional(conn.sql())
    .await?;
    match stopped {
        Some(number) => {
            let data = json!({"number": number, "reason": why});
            note(conn, lead, EventKind::FollowUpStopped, (Actor::System, None), data).await
        }
        None => Ok(()),
    }
}

/// What a state of a lead says about asking again.
pub(super) fn stopped_by(state: LeadState) -> Option<FollowUpStop> {
    match (state.status, state.automation) {
        (Status::Lost, _) => Some(FollowUpStop::Lost),
        (Status::Booked, _) => Some(FollowUpStop::Booked),
        (_, Automation::Active) => None,
        _ => Some(FollowUpStop::Human),
    }
}

/// Which lead a step is about; `None` when there is no such step.
///
/// # Errors
/// When the database cannot be asked.
pub async fn lead_of(conn: &mut TenantConn, step: Uuid) -> Result<Option<LeadId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* leads.lead_of_follow_up */ SELECT lead_id AS "id: LeadId" FROM follow_ups WHERE tenant_id = $1 AND id = $2"#,
        conn.tenant().0,
        step
    )
    .fetch_optional(conn.sql())
    .await
}

/// A step that waits and whose time has come, and nobody else carries it out until this transaction ends. Call with its
/// lead locked.
///
/// # Errors
/// When the database cannot be asked.
pub async fn lock_due(conn: &mut TenantConn, step: Uuid) -> Result<Option<FollowUpStep>, sqlx::Error> {
    sqlx::query_as!(
        FollowUpStep,
        r#"/* leads.lock_follow_up */
         SELECT id, lead_id AS "lead_id: LeadId", number, closes, base_at, revision, due_at
         FROM follow_ups WHERE tenant_id = $1 AND id = $2 AND state = 'WAITING' AND due_at <= $3 FOR UPDATE"#,
        conn.tenant().0,
        step,
        conn.now() as _,
    )
    .fetch_optional(conn.sql())
    .await
}

/// A step was carried out, by this message if it was one.
///
/// # Errors
/// When the database cannot do it.
pub async fn finish(conn: &mut TenantConn, step: Uuid, message: Option<Uuid>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* leads.finish_follow_up */ UPDATE follow_ups SET state = 'DONE', message_id = $3, ended_at = $4 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        step,
        message,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Puts a step off.
///
/// # Errors
/// When the database cannot do it.
pub async fn postpone(conn: &mut TenantConn, step: Uuid, until: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* leads.postpone_follow_up */ UPDATE follow_ups SET due_at = $3 WHERE tenant_id = $1 AND id = $2 AND state = 'WAITING'",
        conn.tenant().0,
        step,
        until as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// The steps of this tenant whose time has come, at most `limit`, the oldest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn due(conn: &mut TenantConn, limit: i64) -> Result<Vec<(Uuid, LeadId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* leads.due_follow_ups */
         SELECT id, lead_id AS "lead_id: LeadId" FROM follow_ups
         WHERE tenant_id = $1 AND state = 'WAITING' AND due_at <= $2 ORDER BY due_at LIMIT $3"#,
        conn.tenant().0,
        conn.now() as _,
        limit,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.lead_id)).collect())
}

/// The tenants with such steps.
///
/// # Errors
/// When the database cannot be asked.
pub async fn tenants_with_due(conn: &mut PlatformConn) -> Result<Vec<TenantId>, sqlx::Error> {
    let now = conn.now();
    sqlx::query_scalar!(
        r#"/* leads.tenants_with_due */
         SELECT DISTINCT tenant_id AS "id: TenantId" FROM follow_ups WHERE state = 'WAITING' AND due_at <= $1"#,
        now as _
    )
    .fetch_all(conn.sql())
    .await
}

/// Whether the person behind a lead does not want to be asked again.
///
/// # Errors
/// When the database cannot be asked.
pub async fn is_unsubscribed(conn: &mut TenantConn, lead: &Lead) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* leads.is_unsubscribed */
         SELECT unsubscribed_at IS NOT NULL AS "is_unsubscribed!" FROM prospects WHERE tenant_id = $1 AND id = $2"#,
        conn.tenant().0,
        lead.prospect_id.0,
    )
    .fetch_one(conn.sql())
    .await
}

/// The person behind a lead does not want to be asked again, by none of their enquiries. Saying it twice changes nothing.
/// Call with a locked lead.
///
/// # Errors
/// When the database cannot do it.
pub async fn unsubscribe(conn: &mut TenantConn, lead: &Lead) -> Result<(), sqlx::Error> {
    let is_new = sqlx::query!(
        "/* leads.unsubscribe */
         UPDATE prospects SET unsubscribed_at = $3 WHERE tenant_id = $1 AND id = $2 AND unsubscribed_at IS NULL",
        conn.tenant().0,
        lead.prospect_id.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?
    .rows_affected()
        > 0;
    if is_new {
        note(conn, lead.id, EventKind::Unsubscribed, (Actor::Prospect, None), json!({})).await?;
    }
    let waiting = sqlx::query_scalar!(
        r#"/* leads.follow_ups_of_prospect */
         SELECT f.lead_id AS "id: LeadId" FROM follow_ups f JOIN leads l ON l.tenant_id = f.tenant_id AND l.id = f.lead_id
         WHERE f.tenant_id = $1 AND l.prospect_id = $2 AND f.state = 'WAITING' ORDER BY f.lead_id"#,
        conn.tenant().0,
        lead.prospect_id.0,
    )
    .fetch_all(conn.sql())
    .await?;
    for lead in waiting {
        stop(conn, lead, FollowUpStop::Unsubscribed).await?;
    }
    Ok(())
}
