//! Removing rows, each call within one transaction: what is erased, what names it, and the note of which files must go.
//!
//! Always true: files and kept mails are noted in the work of the request in the transaction that removes their rows, and
//! removed afterwards ([`tidy`]), so no process that dies in between leaves one behind.

use uuid::Uuid;

use super::held;
use super::mention;
use super::model::RequestId;
use super::store::{self, Running};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::imports;
use crate::domain::jarvis;
use crate::domain::leads::{self, Lead, LeadId, Viewer};
use crate::ids::TenantId;
use crate::integrations::storage::FileKey;

/// Erases one lead with all that hangs on it. `false`: it is gone already.
pub(super) async fn lead(
    conn: &mut TenantConn,
    app: &App,
    running: &mut Running,
    id: LeadId,
) -> Result<bool, sqlx::Error> {
    // From here on nobody adds to it: whoever wants to waits, and finds it gone.
    let Some(lead) = leads::lock(conn, id, Viewer::SYSTEM).await? else { return Ok(false) };
    let held = held::ids(conn, id).await?;
    let mut ids: Vec<Uuid> = Vec::new();
    let mut sent: Vec<Uuid> = Vec::new();
    for (table, rows) in held {
        running.count(table, rows.len());
        if table == "outbox" {
            sent.clone_from(&rows);
        }
        ids.extend(rows);
    }
    let mails = mails_of(conn, id).await?;
    if app.mailer.development().is_some() {
        running.work.sent.extend(message_ids(conn, &sent).await?);
    }
    end_exports(conn, running, Some(id)).await?;
    let rows =
        imports::forget_person(conn, lead.email.as_deref(), lead.phone.as_deref().and_then(mention::national)).await?;
    running.count("import_rows", usize::try_from(rows).unwrap_or_default());
    ids.extend(chats(conn, running, &lead).await?);
    sqlx::query!(
        "/* privacy.keep_costs */ UPDATE ai_calls SET lead_id = NULL WHERE tenant_id = $1 AND lead_id = $2",
        conn.tenant().0,
        id.0
    )
    .execute(conn.sql())
    .await?;
    // Mails on their way out name the lead and its messages, messages name raw mails: in this order.
    erase_rows(conn, running.id, "outbox", &sent).await?;
    erase_rows(conn, running.id, "leads", &[id.0]).await?;
    let (own, shared): (Vec<_>, Vec<_>) = mails.into_iter().partition(|mail| !mail.is_shared);
    for mail in shared {
        empty(conn, running, mail.id, lead.email.as_deref(), lead.phone.as_deref()).await?;
        ids.push(mail.id);
    }
    self::mails(conn, running, &own.iter().map(|mail| mail.id).collect::<Vec<_>>()).await?;
    traces(conn, running, &ids).await?;
    Ok(true)
}

/// Erases the person from what colleagues and the assistant said to each other.
async fn chats(conn: &mut TenantConn, running: &mut Running, lead: &Lead) -> Result<Vec<Uuid>, sqlx::Error> {
    let who = jarvis::Named {
        lead: Some(lead.id),
        first_name: lead.first_name.clone(),
        last_name: lead.last_name.clone(),
        addresses: running.work.addresses.iter().cloned().chain(lead.email.clone()).collect(),
        phones: running.work.phones.iter().cloned().chain(lead.phone.clone()).collect(),
    };
    let forgotten = jarvis::forget(conn, &who).await?;
    for (table, _) in &forgotten {
        running.count(table, 1);
    }
    Ok(forgotten.into_iter().map(|(_, id)| id).collect())
}

/// Erases raw mails that no message names.
pub(super) async fn mails(conn: &mut TenantConn, running: &mut Running, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    if ids.is_empty() {
        return Ok(());
    }
    note_files(conn, running, ids).await?;
    end_exports(conn, running, None).await?;
    let erased = erase_rows(conn, running.id, "intake_messages", ids).await?;
    running.count("intake_messages", erased);
    traces(conn, running, ids).await
}

/// Files that were given out hold what is erased here: they go, too.
async fn end_exports(conn: &mut TenantConn, running: &mut Running, lead: Option<LeadId>) -> Result<(), sqlx::Error> {
    for (export, parts) in store::expire_exports_of(conn, lead).await? {
        running.count("exports", 1);
        running.work.files.extend((1..=parts).map(|part| part_key(conn.tenant(), export, part)));
    }
    Ok(())
}

