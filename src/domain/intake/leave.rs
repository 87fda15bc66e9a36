//! A mail that cannot be taken leaves a note in the tray, which says where it is.

use sha2::{Digest, Sha256};

use super::cause::Cause;
use super::model::{Door, IntakeId, IntakeState};
use super::process::storable;
use crate::db::TenantConn;

/// A mail that stays where it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left<'a> {
    /// By which way it would have come.
    pub(super) door: Door,
    /// Who would have handed it over.
    pub(super) peer: &'a str,
    /// Envelope sender; empty if it is not known.
    pub(super) envelope_from: &'a str,
    /// Envelope recipient.
    pub(super) envelope_to: &'a str,
    /// Its header, and what was read of the rest.
    pub(super) beginning: &'a [u8],
    /// Why it stays, and where.
    pub(super) reason: &'a str,
}

/// Puts the note into the tray; once, however often the mail is left.
///
/// # Errors
/// When the database cannot do it.
pub(super) async fn leave(conn: &mut TenantConn, mail: Left<'_>) -> Result<IntakeId, sqlx::Error> {
    let mut raw = header_of(mail.beginning).trim_ascii_end().to_vec();
    raw.extend_from_slice(format!("\r\n\r\n[{}]\r\n", mail.reason).as_bytes());
    let facts = portal_mail::understand(&raw, &portal_mail::Context::default()).mail;
    let id = IntakeId::new();
    sqlx::query!(
        "/* intake.leave */
         INSERT INTO intake_messages (id, tenant_id, received_at, door, peer, envelope_from, envelope_to, raw, raw_sha256,
                                      state, subject, sender, reasons, cause, cause_detail, processed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, ARRAY[$13], $14, $13, $3)
         ON CONFLICT ON CONSTRAINT intake_messages_same_bytes DO NOTHING",
        id.0,
        conn.tenant().0,
        conn.now() as _,
        mail.door as _,
        mail.peer,
        mail.envelope_from,
        mail.envelope_to,
        raw,
        Sha256::digest(&raw).to_vec(),
        IntakeState::Tray as _,
        facts.subject.as_deref().map(storable),
        facts.from.as_ref().map(|from| storable(&from.address)),
        storable(mail.reason),
        Cause::CouldNotBeTaken as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(id)
}

/// Everything before the first empty line.
fn header_of(beginning: &[u8]) -> &[u8] {
    let end = |mark: &[u8]| beginning.windows(mark.len()).position(|window| window == mark);
    let end = [end(b"\r\n\r\n"), end(b"\n\n")].into_iter().flatten().min();
    &beginning[..end.unwrap_or(beginning.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_ends_at_the_first_empty_line() {
        assert_eq!(header_of(b"A: b\r\nC: d\r\n\r\nx\n\ny"), b"A: b\r\nC: d");
        assert_eq!(header_of(b"A: b\n\nx\r\n\r\n"), b"A: b");
        assert_eq!(header_of(b"A: b"), b"A: b");
    }
}
