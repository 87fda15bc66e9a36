//! `/intake/messages/{id}/attachments/{id}`: files that came with mails. For administrators, like the mails themselves.

use axum::extract::State;
use axum::response::Response;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::caller::Caller;
use super::download::download;
use super::problem::{ApiProblem, ApiResult};
use super::query::ApiIds;
use crate::app::App;
use crate::domain::intake::{self, IntakeId};

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get))
}

/// Download a file of an incoming mail
///
/// Pictures and PDF have their type, decided by their content; everything else is `application/octet-stream`.
#[utoipa::path(get, path = "/intake/messages/{intakeMessageId}/attachments/{attachmentId}", operation_id = "getIntakeAttachment", tag = "intake",
    params(("intakeMessageId" = IntakeId, Path, description = "Incoming mail"), ("attachmentId" = Uuid, Path, description = "File in it")),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>, description = "The file",
        headers(("Content-Disposition" = String, description = "`attachment`, with the name the sender gave it"))), (status = 403, response = ApiProblem)))]
async fn get(
    caller: Caller,
    State(app): State<App>,
    ApiIds(message, attachment): ApiIds<IntakeId, Uuid>,
) -> ApiResult<Response> {
    caller.require_admin("see and sort incoming mail")?;
    let file = intake::read_file(&app, caller.user.tenant_id, message, attachment)
        .await
        .map_err(|error| ApiProblem::internal(&*error))?
        .ok_or_else(|| ApiProblem::not_found("attachment"))?;
    Ok(download(&file.name, file.content_type, file.bytes))
}
