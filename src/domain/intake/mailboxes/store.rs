//! SQL of the cursors.

use super::{Beginning, Lease, MailboxCursor, MailboxPlace};
use crate::clock::Timestamp;
use crate::db::TenantConn;

/// How far this mailbox was read; `None` when it was never seen.
///
/// # Errors
/// When the database cannot be asked.
pub async fn cursor(conn: &mut TenantConn, mailbox: &str) -> Result<Option<MailboxCursor>, sqlx::Error> {
    let row = sqlx::query!(
        r#"/* intake.cursor */
         SELECT epoch, uid_validity AS "uid_validity!", last_uid AS "last_uid!", since AS "since!", last_ok_at AS "last_ok_at!",
                asked_since AS "asked_since: Timestamp", failed_uid, failures
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
        asked_since: row.asked_since,
        last_ok_at: row.last_ok_at,
        failed: row.failed_uid.map(|failed| (uid(failed), row.failures)),
    }))
}

/// UIDs have 32 bits (RFC 3501 §2.3.1.1), the database's numbers have a sign.
fn uid(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(u32::MAX)
}

/// Begins anew. `None` when the mailbox has another owner now, or somebody moved the cursor since `known` was read.
///
/// # Errors
/// When the database cannot do it.
pub async fn begin(
    conn: &mut TenantConn,
    mailbox: &str,
    lease: Lease,
    known: Option<&MailboxCursor>,
    beginning: Beginning,
) -> Result<Option<MailboxCursor>, sqlx::Error> {
    let (epoch, last_uid) = known.map_or((0, None), |known| (known.epoch, Some(i64::from(known.last_uid))));
    let begun = sqlx::query!(
        r#"/* intake.begin */
         UPDATE imap_cursors
         SET epoch = epoch + 1, uid_validity = $7, last_uid = $8, since = $9, asked_since = $10,
             last_ok_at = coalesce(last_ok_at, $11), failed_uid = NULL, failures = 0
         WHERE tenant_id = $1 AND mailbox = $2 AND owner = $3 AND fence = $4
           AND epoch = $5 AND last_uid IS NOT DISTINCT FROM $6
         RETURNING epoch, last_ok_at AS "last_ok_at!""#,
        conn.tenant().0,
        mailbox,
        lease.owner.0,
        lease.fence,
        epoch,
        last_uid,
        i64::from(beginning.uid_validity),
        i64::from(beginning.last_uid),
        beginning.since as _,
        beginning.asked_since as _,
        conn.now() as _,
    )
    .fetch_optional(conn.sql())
    .await?;
    Ok(begun.map(|row| MailboxCursor {
        epoch: row.epoch,
        uid_validity: beginning.uid_validity,
        last_uid: beginning.last_uid,
        since: beginning.since,
        asked_since: beginning.asked_since,
        last_ok_at: row.last_ok_at,
        failed: None,
    }))
}

/// Notes that this mail could not be fetched, and tells in how many checks by now.
///
/// # Errors
/// When the database cannot do it.
pub async fn note_unfetched(conn: &mut TenantConn, place: MailboxPlace<'_>) -> Result<i32, sqlx::Error> {
    let failures = sqlx::query_scalar!(
        "/* intake.note_unfetched */
         UPDATE imap_cursors SET failures = CASE failed_uid WHEN $4 THEN failures + 1 ELSE 1 END, failed_uid = $4
         WHERE tenant_id = $1 AND mailbox = $2 AND epoch = $3 AND owner = $5 AND fence = $6
         RETURNING failures",
        conn.tenant().0,
        place.mailbox,
        place.epoch,
        i64::from(place.uid),
        place.lease.owner.0,
        place.lease.fence,
    )
    .fetch_optional(conn.sql())
    .await?;
    Ok(failures.unwrap_or(0))
}
