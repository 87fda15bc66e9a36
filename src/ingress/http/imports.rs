//! `/imports`: tables an agency brings along. For administrators.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use office_files::{Limits, Unreadable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::caller::Caller;
use super::check::Check;
use super::json::ApiJson;
use super::problem::{ApiProblem, ApiResult, FieldError};
use super::query::{ApiId, ApiQuery, PageQuery, PageView, page};
use super::version::{IfMatch, Versioned};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::imports::{
    self, Column, Counts, Import, ImportId, ImportKind, ImportRow, ImportState, NewImport, RowProblem, RowState,
};
use crate::domain::users::UserId;

/// Completes "Only administrators may …".
const WHAT: &str = "import tables";

/// Bytes of a file at most.
const MOST_BYTES: usize = 10 * 1024 * 1024;

/// An import.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ImportView {
    /// Id.
    id: ImportId,
    /// What the rows are.
    kind: ImportKind,
    /// The file's name.
    file_name: String,
    /// How far it is.
    state: ImportState,
    /// Its columns in the order of the file, and what each is taken for.
    columns: Vec<Column>,
    /// How many rows are where.
    counts: Counts,
    /// Who brought it.
    requested_by: Option<UserId>,
    /// When.
    created_at: Timestamp,
    /// When making began.
    started_at: Option<Timestamp>,
    /// When making or taking back ended.
    finished_at: Option<Timestamp>,
    /// Grows with each change; the `ETag`.
    version: i32,
}

impl From<Import> for ImportView {
    fn from(import: Import) -> Self {
        let fields = import.mapping.into_iter().map(|field| Some(field).filter(|field| !field.is_empty()));
        let columns = import.columns.into_iter().zip(fields).map(|(name, field)| Column { name, field });
        Self {
            id: import.id,
            kind: import.kind,
            file_name: import.file_name,
            state: import.state,
            columns: columns.collect(),
            counts: import.counts,
            requested_by: import.requested_by,
            created_at: import.created_at,
            started_at: import.started_at,
            finished_at: import.finished_at,
            version: import.version,
        }
    }
}

/// A row of the file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ImportRowView {
    /// Where it stands in the file, counted from 1.
    number: i32,
    /// Its cells in the order of the columns; null once they are forgotten.
    cells: Option<Vec<String>>,
    /// What became of it.
    state: RowState,
    /// What is wrong with it.
    problems: Vec<RowProblem>,
    /// The lead or property it became, or that was there already.
    entity_id: Option<Uuid>,
}

impl From<ImportRow> for ImportRowView {
    fn from(row: ImportRow) -> Self {
        let ImportRow { number, cells, state, problems, entity_id } = row;
        Self { number, cells, state, problems, entity_id }
    }
}

/// What a column may be.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ImportFieldView {
    /// Of which rows.
    kind: ImportKind,
    /// Name, for `columns` of the mapping.
    name: &'static str,
    /// In German.
    label_de: &'static str,
    /// In English.
    label_en: &'static str,
}

/// What each column is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ImportMapping {
    /// One entry for each column of the file, in its order: the name of a field, or null to leave it out.
    columns: Vec<Option<String>>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BeginQuery {
    /// What the rows are.
    #[param(required = true)]
    kind: Option<ImportKind>,
    /// The file's name, for people.
    file_name: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FieldsQuery {
    /// What the rows are; left out: the fields of both.
    kind: Option<ImportKind>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RowsQuery {
    /// What became of them.
    state: Option<RowState>,
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Its routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, begin))
        .routes(routes!(fields))
        .routes(routes!(get, discard))
        .routes(routes!(rows))
        .routes(routes!(map))
        .routes(routes!(start))
        .routes(routes!(undo))
}

/// Read a table and propose what its columns are
///
/// CSV or XLSX, up to 10 MB, 10,000 rows and 100 columns; the first row names the columns. Nothing is made of it yet: look at
/// the columns and at the rows that are `INVALID`, then start it.
#[utoipa::path(post, path = "/imports", operation_id = "beginImport", tag = "imports", params(BeginQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file"),
    responses((status = 201, body = ImportView, description = "Read"), (status = 403, response = ApiProblem)))]
