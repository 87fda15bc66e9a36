//! The platform's own log: what its people do that is no one tenant's business. Rows are added and never changed.

use serde::Serialize;
use serde_json::{Value, json};

use super::store::Staff;
use crate::clock::Timestamp;
use crate::db::PlatformConn;
use crate::ids::new_id;

/// One line of the platform's log.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlatformEvent {
    /// When.
    pub at: Timestamp,
    /// Subject of the one who did it; `None`: whoever runs `immivo staff` on the machine.
    pub actor: Option<String>,
    /// `staff-added`, `staff-removed` or `tenants-listed`.
    pub action: String,
    /// Subject of the one it was done to.
    pub subject: Option<String>,
    /// Names the request in the log of the program.
    pub request_id: Option<String>,
    /// What else is to be said of it.
    pub details: Value,
}

/// Notes that somebody became one of the platform's people, or got another name.
pub(super) async fn added(conn: &mut PlatformConn, subject: &str, name: &str) -> Result<(), sqlx::Error> {
    note(conn, None, ("staff-added", Some(subject)), None, json!({"name": name})).await
}

/// Notes that somebody is none of them any more.
pub(super) async fn removed(conn: &mut PlatformConn, subject: &str) -> Result<(), sqlx::Error> {
    note(conn, None, ("staff-removed", Some(subject)), None, json!({})).await
}

/// Notes that one of them was shown this many agencies.
pub(super) async fn listed(
    conn: &mut PlatformConn,
    staff: &Staff,
    request_id: Option<&str>,
    shown: usize,
) -> Result<(), sqlx::Error> {
    note(conn, Some(&staff.subject), ("tenants-listed", None), request_id, json!({"shown": shown})).await
}

async fn note(
    conn: &mut PlatformConn,
    actor: Option<&str>,
    (action, subject): (&str, Option<&str>),
    request_id: Option<&str>,
    details: Value,
) -> Result<(), sqlx::Error> {
    let now = conn.now();
    sqlx::query!(
        "/* staff.note */
         INSERT INTO platform_events (id, at, actor, action, subject, request_id, details) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        new_id(),
        now as _,
        actor,
        action,
        subject,
        request_id,
        details,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// The newest lines, newest first, at most `most`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn trail(conn: &mut PlatformConn, most: i64) -> Result<Vec<PlatformEvent>, sqlx::Error> {
    sqlx::query_as!(
        PlatformEvent,
        r#"/* staff.trail */
         SELECT at AS "at: Timestamp", actor, action, subject, request_id, details
         FROM platform_events ORDER BY at DESC, id DESC LIMIT $1"#,
        most
    )
    .fetch_all(conn.sql())
    .await
}

/// Forgets lines that are more than three years old; how many there were. The database allows no younger ones.
///
/// # Errors
/// When the database cannot do it.
pub async fn forget_old(conn: &mut PlatformConn) -> Result<i64, sqlx::Error> {
    let gone = sqlx::query_scalar!(
        r#"/* staff.forget_old */ SELECT forget_platform_events($1::timestamptz - interval '3 years') AS "gone!""#,
        conn.now() as _
    );
    gone.fetch_one(conn.sql()).await
}
