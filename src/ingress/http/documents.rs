//! `/documents`: files of a listing or of the whole agency that answers may cite. Everybody of the agency reads and uploads
//! them; administrators remove them, and have them tried again.

use axum::Json;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::Response;
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::download::download;
use super::once::Key;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageView, page};
use super::version::{IfMatch, Versioned};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::knowledge::{self, Document, DocumentFilter, DocumentId, DocumentState, DocumentType, NewDocument};
use crate::domain::properties::PropertyId;
use crate::domain::users::UserId;

/// Largest file, bytes.
const LARGEST: usize = 10 << 20;

/// A document.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DocumentView {
    /// Id.
    pub id: DocumentId,
    /// The listing it belongs to; null: the whole agency.
    pub property_id: Option<PropertyId>,
    /// Name.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// Bytes.
    pub size: i64,
    /// ISO 639-1.
    pub language: String,
    /// Where it stands.
    pub state: DocumentState,
    /// Who uploaded it.
    pub uploaded_by: Option<UserId>,
    /// Grows with each change; the `ETag`.
    pub version: i32,
    /// When it came.
    pub created_at: Timestamp,
}

impl From<Document> for DocumentView {
    fn from(document: Document) -> Self {
        Self {
            id: document.id,
            property_id: document.property_id,
            name: document.name,
            content_type: document.content_type,
            size: document.size,
            language: document.language,
            state: document.state,
            uploaded_by: document.uploaded_by,
            version: document.version,
            created_at: document.created_at,
        }
    }
}

/// Which documents.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Of which listing.
    #[param(value_type = Option<PropertyId>)]
    property_id: Option<PropertyId>,
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// What a document is called, and where it belongs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UploadQuery {
    /// Name, 1 to 200 characters.
    name: String,
    /// The listing it belongs to; left out: the whole agency.
    #[param(value_type = Option<PropertyId>)]
    property_id: Option<PropertyId>,
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, upload))
        .routes(routes!(get, remove))
        .routes(routes!(content))
        .routes(routes!(reindex))
}

/// List documents, newest first
#[utoipa::path(get, path = "/documents", operation_id = "listDocuments", tag = "knowledge", params(ListQuery),
    responses((status = 200, body = PageView<DocumentView>, description = "A page of documents")))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<DocumentView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let filter = DocumentFilter { property_id: query.property_id };
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(knowledge::list(&mut conn, &filter, wanted).await?.map(DocumentView::from).into()))
}

/// Upload a document
///
/// The file as the body: plain text, Markdown or HTML, up to 10 MiB. Answers may cite it soon after; `state` tells.
#[utoipa::path(post, path = "/documents", operation_id = "uploadDocument", tag = "knowledge",
    params(UploadQuery, ("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")),
    request_body(content = Vec<u8>, content_type = "text/plain", description = "The file; or `text/markdown`, `text/html`"),
    responses((status = 201, body = DocumentView, description = "Stored"), (status = 409, response = ApiProblem)))]
async fn upload(caller: Caller, ApiQuery(query): ApiQuery<UploadQuery>, file: Upload) -> ApiResult<Response> {
    let Upload { kind, bytes, key } = file;
    let (read, bytes) = tokio::task::spawn_blocking(move || (knowledge::read(kind, &bytes), bytes))
        .await
        .map_err(|error| ApiProblem::internal(&error))?;
    let read = read?;
    let tenant = caller.user.tenant_id;
    let id = DocumentId::new();
    knowledge::keep(&caller.app, tenant, id, &bytes).await?;
    let new = NewDocument { id, property_id: query.property_id, name: query.name, uploaded_by: caller.user.id };
    let made = make(&caller, &key, &new, &read).await;
    if !matches!(made, Ok((_, true))) {
        knowledge::forget_unkept(&caller.app, tenant, id).await;
    }
    made.map(|(answer, _)| answer)
}

