//! Reminding owners of open tasks, and telling every administrator of those that stay open.
//!
//! Always true: that somebody was told is written in the transaction that queues the mail, with the task locked, so each is
//! told once however many processes look and whenever one dies. Several hours of standstill make reminders late, not lost.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::letter::{self, Letter};
use super::model::{ESCALATE_HOURS, Task, TaskError, TaskId};
use super::store;
use crate::app::App;
use crate::db::{PlatformConn, TenantConn};
use crate::domain::leads::{self, Actor, EventKind, Lead, LeadId, Viewer};
use crate::domain::users::{self, Role};
use crate::ids::TenantId;
use crate::jobs::{self, Job, JobError, PeriodicJob, Placement};

/// Tasks looked at by one job; the next beat finds the rest.
const AT_ONCE: i64 = 500;

/// Job `tasks.clock`: finds agencies with tasks somebody must be told of.
#[derive(Debug, Clone, Copy)]
pub struct Clock;

impl PeriodicJob for Clock {
    const NAME: &'static str = "tasks.clock";
    const EVERY: u32 = 5;

    async fn run(app: &App) -> Result<(), JobError> {
        let mut conn = app.db.platform().await?;
        let tenants = tenants_with_due(&mut conn).await?;
        drop(conn);
        for tenant_id in tenants {
            let mut conn = app.db.tenant(tenant_id).await?;
            let placement = Placement::default().keyed(format!("tasks.remind:{tenant_id}"));
            jobs::enqueue(&mut conn, &Remind { tenant_id }, placement).await?;
            conn.commit().await?;
        }
        Ok(())
    }
}

/// Job `tasks.remind`: tells one agency's people of their open tasks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remind {
    /// Tenant.
    pub tenant_id: TenantId,
}

impl Job for Remind {
    const NAME: &'static str = "tasks.remind";

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let due = due(&mut conn).await?;
        drop(conn);
        for (id, lead) in due {
            let mut conn = app.db.tenant(self.tenant_id).await?;
            tell(&mut conn, app, id, lead).await.map_err(anyhow::Error::from)?;
            conn.commit().await?;
        }
        Ok(())
    }

    /// The worker has written that it was given up; the next beat finds the same tasks.
    async fn give_up(&self, _app: &App, _error: &JobError) -> Result<(), JobError> {
        Ok(())
    }
}

async fn tell(conn: &mut TenantConn, app: &App, id: TaskId, lead: Option<LeadId>) -> Result<(), TaskError> {
    // The lead first: everybody locks in this order, and a mail about it is written.
    let lead = match lead {
        Some(lead) => match leads::lock(conn, lead, Viewer::SYSTEM).await? {
            Some(lead) => Some(lead),
            None => return Ok(()), // erased meanwhile, and its tasks with it
        },
        None => None,
    };
    let Some(task) = store::lock(conn, id, Viewer::SYSTEM).await? else { return Ok(()) };
    // Another process may have told, or somebody resolved or put it off, since the list was read.
    let now = conn.now();
    if task.is_to_remind(now) {
        remind(conn, app, &task, lead.as_ref()).await?;
    }
    if task.is_to_escalate(now) {
        escalate(conn, app, &task, lead.as_ref()).await?;
    }
    Ok(())
}

async fn remind(conn: &mut TenantConn, app: &App, task: &Task, lead: Option<&Lead>) -> Result<(), TaskError> {
    sqlx::query!(
        "/* tasks.mark_reminded */ UPDATE tasks SET reminded_at = $3 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        task.id.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    let owner = match task.owner_id {
        Some(owner) => users::active_one(conn, owner).await?,
        None => None,
    };
    let people = match owner {
        Some(owner) => vec![owner],
        None => users::active(conn, Role::Admin).await?,
    };
    note(conn, task, EventKind::TaskReminded).await?;
    letter::send(conn, (&app.settings, &app.templates), Letter::Reminder, task, lead, people).await
}

async fn escalate(conn: &mut TenantConn, app: &App, task: &Task, lead: Option<&Lead>) -> Result<(), TaskError> {
    sqlx::query!(
        "/* tasks.mark_escalated */ UPDATE tasks SET escalated_at = $3 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        task.id.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    let admins = users::active(conn, Role::Admin).await?;
    note(conn, task, EventKind::TaskEscalated).await?;
    letter::send(conn, (&app.settings, &app.templates), Letter::Escalation, task, lead, admins).await
}

async fn note(conn: &mut TenantConn, task: &Task, kind: EventKind) -> Result<(), sqlx::Error> {
    match task.lead_id {
        Some(lead) => {
            leads::note(conn, lead, kind, (Actor::System, None), json!({"taskId": task.id, "kind": task.kind})).await
        }
        None => Ok(()),
    }
}

/// The tasks of this tenant somebody must be told of, the oldest first.
async fn due(conn: &mut TenantConn) -> Result<Vec<(TaskId, Option<LeadId>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* tasks.due */
         SELECT id AS "id: TaskId", lead_id AS "lead_id: LeadId" FROM tasks
         WHERE tenant_id = $1 AND state = 'OPEN' AND due_at <= $2 AND escalated_at IS NULL
           AND (snoozed_until IS NULL OR snoozed_until <= $2)
           AND (reminded_at IS NULL OR due_at <= $2::timestamptz - make_interval(hours => $3))
         ORDER BY due_at LIMIT $4"#,
        conn.tenant().0,
        conn.now() as _,
        ESCALATE_HOURS,
        AT_ONCE,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.lead_id)).collect())
}

/// The tenants with such tasks. Of suspended ones nobody is told: they could not sign in to do them.
async fn tenants_with_due(conn: &mut PlatformConn) -> Result<Vec<TenantId>, sqlx::Error> {
    let now = conn.now();
    sqlx::query_scalar!(
        r#"/* tasks.tenants_with_due */
         SELECT DISTINCT k.tenant_id AS "id: TenantId" FROM tasks k JOIN tenants t ON t.id = k.tenant_id AND t.suspended_at IS NULL
         WHERE k.state = 'OPEN' AND k.due_at <= $1 AND k.escalated_at IS NULL AND (k.snoozed_until IS NULL OR k.snoozed_until <= $1)
           AND (k.reminded_at IS NULL OR k.due_at <= $1::timestamptz - make_interval(hours => $2))"#,
        now as _,
        ESCALATE_HOURS,
    )
    .fetch_all(conn.sql())
    .await
}
