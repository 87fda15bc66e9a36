//! Writing an export: ZIP files with one document of all rows and the raw mails as they came.
//!
//! Files that came with mails are inside of these. Each ZIP file is written whole and noted in one step, and none holds
//! more than a bounded amount, so memory is bounded and a process that dies costs one file.

use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use uuid::Uuid;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::erase::part_key;
use super::held;
use super::model::{PrivacyError, RequestId, RequestState};
use super::run::Next;
use super::store::{self, Running};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::intake::{self, IntakeId};
use crate::ids::TenantId;
use crate::integrations::storage::FileKey;
use crate::jobs::JobError;

/// How long the files of an export can be had.
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 30);
/// A file is closed when what is in it has this many bytes.
pub(super) const PART_BYTES: usize = 16 << 20;

/// When the files of a request that ends now are removed.
pub(super) fn expiry(running: &Running, now: Timestamp) -> Option<Timestamp> {
    running.kind.is_export().then(|| Timestamp(now.0 + KEPT))
}

/// Writes the next file.
pub(super) async fn write(app: &App, mut conn: TenantConn, mut running: Running) -> Result<Next, JobError> {
    let tenant = conn.tenant();
    let mails = mails(&mut conn, &running).await?;
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    if running.parts == 0 {
        let document = document(&mut conn, &running, &mails).await?;
        files.push(("person.json".to_owned(), serde_json::to_vec_pretty(&document).map_err(anyhow::Error::from)?));
    }
    conn.commit().await?;

    let mut last = None;
    let mut bytes = 0;
    let rest = mails.iter().filter(|id| running.work.cursor.is_none_or(|cursor| **id > cursor));
    for id in rest {
        let mut conn = app.db.tenant(tenant).await?;
        let raw = intake::raw(&mut conn, IntakeId(*id)).await?.unwrap_or_default();
        bytes += raw.len();
        files.push((format!("mails/{id}.eml"), raw));
        last = Some(*id);
        if bytes >= PART_BYTES {
            break;
        }
    }
    if files.is_empty() {
        let mut conn = app.db.tenant(tenant).await?;
        let Some(mut running) = store::take_up(&mut conn, running.id).await? else { return Ok(Next::Stop) };
        running.advance();
        store::save(&mut conn, &running).await?;
        conn.commit().await?;
        return Ok(Next::Go);
    }
    let count = files.len();
    let before = running.parts;
    running.parts += 1;
    let key = put(app, tenant, &running, files).await?;

    let mut conn = app.db.tenant(tenant).await?;
    let Some(now) = store::take_up(&mut conn, running.id).await? else {
        // The person was erased meanwhile.
        app.files.remove(&key).await.map_err(anyhow::Error::from)?;
        return Ok(Next::Stop);
    };
    if now.parts != before {
        return Ok(Next::Go); // another process was faster and wrote the same
    }
    running.work.cursor = last.or(running.work.cursor);
    running.count("files", count);
    store::save(&mut conn, &running).await?;
    conn.commit().await?;
    Ok(Next::Go)
}

/// Writes these files as the newest ZIP file of an export.
pub(super) async fn put(
    app: &App,
    tenant: TenantId,
    running: &Running,
    files: Vec<(String, Vec<u8>)>,
) -> Result<FileKey, JobError> {
    let zipped = tokio::task::spawn_blocking(move || zipped(files)).await.map_err(anyhow::Error::from)?;
    let key = part_key(tenant, running.id, running.parts).parse::<FileKey>().map_err(anyhow::Error::from)?;
    app.files.put(&key, &zipped.map_err(anyhow::Error::from)?).await.map_err(anyhow::Error::from)?;
    Ok(key)
}

/// All mails of the person: those of conversations and those that were found, in order.
async fn mails(conn: &mut TenantConn, running: &Running) -> Result<Vec<Uuid>, sqlx::Error> {
    let leads: Vec<Uuid> = running.work.leads.iter().map(|lead| lead.0).collect();
    let mut mails = sqlx::query_scalar!(
        r#"/* privacy.mails_of_person */
         SELECT DISTINCT m.intake_message_id AS "id!" FROM messages m
         JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
         WHERE m.tenant_id = $1 AND c.lead_id = ANY ($2) AND m.intake_message_id IS NOT NULL"#,
        conn.tenant().0,
        &leads,
    )
    .fetch_all(conn.sql())
    .await?;
    mails.extend(&running.work.mails);
    mails.sort_unstable();
    mails.dedup();
    Ok(mails)
}

async fn document(conn: &mut TenantConn, running: &Running, mails: &[Uuid]) -> Result<Value, sqlx::Error> {
    let work = &running.work;
    let held = held::rows(conn, &work.leads, mails).await?;
    Ok(json!({
        "about": {
            "request": running.id,
            "writtenAt": conn.now(),
            "addresses": work.addresses,
            "phones": work.phones,
            "mails": "The mails as they came are in mails/<id of intake_messages>.eml, with the files that came with them.",
            "embeddings": "The pieces of conversations that are searched are in knowledge_chunks; their vectors are made from these texts and say nothing else.",
        },
        "held": held,
    }))
}

fn zipped(files: Vec<(String, Vec<u8>)>) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name, SimpleFileOptions::default())?;
        archive.write_all(&bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// One file of an export that is done.
///
/// # Errors
/// [`PrivacyError`].
pub async fn read_part(app: &App, tenant: TenantId, id: RequestId, part: i32) -> Result<Vec<u8>, PrivacyError> {
    let mut conn = app.db.tenant(tenant).await?;
    let request = store::find(&mut conn, id).await?.filter(|request| request.kind.is_export());
    let request = request.ok_or(PrivacyError::NotFound)?;
    drop(conn);
    if request.state != RequestState::Done {
        return Err(PrivacyError::NoFiles(request.state));
    }
    if !(1..=request.parts).contains(&part) {
        return Err(PrivacyError::NoSuchPart);
    }
    let key = part_key(tenant, id, part).parse::<FileKey>().map_err(|_| PrivacyError::NoSuchPart)?;
    app.files.get(&key).await?.ok_or(PrivacyError::NoFiles(RequestState::Expired))
}
