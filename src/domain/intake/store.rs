//! SQL of intake messages.

use super::cause::{Cause, Why};
use super::files::Kept;
use super::model::{Attachment, Door, IntakeId, IntakeMessage, IntakeState};
use super::process::storable;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::leads::LeadId;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::users::UserId;
use crate::ids::new_id;
use crate::integrations::storage::FileKey;

macro_rules! intake_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            IntakeMessage,
            r#"SELECT id AS "id: IntakeId", received_at, door AS "door: Door", envelope_from, envelope_to,
                      length(raw)::bigint AS "size!", state AS "state: IntakeState", class, portal, adapter, subject, sender,
                      parsed, authentication, reasons, provider_verdicts,
                      cause AS "cause: Cause", cause_detail,
                      ARRAY(SELECT DISTINCT c.lead_id FROM messages m JOIN conversations c ON c.id = m.conversation_id
                            WHERE m.tenant_id = i.tenant_id AND m.intake_message_id = i.id) AS "lead_ids!: Vec<LeadId>",
                      processed_at
               FROM intake_messages i WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// One mail.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(conn: &mut TenantConn, id: IntakeId) -> Result<Option<IntakeMessage>, sqlx::Error> {
    let tenant = conn.tenant();
    intake_where!("i.tenant_id = $1 AND i.id = $2", tenant.0, id.0).fetch_optional(conn.sql()).await
}

/// A page of mails, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(
    conn: &mut TenantConn,
    state: Option<IntakeState>,
    page: PageRequest,
) -> Result<Page<IntakeMessage>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = intake_where!(
        "i.tenant_id = $1
         AND ($2::text IS NULL OR i.state = $2)
         AND ($3::timestamptz IS NULL OR (i.received_at, i.id) < ($3, $4::uuid))
         ORDER BY i.received_at DESC, i.id DESC LIMIT $5",
        tenant.0,
        state.map(IntakeState::as_str),
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |mail| Cursor { at: mail.received_at, id: mail.id.0 }))
}

/// The bytes of one mail.
///
/// # Errors
/// When the database cannot be asked.
pub async fn raw(conn: &mut TenantConn, id: IntakeId) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        "/* intake.raw */ SELECT raw FROM intake_messages WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0
    )
    .fetch_optional(conn.sql())
    .await
}

/// When a mail came.
pub(super) async fn received_at(conn: &mut TenantConn, id: IntakeId) -> Result<Timestamp, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* intake.received_at */ SELECT received_at AS "at: Timestamp" FROM intake_messages WHERE tenant_id = $1 AND id = $2"#,
        conn.tenant().0,
        id.0
    )
    .fetch_one(conn.sql())
    .await
}

/// The state of one mail, and nobody else decides about it until this transaction ends.
pub(super) async fn lock(conn: &mut TenantConn, id: IntakeId) -> Result<Option<IntakeState>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* intake.lock */
         SELECT state AS "state: IntakeState" FROM intake_messages WHERE tenant_id = $1 AND id = $2 FOR UPDATE"#,
        conn.tenant().0,
        id.0
    )
    .fetch_optional(conn.sql())
    .await
}

/// What was understood of a mail.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) class: Option<String>,
    pub(super) portal: Option<String>,
    pub(super) adapter: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) sender: Option<String>,
    pub(super) language: Option<String>,
    pub(super) message_id: Option<String>,
    pub(super) parsed: Option<serde_json::Value>,
    /// Which fields of the first enquiry are there ([`super::radar`]).
    pub(super) filled: Option<String>,
    pub(super) reasons: Vec<String>,
    pub(super) why: Option<Why>,
}

