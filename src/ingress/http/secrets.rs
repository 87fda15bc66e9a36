//! `/secrets`: passwords and tokens for use elsewhere. They can be written and removed, and never be read.

use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::http::{StatusCode, request::Parts};
use axum::response::{IntoResponse as _, Response};
use secrecy::SecretString;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::json::ApiJson;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiQuery, PageView, page};
use super::version::{IfMatch, Versioned};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::secrets::{self, Secret, SecretName};
use crate::domain::users::UserId;

/// A kept secret, without what is secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecretView {
    /// Name.
    pub name: String,
    /// Grows with each change; the `ETag`.
    pub version: i32,
    /// When it was first kept.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Who changed it.
    pub updated_by: UserId,
}

impl From<Secret> for SecretView {
    fn from(secret: Secret) -> Self {
        Self {
            name: secret.name,
            version: secret.version,
            created_at: secret.created_at,
            updated_at: secret.updated_at,
            updated_by: secret.updated_by,
        }
    }
}

/// A secret to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SecretInput {
    /// The secret, 1 to 8000 bytes, kept exactly as it is.
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, write_only)]
    value: SecretString,
}

/// The library's own words about a number or a list would repeat it.
pub(super) fn secret<'de, D: Deserializer<'de>>(source: D) -> Result<SecretString, D::Error> {
    let text = String::deserialize(source).map_err(|_| D::Error::custom("must be a text"))?;
    Ok(SecretString::from(text))
}

/// Largest secret, bytes: room for a private key, and in a row's limit when sealed.
pub(super) const MOST_BYTES: usize = 8000;

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

/// The name in the path. What is no name names nothing, so it is a 404.
struct NameInPath(SecretName);

impl<S: Send + Sync> FromRequestParts<S> for NameInPath {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await.map(|Path(text)| text).unwrap_or_default();
        let name = SecretName::parse(&text).map(Self);
        name.ok_or_else(|| ApiProblem::not_found("name (lower-case letters, digits and dashes, at most 63)"))
    }
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(put, remove))
}

const WHAT: &str = "see and change secrets";

/// List secrets, newest first
///
/// Names and when they changed; never the secrets.
#[utoipa::path(get, path = "/secrets", operation_id = "listSecrets", tag = "secrets", params(ListQuery),
    responses((status = 200, body = PageView<SecretView>, description = "A page of what is kept")))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<SecretView>>> {
    caller.require_admin(WHAT)?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(secrets::list(&mut conn, wanted).await?.map(SecretView::from).into()))
}

/// Keep a secret
///
/// In place of the one of the same name. The setting `password_secret` of a watched mailbox names one.
#[utoipa::path(put, path = "/secrets/{secretName}", operation_id = "putSecret", tag = "secrets",
    params(("secretName" = String, Path, description = "Name: lower-case letters, digits and dashes, first a letter, at most 63"),
        ("If-Match" = Option<String>, Header, description = "ETag as read")),
    request_body = SecretInput,
    responses((status = 200, body = SecretView, description = "Replaced"), (status = 201, body = SecretView, description = "Kept")))]
async fn put(
    caller: Caller,
    NameInPath(name): NameInPath,
    IfMatch(version): IfMatch,
    ApiJson(input): ApiJson<SecretInput>,
) -> ApiResult<Response> {
    caller.require_admin(WHAT)?;
    let length = secrecy::ExposeSecret::expose_secret(&input.value).len();
    if !(1..=MOST_BYTES).contains(&length) {
        return Err(ApiProblem::field("value", format!("must have 1 to {MOST_BYTES} bytes")));
    }
    let sealed = secrets::seal(&caller.app.vault, caller.user.tenant_id, name, &input.value).await?;
    let mut conn = caller.tenant_conn().await?;
    let (secret, is_new) = secrets::put(&mut conn, &sealed, caller.user.id, version).await?;
    conn.commit().await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Versioned(secret.version, SecretView::from(secret))).into_response())
}

/// Forget a secret
#[utoipa::path(delete, path = "/secrets/{secretName}", operation_id = "removeSecret", tag = "secrets",
    params(("secretName" = String, Path, description = "Name"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    responses((status = 204, description = "Forgotten")))]
async fn remove(caller: Caller, NameInPath(name): NameInPath, IfMatch(version): IfMatch) -> ApiResult<StatusCode> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    secrets::remove(&mut conn, &name, version).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
