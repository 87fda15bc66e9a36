//! `/leads/{id}/export`, `/leads/{id}/erasure`, `/privacy/requests`, `/tenant/export`, `/tenant/erasure`: what is held of a
//! person and of the agency itself, given out and erased. For administrators.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::caller::Caller;
use super::download::download;
use super::once::Once;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageView, page};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::leads::LeadId;
use crate::domain::privacy::{self, ErasureReason, Request, RequestId, RequestKind, RequestState, Step, TenantErasure};
use crate::domain::users::UserId;

/// A request and what became of it: its receipt.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PrivacyRequestView {
    /// Id.
    pub id: RequestId,
    /// What is done.
    pub kind: RequestKind,
    /// The lead it was asked for; null for the nightly run and the agency's export.
    pub lead_id: Option<LeadId>,
    /// Why somebody is erased.
    pub reason: Option<ErasureReason>,
    /// Where it stands.
    pub state: RequestState,
    /// Steps behind it.
    pub steps_done: usize,
    /// Steps in all.
    pub steps_total: usize,
    /// What was done so far, in numbers by table. Of `ai_calls` only whose they were is forgotten, of `audit_events` only
    /// what stood there. It names nobody.
    #[schema(value_type = Object)]
    pub receipt: serde_json::Value,
    /// Files of an export.
    pub parts: i32,
    /// Who asked; null for the nightly run.
    pub requested_by: Option<UserId>,
    /// When.
    pub requested_at: Timestamp,
    /// When it was done or given up.
    pub finished_at: Option<Timestamp>,
    /// When the files of an export are removed.
    pub expires_at: Option<Timestamp>,
}

impl From<Request> for PrivacyRequestView {
    fn from(request: Request) -> Self {
        Self {
            id: request.id,
            kind: request.kind,
            lead_id: request.lead_id,
            reason: request.reason,
            state: request.state,
            steps_done: request.step.done(request.kind),
            steps_total: Step::of(request.kind).len(),
            receipt: request.receipt,
            parts: request.parts,
            requested_by: request.requested_by,
            requested_at: request.requested_at,
            finished_at: request.finished_at,
            expires_at: request.expires_at,
        }
    }
}

/// The erasure of the agency.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TenantErasureView {
    /// Id of the receipt, which outlives the agency's data.
    pub id: Uuid,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Rows erased so far, by table.
    #[schema(value_type = Object)]
    pub erased: serde_json::Value,
}

impl From<TenantErasure> for TenantErasureView {
    fn from(erasure: TenantErasure) -> Self {
        Self { id: erasure.id, requested_at: erasure.requested_at, erased: erasure.erased }
    }
}

/// Why, and the proof that the right lead is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LeadErasureRequest {
    /// Why.
    reason: ErasureReason,
    /// The lead's e-mail address, typed by the person who asks; the telephone number if it has none, else the name, else
    /// the id.
    confirmation: String,
}

/// The proof that this is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TenantErasureRequest {
    /// The agency's `slug`, typed by the person who asks.
    confirmation: String,
}

/// Which requests.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// What is done.
    kind: Option<RequestKind>,
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DownloadQuery {
    /// Number of the file, from 1 to `parts`; 1 if left out.
    #[param(minimum = 1)]
    part: Option<i32>,
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(export_lead))
        .routes(routes!(erase_lead))
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(retry))
        .routes(routes!(download_export))
        .routes(routes!(export_tenant))
        .routes(routes!(tenant_erasure, erase_tenant))
}

const MAY: &str = "export and erase what is held of people";

/// Export everything held of a lead's person
///
/// Of all leads of the same person: same address, or same telephone and no other family name. While an export of the lead
/// is open, that one is the answer.
#[utoipa::path(post, path = "/leads/{leadId}/export", operation_id = "exportLead", tag = "privacy",
    params(("leadId" = LeadId, Path, description = "Lead")),
    responses((status = 202, body = PrivacyRequestView, description = "Asked for"), (status = 403, response = ApiProblem)))]
async fn export_lead(caller: Caller, ApiId(lead): ApiId<LeadId>) -> ApiResult<(StatusCode, Json<PrivacyRequestView>)> {
    caller.require_admin(MAY)?;
    let mut conn = caller.tenant_conn().await?;
    let request = privacy::export(&mut conn, lead, caller.user.id).await?;
    conn.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(request.into())))
}

/// Erase everything held of a lead's person
///
/// Of all leads of the same person: same address, or same telephone and no other family name. Queued mails are withdrawn,
/// appointments to come are cancelled, then everything goes. It cannot be undone.
#[utoipa::path(post, path = "/leads/{leadId}/erasure", operation_id = "eraseLead", tag = "privacy",
    params(("leadId" = LeadId, Path, description = "Lead"), ("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")),
    request_body = LeadErasureRequest,
    responses((status = 202, body = PrivacyRequestView, description = "Asked for"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn erase_lead(
    caller: Caller,
    ApiId(lead): ApiId<LeadId>,
    Once { body, key }: Once<LeadErasureRequest>,
) -> ApiResult<Response> {
    caller.require_admin(MAY)?;
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let request = privacy::erase(&mut conn, lead, body.reason, &body.confirmation, caller.user.id).await?;
    let location = format!("/api/v1/privacy/requests/{}", request.id);
    let view = PrivacyRequestView::from(request);
    let answer = key.keep(&mut conn, &caller, StatusCode::ACCEPTED, Some(location), &view).await?;
    conn.commit().await?;
    Ok(answer)
}

/// List exports and erasures, newest first
#[utoipa::path(get, path = "/privacy/requests", operation_id = "listPrivacyRequests", tag = "privacy", params(ListQuery),
    responses((status = 200, body = PageView<PrivacyRequestView>, description = "A page of requests"), (status = 403, response = ApiProblem)))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<PrivacyRequestView>>> {
    caller.require_admin(MAY)?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(privacy::list(&mut conn, query.kind, wanted).await?.map(PrivacyRequestView::from).into()))
}

