//! SQL of the platform's own people.

use super::trail;
use crate::clock::Timestamp;
use crate::db::PlatformConn;

/// One of the platform's own people.
#[derive(Debug, Clone)]
pub struct Staff {
    /// Subject of the token issuer.
    pub subject: String,
    /// Name, as tenants read it.
    pub name: String,
    /// When they were added.
    pub created_at: Timestamp,
}

/// Whether this subject is one of the platform's people.
///
/// # Errors
/// When the database cannot be asked.
pub async fn by_subject(conn: &mut PlatformConn, subject: &str) -> Result<Option<Staff>, sqlx::Error> {
    sqlx::query_as!(
        Staff,
        r#"/* staff.by_subject */ SELECT subject, name, created_at AS "created_at: Timestamp" FROM staff WHERE subject = $1"#,
        subject
    )
    .fetch_optional(conn.sql())
    .await
}

/// All of them, the oldest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(conn: &mut PlatformConn) -> Result<Vec<Staff>, sqlx::Error> {
    sqlx::query_as!(
        Staff,
        r#"/* staff.list */ SELECT subject, name, created_at AS "created_at: Timestamp" FROM staff ORDER BY created_at, subject"#
    )
    .fetch_all(conn.sql())
    .await
}

/// Adds one, or gives a new name to the one there is. The platform's log has it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn add(conn: &mut PlatformConn, subject: &str, name: &str) -> Result<(), sqlx::Error> {
    let now = conn.now();
    sqlx::query!(
        "/* staff.add */ INSERT INTO staff (subject, name, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (subject) DO UPDATE SET name = excluded.name",
        subject,
        name,
        now as _,
    )
    .execute(conn.sql())
    .await?;
    trail::added(conn, subject, name).await
}

/// Removes one; `false` if there was none. Sessions they have open end with that. The platform's log
/// has it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn remove(conn: &mut PlatformConn, subject: &str) -> Result<bool, sqlx::Error> {
    let removed =
        sqlx::query!("/* staff.remove */ DELETE FROM staff WHERE subject = $1", subject).execute(conn.sql()).await?;
    let was_there = removed.rows_affected() > 0;
    if was_there {
        trail::removed(conn, subject).await?;
    }
    Ok(was_there)
}
