//! The files of mails: which are kept apart from the mail, and how to get at any of them.
//!
//! What a file is decides its own content, never its name or what the sender says of it.

use std::collections::HashMap;
use std::sync::Arc;

use portal_mail::AttachmentFacts;
use uuid::Uuid;

use super::model::IntakeId;
use super::store;
use crate::app::App;
use crate::ids::TenantId;
use crate::integrations::storage::{FileKey, FileStore};

/// Larger files stay in the mail alone, bytes.
const LARGEST: usize = 20 << 20;
/// More files of one mail stay in the mail alone.
const MOST: usize = 20;
/// What people look at. None of these types runs anything in a browser.
const SHOWN: [&str; 5] = ["application/pdf", "image/gif", "image/jpeg", "image/png", "image/webp"];

/// Whether a file is a picture that people look at.
pub(super) fn is_picture(content_type: &str) -> bool {
    content_type.starts_with("image/") && SHOWN.contains(&content_type)
}

/// Which parts of a mail are kept, and where.
pub(super) type Kept = HashMap<usize, FileKey>;

/// Keeps the pictures and documents of a mail. To be called before the transaction that notes them: a file nobody noted
/// does no harm, and the next attempt writes the same bytes to the same place. What cannot be kept now stays in the mail,
/// where [`read_file`] finds it; nobody waits for an answer because a disk is full.
pub(super) async fn keep(
    files: &dyn FileStore,
    tenant: TenantId,
    raw: Arc<Vec<u8>>,
    attachments: &[AttachmentFacts],
) -> anyhow::Result<Kept> {
    let wanted: Vec<AttachmentFacts> = attachments
        .iter()
        .filter(|file| file.size <= LARGEST && SHOWN.contains(&file.content_type.as_str()))
        .take(MOST)
        .cloned()
        .collect();
    if wanted.is_empty() {
        return Ok(Kept::new());
    }
    let parts: Vec<usize> = wanted.iter().map(|file| file.part_index).collect();
    let contents = tokio::task::spawn_blocking(move || portal_mail::attachments_bytes(&raw, &parts)).await?;
    let mut kept = Kept::new();
    for (file, bytes) in wanted.iter().zip(contents) {
        let Some(bytes) = bytes.filter(|bytes| shown(bytes).is_some()) else { continue };
        let key = format!("attachments/{tenant}/{}", file.sha256).parse::<FileKey>()?;
        match files.put(&key, &bytes).await {
            Ok(()) => {
                kept.insert(file.part_index, key);
            }
            Err(error) => {
                tracing::warn!(%tenant, error = &error as &dyn std::error::Error, "a file stays in its mail");
                metrics::counter!("immivo_file_store_failures_total").increment(1);
            }
        }
    }
    Ok(kept)
}

/// The type of content a browser may be told about.
fn shown(bytes: &[u8]) -> Option<&'static str> {
    portal_mail::signature(bytes).filter(|found| SHOWN.contains(found))
}

/// A file of a mail, to be given to somebody.
#[derive(Debug)]
pub struct File {
    /// Name, as the sender called it: untrusted.
    pub name: String,
    /// Type by its content; `application/octet-stream` for whatever might run somewhere.
    pub content_type: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Reads a file of a mail, from the store or else out of the mail. `None`: this tenant has no such file.
///
/// # Errors
/// When the database cannot be asked.
pub async fn read_file(
    app: &App,
    tenant: TenantId,
    message: IntakeId,
    attachment: Uuid,
) -> anyhow::Result<Option<File>> {
    let mut conn = app.db.tenant(tenant).await?;
    let Some(place) = store::place(&mut conn, message, attachment).await? else { return Ok(None) };
    drop(conn);
    let bytes = match from_store(&*app.files, place.file_key.as_deref()).await {
        Some(bytes) => Some(bytes),
        None => {
            let raw = store::raw(&mut app.db.tenant(tenant).await?, message).await?;
            let part = usize::try_from(place.part)?;
            tokio::task::spawn_blocking(move || portal_mail::attachment_bytes(&raw?, part)).await?
        }
    };
    Ok(bytes.map(|bytes| {
        let content_type = shown(&bytes).unwrap_or("application/octet-stream");
        File { name: place.name, content_type, bytes }
    }))
}

/// A store that is down or lost a file hides nothing: the mail has it.
async fn from_store(files: &dyn FileStore, key: Option<&str>) -> Option<Vec<u8>> {
    let key = key?.parse::<FileKey>().ok()?;
    match files.get(&key).await {
        Ok(Some(bytes)) => return Some(bytes),
        Ok(None) => tracing::warn!(%key, "a kept file is gone"),
        Err(error) => tracing::warn!(%key, error = &error as &dyn std::error::Error, "a kept file cannot be read"),
    }
    metrics::counter!("immivo_file_store_failures_total").increment(1);
    None
}
