//! Mails and the cursor, in one transaction.

use super::{LeftMail, MailboxPlace, Taken};
use crate::db::TenantConn;
use crate::domain::intake::leave::{Left, leave};
use crate::domain::intake::model::Door;
use crate::domain::intake::receive::{Received, receive_all};

/// Stores mails and moves the cursor onto the last of them, which is at `place`, in this transaction. `envelope_to` is
/// whose mailbox it is: IMAP knows no envelope.
///
/// # Errors
/// When the database cannot do it; nothing is stored then, and the cursor stays.
pub async fn receive_at(
    conn: &mut TenantConn,
    place: MailboxPlace<'_>,
    envelope_to: &str,
    mails: &[Vec<u8>],
) -> Result<Taken, sqlx::Error> {
    if let Some(turn) = advance(conn, place).await? {
        return Ok(turn);
    }
    let received = |raw| Received {
        door: Door::Imap,
        peer: place.mailbox,
        envelope_from: "",
        envelope_to,
        authentication: None,
        raw,
    };
    let mails: Vec<Received<'_>> = mails.iter().map(|raw| received(raw.as_slice())).collect();
    receive_all(conn, &mails).await?;
    Ok(Taken::Stored)
}

/// Puts a note about a mail that cannot be taken into the tray and moves the cursor onto it, in this transaction.
///
/// # Errors
/// When the database cannot do it.
pub async fn leave_at(
    conn: &mut TenantConn,
    place: MailboxPlace<'_>,
    mail: LeftMail<'_>,
) -> Result<Taken, sqlx::Error> {
    if let Some(turn) = advance(conn, place).await? {
        return Ok(turn);
    }
    let reason = format!("{}; it is still in the mailbox {} (UID {})", mail.reason, place.mailbox, place.uid);
    let left = Left {
        door: Door::Imap,
        peer: place.mailbox,
        envelope_from: "",
        envelope_to: mail.envelope_to,
        beginning: mail.header,
        reason: &reason,
    };
    leave(conn, left).await?;
    Ok(Taken::Stored)
}

/// Moves the cursor past a mail that is not ours to take.
///
/// # Errors
/// When the database cannot do it.
pub async fn pass_over(conn: &mut TenantConn, place: MailboxPlace<'_>) -> Result<Taken, sqlx::Error> {
    Ok(advance(conn, place).await?.unwrap_or(Taken::Stored))
}

/// Moves the cursor onto a mail; until the transaction ends nobody else moves it. `Some`: it is not this caller's turn.
async fn advance(conn: &mut TenantConn, place: MailboxPlace<'_>) -> Result<Option<Taken>, sqlx::Error> {
    let MailboxPlace { mailbox, epoch, uid, lease } = place;
    let moved = sqlx::query_scalar!(
        "/* intake.advance */
         UPDATE imap_cursors SET last_uid = $4, last_checked_at = $7, failed_uid = NULL, failures = 0
         WHERE tenant_id = $1 AND mailbox = $2 AND epoch = $3 AND last_uid < $4 AND owner = $5 AND fence = $6
         RETURNING epoch",
        conn.tenant().0,
        mailbox,
        epoch,
        i64::from(uid),
        lease.owner.0,
        lease.fence,
        conn.now() as _,
    )
    .fetch_optional(conn.sql())
    .await?;
    if moved.is_some() {
        return Ok(None);
    }
    let current = sqlx::query!(
        r#"/* intake.advance_why */
         SELECT epoch, owner IS NOT DISTINCT FROM $3 AND fence = $4 AS "ours!"
         FROM imap_cursors WHERE tenant_id = $1 AND mailbox = $2"#,
        conn.tenant().0,
        mailbox,
        lease.owner.0,
        lease.fence,
    )
    .fetch_optional(conn.sql())
    .await?;
    Ok(Some(match current {
        Some(current) if !current.ours => Taken::Lost,
        Some(current) if current.epoch == epoch => Taken::Already,
        Some(_) | None => Taken::Outdated,
    }))
}

/// Whether it is these mails the database cannot hold (a data exception or an exceeded limit of PostgreSQL). Everything
/// else concerns all mails.
#[must_use]
pub fn is_about_the_mail(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code.starts_with("22") || code.starts_with("54"))
}
