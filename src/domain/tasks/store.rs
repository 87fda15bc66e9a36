//! SQL of tasks.

use serde_json::json;

use super::model::{REMIND_HOURS, Task, TaskFilter, TaskId, TaskKind, TaskState};
use crate::db::TenantConn;
use crate::domain::leads::{self, Actor, EventKind, LeadId, Viewer};
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::properties::PropertyId;
use crate::domain::users::UserId;

/// What is needed to ask a human.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// The lead it is about.
    pub lead_id: LeadId,
    /// What is to be done.
    pub kind: TaskKind,
    /// In one line.
    pub title: String,
    /// What is needed to decide.
    pub details: serde_json::Value,
    /// Whose it is.
    pub owner_id: Option<UserId>,
}

macro_rules! tasks_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Task,
            r#"SELECT id AS "id: TaskId", lead_id AS "lead_id: LeadId", kind AS "kind: TaskKind", title, details,
                      state AS "state: TaskState", owner_id AS "owner_id: UserId", resolution,
                      resolved_by AS "resolved_by: UserId", resolved_at, property_id AS "property_id: PropertyId", due_at,
                      snoozed_until, reminded_at, escalated_at, version, created_at
               FROM tasks WHERE "# + $rest,
            $($argument),*
        )
    };
}
pub(super) use tasks_where;

/// Asks a human. A second request of the same kind for the same lead joins the open one: its details win, and its
/// questions are added to those already there. The flag says whether the task is new.
///
/// # Errors
/// When the database cannot do it.
pub async fn open(conn: &mut TenantConn, new: &NewTask) -> Result<(TaskId, bool), sqlx::Error> {
    let id = TaskId::new();
    let row = sqlx::query!(
        r#"/* tasks.open */
         INSERT INTO tasks (id, tenant_id, lead_id, kind, title, details, owner_id, created_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8::timestamptz + make_interval(hours => $9))
         ON CONFLICT (lead_id, kind) WHERE state = 'OPEN' DO UPDATE SET
             -- what is known of every question is known of all together, or of none
             details = ((tasks.details || excluded.details) - 'topics')
                       || CASE WHEN tasks.details ? 'topics' AND excluded.details ? 'topics'
                               THEN jsonb_build_object('topics', (tasks.details -> 'topics') || (excluded.details -> 'topics'))
                               ELSE '{}'::jsonb END
                       || CASE WHEN tasks.details ? 'questions' AND excluded.details ? 'questions'
                               THEN jsonb_build_object('questions', (tasks.details -> 'questions') || (excluded.details -> 'questions'))
                               ELSE '{}'::jsonb END
         RETURNING id AS "id: TaskId""#,
        id.0,
        conn.tenant().0,
        new.lead_id.0,
        new.kind as _,
        new.title,
        new.details,
        new.owner_id.map(|id| id.0),
        conn.now() as _,
        REMIND_HOURS,
    )
    .fetch_one(conn.sql())
    .await?;
    let is_new = row.id == id;
    if is_new {
        let data = json!({"taskId": id, "kind": new.kind});
        leads::note(conn, new.lead_id, EventKind::TaskCreated, (Actor::System, None), data).await?;
    }
    Ok((row.id, is_new))
}

/// A page of tasks, newest first: all for administrators; for an agent their own and those of their leads.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(
    conn: &mut TenantConn,
    filter: &TaskFilter,
    viewer: Viewer,
    page: PageRequest,
) -> Result<Page<Task>, sqlx::Error> {
    let (tenant, now) = (conn.tenant(), conn.now());
    let rows = tasks_where!(
        "tenant_id = $1
         AND ($2::text IS NULL OR state = $2)
         AND ($3::uuid IS NULL OR lead_id = $3)
         AND ($4::uuid IS NULL OR owner_id = $4 OR lead_id IN (SELECT l.id FROM leads l WHERE l.tenant_id = $1 AND (l.assignee_id = $4
             OR (l.assignee_id IS NULL AND (SELECT t.unassigned_visible FROM tenants t WHERE t.id = $1)))))
         AND ($5::timestamptz IS NULL OR (created_at, id) < ($5, $6::uuid))
         AND ($8::text IS NULL OR kind = $8)
         AND ($9::uuid IS NULL OR owner_id = $9)
         AND ($10::uuid IS NULL OR property_id = $10)
         AND ($11::bool IS NULL OR (state = 'OPEN' AND due_at <= $13) = $11)
         AND ($12::bool IS NULL OR (state = 'OPEN' AND coalesce(snoozed_until > $13, false)) = $12)
         ORDER BY created_at DESC, id DESC LIMIT $7",
        tenant.0,
        filter.state.map(TaskState::as_str),
        filter.lead_id.map(|id| id.0),
        viewer.0,
        page.at() as _,
        page.id(),
        page.fetch(),
        filter.kind.map(TaskKind::as_str),
        filter.owner_id.map(|id| id.0),
        filter.property_id.map(|id| id.0),
        filter.overdue,
        filter.snoozed,
        now as _,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |task| Cursor { at: task.created_at, id: task.id.0 }))
}