/// Writes what was understood and what became of the mail.
pub(super) async fn write_verdict(
    conn: &mut TenantConn,
    id: IntakeId,
    state: IntakeState,
    verdict: &Verdict,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* intake.write_verdict */
         UPDATE intake_messages
         SET state = $3, class = $4, portal = $5, adapter = $6, subject = $7, sender = $8, language = $9, message_id = $10,
             parsed = $11, reasons = $12, processed_at = $13, cause = $14, cause_detail = $15, filled = $16
         WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        state as _,
        verdict.class,
        verdict.portal,
        verdict.adapter,
        verdict.subject,
        verdict.sender,
        verdict.language,
        verdict.message_id,
        verdict.parsed,
        &verdict.reasons,
        conn.now() as _,
        verdict.why.as_ref().map(|why| why.cause.as_str()),
        verdict.why.as_ref().and_then(|why| why.detail.as_deref()).map(storable),
        verdict.filled,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Writes what became of the mail, and why, beside what is known of it.
pub(super) async fn write_state(
    conn: &mut TenantConn,
    id: IntakeId,
    state: IntakeState,
    why: &Why,
    by: Option<UserId>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* intake.write_state */
         UPDATE intake_messages
         SET state = $3, reasons = array_append(reasons, $4), decided_by = $5, processed_at = $6, cause = $7, cause_detail = $8
         WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        state as _,
        storable(&why.english()),
        by.map(|id| id.0),
        conn.now() as _,
        why.cause.as_str(),
        why.detail.as_deref().map(storable),
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Notes what the provider that took a mail in for us says of it. The first word stays.
pub(super) async fn write_provider_verdicts(
    conn: &mut TenantConn,
    id: IntakeId,
    verdicts: &serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* intake.write_provider_verdicts */
         UPDATE intake_messages SET provider_verdicts = $3 WHERE tenant_id = $1 AND id = $2 AND provider_verdicts IS NULL",
        conn.tenant().0,
        id.0,
        verdicts,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Whether another mail with this Message-ID and the same content was read already: a copy by another way.
pub(super) async fn is_copy(
    conn: &mut TenantConn,
    id: IntakeId,
    message_id: &str,
    parsed: &serde_json::Value,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* intake.is_copy */
         SELECT EXISTS (SELECT FROM intake_messages
                        WHERE tenant_id = $1 AND id <> $2 AND message_id = $3 AND parsed = $4 AND state = 'DONE') AS "copy!""#,
        conn.tenant().0,
        id.0,
        message_id,
        parsed,
    )
    .fetch_one(conn.sql())
    .await
}

/// Notes the files of a mail and where they are kept; the bytes stay in the raw mail, too.
pub(super) async fn write_attachments(
    conn: &mut TenantConn,
    id: IntakeId,
    files: &[portal_mail::AttachmentFacts],
    kept: &Kept,
) -> Result<(), sqlx::Error> {
    for file in files {
        sqlx::query!(
            "/* intake.write_attachment */
             INSERT INTO attachments (id, tenant_id, intake_message_id, part, name, content_type, size, sha256, file_key, executable)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT ON CONSTRAINT attachments_place
             DO UPDATE SET file_key = coalesce(excluded.file_key, attachments.file_key),
                           content_type = excluded.content_type, executable = excluded.executable",
            new_id(),
            conn.tenant().0,
            id.0,
            i32::try_from(file.part_index).unwrap_or(i32::MAX),
            storable(file.name.as_deref().unwrap_or("unnamed")),
            storable(&file.content_type),
            i64::try_from(file.size).unwrap_or(i64::MAX),
            file.sha256,
            kept.get(&file.part_index).map(FileKey::as_str),
            file.executable,
        )
        .execute(conn.sql())
        .await?;
    }
    Ok(())
}

/// The files of a mail.
///
/// # Errors
/// When the database cannot be asked.
pub async fn attachments(conn: &mut TenantConn, id: IntakeId) -> Result<Vec<Attachment>, sqlx::Error> {
    sqlx::query_as!(
        Attachment,
        "/* intake.attachments */
         SELECT id, name, content_type, size, executable FROM attachments WHERE tenant_id = $1 AND intake_message_id = $2 ORDER BY part",
        conn.tenant().0,
        id.0
    )
    .fetch_all(conn.sql())
    .await
}

/// One file of a mail, and where it is.
pub(super) struct Place {
    pub(super) name: String,
    pub(super) part: i32,
    pub(super) file_key: Option<String>,
}

/// Where a file of a mail is.
pub(super) async fn place(
    conn: &mut TenantConn,
    id: IntakeId,
    attachment: uuid::Uuid,
) -> Result<Option<Place>, sqlx::Error> {
    sqlx::query_as!(
        Place,
        "/* intake.place */
         SELECT name, part, file_key FROM attachments WHERE tenant_id = $1 AND intake_message_id = $2 AND id = $3",
        conn.tenant().0,
        id.0,
        attachment
    )
    .fetch_optional(conn.sql())
    .await
}
