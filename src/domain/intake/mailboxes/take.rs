//! One mail and the cursor, in one transaction.

use super::{LeftMail, MailboxPlace, Taken, cursor};
use crate::db::TenantConn;
use crate::domain::intake::leave::{Left, leave};
use crate::domain::intake::model::Door;
use crate::domain::intake::receive::{Received, receive};

/// Stores a mail and moves the cursor onto it, in this transaction.
///
/// # Errors
/// When the database cannot do it; nothing is stored then, and the cursor stays.
pub async fn receive_at(
    conn: &mut TenantConn,
    place: MailboxPlace<'_>,
    mail: Received<'_>,
) -> Result<Taken, sqlx::Error> {
    match advance(conn, place).await? {
        Some(turn) => Ok(turn),
        None => receive(conn, mail).await.map(Taken::Stored),
    }
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
    leave(conn, left).await.map(Taken::Stored)
}

/// Moves the cursor past a mail that is not ours to take.
///
/// # Errors
/// When the database cannot do it.
pub async fn pass_over(conn: &mut TenantConn, place: MailboxPlace<'_>) -> Result<(), sqlx::Error> {
    advance(conn, place).await.map(|_| ())
}

/// Moves the cursor onto a mail; until the transaction ends nobody else moves it. `Some`: it is not this caller's turn.
async fn advance(conn: &mut TenantConn, place: MailboxPlace<'_>) -> Result<Option<Taken>, sqlx::Error> {
    let MailboxPlace { mailbox, epoch, uid } = place;
    let moved = sqlx::query_scalar!(
        "/* intake.advance */
         UPDATE imap_cursors SET last_uid = $4, failed_uid = NULL, failures = 0
         WHERE tenant_id = $1 AND mailbox = $2 AND epoch = $3 AND last_uid < $4
         RETURNING epoch",
        conn.tenant().0,
        mailbox,
        epoch,
        i64::from(uid),
    )
    .fetch_optional(conn.sql())
    .await?;
    if moved.is_some() {
        return Ok(None);
    }
    let current = cursor(conn, mailbox).await?;
    Ok(Some(if current.is_some_and(|current| current.epoch == epoch) { Taken::Already } else { Taken::Outdated }))
}

/// Whether it is this mail the database cannot hold (a data exception or an exceeded limit of PostgreSQL). Everything
/// else concerns all mails.
#[must_use]
pub fn is_about_the_mail(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code.starts_with("22") || code.starts_with("54"))
}
