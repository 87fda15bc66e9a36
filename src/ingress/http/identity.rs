//! What a token says: whom it is of. Whether that is one of our users is [`super::caller`]'s question.

use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};
use token_verify::{Identity, TokenError};

use super::api_key;
use super::problem::{ApiProblem, ApiResult};
use super::request_id::RequestId;
use super::throttle;
use crate::app::App;
use crate::domain::people::Newcomer;
use crate::domain::staff::{self, Staff};

/// Somebody whose token is good; perhaps nobody's user yet.
#[derive(Debug)]
pub(super) struct SignedIn {
    /// The program.
    pub app: App,
    /// Whom the token is of.
    pub identity: Identity,
    /// Names the request in the log.
    pub request_id: Option<String>,
}

/// The challenge for a token that is not good.
pub(super) const INVALID: &str = "Bearer realm=\"immivo\", error=\"invalid_token\"";

impl SignedIn {
    /// As somebody who may come in.
    pub(super) fn newcomer(&self) -> Newcomer {
        Newcomer {
            subject: self.identity.subject.clone(),
            email: self.identity.email.clone(),
            email_verified: self.identity.email_verified,
            request_id: self.request_id.clone(),
        }
    }

    /// Whom the request's token is of. Whoever calls this counts the request.
    pub(super) async fn read(parts: &Parts, app: &App) -> ApiResult<Self> {
        let token = bearer(parts)?;
        // A key stands for no person, so it can neither come in nor be one of the platform's people.
        if api_key::caller(parts, app, token).await?.is_some() {
            return Err(ApiProblem::out_of_scope(None));
        }
        let identity = app.tokens.read(token, app.clock.now()).await.map_err(|error| match error {
            TokenError::Expired => ApiProblem::unauthorized(INVALID, "The token has expired. Get a new one."),
            TokenError::Invalid(fault) => {
                tracing::debug!(%fault, "a token was refused");
                ApiProblem::unauthorized(INVALID, "The token is not valid.")
            }
            TokenError::NoKeys => {
                ApiProblem::unavailable("Tokens cannot be checked for now: their issuer does not answer. Try again.")
            }
        })?;
        let request_id = parts.extensions.get::<RequestId>().map(|id| id.0.clone());
        Ok(Self { app: app.clone(), identity, request_id })
    }
}

/// For operations that are no tenant's: what is asked there counts against the address.
impl FromRequestParts<App> for SignedIn {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let signed_in = Self::read(parts, app).await?;
        throttle::of_no_tenant(app, parts).await?;
        Ok(signed_in)
    }
}

/// The token, whatever the case of the scheme (RFC 7235 §2.1); 401 without one.
pub(super) fn bearer(parts: &Parts) -> ApiResult<&str> {
    let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token =
        value.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    token.map(|(_, token)| token.trim()).ok_or_else(|| {
        ApiProblem::unauthorized("Bearer realm=\"immivo\"", "Send a token as `Authorization: Bearer …`.")
    })
}

/// One of the platform's own people.
#[derive(Debug)]
pub(super) struct StaffCaller {
    /// The program.
    pub app: App,
    /// Who it is.
    pub staff: Staff,
    /// Names the request in the log.
    pub request_id: Option<String>,
}

impl FromRequestParts<App> for StaffCaller {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let SignedIn { app, identity, request_id } = SignedIn::from_request_parts(parts, app).await?;
        let mut conn = app.db.platform().await?;
        let staff = staff::by_subject(&mut conn, &identity.subject).await?.ok_or_else(not_staff)?;
        Ok(Self { app, staff, request_id })
    }
}

/// 403 for everybody else.
pub(super) fn not_staff() -> ApiProblem {
    ApiProblem::forbidden("Only the platform's own people may do this.")
}
