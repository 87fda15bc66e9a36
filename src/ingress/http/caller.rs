//! Who calls: every handler of the API takes a [`Caller`], and reaches the database only through it.
//!
//! A program comes with an API key instead of a person's token (`api_key`); it is a caller in the name of whoever made
//! the key, if the operation's scope (`scopes`) is one of the key's. One of the platform's people comes with a token of
//! their own and the id of an impersonation.

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::{HeaderName, request::Parts};
use uuid::Uuid;

use super::api_key;
use super::identity::{SignedIn, bearer, not_staff};
use super::problem::{ApiProblem, ApiResult};
use super::throttle;
use crate::app::App;
use crate::db::{Actor, ActorKind, TenantConn};
use crate::domain::leads::Viewer;
use crate::domain::staff::{self, Impersonation, ImpersonationId};
use crate::domain::users::{self, Role, User};

/// Names the session of one of the platform's people who looks at a tenant in a user's name.
pub(super) const IMPERSONATION: HeaderName = HeaderName::from_static("x-impersonation");

/// A signed-in user. The tenant comes from here and from nowhere else.
#[derive(Debug)]
pub(super) struct Caller {
    /// The program.
    pub app: App,
    /// Who it is.
    pub user: User,
    /// Set when it is one of the platform's people in this user's name.
    pub impersonation: Option<Impersonation>,
    /// Who changes what, for the audit log.
    actor: Actor,
}

impl Caller {
    /// A transaction of the caller's tenant. Nothing is kept unless it is committed.
    pub(super) async fn tenant_conn(&self) -> ApiResult<TenantConn> {
        Ok(self.app.db.tenant_as(self.user.tenant_id, &self.actor).await?)
    }

    /// Who changes what, for work that goes on when the request is over.
    #[must_use]
    pub(super) fn actor(&self) -> &Actor {
        &self.actor
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

    /// 403 for one of the platform's people in a user's name: what a look leaves behind must not let anybody in once its
    /// time is over. Call wherever somebody gets a key, a sign-in or a role, and where nothing can be undone.
    pub(super) fn require_themselves(&self) -> ApiResult<()> {
        match self.impersonation {
            None => Ok(()),
            Some(_) => Err(ApiProblem::barred(
                "not-while-impersonating",
                "Not in somebody else's name",
                "This lasts longer than an impersonation. Have an administrator of the agency do it.",
            )),
        }
    }

    /// Whoever the token is of.
    async fn as_person(parts: &Parts, app: &App) -> ApiResult<Self> {
        let signed_in = SignedIn::read(parts, app).await?;
        match parts.headers.get(IMPERSONATION) {
            None => Self::as_user(signed_in).await,
            Some(session) => Self::as_staff(signed_in, session.to_str().unwrap_or_default(), parts).await,
        }
    }

    /// The user whose subject the token names. Asked anew for every request, so that whoever is deactivated is out at once.
    async fn as_user(signed_in: SignedIn) -> ApiResult<Self> {
        let SignedIn { app, identity, request_id } = signed_in;
        let mut conn = app.db.platform().await?;
        let found = users::sign_in(&mut conn, &identity.subject).await?;
        drop(conn);
        let found = found.ok_or_else(|| {
            ApiProblem::barred(
                "onboarding-required",
                "You belong to no agency yet",
                "The token is good, but nobody's user. Found an agency or accept an invitation: POST /api/v1/onboarding.",
            )
        })?;
        if !found.user.active {
            return Err(ApiProblem::barred(
                "deactivated",
                "You were deactivated",
                "Ask an administrator of your agency to let you in again.",
            ));
        }
        if found.is_suspended {
            return Err(suspended());
        }
        let user = found.user;
        let actor = Actor { kind: ActorKind::User, id: None, user_id: Some(user.id.0), request_id };
        Ok(Self { app, user, impersonation: None, actor })
    }

    /// The user in whose name one of the platform's people looks; every request is noted in the tenant's audit log.
    async fn as_staff(signed_in: SignedIn, session: &str, parts: &Parts) -> ApiResult<Self> {
        let SignedIn { app, identity, request_id } = signed_in;
        let mut conn = app.db.platform().await?;
        let staff = staff::by_subject(&mut conn, &identity.subject).await?.ok_or_else(not_staff)?;
        let found = match Uuid::parse_str(session) {
            Ok(id) => staff::session(&mut conn, ImpersonationId(id)).await?,
            Err(_) => None,
        };
        let session = found.filter(|session| session.is_open_for(&staff, conn.now())).ok_or_else(over)?;
        let actor = staff.actor(Some(session.user_id), request_id);
        let mut conn = conn.into_tenant(session.tenant_id, Some(&actor)).await?;
        let user = users::find(&mut conn, session.user_id).await?.filter(|user| user.active).ok_or_else(over)?;
        // Nested routers see only the rest of the path.
        let path = parts.extensions.get::<OriginalUri>().map_or(parts.uri.path(), |uri| uri.path());
        let request = (parts.method.as_str(), path);
        staff::note_use(&mut conn, &session, request, actor.request_id.as_deref()).await?;
        conn.commit().await?;
        Ok(Self { app, user, impersonation: Some(session), actor })
    }
}

/// 403 for everybody of an agency that the platform's people have suspended.
pub(super) fn suspended() -> ApiProblem {
    ApiProblem::barred(
        "tenant-suspended",
        "Your agency is suspended",
        "Incoming mail is still taken. Write to the platform's support to have the agency opened again.",
    )
}

fn over() -> ApiProblem {
    ApiProblem::barred(
        "impersonation-over",
        "The impersonation is over",
        "It has ended, or was never yours. Begin a new one: POST /api/v1/platform/impersonations.",
    )
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        if let Some((user, actor)) = api_key::caller(parts, app, bearer(parts)?).await? {
            return Ok(Self { app: app.clone(), user, impersonation: None, actor });
        }
        match Self::as_person(parts, app).await {
            Ok(caller) => {
                throttle::by_tenant(app, caller.user.tenant_id).await?;
                Ok(caller)
            }
            Err(problem) => Err(throttle::turned_away(app, parts, problem).await),
        }
    }
}
