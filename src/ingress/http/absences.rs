//! `/absences`: who takes no new leads, and who takes them instead. Everybody has their own; administrators have all.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::once::Once;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageView, page};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::users::{self, Absence, AbsenceId, NewAbsence, Role, UserId};

/// Days on which somebody takes no new leads.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AbsenceView {
    /// Id.
    pub id: AbsenceId,
    /// Who is away.
    pub user_id: UserId,
    /// First day, in the agency's zone.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// Last day; it belongs to the absence.
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    /// Who takes new leads instead; null: the rules go on to the next.
    pub substitute_id: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<Absence> for AbsenceView {
    fn from(absence: Absence) -> Self {
        Self {
            id: absence.id,
            user_id: absence.user_id,
            from: absence.from,
            to: absence.to,
            substitute_id: absence.substitute_id,
            created_at: absence.created_at,
        }
    }
}

/// Whose absences.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Of whom; agents see their own only.
    #[param(value_type = Option<UserId>)]
    user_id: Option<UserId>,
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// An absence to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AbsenceInput {
    /// Who is away; left out: the caller.
    user_id: Option<UserId>,
    /// First day.
    #[schema(value_type = String, format = Date)]
    from: Date,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    to: Date,
    /// Who takes new leads instead.
    substitute_id: Option<UserId>,
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(remove))
}

/// Whose absences the caller may touch: everybody's, or one person's.
fn whose(caller: &Caller) -> Option<UserId> {
    match caller.user.role {
        Role::Admin => None,
        Role::Agent => Some(caller.user.id),
    }
}

/// List absences, newest first
#[utoipa::path(get, path = "/absences", operation_id = "listAbsences", tag = "settings", params(ListQuery),
    responses((status = 200, body = PageView<AbsenceView>, description = "A page of absences; an agent's own"), (status = 403, response = ApiProblem)))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<AbsenceView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let own = whose(&caller);
    if query.user_id.is_some() && own.is_some() && query.user_id != own {
        return Err(ApiProblem::forbidden("Only administrators may see when others are away."));
    }
    let mut conn = caller.tenant_conn().await?;
    let absences = users::list_absences(&mut conn, query.user_id.or(own), wanted).await?;
    Ok(Json(absences.map(AbsenceView::from).into()))
}

/// Note an absence
#[utoipa::path(post, path = "/absences", operation_id = "createAbsence", tag = "settings",
    params(("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")), request_body = AbsenceInput,
    responses((status = 201, body = AbsenceView, description = "Noted"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn create(caller: Caller, Once { body, key }: Once<AbsenceInput>) -> ApiResult<Response> {
    let user_id = body.user_id.unwrap_or(caller.user.id);
    if whose(&caller).is_some_and(|own| own != user_id) {
        return Err(ApiProblem::forbidden("Only administrators may note when others are away."));
    }
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let new = NewAbsence { user_id, from: body.from, to: body.to, substitute_id: body.substitute_id };
    let view = AbsenceView::from(users::add_absence(&mut conn, &new).await?);
    let answer = key.keep(&mut conn, &caller, StatusCode::CREATED, None, &view).await?;
    conn.commit().await?;
    Ok(answer)
}

/// Remove an absence
#[utoipa::path(delete, path = "/absences/{absenceId}", operation_id = "removeAbsence", tag = "settings",
    params(("absenceId" = AbsenceId, Path, description = "Absence")),
    responses((status = 204, description = "Removed")))]
async fn remove(caller: Caller, ApiId(id): ApiId<AbsenceId>) -> ApiResult<StatusCode> {
    let own = whose(&caller);
    let mut conn = caller.tenant_conn().await?;
    users::remove_absence(&mut conn, id, own).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