/// Read an export or erasure: progress, then receipt
#[utoipa::path(get, path = "/privacy/requests/{privacyRequestId}", operation_id = "getPrivacyRequest", tag = "privacy",
    params(("privacyRequestId" = RequestId, Path, description = "Request")),
    responses((status = 200, body = PrivacyRequestView, description = "The request"), (status = 403, response = ApiProblem)))]
async fn get(caller: Caller, ApiId(id): ApiId<RequestId>) -> ApiResult<Json<PrivacyRequestView>> {
    caller.require_admin(MAY)?;
    let mut conn = caller.tenant_conn().await?;
    let request = privacy::find(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("privacy request"))?;
    Ok(Json(request.into()))
}

/// Take up a failed export or erasure where it stood
#[utoipa::path(post, path = "/privacy/requests/{privacyRequestId}/retry", operation_id = "retryPrivacyRequest", tag = "privacy",
    params(("privacyRequestId" = RequestId, Path, description = "Request")),
    responses((status = 202, body = PrivacyRequestView, description = "Asked for again"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn retry(caller: Caller, ApiId(id): ApiId<RequestId>) -> ApiResult<(StatusCode, Json<PrivacyRequestView>)> {
    caller.require_admin(MAY)?;
    let mut conn = caller.tenant_conn().await?;
    let request = privacy::retry(&mut conn, id).await?;
    conn.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(request.into())))
}

/// Download a file of an export
///
/// A ZIP file. Of a person: the first one has `person.json`, all rows by table; each has raw mails. Of the agency: the
/// first one has `about.json`, which says what is where.
#[utoipa::path(get, path = "/privacy/requests/{privacyRequestId}/download", operation_id = "downloadPrivacyExport", tag = "privacy",
    params(("privacyRequestId" = RequestId, Path, description = "Request"), DownloadQuery),
    responses((status = 200, content_type = "application/zip", body = Vec<u8>, description = "The file"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn download_export(
    caller: Caller,
    State(app): State<App>,
    ApiId(id): ApiId<RequestId>,
    ApiQuery(query): ApiQuery<DownloadQuery>,
) -> ApiResult<Response> {
    caller.require_admin(MAY)?;
    let part = query.part.unwrap_or(1);
    let bytes = privacy::read_part(&app, caller.user.tenant_id, id, part).await?;
    Ok(download(&format!("export-{id}-{part}.zip"), "application/zip", bytes))
}

/// Export everything held of the agency
///
/// Every row of its tables as lines of JSON, the mails as they came, and the files it keeps; without passwords and what
/// keys are checked with. Progress and files are those of a privacy request. While an export of the agency is open, that
/// one is the answer. When a person is erased or forgotten the export ends as `EXPIRED`: ask for another one.
#[utoipa::path(post, path = "/tenant/export", operation_id = "exportTenant", tag = "privacy",
    responses((status = 202, body = PrivacyRequestView, description = "Asked for"), (status = 403, response = ApiProblem)))]
async fn export_tenant(caller: Caller) -> ApiResult<(StatusCode, Json<PrivacyRequestView>)> {
    caller.require_admin("export the agency's data")?;
    let mut conn = caller.tenant_conn().await?;
    let request = privacy::export_tenant(&mut conn, caller.user.id).await?;
    conn.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(request.into())))
}

/// Read how far the erasure of the agency is
#[utoipa::path(get, path = "/tenant/erasure", operation_id = "getTenantErasure", tag = "privacy",
    responses((status = 200, body = TenantErasureView, description = "The erasure"), (status = 403, response = ApiProblem), (status = 404, response = ApiProblem)))]
async fn tenant_erasure(caller: Caller) -> ApiResult<Json<TenantErasureView>> {
    caller.require_admin(MAY)?;
    let mut conn = caller.tenant_conn().await?;
    let erasure = privacy::tenant_erasure(&mut conn).await?;
    Ok(Json(erasure.ok_or_else(|| ApiProblem::not_found("erasure of the agency"))?.into()))
}

/// Erase the agency
///
/// Everything: people, listings, leads, mail, files. Its mail is refused and its people are signed out at once, but for
/// who asks; whose token ends with the last row. It cannot be undone.
#[utoipa::path(post, path = "/tenant/erasure", operation_id = "eraseTenant", tag = "privacy",
    params(("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")),
    request_body = TenantErasureRequest,
    responses((status = 202, body = TenantErasureView, description = "Asked for"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn erase_tenant(caller: Caller, Once { body, key }: Once<TenantErasureRequest>) -> ApiResult<Response> {
    caller.require_admin(MAY)?;
    caller.require_themselves()?;
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let erasure = privacy::erase_tenant(&mut conn, &body.confirmation, caller.user.id).await?;
    let view = TenantErasureView::from(erasure);
    let location = "/api/v1/tenant/erasure".to_owned();
    let answer = key.keep(&mut conn, &caller, StatusCode::ACCEPTED, Some(location), &view).await?;
    conn.commit().await?;
    Ok(answer)
}