async fn begin(caller: Caller, ApiQuery(query): ApiQuery<BeginQuery>, request: Request) -> ApiResult<Response> {
    // Before the body, which may be large.
    caller.require_admin(WHAT)?;
    let mut check = Check::new();
    let file_name = check.line("fileName", query.file_name).unwrap_or_else(|| "Import".to_owned());
    let kind = given(query.kind)?;
    check.done()?;
    let bytes = body(request.into_body()).await?;
    let table = tokio::task::spawn_blocking(move || office_files::table(&bytes, &Limits::default()))
        .await
        .map_err(|error| ApiProblem::internal(&error))?
        .map_err(unreadable)?;
    let mut conn = caller.tenant_conn().await?;
    let new = NewImport { kind, file_name, table };
    let import = imports::begin(&mut conn, caller.user.id, new).await?;
    conn.commit().await?;
    let location = HeaderValue::from_str(&format!("/api/v1/imports/{}", import.id)).ok();
    let mut answer = (StatusCode::CREATED, Versioned(import.version, ImportView::from(import))).into_response();
    if let Some(location) = location {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    Ok(answer)
}

/// Asked for by hand, so that whoever may not import hears that first.
fn given(kind: Option<ImportKind>) -> ApiResult<ImportKind> {
    kind.ok_or_else(|| ApiProblem::query(FieldError::new("kind", "must be LEADS or PROPERTIES")))
}

fn unreadable(error: Unreadable) -> ApiProblem {
    ApiProblem::field("(body)", error.to_string())
}

async fn body(body: Body) -> ApiResult<Vec<u8>> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| ApiProblem::malformed("The body did not arrive as a whole."))?;
        if bytes.len() + piece.len() > MOST_BYTES {
            return Err(ApiProblem::plain(StatusCode::PAYLOAD_TOO_LARGE));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// List imports, newest first
#[utoipa::path(get, path = "/imports", operation_id = "listImports", tag = "imports", params(PageQuery),
    responses((status = 200, body = PageView<ImportView>, description = "A page of imports"), (status = 403, response = ApiProblem)))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<PageQuery>) -> ApiResult<Json<PageView<ImportView>>> {
    caller.require_admin(WHAT)?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(imports::list(&mut conn, wanted).await?.map(ImportView::from).into()))
}

/// What columns may be
#[utoipa::path(get, path = "/import-fields", operation_id = "listImportFields", tag = "imports", params(FieldsQuery),
    responses((status = 200, body = Vec<ImportFieldView>, description = "The fields"), (status = 403, response = ApiProblem)))]
async fn fields(caller: Caller, ApiQuery(query): ApiQuery<FieldsQuery>) -> ApiResult<Json<Vec<ImportFieldView>>> {
    caller.require_admin(WHAT)?;
    let kinds = [ImportKind::Leads, ImportKind::Properties].into_iter();
    let kinds = kinds.filter(|kind| query.kind.is_none_or(|wanted| wanted == *kind));
    let fields = kinds.flat_map(|kind| {
        imports::fields(kind).iter().map(move |field| ImportFieldView {
            kind,
            name: field.name,
            label_de: field.label.0,
            label_en: field.label.1,
        })
    });
    Ok(Json(fields.collect()))
}

/// Read an import
#[utoipa::path(get, path = "/imports/{importId}", operation_id = "getImport", tag = "imports",
    params(("importId" = ImportId, Path, description = "Import")),
    responses((status = 200, body = ImportView, description = "The import"), (status = 403, response = ApiProblem)))]
async fn get(caller: Caller, ApiId(id): ApiId<ImportId>) -> ApiResult<Versioned<ImportView>> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    let import = imports::find(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("import"))?;
    Ok(Versioned(import.version, import.into()))
}

