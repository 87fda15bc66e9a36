//! `/drafts`: answers waiting for approval.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::check::Check;
use super::json::ApiJson;
use super::leads::MessageQueuedView;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageView, page};
use super::version::{IfMatch, Versioned};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::assistant;
use crate::domain::conversations::{self, Draft, DraftId, DraftState};
use crate::domain::leads::LeadId;

/// An answer waiting for approval.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DraftView {
    /// Id.
    pub id: DraftId,
    /// The lead.
    pub lead_id: LeadId,
    /// Subject.
    pub subject: String,
    /// Body; the signature is added.
    pub text: String,
    /// Which sentence rests on which fact.
    #[schema(value_type = Vec<Object>)]
    pub citations: serde_json::Value,
    /// Why it was not sent at once.
    pub reason: String,
    /// Where it stands.
    pub state: DraftState,
    /// The revision it answers.
    pub revision: i32,
    /// Grows with each edit; the `ETag`.
    pub version: i32,
    /// When it was written.
    pub created_at: Timestamp,
}

impl From<Draft> for DraftView {
    fn from(draft: Draft) -> Self {
        Self {
            id: draft.id,
            lead_id: draft.lead_id,
            subject: draft.subject,
            text: draft.text,
            citations: draft.citations,
            reason: draft.reason,
            state: draft.state,
            revision: draft.revision,
            version: draft.version,
            created_at: draft.created_at,
        }
    }
}

/// Which drafts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Where it stands.
    state: Option<DraftState>,
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Other words. What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DraftPatch {
    /// Subject.
    subject: Option<String>,
    /// Body.
    text: Option<String>,
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, edit))
        .routes(routes!(approve))
        .routes(routes!(reject))
}

/// List drafts, newest first
#[utoipa::path(get, path = "/drafts", operation_id = "listDrafts", tag = "drafts", params(ListQuery),
    responses((status = 200, body = PageView<DraftView>, description = "A page of the drafts the caller may see")))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<DraftView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    let drafts = conversations::list_drafts(&mut conn, query.state, caller.viewer(), wanted).await?;
    Ok(Json(drafts.map(DraftView::from).into()))
}

/// Read a draft
#[utoipa::path(get, path = "/drafts/{draftId}", operation_id = "getDraft", tag = "drafts",
    params(("draftId" = DraftId, Path, description = "Draft")), responses((status = 200, body = DraftView, description = "The draft")))]
async fn get(caller: Caller, ApiId(id): ApiId<DraftId>) -> ApiResult<Versioned<DraftView>> {
    let mut conn = caller.tenant_conn().await?;
    let draft = conversations::find_draft(&mut conn, id, caller.viewer())
        .await?
        .ok_or_else(|| ApiProblem::not_found("draft"))?;
    Ok(Versioned(draft.version, draft.into()))
}

/// Change the words of an open draft
#[utoipa::path(patch, path = "/drafts/{draftId}", operation_id = "editDraft", tag = "drafts",
    params(("draftId" = DraftId, Path, description = "Draft"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    request_body = DraftPatch,
    responses((status = 200, body = DraftView, description = "Changed"), (status = 409, response = ApiProblem)))]
async fn edit(
    caller: Caller,
    ApiId(id): ApiId<DraftId>,
    IfMatch(version): IfMatch,
    ApiJson(body): ApiJson<DraftPatch>,
) -> ApiResult<Versioned<DraftView>> {
    let mut check = Check::new();
    let subject = match body.subject {
        Some(subject) => {
            let line = check.line("subject", Some(subject));
            if line.is_none() {
                check.wrong("subject", "must not be empty");
            }
            line
        }
        None => None,
    };
    let text = body.text.map(|text| check.required_text("text", text, 50_000));
    check.done()?;
    let mut conn = caller.tenant_conn().await?;
    let draft =
        conversations::edit_draft(&mut conn, id, caller.viewer(), subject.as_deref(), text.as_deref(), version).await?;
    conn.commit().await?;
    Ok(Versioned(draft.version, draft.into()))
}

/// Send a draft
#[utoipa::path(post, path = "/drafts/{draftId}/approve", operation_id = "approveDraft", tag = "drafts",
    params(("draftId" = DraftId, Path, description = "Draft")),
    responses((status = 202, body = MessageQueuedView, description = "On its way"), (status = 409, response = ApiProblem)))]
async fn approve(caller: Caller, ApiId(id): ApiId<DraftId>) -> ApiResult<(StatusCode, Json<MessageQueuedView>)> {
    let mut conn = caller.tenant_conn().await?;
    let id = assistant::approve_draft(&mut conn, &caller.app, &caller.user, caller.viewer(), id).await?;
    conn.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(MessageQueuedView { id })))
}

/// Do not send a draft
///
/// The prospect still waits: a task asks for the answer that is to be sent instead.
#[utoipa::path(post, path = "/drafts/{draftId}/reject", operation_id = "rejectDraft", tag = "drafts",
    params(("draftId" = DraftId, Path, description = "Draft")),
    responses((status = 204, description = "Rejected"), (status = 409, response = ApiProblem)))]
async fn reject(caller: Caller, ApiId(id): ApiId<DraftId>) -> ApiResult<StatusCode> {
    let mut conn = caller.tenant_conn().await?;
    conversations::reject(&mut conn, &caller.user, id).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
