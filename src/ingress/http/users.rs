//! `/users`: the agency's people. Everybody sees who works here; administrators decide who does what.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::check::Check;
use super::invitations::{self, InvitationView};
use super::json::ApiJson;
use super::own::{OwnInput, ViewingHoursBody};
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageView, page};
use super::version::{IfMatch, Versioned};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::people;
use crate::domain::tenants;
use crate::domain::users::{self, Locale, Role, User, UserId};

/// One of the agency's people.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserView {
    /// Id.
    pub id: UserId,
    /// Address.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E.164.
    pub phone: Option<String>,
    /// The language of what they get by mail.
    pub locale: Locale,
    /// Stands under mails in their name, in place of the name.
    pub signature: Option<String>,
    /// When they show listings, within the hours of the agency; null: whenever the agency does.
    pub viewing_hours: Option<ViewingHoursBody>,
    /// What they may do.
    pub role: Role,
    /// May sign in.
    pub active: bool,
    /// Grows with each change; the `ETag`.
    pub version: i32,
    /// When they came.
    pub created_at: Timestamp,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            viewing_hours: user.viewing_hours().map(ViewingHoursBody::from),
            locale: user.locale,
            signature: user.signature,
            id: user.id,
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            phone: user.phone,
            role: user.role,
            active: user.active,
            version: user.version,
            created_at: user.created_at,
        }
    }
}

/// Another role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RoleChange {
    /// What they may do from now on.
    role: Role,
}

/// Who takes over from somebody who leaves.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Deactivation {
    /// Gets leads, listings, open tasks and viewings to come. Left out: nobody gets them, which viewings to come do not
    /// allow.
    successor_id: Option<UserId>,
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
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(replace_own))
        .routes(routes!(change_role))
        .routes(routes!(deactivate))
        .routes(routes!(reactivate))
        .routes(routes!(reinvite))
}

/// List users, the longest here first
#[utoipa::path(get, path = "/users", operation_id = "listUsers", tag = "users", params(ListQuery),
    responses((status = 200, body = PageView<UserView>, description = "A page of users")))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<UserView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(users::page(&mut conn, wanted).await?.map(UserView::from).into()))
}

/// Read a user
#[utoipa::path(get, path = "/users/{userId}", operation_id = "getUser", tag = "users",
    params(("userId" = UserId, Path, description = "User")), responses((status = 200, body = UserView, description = "The user")))]
async fn get(caller: Caller, ApiId(id): ApiId<UserId>) -> ApiResult<Versioned<UserView>> {
    let mut conn = caller.tenant_conn().await?;
    let user = users::find(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("user"))?;
    Ok(Versioned(user.version, user.into()))
}

/// Replace what a user decides for themselves
///
/// What is left out is empty afterwards; the language is German then. Everybody does this for themselves by `PUT /me`.
#[utoipa::path(put, path = "/users/{userId}/own", operation_id = "replaceUserOwn", tag = "users",
    params(("userId" = UserId, Path, description = "User"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    request_body = OwnInput,
    responses((status = 200, body = UserView, description = "Replaced"), (status = 403, response = ApiProblem)))]
async fn replace_own(
    caller: Caller,
    ApiId(id): ApiId<UserId>,
    IfMatch(version): IfMatch,
    ApiJson(input): ApiJson<OwnInput>,
) -> ApiResult<Versioned<UserView>> {
    caller.require_admin("change what others decide for themselves")?;
    let mut check = Check::new();
    let own = input.checked(&mut check);
    check.done()?;
    let mut conn = caller.tenant_conn().await?;
    let user = users::change_own(&mut conn, id, &own, version).await?;
    conn.commit().await?;
    Ok(Versioned(user.version, user.into()))
}

/// Give a user another role
///
/// The last administrator stays one.
#[utoipa::path(put, path = "/users/{userId}/role", operation_id = "changeUserRole", tag = "users",
    params(("userId" = UserId, Path, description = "User"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    request_body = RoleChange,
    responses((status = 200, body = UserView, description = "Changed"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn change_role(
    caller: Caller,
    ApiId(id): ApiId<UserId>,
    IfMatch(version): IfMatch,
    ApiJson(body): ApiJson<RoleChange>,
) -> ApiResult<Versioned<UserView>> {
    caller.require_admin("change roles")?;
    caller.require_themselves()?;
    let mut conn = caller.tenant_conn().await?;
    let user = users::change_role(&mut conn, id, body.role, version).await?;
    conn.commit().await?;
    Ok(Versioned(user.version, user.into()))
}

/// Let a user go
///
/// From their next request on they are out. What they had is handed over.
#[utoipa::path(post, path = "/users/{userId}/deactivate", operation_id = "deactivateUser", tag = "users",
    params(("userId" = UserId, Path, description = "User")), request_body = Deactivation,
    responses((status = 200, body = UserView, description = "Out"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn deactivate(
    caller: Caller,
    ApiId(id): ApiId<UserId>,
    ApiJson(body): ApiJson<Deactivation>,
) -> ApiResult<Versioned<UserView>> {
    caller.require_admin("let people go")?;
    let mut conn = caller.tenant_conn().await?;
    let tenant = tenants::current(&mut conn).await?;
    let parts = (&*caller.app.settings, &caller.app.templates, &caller.app.links);
    let user = people::deactivate(&mut conn, parts, &tenant, id, body.successor_id, caller.user.id).await?;
    conn.commit().await?;
    Ok(Versioned(user.version, user.into()))
}

/// Let a user in again
///
/// What was handed over stays where it is.
#[utoipa::path(post, path = "/users/{userId}/reactivate", operation_id = "reactivateUser", tag = "users",
    params(("userId" = UserId, Path, description = "User")),
    responses((status = 200, body = UserView, description = "In"), (status = 403, response = ApiProblem)))]
async fn reactivate(caller: Caller, ApiId(id): ApiId<UserId>) -> ApiResult<Versioned<UserView>> {
    caller.require_admin("let people in again")?;
    caller.require_themselves()?;
    let mut conn = caller.tenant_conn().await?;
    let user = users::reactivate(&mut conn, id).await?;
    conn.commit().await?;
    Ok(Versioned(user.version, user.into()))
}

/// Allow a user another sign-in
///
/// Mails them a link. Whoever accepts it is this user from then on; the sign-in before is nobody's any more.
#[utoipa::path(post, path = "/users/{userId}/reinvite", operation_id = "reinviteUser", tag = "users",
    params(("userId" = UserId, Path, description = "User")),
    responses((status = 201, body = InvitationView, description = "Invited"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn reinvite(caller: Caller, ApiId(id): ApiId<UserId>) -> ApiResult<(StatusCode, Json<InvitationView>)> {
    caller.require_admin("change sign-ins")?;
    caller.require_themselves()?;
    let mut conn = caller.tenant_conn().await?;
    let tenant = tenants::current(&mut conn).await?;
    let parts = (&*caller.app.settings, &caller.app.templates);
    let invitation = people::invite_again(&mut conn, parts, &tenant, &caller.user, id).await?;
    let view = invitations::view(invitation, conn.now());
    conn.commit().await?;
    Ok((StatusCode::CREATED, Json(view)))
}