/// Writes the row; the answer, and whether it is about this file and not one sent before.
async fn make(
    caller: &Caller,
    key: &Key,
    new: &NewDocument,
    read: &knowledge::ReadDocument,
) -> ApiResult<(Response, bool)> {
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, caller).await? {
        return Ok((answer, false));
    }
    let document = knowledge::upload(&mut conn, new, read).await?;
    let location = format!("/api/v1/documents/{}", document.id);
    let view = DocumentView::from(document);
    let answer = key.keep(&mut conn, caller, StatusCode::CREATED, Some(location), &view).await?;
    conn.commit().await?;
    Ok((answer, true))
}

/// Read a document's entry
#[utoipa::path(get, path = "/documents/{documentId}", operation_id = "getDocument", tag = "knowledge",
    params(("documentId" = DocumentId, Path, description = "Document")), responses((status = 200, body = DocumentView, description = "The entry")))]
async fn get(caller: Caller, ApiId(id): ApiId<DocumentId>) -> ApiResult<Versioned<DocumentView>> {
    let mut conn = caller.tenant_conn().await?;
    let document = knowledge::find(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("document"))?;
    Ok(Versioned(document.version, document.into()))
}

/// Download a document
///
/// As it came, and always as a file to be saved.
#[utoipa::path(get, path = "/documents/{documentId}/content", operation_id = "getDocumentContent", tag = "knowledge",
    params(("documentId" = DocumentId, Path, description = "Document")),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>, description = "The file",
        headers(("Content-Disposition" = String, description = "`attachment`, with the document's name")))))]
async fn content(caller: Caller, ApiId(id): ApiId<DocumentId>) -> ApiResult<Response> {
    let mut conn = caller.tenant_conn().await?;
    let document = knowledge::find(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("document"))?;
    drop(conn);
    let bytes = knowledge::content(&caller.app, caller.user.tenant_id, &document).await?;
    Ok(download(&document.name, "application/octet-stream", bytes))
}

/// Try again to make a document searchable
///
/// For one whose `state` is `FAILED`.
#[utoipa::path(post, path = "/documents/{documentId}/reindex", operation_id = "reindexDocument", tag = "knowledge",
    params(("documentId" = DocumentId, Path, description = "Document")),
    responses((status = 202, body = DocumentView, description = "It is tried again"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn reindex(caller: Caller, ApiId(id): ApiId<DocumentId>) -> ApiResult<(StatusCode, Json<DocumentView>)> {
    caller.require_admin("have documents indexed again")?;
    let mut conn = caller.tenant_conn().await?;
    let document = knowledge::reindex(&mut conn, id).await?;
    conn.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(document.into())))
}

/// Remove a document
///
/// With all that was made from it; no answer cites it any more.
#[utoipa::path(delete, path = "/documents/{documentId}", operation_id = "removeDocument", tag = "knowledge",
    params(("documentId" = DocumentId, Path, description = "Document"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    responses((status = 204, description = "Removed"), (status = 403, response = ApiProblem)))]
async fn remove(caller: Caller, ApiId(id): ApiId<DocumentId>, IfMatch(version): IfMatch) -> ApiResult<StatusCode> {
    caller.require_admin("remove documents")?;
    let mut conn = caller.tenant_conn().await?;
    knowledge::remove(&mut conn, id, version).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A file in a request.
#[derive(Debug)]
struct Upload {
    kind: DocumentType,
    bytes: Vec<u8>,
    key: Key,
}

impl FromRequest<App> for Upload {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, _app: &App) -> ApiResult<Self> {
        let named = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind =
            DocumentType::of(named).ok_or_else(|| ApiProblem::wrong_type("text/plain, text/markdown or text/html"))?;
        let (parts, body) = request.into_parts();
        let mut stream = body.into_data_stream();
        let mut bytes = Vec::new();
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|_| ApiProblem::malformed("The body did not arrive as a whole."))?;
            if bytes.len() + piece.len() > LARGEST {
                return Err(ApiProblem::too_large(LARGEST));
            }
            bytes.extend_from_slice(&piece);
        }
        let key = Key::of(&parts, &bytes)?;
        Ok(Self { kind, bytes, key })
    }
}