/// One task, as far as `viewer` may see it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(conn: &mut TenantConn, id: TaskId, viewer: Viewer) -> Result<Option<Task>, sqlx::Error> {
    let tenant = conn.tenant();
    tasks_where!(
        "tenant_id = $1 AND id = $2
         AND ($3::uuid IS NULL OR owner_id = $3 OR lead_id IN (SELECT l.id FROM leads l WHERE l.tenant_id = $1 AND (l.assignee_id = $3
             OR (l.assignee_id IS NULL AND (SELECT t.unassigned_visible FROM tenants t WHERE t.id = $1)))))",
        tenant.0,
        id.0,
        viewer.0
    )
    .fetch_optional(conn.sql())
    .await
}

/// One task, and nobody else resolves it until this transaction ends.
///
/// # Errors
/// When the database cannot be asked.
pub async fn lock(conn: &mut TenantConn, id: TaskId, viewer: Viewer) -> Result<Option<Task>, sqlx::Error> {
    sqlx::query!(
        "/* tasks.lock */ SELECT id FROM tasks WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
        conn.tenant().0,
        id.0
    )
    .fetch_optional(conn.sql())
    .await?;
    find(conn, id, viewer).await
}

/// Writes a decision; carrying it out is the caller's.
///
/// # Errors
/// When the database cannot do it.
pub async fn write_resolution(
    conn: &mut TenantConn,
    task: &Task,
    by: UserId,
    resolution: &serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* tasks.write_resolution */
         UPDATE tasks SET state = 'RESOLVED', resolution = $3, resolved_by = $4, resolved_at = $5, version = version + 1
         WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        task.id.0,
        resolution,
        by.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    if let Some(lead) = task.lead_id {
        let data = json!({"taskId": task.id, "kind": task.kind});
        leads::note(conn, lead, EventKind::TaskResolved, (Actor::Agent, Some(by)), data).await?;
    }
    Ok(())
}

/// Ends the open task of a kind about a lead, because what it asked for was done elsewhere: by a person, or (`by` nobody)
/// by events.
///
/// # Errors
/// When the database cannot do it.
pub async fn settle(
    conn: &mut TenantConn,
    lead: LeadId,
    kind: TaskKind,
    by: Option<UserId>,
    resolution: &serde_json::Value,
) -> Result<bool, sqlx::Error> {
    let settled = sqlx::query!(
        "/* tasks.settle */
         UPDATE tasks SET state = CASE WHEN $4::uuid IS NULL THEN 'CANCELLED' ELSE 'RESOLVED' END, resolution = $5,
                          resolved_by = $4, resolved_at = $6, version = version + 1
         WHERE tenant_id = $1 AND lead_id = $2 AND kind = $3 AND state = 'OPEN'",
        conn.tenant().0,
        lead.0,
        kind as _,
        by.map(|id| id.0),
        resolution,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(settled.rows_affected() > 0)
}

/// How many tasks of a lead are open.
///
/// # Errors
/// When the database cannot be asked.
pub async fn open_count(conn: &mut TenantConn, lead: LeadId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* tasks.open_count */ SELECT count(*) AS "count!" FROM tasks WHERE tenant_id = $1 AND lead_id = $2 AND state = 'OPEN'"#,
        conn.tenant().0,
        lead.0
    )
    .fetch_one(conn.sql())
    .await
}

/// Cancels the open tasks of a lead that nobody needs any more.
///
/// # Errors
/// When the database cannot do it.
pub async fn cancel_open(conn: &mut TenantConn, lead: LeadId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* tasks.cancel_open */ UPDATE tasks SET state = 'CANCELLED', resolved_at = $3 WHERE tenant_id = $1 AND lead_id = $2 AND state = 'OPEN'",
        conn.tenant().0,
        lead.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Gives the open tasks of somebody who leaves to a colleague, or to nobody.
///
/// # Errors
/// When the database cannot do it.
pub async fn hand_over(conn: &mut TenantConn, from: UserId, to: Option<UserId>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* tasks.hand_over */ UPDATE tasks SET owner_id = $3 WHERE tenant_id = $1 AND owner_id = $2 AND state = 'OPEN'",
        conn.tenant().0,
        from.0,
        to.map(|id| id.0),
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
