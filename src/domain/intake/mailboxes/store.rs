//! SQL of the cursors.

use super::{Beginning, MailboxCursor, MailboxPlace};
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::intake::process::storable;

/// How far this mailbox was read; `None` when it was never seen.
///
/// # Errors
/// When the database cannot be asked.
pub async fn cursor(conn: &mut TenantConn, mailbox: &str) -> Result<Option<MailboxCursor>, sqlx::Error> {
    let row = sqlx::query!(
        r#"/* intake.cursor */
         SELECT epoch, uid_validity AS "uid_validity!", last_uid AS "last_uid!", since AS "since!", last_ok_at AS "last_ok_at!",
                failed_uid, failures
         FROM imap_cursors WHERE tenant_id = $1 AND mailbox = $2 AND epoch > 0"#,
        conn.tenant().0,
        mailbox,
    )
    .fetch_optional(conn.sql())
    .await?;
    Ok(row.map(|row| MailboxCursor {
        epoch: row.epoch,
        uid_validity: uid(row.uid_validity),
        last_uid: uid(row.last_uid),
        since: row.since,
        last_ok_at: row.last_ok_at,
        failed: row.failed_uid.map(|failed| (uid(failed), row.failures)),
    }))
}

/// UIDs have 32 bits (RFC 3501 §2.3.1.1), the database's numbers have a sign.
fn uid(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(u32::MAX)
}

/// Begins anew. `None` when somebody else did, or moved the cursor, since `known` was read.
///
/// # Errors
/// When the database cannot do it.
pub async fn begin(
    conn: &mut TenantConn,
    mailbox: &str,
    known: Option<&MailboxCursor>,
    beginning: Beginning,
) -> Result<Option<MailboxCursor>, sqlx::Error> {
    let (epoch, last_uid) = known.map_or((0, None), |known| (known.epoch, Some(i64::from(known.last_uid))));
    let begun = sqlx::query!(
        r#"/* intake.begin */
         INSERT INTO imap_cursors (tenant_id, mailbox, epoch, uid_validity, last_uid, since, last_ok_at, last_checked_at)
         VALUES ($1, $2, 1, $5, $6, $7, $8, $8)
         ON CONFLICT (tenant_id, mailbox) DO UPDATE
         SET epoch = imap_cursors.epoch + 1, uid_validity = $5, last_uid = $6, since = $7,
             last_ok_at = coalesce(imap_cursors.last_ok_at, $8), failed_uid = NULL, failures = 0
         WHERE imap_cursors.epoch = $3 AND imap_cursors.last_uid IS NOT DISTINCT FROM $4
         RETURNING epoch, last_ok_at AS "last_ok_at!""#,
        conn.tenant().0,
        mailbox,
        epoch,
        last_uid,
        i64::from(beginning.uid_validity),
        i64::from(beginning.last_uid),
        beginning.since as _,
        conn.now() as _,
    )
    .fetch_optional(conn.sql())
    .await?;
    Ok(begun.map(|row| MailboxCursor {
        epoch: row.epoch,
        uid_validity: beginning.uid_validity,
        last_uid: beginning.last_uid,
        since: beginning.since,
        last_ok_at: row.last_ok_at,
        failed: None,
    }))
}

/// Notes that a check which began at `started` went through.
///
/// # Errors
/// When the database cannot do it.
pub async fn note_success(
    conn: &mut TenantConn,
    mailbox: &str,
    epoch: i32,
    started: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* intake.note_success */
         UPDATE imap_cursors
         SET last_ok_at = greatest(last_ok_at, $4), last_checked_at = $5, last_error = NULL, failed_uid = NULL, failures = 0
         WHERE tenant_id = $1 AND mailbox = $2 AND epoch = $3",
        conn.tenant().0,
        mailbox,
        epoch,
        started as _,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Notes why a check failed. The text holds nothing of a mail.
///
/// # Errors
/// When the database cannot do it.
pub async fn note_failure(conn: &mut TenantConn, mailbox: &str, error: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* intake.note_failure */
         INSERT INTO imap_cursors (tenant_id, mailbox, last_checked_at, last_error) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, mailbox) DO UPDATE SET last_checked_at = $3, last_error = $4",
        conn.tenant().0,
        mailbox,
        conn.now() as _,
        storable(error),
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Notes that this mail could not be fetched, and tells in how many checks by now.
///
/// # Errors
/// When the database cannot do it.
pub async fn note_unfetched(conn: &mut TenantConn, place: MailboxPlace<'_>) -> Result<i32, sqlx::Error> {
    let failures = sqlx::query_scalar!(
        "/* intake.note_unfetched */
         UPDATE imap_cursors SET failures = CASE failed_uid WHEN $4 THEN failures + 1 ELSE 1 END, failed_uid = $4
         WHERE tenant_id = $1 AND mailbox = $2 AND epoch = $3
         RETURNING failures",
        conn.tenant().0,
        place.mailbox,
        place.epoch,
        i64::from(place.uid),
    )
    .fetch_optional(conn.sql())
    .await?;
    Ok(failures.unwrap_or(0))
}
