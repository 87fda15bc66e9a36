//! Taking a mail: bytes and job in one transaction.

use sha2::{Digest, Sha256};

use super::model::{Door, IntakeId};
use super::process::Process;
use crate::db::TenantConn;
use crate::jobs::{self, Placement};

/// A mail as it came.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// By which way.
    pub door: Door,
    /// Who handed it over: an IP address or a mailbox.
    pub peer: &'a str,
    /// Envelope sender; empty for bounces.
    pub envelope_from: &'a str,
    /// Envelope recipient.
    pub envelope_to: &'a str,
    /// The bytes.
    pub raw: &'a [u8],
}

/// Stores a mail and its job. The caller may say "accepted" once this transaction is committed, and not before. The
/// same bytes once more (the sender never heard our answer) are the mail that is there already.
///
/// # Errors
/// When the database cannot do it; nothing is stored then.
pub async fn receive(conn: &mut TenantConn, mail: Received<'_>) -> Result<IntakeId, sqlx::Error> {
    let id = IntakeId::new();
    let digest = Sha256::digest(mail.raw).to_vec();
    let stored = sqlx::query_scalar!(
        r#"/* intake.receive */
         INSERT INTO intake_messages (id, tenant_id, received_at, door, peer, envelope_from, envelope_to, raw, raw_sha256)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT ON CONSTRAINT intake_messages_same_bytes DO NOTHING
         RETURNING id AS "id: IntakeId""#,
        id.0,
        conn.tenant().0,
        conn.now() as _,
        mail.door as _,
        mail.peer,
        mail.envelope_from,
        mail.envelope_to,
        mail.raw,
        digest,
    )
    .fetch_optional(conn.sql())
    .await?;
    if stored.is_none() {
        return sqlx::query_scalar!(
            r#"/* intake.same_bytes */ SELECT id AS "id: IntakeId" FROM intake_messages WHERE tenant_id = $1 AND raw_sha256 = $2"#,
            conn.tenant().0,
            digest,
        )
        .fetch_one(conn.sql())
        .await;
    }
    let job = Process { tenant_id: conn.tenant(), intake_id: id };
    jobs::enqueue(conn, &job, Placement::default().keyed(format!("intake.process:{id}"))).await?;
    Ok(id)
}

/// Whether bytes are a mail at all: a header with an author (RFC 5322 §3.6 wants one), however the rest looks.
#[must_use]
pub fn is_mail(raw: &[u8]) -> bool {
    mail_parser::MessageParser::new().parse_headers(raw).is_some_and(|mail| mail.header("From").is_some())
}
