//! `/invitations`: asking somebody to join. Administrators only; accepting is in `onboarding`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::check::Check;
use super::once::Once;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageView, page};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::people::{self, Invitation, InvitationId, InvitationState};
use crate::domain::tenants;
use crate::domain::users::{Locale, Role, UserId};

/// An invitation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct InvitationView {
    /// Id.
    pub id: InvitationId,
    /// Address.
    pub email: String,
    /// Role of whoever accepts.
    pub role: Role,
    /// The language of its mail and of whoever accepts; null: the mail is in both.
    pub locale: Option<Locale>,
    /// Where it stands.
    pub state: InvitationState,
    /// The user who gets a new sign-in by it; null: it makes a new user.
    pub user_id: Option<UserId>,
    /// Who asked.
    pub invited_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it runs out.
    pub expires_at: Timestamp,
}

/// The invitation as it stands at this time.
pub(super) fn view(invitation: Invitation, now: Timestamp) -> InvitationView {
    InvitationView {
        state: invitation.state(now),
        id: invitation.id,
        email: invitation.email,
        role: invitation.role,
        locale: invitation.locale,
        user_id: invitation.user_id,
        invited_by: invitation.invited_by,
        created_at: invitation.created_at,
        expires_at: invitation.expires_at,
    }
}

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct InvitationCreate {
    /// Address; the link goes there.
    email: String,
    /// What they may do.
    role: Role,
    /// The language in which they are invited and get mail from us afterwards; left out: the mail is in both.
    locale: Option<Locale>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Its routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(resend)).routes(routes!(revoke))
}

/// List invitations, newest first
#[utoipa::path(get, path = "/invitations", operation_id = "listInvitations", tag = "users", params(ListQuery),
    responses((status = 200, body = PageView<InvitationView>, description = "A page of invitations"), (status = 403, response = ApiProblem)))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<InvitationView>>> {
    caller.require_admin("see invitations")?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    let now = conn.now();
    Ok(Json(people::list(&mut conn, wanted).await?.map(|invitation| view(invitation, now)).into()))
}

/// Invite somebody
///
/// Mails a link to the address. Whoever accepts gets the role.
#[utoipa::path(post, path = "/invitations", operation_id = "createInvitation", tag = "users",
    params(("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")), request_body = InvitationCreate,
    responses((status = 201, body = InvitationView, description = "Invited"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn create(caller: Caller, Once { body, key }: Once<InvitationCreate>) -> ApiResult<Response> {
    caller.require_admin("invite people")?;
    caller.require_themselves()?;
    let mut check = Check::new();
    let email = check.email("email", Some(body.email));
    if email.is_none() {
        check.wrong("email", "must not be empty");
    }
    check.done()?;
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let tenant = tenants::current(&mut conn).await?;
    let parts = (&*caller.app.settings, &caller.app.templates);
    let email = email.unwrap_or_default();
    let invitation = people::invite(&mut conn, parts, &tenant, &caller.user, &email, (body.role, body.locale)).await?;
    let view = view(invitation, conn.now());
    let answer = key.keep(&mut conn, &caller, StatusCode::CREATED, None, &view).await?;
    conn.commit().await?;
    Ok(answer)
}

/// Mail an invitation again
///
/// With a new link and a new end; the link before is worth nothing from then on.
#[utoipa::path(post, path = "/invitations/{invitationId}/resend", operation_id = "resendInvitation", tag = "users",
    params(("invitationId" = InvitationId, Path, description = "Invitation")),
    responses((status = 200, body = InvitationView, description = "On its way"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn resend(caller: Caller, ApiId(id): ApiId<InvitationId>) -> ApiResult<Json<InvitationView>> {
    caller.require_admin("invite people")?;
    caller.require_themselves()?;
    let mut conn = caller.tenant_conn().await?;
    let tenant = tenants::current(&mut conn).await?;
    let parts = (&*caller.app.settings, &caller.app.templates);
    let invitation = people::resend(&mut conn, parts, &tenant, &caller.user, id).await?;
    let view = view(invitation, conn.now());
    conn.commit().await?;
    Ok(Json(view))
}

/// Take an invitation back
#[utoipa::path(delete, path = "/invitations/{invitationId}", operation_id = "revokeInvitation", tag = "users",
    params(("invitationId" = InvitationId, Path, description = "Invitation")),
    responses((status = 204, description = "Its link is worth nothing now"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn revoke(caller: Caller, ApiId(id): ApiId<InvitationId>) -> ApiResult<StatusCode> {
    caller.require_admin("take invitations back")?;
    let mut conn = caller.tenant_conn().await?;
    people::revoke(&mut conn, id).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