/// A raw mail.
struct RawMail {
    id: Uuid,
    /// Another lead's message came in it, too.
    is_shared: bool,
}

async fn mails_of(conn: &mut TenantConn, lead: LeadId) -> Result<Vec<RawMail>, sqlx::Error> {
    sqlx::query_as!(
        RawMail,
        r#"/* privacy.mails_of */
         SELECT DISTINCT m.intake_message_id AS "id!",
                EXISTS (SELECT FROM messages o JOIN conversations oc ON oc.tenant_id = o.tenant_id AND oc.id = o.conversation_id
                        WHERE o.tenant_id = m.tenant_id AND o.intake_message_id = m.intake_message_id AND oc.lead_id <> $2) AS "is_shared!"
         FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
         WHERE m.tenant_id = $1 AND c.lead_id = $2 AND m.intake_message_id IS NOT NULL"#,
        conn.tenant().0,
        lead.0,
    )
    .fetch_all(conn.sql())
    .await
}

/// Empties a raw mail in which others wrote, too: nothing can be cut out of the bytes. What they wrote is in their
/// messages, what was understood of them stays.
async fn empty(
    conn: &mut TenantConn,
    running: &mut Running,
    mail: Uuid,
    email: Option<&str>,
    phone: Option<&str>,
) -> Result<(), sqlx::Error> {
    note_files(conn, running, &[mail]).await?;
    let files = sqlx::query_scalar!(
        "/* privacy.files_of_mail */ SELECT id FROM attachments WHERE tenant_id = $1 AND intake_message_id = $2",
        conn.tenant().0,
        mail
    )
    .fetch_all(conn.sql())
    .await?;
    erase_rows(conn, running.id, "attachments", &files).await?;
    sqlx::query!(
        "/* privacy.empty */
         UPDATE intake_messages
         SET raw = '', subject = NULL, sender = NULL, envelope_from = '',
             parsed = (SELECT jsonb_agg(enquiry) FROM jsonb_array_elements(parsed) AS enquiry
                       WHERE (enquiry ->> 'email' IS NOT NULL OR enquiry ->> 'phone' IS NOT NULL)
                         AND lower(enquiry ->> 'email') IS DISTINCT FROM $3 AND (enquiry ->> 'phone') IS DISTINCT FROM $4),
             reasons = array_append(reasons, 'emptied: one of the people in it was erased')
         WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        mail,
        email.unwrap_or_default(),
        phone.unwrap_or_default(),
    )
    .execute(conn.sql())
    .await?;
    running.count("intake_messages", 1);
    Ok(())
}

/// What the agency set up about the person's addresses: that one is blocked, how its mails look, that they were to be read
/// again, which way a test mail came. Whoever is forgotten is not remembered as blocked either.
pub(super) async fn rules(conn: &mut TenantConn, running: &mut Running) -> Result<(), sqlx::Error> {
    let tenant = conn.tenant().0;
    let erased = sqlx::query!(
        r#"/* privacy.rules */
         WITH blocks AS (DELETE FROM blocked_senders WHERE tenant_id = $1 AND address = ANY ($2) RETURNING id),
              layouts AS (DELETE FROM remembered_layouts WHERE tenant_id = $1 AND sender = ANY ($2) RETURNING id),
              tests AS (DELETE FROM test_addresses
                        WHERE tenant_id = $1 AND EXISTS (SELECT FROM unnest($2::text[]) AS own WHERE strpos(lower(route::text), own) > 0)
                        RETURNING id),
              readings AS (UPDATE intake_reprocesses SET sender = NULL WHERE tenant_id = $1 AND sender = ANY ($2) RETURNING id)
         SELECT id AS "id!", place AS "place!" FROM (
             SELECT id, 'blocked_senders' AS place FROM blocks UNION ALL SELECT id, 'remembered_layouts' FROM layouts
             UNION ALL SELECT id, 'test_addresses' FROM tests UNION ALL SELECT id, 'intake_reprocesses' FROM readings) AS erased"#,
        tenant,
        &running.work.addresses,
    )
    .fetch_all(conn.sql())
    .await?;
    for row in &erased {
        running.count(&row.place, 1);
    }
    if erased.is_empty() {
        return Ok(());
    }
    traces(conn, running, &erased.iter().map(|row| row.id).collect::<Vec<_>>()).await
}

