//! Documents: keeping, listing and removing them.
//!
//! A file is kept before its row is written and goes after its row went, so that a row always has its file. A file whose
//! row was never written names nobody and goes with its agency.

use serde::{Deserialize, Serialize};

use super::index::Index;
use super::model::{Document, DocumentFilter, DocumentId, DocumentState, KnowledgeError, NewDocument, Source};
use super::reading::ReadDocument;
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::properties::PropertyId;
use crate::domain::users::UserId;
use crate::ids::TenantId;
use crate::integrations::storage::{FileKey, StoreError};
use crate::jobs::{self, Job, JobError, Placement};

/// Longest name, characters.
const NAME: usize = 200;

fn file_key(tenant: TenantId, id: DocumentId) -> Result<FileKey, StoreError> {
    format!("documents/{tenant}/{id}").parse().map_err(|error| StoreError::Failed(std::io::Error::other(error)))
}

/// Keeps the file of a document that is about to be made.
///
/// # Errors
/// When the file store cannot do it.
pub async fn keep(app: &App, tenant: TenantId, id: DocumentId, bytes: &[u8]) -> Result<(), KnowledgeError> {
    Ok(app.files.put(&file_key(tenant, id)?, bytes).await?)
}

/// Removes the file of a document that was not made after all. What cannot be removed now goes with the agency.
pub async fn forget_unkept(app: &App, tenant: TenantId, id: DocumentId) {
    let removed = match file_key(tenant, id) {
        Ok(key) => app.files.remove(&key).await,
        Err(error) => Err(error),
    };
    if let Err(error) = removed {
        tracing::warn!(%tenant, error = &error as &dyn std::error::Error, "a file without a document stays");
    }
}

/// Makes a document whose file is kept.
///
/// # Errors
/// [`KnowledgeError::BadName`], [`KnowledgeError::NoSuchProperty`].
pub async fn upload(conn: &mut TenantConn, new: &NewDocument, read: &ReadDocument) -> Result<Document, KnowledgeError> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
        return Err(KnowledgeError::BadName);
    }
    sqlx::query!(
        "/* knowledge.upload */
         INSERT INTO documents (id, tenant_id, property_id, name, content_type, size, sha256, language, text, uploaded_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        new.id.0,
        conn.tenant().0,
        new.property_id.map(|id| id.0),
        name,
        read.kind as _,
        i64::try_from(read.size).unwrap_or(i64::MAX),
        read.sha256,
        read.language,
        read.text,
        new.uploaded_by.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    find(conn, new.id).await?.ok_or(KnowledgeError::NotFound)
}

macro_rules! documents_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Document,
            r#"SELECT id AS "id: DocumentId", property_id AS "property_id: PropertyId", name, content_type, size, language,
                      state AS "state: DocumentState", uploaded_by AS "uploaded_by: UserId", version, created_at
               FROM documents WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// One document.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(conn: &mut TenantConn, id: DocumentId) -> Result<Option<Document>, sqlx::Error> {
    let tenant = conn.tenant();
    documents_where!("tenant_id = $1 AND id = $2", tenant.0, id.0).fetch_optional(conn.sql()).await
}

/// A page of documents, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(
    conn: &mut TenantConn,
    filter: &DocumentFilter,
    page: PageRequest,
) -> Result<Page<Document>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = documents_where!(
        "tenant_id = $1 AND ($2::uuid IS NULL OR property_id = $2)
         AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $5",
        tenant.0,
        filter.property_id.map(|id| id.0),
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |document| Cursor { at: document.created_at, id: document.id.0 }))
}

/// The file of a document, as it came.
///
/// # Errors
/// [`KnowledgeError::NotFound`], also when the store lost it; [`KnowledgeError::Files`].
pub async fn content(app: &App, tenant: TenantId, document: &Document) -> Result<Vec<u8>, KnowledgeError> {
    app.files.get(&file_key(tenant, document.id)?).await?.ok_or_else(|| {
        tracing::error!(%tenant, document = %document.id, "the file of a document is gone");
        KnowledgeError::NotFound
    })
}

/// Removes a document, with all that was made from it.
///
/// # Errors
/// [`KnowledgeError::NotFound`], [`KnowledgeError::Changed`].
pub async fn remove(
    conn: &mut TenantConn,
    id: DocumentId,
    expected_version: Option<i32>,
) -> Result<(), KnowledgeError> {
    lock(conn, id, expected_version).await?;
    sqlx::query!(
        "/* knowledge.remove_document */ DELETE FROM documents WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Has a document that could not be made searchable tried again.
///
/// # Errors
/// [`KnowledgeError::NotFound`], [`KnowledgeError::NotFailed`].
pub async fn reindex(conn: &mut TenantConn, id: DocumentId) -> Result<Document, KnowledgeError> {
    let document = lock(conn, id, None).await?;
    if document.state != DocumentState::Failed {
        return Err(KnowledgeError::NotFailed(document.state));
    }
    settle(conn, id, DocumentState::Received).await?;
    let job = Index { tenant_id: conn.tenant(), source: Source::Document, id: id.0 };
    jobs::enqueue(conn, &job, Placement::default().keyed(job.key())).await?;
    find(conn, id).await?.ok_or(KnowledgeError::NotFound)
}

async fn lock(conn: &mut TenantConn, id: DocumentId, expected: Option<i32>) -> Result<Document, KnowledgeError> {
    let tenant = conn.tenant();
    let document = documents_where!("tenant_id = $1 AND id = $2 FOR UPDATE", tenant.0, id.0)
        .fetch_optional(conn.sql())
        .await?
        .ok_or(KnowledgeError::NotFound)?;
    match expected {
        Some(expected) if expected != document.version => Err(KnowledgeError::Changed),
        _ => Ok(document),
    }
}

/// Notes where a document stands.
pub(super) async fn settle(conn: &mut TenantConn, id: DocumentId, state: DocumentState) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* knowledge.settle */
         UPDATE documents SET state = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND state <> $3",
        conn.tenant().0,
        id.0,
        state as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Job `knowledge.forget_file`: removes the file of a document that is gone. A trigger enqueues it (`migrations/0041`).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForgetFile {
    /// Tenant.
    pub tenant_id: TenantId,
    /// The document that was.
    pub document_id: DocumentId,
}

impl Job for ForgetFile {
    const NAME: &'static str = "knowledge.forget_file";

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let key = file_key(self.tenant_id, self.document_id).map_err(anyhow::Error::from)?;
        Ok(app.files.remove(&key).await.map_err(anyhow::Error::from)?)
    }

    /// It names nobody any more, and goes with the agency at the latest.
    async fn give_up(&self, _app: &App, error: &JobError) -> Result<(), JobError> {
        tracing::error!(document = %self.document_id, %error, "the file of a removed document stays");
        Ok(())
    }
}
