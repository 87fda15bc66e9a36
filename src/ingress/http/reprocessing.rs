//! `/intake/reprocess`: having many mails read again, and how far it is. For administrators.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::check::Check;
use super::intake::WHAT;
use super::once::Once;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageQuery, PageView, page};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::intake::{self, IntakeState, NewReprocess, ReprocessId, ReprocessState, Reprocessing};
use crate::domain::users::UserId;

/// Which mails are to be read again. Those that belong to a lead are not.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct IntakeReprocess {
    /// Of `TRAY`, `IGNORED`, `DISCARDED`; left out: the tray.
    states: Option<Vec<IntakeState>>,
    /// Of one portal.
    portal: Option<String>,
    /// Of one sender.
    sender: Option<String>,
    /// Received then or later.
    received_from: Option<Timestamp>,
    /// Received then or earlier; left out: until now.
    received_to: Option<Timestamp>,
}

/// A request and how far it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReprocessingView {
    /// Id.
    id: ReprocessId,
    /// Whether all mails were handed to the readers.
    state: ReprocessState,
    /// How many mails there were when it was asked for.
    total: i64,
    /// How many were read again.
    done: i64,
    /// How many of those are part of a lead now, copies among them.
    leads: i64,
    /// How many of those are in the tray again.
    tray: i64,
    /// Who asked.
    requested_by: Option<UserId>,
    /// When.
    requested_at: Timestamp,
}

impl From<Reprocessing> for ReprocessingView {
    fn from(asked: Reprocessing) -> Self {
        Self {
            id: asked.id,
            state: asked.state,
            total: asked.total,
            done: asked.done,
            leads: asked.leads,
            tray: asked.tray,
            requested_by: asked.requested_by,
            requested_at: asked.requested_at,
        }
    }
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(reprocess)).routes(routes!(list)).routes(routes!(get))
}

/// Have many incoming mails read again
///
/// With the readers of today. What is a lead already is not made twice.
#[utoipa::path(post, path = "/intake/reprocess", operation_id = "reprocessIntakeMessages", tag = "intake",
    params(("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")), request_body = IntakeReprocess,
    responses((status = 202, body = ReprocessingView, description = "Begun; read `/intake/reprocesses/{reprocessId}` for how far it is"), (status = 403, response = ApiProblem)))]
async fn reprocess(caller: Caller, Once { body, key }: Once<IntakeReprocess>) -> ApiResult<Response> {
    caller.require_admin(WHAT)?;
    let mut check = Check::new();
    let states = body.states.unwrap_or_else(|| vec![IntakeState::Tray]);
    let allowed = [IntakeState::Tray, IntakeState::Ignored, IntakeState::Discarded];
    if states.is_empty() || states.iter().any(|state| !allowed.contains(state)) {
        check.wrong("states", "must be some of TRAY, IGNORED and DISCARDED");
    }
    let new = NewReprocess {
        states,
        portal: check.line("portal", body.portal),
        sender: check.line("sender", body.sender).map(|sender| sender.to_lowercase()),
        received_from: body.received_from,
        received_to: body.received_to,
    };
    check.done()?;
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let asked = intake::reprocess_all(&mut conn, caller.user.id, &new).await?;
    let location = format!("/api/v1/intake/reprocesses/{}", asked.id);
    let view = ReprocessingView::from(asked);
    let answer = key.keep(&mut conn, &caller, StatusCode::ACCEPTED, Some(location), &view).await?;
    conn.commit().await?;
    Ok(answer)
}

/// List requests to read mails again, newest first
#[utoipa::path(get, path = "/intake/reprocesses", operation_id = "listIntakeReprocesses", tag = "intake", params(PageQuery),
    responses((status = 200, body = PageView<ReprocessingView>, description = "A page of requests"), (status = 403, response = ApiProblem)))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<PageQuery>) -> ApiResult<Json<PageView<ReprocessingView>>> {
    caller.require_admin(WHAT)?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(intake::list_reprocessings(&mut conn, wanted).await?.map(ReprocessingView::from).into()))
}

/// Read how far reading mails again is
#[utoipa::path(get, path = "/intake/reprocesses/{reprocessId}", operation_id = "getIntakeReprocess", tag = "intake",
    params(("reprocessId" = ReprocessId, Path, description = "Request")),
    responses((status = 200, body = ReprocessingView, description = "The request"), (status = 403, response = ApiProblem)))]
async fn get(caller: Caller, ApiId(id): ApiId<ReprocessId>) -> ApiResult<Json<ReprocessingView>> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    let asked = intake::find_reprocessing(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("reprocessing"))?;
    Ok(Json(asked.into()))
}