/// What names erased rows without hanging on them: kept answers of the API, the audit log, waiting jobs.
async fn traces(conn: &mut TenantConn, running: &mut Running, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    let tenant = conn.tenant().0;
    let answers = sqlx::query!(
        "/* privacy.forget_answers */
         DELETE FROM idempotency_keys
         WHERE tenant_id = $1 AND EXISTS (SELECT FROM unnest($2::uuid[]) AS erased WHERE strpos(concat(location, ' ', body), erased::text) > 0)",
        tenant,
        ids,
    )
    .execute(conn.sql())
    .await?;
    running.count("idempotency_keys", usize::try_from(answers.rows_affected()).unwrap_or(0));
    let redacted =
        sqlx::query_scalar!(r#"/* privacy.redact */ SELECT redact_audit($1, $2) AS "redacted!""#, running.id.0, ids)
            .fetch_one(conn.sql())
            .await?;
    running.count("audit_events", usize::try_from(redacted).unwrap_or(0));
    sqlx::query_scalar!("/* privacy.forget_jobs */ SELECT forget_jobs($1, $2)", running.id.0, ids)
        .fetch_one(conn.sql())
        .await?;
    Ok(())
}

async fn erase_rows(
    conn: &mut TenantConn,
    request: RequestId,
    table: &str,
    ids: &[Uuid],
) -> Result<usize, sqlx::Error> {
    let erased = sqlx::query_scalar!(
        r#"/* privacy.erase_rows */ SELECT erase_rows($1, $2, $3) AS "erased!""#,
        request.0,
        table,
        ids
    )
    .fetch_one(conn.sql())
    .await?;
    Ok(usize::try_from(erased).unwrap_or(0))
}

async fn message_ids(conn: &mut TenantConn, mails: &[Uuid]) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "/* privacy.message_ids */ SELECT rfc_message_id FROM outbox WHERE tenant_id = $1 AND id = ANY ($2)",
        conn.tenant().0,
        mails
    )
    .fetch_all(conn.sql())
    .await
}

/// A file is noted wherever it would be: one that was kept in the moment before its row failed has the same key.
async fn note_files(conn: &mut TenantConn, running: &mut Running, mails: &[Uuid]) -> Result<(), sqlx::Error> {
    let keys = sqlx::query_scalar!(
        r#"/* privacy.note_files */
         SELECT DISTINCT coalesce(file_key, 'attachments/' || tenant_id || '/' || sha256) AS "key!"
         FROM attachments WHERE tenant_id = $1 AND intake_message_id = ANY ($2)"#,
        conn.tenant().0,
        mails,
    )
    .fetch_all(conn.sql())
    .await?;
    running.count("files", keys.len());
    running.work.files.extend(keys);
    Ok(())
}

/// Where a file of an export is.
pub(super) fn part_key(tenant: TenantId, request: RequestId, part: i32) -> String {
    format!("exports/{tenant}/{request}/{part}.zip")
}

/// Removes the files and kept mails whose rows are gone, and says whether there were any. A file that another mail of the
/// tenant has, too (files are kept by their content), stays.
pub(super) async fn tidy(app: &App, tenant: TenantId, request: RequestId) -> anyhow::Result<bool> {
    let mut conn = app.db.tenant(tenant).await?;
    let Some(running) = store::take_up(&mut conn, request).await? else { return Ok(false) };
    let (files, sent) = (running.work.files, running.work.sent);
    if files.is_empty() && sent.is_empty() {
        return Ok(false);
    }
    let held: Vec<String> = sqlx::query_scalar!(
        r#"/* privacy.files_of_others */ SELECT DISTINCT file_key AS "key!" FROM attachments WHERE tenant_id = $1 AND file_key = ANY ($2)"#,
        tenant.0,
        &files,
    )
    .fetch_all(conn.sql())
    .await?;
    conn.commit().await?;
    for key in files.iter().filter(|key| !held.contains(key)) {
        app.files.remove(&key.parse::<FileKey>()?).await?;
    }
    for message_id in &sent {
        app.mailer.forget(message_id).await?;
    }
    let mut conn = app.db.tenant(tenant).await?;
    if let Some(mut running) = store::take_up(&mut conn, request).await? {
        running.work.files.retain(|key| !files.contains(key));
        running.work.sent.retain(|id| !sent.contains(id));
        store::save(&mut conn, &running).await?;
        conn.commit().await?;
    }
    Ok(true)
}
