//! What people change about an open task: whose it is, when it is due, until when nobody wants to see it.

use jiff::SignedDuration;

use super::letter::{self, Letter};
use super::model::{Task, TaskError, TaskId, TaskState};
use super::store;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::leads::{self, Viewer};
use crate::domain::users::{self, User, UserId};
use crate::settings::Settings;
use crate::templates::Templates;

/// Nothing is put off for longer, days.
const FARTHEST: i64 = 366;

/// What is to change; `None` stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct TaskChange {
    /// Whose it is; `Some(None)`: any administrator's.
    pub owner_id: Option<Option<UserId>>,
    /// When its owner is reminded.
    pub due_at: Option<Timestamp>,
    /// Out of sight until then; `Some(None)`: in sight again.
    pub snoozed_until: Option<Option<Timestamp>>,
}

/// Changes an open task. A new owner is told by mail; what is put off, by a new time or by a snooze, is reminded of anew
/// when that time comes. `expected_version` is what the caller read.
///
/// # Errors
/// [`TaskError::NotFound`], [`TaskError::NotOpen`], [`TaskError::Changed`], [`TaskError::Resolution`] naming a field that
/// cannot be.
pub async fn change(
    conn: &mut TenantConn,
    parts: (&Settings, &Templates),
    user: &User,
    id: TaskId,
    change: TaskChange,
    expected_version: Option<i32>,
) -> Result<Task, TaskError> {
    let viewer = Viewer::from(user);
    let seen = store::find(conn, id, viewer).await?.ok_or(TaskError::NotFound)?;
    // The lead first: everybody locks in this order, and a mail about it is written.
    let lead = match seen.lead_id {
        Some(lead) => Some(leads::lock(conn, lead, Viewer::SYSTEM).await?.ok_or(TaskError::NotFound)?),
        None => None,
    };
    let task = store::lock(conn, id, viewer).await?.ok_or(TaskError::NotFound)?;
    if expected_version.is_some_and(|version| version != task.version) {
        return Err(TaskError::Changed);
    }
    if task.state != TaskState::Open {
        return Err(TaskError::NotOpen);
    }
    let now = conn.now();
    for (field, time) in [("dueAt", change.due_at), ("snoozedUntil", change.snoozed_until.flatten())] {
        check_time(field, time, now)?;
    }
    let owner = change.owner_id.unwrap_or(task.owner_id);
    let new_owner =
        match owner.filter(|owner| Some(*owner) != task.owner_id) {
            Some(owner) => Some(users::active_one(conn, owner).await?.ok_or_else(|| TaskError::Resolution {
                field: "ownerId",
                problem: "there is no such user".to_owned(),
            })?),
            None => None,
        };
    let snoozed = change.snoozed_until.unwrap_or(task.snoozed_until);
    let due = change.due_at.unwrap_or(task.due_at);
    // Nobody is reminded of what they put off before it comes back.
    let due = change.snoozed_until.flatten().map_or(due, |until| due.max(until));
    let is_put_off = due > now && due != task.due_at;
    sqlx::query!(
        "/* tasks.change */
         UPDATE tasks SET owner_id = $3, due_at = $4, snoozed_until = $5, version = version + 1,
                          reminded_at = CASE WHEN $6 THEN NULL ELSE reminded_at END,
                          escalated_at = CASE WHEN $6 THEN NULL ELSE escalated_at END
         WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        owner.map(|id| id.0),
        due as _,
        snoozed as _,
        is_put_off,
    )
    .execute(conn.sql())
    .await?;
    if let Some(owner) = new_owner.filter(|owner| owner.id != user.id) {
        letter::send(conn, parts, Letter::HandedOver { by: user }, &task, lead.as_ref(), vec![owner]).await?;
    }
    // Whoever hands a task over may not see it any more.
    store::find(conn, id, Viewer::SYSTEM).await?.ok_or(TaskError::NotFound)
}

fn check_time(field: &'static str, time: Option<Timestamp>, now: Timestamp) -> Result<(), TaskError> {
    let latest = Timestamp(now.0 + SignedDuration::from_hours(24 * FARTHEST));
    match time {
        Some(time) if time <= now || time > latest => Err(TaskError::Resolution {
            field,
            problem: format!("must be in the future, at most {FARTHEST} days ahead"),
        }),
        _ => Ok(()),
    }
}
