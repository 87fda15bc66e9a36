//! Tasks that are about no lead: something of the whole agency's needs a look. They are any administrator's.

use super::model::{REMIND_HOURS, Task, TaskId, TaskKind, TaskState};
use super::store::tasks_where;
use crate::db::TenantConn;
use crate::domain::leads::LeadId;
use crate::domain::properties::PropertyId;
use crate::domain::users::UserId;

/// What is needed to raise one.
#[derive(Debug, Clone)]
pub struct NewAlarm {
    /// What is to be done; one of the kinds that are about no lead.
    pub kind: TaskKind,
    /// What it is about: one open task of a kind for each.
    pub subject: String,
    /// In one line.
    pub title: String,
    /// What is needed to decide.
    pub details: serde_json::Value,
}

/// Raises an alarm; one that is open already stays as it is.
///
/// # Errors
/// When the database cannot do it.
pub async fn alarm(conn: &mut TenantConn, new: &NewAlarm) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* tasks.alarm */
         INSERT INTO tasks (id, tenant_id, kind, subject, title, details, created_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7::timestamptz + make_interval(hours => $8))
         ON CONFLICT (tenant_id, kind, subject) WHERE state = 'OPEN' AND subject IS NOT NULL DO NOTHING",
        TaskId::new().0,
        conn.tenant().0,
        new.kind as _,
        new.subject,
        new.title,
        new.details,
        conn.now() as _,
        REMIND_HOURS,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Raises an alarm that is raised once and never again, whatever became of it. Whether it was raised now.
///
/// # Errors
/// When the database cannot do it.
pub async fn alarm_once(conn: &mut TenantConn, new: &NewAlarm) -> Result<bool, sqlx::Error> {
    let raised = sqlx::query!(
        "/* tasks.alarm_once */
         INSERT INTO tasks (id, tenant_id, kind, subject, title, details, created_at, due_at)
         SELECT $1, $2, $3, $4, $5, $6, $7::timestamptz, $7::timestamptz + make_interval(hours => $8)
         WHERE NOT EXISTS (SELECT FROM tasks WHERE tenant_id = $2 AND kind = $3 AND subject = $4)
         ON CONFLICT (tenant_id, kind, subject) WHERE state = 'OPEN' AND subject IS NOT NULL DO NOTHING",
        TaskId::new().0,
        conn.tenant().0,
        new.kind as _,
        new.subject,
        new.title,
        new.details,
        conn.now() as _,
        REMIND_HOURS,
    )
    .execute(conn.sql())
    .await?;
    Ok(raised.rows_affected() > 0)
}

/// Closes what nobody needs to look at any more.
///
/// # Errors
/// When the database cannot do it.
pub async fn settle_about(conn: &mut TenantConn, kind: TaskKind, subject: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* tasks.settle_about */
         UPDATE tasks SET state = 'CANCELLED', resolved_at = $4 WHERE tenant_id = $1 AND kind = $2 AND subject = $3 AND state = 'OPEN'",
        conn.tenant().0,
        kind as _,
        subject,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// The last task of a kind about something, open or not.
///
/// # Errors
/// When the database cannot be asked.
pub async fn last_about(conn: &mut TenantConn, kind: TaskKind, subject: &str) -> Result<Option<Task>, sqlx::Error> {
    let tenant = conn.tenant();
    tasks_where!(
        "tenant_id = $1 AND kind = $2 AND subject = $3 ORDER BY created_at DESC, id DESC LIMIT 1",
        tenant.0,
        kind.as_str(),
        subject
    )
    .fetch_optional(conn.sql())
    .await
}
