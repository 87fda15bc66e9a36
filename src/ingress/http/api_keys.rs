//! `/api-keys`: keys for other programs of the agency. Shown once, when they are made.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;
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
use crate::domain::api_keys::{self, ApiKey, ApiKeyId, NewApiKey, Scope};
use crate::domain::users::UserId;

/// An API key.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiKeyView {
    /// Id.
    pub id: ApiKeyId,
    /// What the agency calls it.
    pub label: String,
    /// How it begins.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute; null: never.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked; null: it was not.
    pub revoked_at: Option<Timestamp>,
    /// In whose name it acts. It stops when this person is no administrator any more.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            label: key.label,
            prefix: key.prefix,
            scopes: key.scopes,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
            created_by: key.created_by,
            created_at: key.created_at,
        }
    }
}

/// A key that was just made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewApiKeyView {
    /// What lists show of it.
    #[serde(flatten)]
    pub view: ApiKeyView,
    /// The key: send it as `Authorization: Bearer …`. It is shown here and never again; a repeated request with the same
    /// `Idempotency-Key` is answered without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub key: Option<String>,
}

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ApiKeyInput {
    /// What you call it.
    label: String,
    /// What it may do, at least one.
    #[schema(min_items = 1)]
    scopes: Vec<Scope>,
    /// After so many days it ends, 1 to 366; 90 if left out.
    #[schema(minimum = 1, maximum = 366)]
    expires_in_days: Option<u16>,
}

/// Which part of the list.
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

const DAYS: u16 = 90;
const MOST_DAYS: u16 = 366;
const WHAT: &str = "see and change API keys";

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// List API keys, newest first
///
/// Those that ended are among them.
#[utoipa::path(get, path = "/api-keys", operation_id = "listApiKeys", tag = "api keys", params(ListQuery),
    responses((status = 200, body = PageView<ApiKeyView>, description = "A page of keys")))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<ApiKeyView>>> {
    caller.require_admin(WHAT)?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(api_keys::list(&mut conn, wanted).await?.map(ApiKeyView::from).into()))
}

/// Make an API key
#[utoipa::path(post, path = "/api-keys", operation_id = "createApiKey", tag = "api keys",
    params(("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")), request_body = ApiKeyInput,
    responses((status = 201, body = NewApiKeyView, description = "Made; the only answer that shows the key"), (status = 409, response = ApiProblem)))]
async fn create(caller: Caller, Once { body, key }: Once<ApiKeyInput>) -> ApiResult<Response> {
    caller.require_admin(WHAT)?;
    caller.require_themselves()?;
    let new = checked(body, caller.app.clock.now())?;
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let (made, secret) = api_keys::create(&mut conn, &new, caller.user.id).await?;
    let location = format!("/api/v1/api-keys/{}", made.id);
    let view = ApiKeyView::from(made);
    // What is kept for a repeated request must not hold the key.
    key.keep(&mut conn, &caller, StatusCode::CREATED, Some(location.clone()), &view).await?;
    conn.commit().await?;
    let shown = NewApiKeyView { view, key: Some(secret.expose_secret().to_owned()) };
    let mut answer = (StatusCode::CREATED, Json(shown)).into_response();
    if let Ok(location) = HeaderValue::try_from(location) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    Ok(answer)
}

fn checked(input: ApiKeyInput, now: Timestamp) -> ApiResult<NewApiKey> {
    let mut check = Check::new();
    let label = check.line("label", Some(input.label)).unwrap_or_else(|| {
        check.wrong("label", "must not be empty");
        String::new()
    });
    let mut scopes = Vec::new();
    for scope in input.scopes {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        check.wrong("scopes", "must name at least one scope");
    }
    let days = input.expires_in_days.unwrap_or(DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        check.wrong("expiresInDays", format!("must be between 1 and {MOST_DAYS}"));
    }
    check.done()?;
    let expires_at = Timestamp(now.0 + SignedDuration::from_hours(24 * i64::from(days)));
    Ok(NewApiKey { label, scopes, expires_at })
}

/// Revoke an API key
///
/// It ends at once and stays in the list.
#[utoipa::path(delete, path = "/api-keys/{apiKeyId}", operation_id = "revokeApiKey", tag = "api keys",
    params(("apiKeyId" = ApiKeyId, Path, description = "API key")),
    responses((status = 200, body = ApiKeyView, description = "Revoked")))]
async fn revoke(caller: Caller, ApiId(id): ApiId<ApiKeyId>) -> ApiResult<Json<ApiKeyView>> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    let key = api_keys::revoke(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("API key"))?;
    conn.commit().await?;
    Ok(Json(key.into()))
}
