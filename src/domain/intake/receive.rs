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

/// Stores many mails that came by one way, each with its job. What holds for [`receive`] holds for each of them.
///
/// # Errors
/// When the database cannot do it; none is stored then.
pub(super) async fn receive_all(
    conn: &mut TenantConn,
    door: Door,
    peer: &str,
    envelope_to: &str,
    mails: &[Vec<u8>],
) -> Result<(), sqlx::Error> {
    let ids: Vec<uuid::Uuid> = mails.iter().map(|_| IntakeId::new().0).collect();
    let digests: Vec<Vec<u8>> = mails.iter().map(|raw| Sha256::digest(raw).to_vec()).collect();
    let stored = sqlx::query_scalar!(
        r#"/* intake.receive_all */
         INSERT INTO intake_messages (id, tenant_id, received_at, door, peer, envelope_from, envelope_to, raw, raw_sha256)
         SELECT mail.id, $1, $2, $3, $4, '', $5, mail.raw, mail.sha256
         FROM unnest($6::uuid[], $7::bytea[], $8::bytea[]) AS mail (id, raw, sha256)
         ON CONFLICT ON CONSTRAINT intake_messages_same_bytes DO NOTHING
         RETURNING id AS "id: IntakeId""#,
        conn.tenant().0,
        conn.now() as _,
        door as _,
        peer,
        envelope_to,
        &ids,
        mails,
        &digests,
    )
    .fetch_all(conn.sql())
    .await?;
    let tenant_id = conn.tenant();
    let jobs: Vec<_> = stored
        .into_iter()
        .map(|intake_id| (Process { tenant_id, intake_id }, format!("intake.process:{intake_id}")))
        .collect();
    jobs::enqueue_all(conn, &jobs).await
}
