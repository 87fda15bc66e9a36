//! Callers that are programs: an API key in the place of a person's token.

use axum::http::request::Parts;

use super::caller::suspended;
use super::identity::INVALID;
use super::problem::{ApiProblem, ApiResult};
use super::request_id::RequestId;
use super::scopes;
use super::throttle;
use crate::app::App;
use crate::db::{Actor, ActorKind};
use crate::domain::api_keys::{self, ApiKeyRefusal};
use crate::domain::users::User;

/// In whose name a key calls, and who the audit log says it was; `None` if the token is no key. The request is counted
/// against the key's tenant.
///
/// # Errors
/// 429 for too many requests, 401 for a key that is not good (any more), 403 for one without the operation's scope or of a suspended agency.
pub(super) async fn caller(parts: &Parts, app: &App, token: &str) -> ApiResult<Option<(User, Actor)>> {
    if !api_keys::looks_like_key(token) {
        return Ok(None);
    }
    let mut conn = app.db.platform().await?;
    let (id, scopes, user) = match api_keys::sign_in(&mut conn, token).await {
        Ok(found) => found,
        Err(error) => {
            drop(conn);
            return Err(throttle::turned_away(app, parts, refused(error)).await);
        }
    };
    conn.commit().await?;
    // Before the scope is looked at: a program that asks for what its key may not do is counted as well.
    throttle::by_tenant(app, user.tenant_id).await?;
    let needed = scopes::of_request(parts);
    if !needed.is_some_and(|needed| scopes.contains(&needed)) {
        return Err(ApiProblem::out_of_scope(needed));
    }
    let request_id = parts.extensions.get::<RequestId>().map(|id| id.0.clone());
    let actor = Actor { kind: ActorKind::Key, id: Some(id.to_string()), user_id: Some(user.id.0), request_id };
    Ok(Some((user, actor)))
}

fn refused(error: ApiKeyRefusal) -> ApiProblem {
    let detail = match error {
        ApiKeyRefusal::Unknown => "The API key is not valid.",
        ApiKeyRefusal::Expired => "The API key has expired. Make a new one.",
        ApiKeyRefusal::Revoked => "The API key was revoked. Make a new one.",
        ApiKeyRefusal::MakerGone => "Whoever made the API key is no administrator any more. Make a new one.",
        ApiKeyRefusal::Suspended => return suspended(),
        ApiKeyRefusal::Database(error) => return ApiProblem::internal(&error),
    };
    ApiProblem::unauthorized(INVALID, detail)
}