/// Read the rows of an import, in the order of the file
#[utoipa::path(get, path = "/imports/{importId}/rows", operation_id = "listImportRows", tag = "imports",
    params(("importId" = ImportId, Path, description = "Import"), RowsQuery),
    responses((status = 200, body = PageView<ImportRowView>, description = "A page of rows"), (status = 403, response = ApiProblem)))]
async fn rows(
    caller: Caller,
    ApiId(id): ApiId<ImportId>,
    ApiQuery(query): ApiQuery<RowsQuery>,
) -> ApiResult<Json<PageView<ImportRowView>>> {
    caller.require_admin(WHAT)?;
    let limit = page(query.limit, None)?.limit;
    let after = match query.cursor.as_deref().map(str::parse::<i32>) {
        None => 0,
        Some(Ok(after)) => after,
        Some(Err(_)) => {
            let message = "is none of ours; send `nextCursor` of the page before";
            return Err(ApiProblem::query(FieldError::new("cursor", message)));
        }
    };
    let mut conn = caller.tenant_conn().await?;
    imports::find(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("import"))?;
    let mut rows = imports::rows(&mut conn, id, query.state, after, i64::from(limit) + 1).await?;
    let more = rows.len() > usize::from(limit);
    rows.truncate(usize::from(limit));
    let next_cursor = rows.last().filter(|_| more).map(|row| row.number.to_string());
    Ok(Json(PageView { items: rows.into_iter().map(ImportRowView::from).collect(), next_cursor }))
}

/// Say what the columns of an import are
///
/// Every row is read again; what is wrong with it then stands beside it.
#[utoipa::path(put, path = "/imports/{importId}/mapping", operation_id = "mapImport", tag = "imports",
    params(("importId" = ImportId, Path, description = "Import"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    request_body = ImportMapping,
    responses((status = 200, body = ImportView, description = "Read again"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn map(
    caller: Caller,
    ApiId(id): ApiId<ImportId>,
    IfMatch(version): IfMatch,
    ApiJson(mapping): ApiJson<ImportMapping>,
) -> ApiResult<Versioned<ImportView>> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    let import = imports::map(&mut conn, id, &mapping.columns, version).await?;
    conn.commit().await?;
    Ok(Versioned(import.version, import.into()))
}

/// Make the rows of an import that can be made
///
/// What is there already is not made again. Nobody is written to because of it.
#[utoipa::path(post, path = "/imports/{importId}/start", operation_id = "startImport", tag = "imports",
    params(("importId" = ImportId, Path, description = "Import")),
    responses((status = 202, body = ImportView, description = "Begun; read the import for how far it is"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn start(caller: Caller, ApiId(id): ApiId<ImportId>) -> ApiResult<(StatusCode, Versioned<ImportView>)> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    let import = imports::start(&mut conn, id).await?;
    conn.commit().await?;
    Ok((StatusCode::ACCEPTED, Versioned(import.version, import.into())))
}

/// Take back what an import made
///
/// What somebody worked on since stays.
#[utoipa::path(post, path = "/imports/{importId}/undo", operation_id = "undoImport", tag = "imports",
    params(("importId" = ImportId, Path, description = "Import")),
    responses((status = 202, body = ImportView, description = "Begun; read the import for how far it is"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn undo(caller: Caller, ApiId(id): ApiId<ImportId>) -> ApiResult<(StatusCode, Versioned<ImportView>)> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    let import = imports::undo(&mut conn, id).await?;
    conn.commit().await?;
    Ok((StatusCode::ACCEPTED, Versioned(import.version, import.into())))
}

/// Throw away an import that was not started
#[utoipa::path(delete, path = "/imports/{importId}", operation_id = "discardImport", tag = "imports",
    params(("importId" = ImportId, Path, description = "Import")),
    responses((status = 204, description = "Thrown away, with all it read"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn discard(caller: Caller, ApiId(id): ApiId<ImportId>) -> ApiResult<StatusCode> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    imports::discard(&mut conn, id).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
