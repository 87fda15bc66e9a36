//! Taking mails: bytes and jobs in one transaction.

use std::collections::HashMap;

use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::types::Json;

use super::model::{Door, IntakeId};
use super::process::Process;
use crate::db::TenantConn;
use crate::jobs;

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
    /// What the door knows of the sender, as an object; kept beside what is found out when the mail is read.
    pub authentication: Option<&'a Value>,
    /// The bytes.
    pub raw: &'a [u8],
}

/// Stores a mail and its job. The caller may say "accepted" once this transaction is committed, and not before. The
/// same bytes once more (the sender never heard our answer) are the mail that is there already.
///
/// # Errors
/// When the database cannot do it; nothing is stored then.
pub async fn receive(conn: &mut TenantConn, mail: Received<'_>) -> Result<IntakeId, sqlx::Error> {
    receive_all(conn, &[mail]).await?.pop().ok_or(sqlx::Error::RowNotFound)
}

/// The same for several mails of this tenant; their ids in the same order.
pub(super) async fn receive_all(conn: &mut TenantConn, mails: &[Received<'_>]) -> Result<Vec<IntakeId>, sqlx::Error> {
    let ids: Vec<IntakeId> = mails.iter().map(|_| IntakeId::new()).collect();
    let digests: Vec<Vec<u8>> = mails.iter().map(|mail| Sha256::digest(mail.raw).to_vec()).collect();
    let stored = sqlx::query_scalar!(
        r#"/* intake.receive */
         INSERT INTO intake_messages
             (tenant_id, received_at, id, door, peer, envelope_from, envelope_to, authentication, raw, raw_sha256)
         SELECT $1, $2, mail.*
         FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::bytea[], $10::bytea[]) AS mail
         ON CONFLICT ON CONSTRAINT intake_messages_same_bytes DO NOTHING
         RETURNING id AS "id: IntakeId""#,
        conn.tenant().0,
        conn.now() as _,
        &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
        &mails.iter().map(|mail| mail.door.as_str()).collect::<Vec<_>>() as _,
        &mails.iter().map(|mail| mail.peer).collect::<Vec<_>>() as _,
        &mails.iter().map(|mail| mail.envelope_from).collect::<Vec<_>>() as _,
        &mails.iter().map(|mail| mail.envelope_to).collect::<Vec<_>>() as _,
        &mails.iter().map(|mail| mail.authentication.map(Json)).collect::<Vec<_>>() as _,
        &mails.iter().map(|mail| mail.raw).collect::<Vec<_>>() as _,
        &digests,
    )
    .fetch_all(conn.sql())
    .await?;
    let tenant_id = conn.tenant();
    let jobs: Vec<Process> = stored.iter().map(|&intake_id| Process::of(tenant_id, intake_id)).collect();
    jobs::enqueue_new(conn, &jobs).await?;
    if stored.len() == ids.len() {
        return Ok(ids);
    }
    with_those_there(conn, &digests).await
}

/// The mails with these bytes, new or not, in this order.
async fn with_those_there(conn: &mut TenantConn, digests: &[Vec<u8>]) -> Result<Vec<IntakeId>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* intake.same_bytes */
         SELECT id AS "id: IntakeId", raw_sha256 FROM intake_messages WHERE tenant_id = $1 AND raw_sha256 = ANY ($2)"#,
        conn.tenant().0,
        digests,
    )
    .fetch_all(conn.sql())
    .await?;
    let known: HashMap<Vec<u8>, IntakeId> = rows.into_iter().map(|row| (row.raw_sha256, row.id)).collect();
    digests.iter().map(|digest| known.get(digest).copied().ok_or(sqlx::Error::RowNotFound)).collect()
}

/// Whether bytes are a mail at all: a header with an author (RFC 5322 §3.6 wants one), however the rest looks.
#[must_use]
pub fn is_mail(raw: &[u8]) -> bool {
    mail_parser::MessageParser::new().parse_headers(raw).is_some_and(|mail| mail.header("From").is_some())
}
