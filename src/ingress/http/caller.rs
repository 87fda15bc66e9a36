//! Who calls: every handler of the API takes a [`Caller`], and reaches the database only through it.
//!
//! A program comes with an API key instead of a person's token (`api_key`); it is a caller in the name of whoever made
//! the key, if the operation's scope (`scopes`) is one of the key's.

use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};

use super::api_key;
use super::problem::{ApiProblem, ApiResult};
use super::request_id::RequestId;
use crate::app::App;
use crate::db::{Actor, ActorKind, TenantConn};
use crate::domain::leads::Viewer;
use crate::domain::users::{self, Role, User};
use crate::links::LinkError;

/// A signed-in user. The tenant comes from here and from nowhere else.
#[derive(Debug)]
pub(super) struct Caller {
    /// The program.
    pub app: App,
    /// Who it is.
    pub user: User,
    /// Who changes what, for the audit log.
    actor: Actor,
}

impl Caller {
    /// A transaction of the caller's tenant. Nothing is kept unless it is committed.
    pub(super) async fn tenant_conn(&self) -> ApiResult<TenantConn> {
        Ok(self.app.db.tenant_as(self.user.tenant_id, &self.actor).await?)
    }

    /// Which leads the caller may see.
    #[must_use]
    pub(super) fn viewer(&self) -> Viewer {
        Viewer::from(&self.user)
    }

    /// 403 unless the caller is an administrator; `what` completes "Only administrators may …".
    pub(super) fn require_admin(&self, what: &str) -> ApiResult<()> {
        match self.user.role {
            Role::Admin => Ok(()),
            Role::Agent => Err(ApiProblem::forbidden(format!("Only administrators may {what}."))),
        }
    }
}

pub(super) const INVALID: &str = "Bearer realm=\"immivo\", error=\"invalid_token\"";

impl FromRequestParts<App> for Caller {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let token = bearer(parts).ok_or_else(|| {
            ApiProblem::unauthorized("Bearer realm=\"immivo\"", "Send a token as `Authorization: Bearer …`.")
        })?;
        if let Some((user, actor)) = api_key::caller(parts, app, token).await? {
            return Ok(Self { app: app.clone(), user, actor });
        }
        let subject = app.links.read_token(token, app.clock.now()).map_err(|error| match error {
            LinkError::Expired => ApiProblem::unauthorized(INVALID, "The token has expired. Get a new one."),
            LinkError::Invalid => ApiProblem::unauthorized(INVALID, "The token is not valid."),
        })?;
        let mut conn = app.db.platform().await?;
        let user = users::by_subject(&mut conn, &subject)
            .await?
            .ok_or_else(|| ApiProblem::unauthorized(INVALID, "The token is of nobody who may sign in."))?;
        let request_id = parts.extensions.get::<RequestId>().map(|id| id.0.clone());
        let actor = Actor { kind: ActorKind::User, id: None, user_id: Some(user.id.0), request_id };
        Ok(Self { app: app.clone(), user, actor })
    }
}

/// The token, whatever the case of the scheme (RFC 7235 §2.1).
fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
