//! Too many requests are refused with 429 and the time to wait; `crate::limits` counts.
//!
//! Requests that need no sign-in are counted by address before anything else happens. Every request to the API with a
//! token counts somewhere: what somebody of a tenant asks against the tenant (`caller`), and so does what its keys ask,
//! within their scopes or not (`api_key`); what somebody signed in asks of no tenant (`identity`: coming in, the
//! platform's own operations) against the address; and whoever is let in nowhere, because the token is not good or is
//! nobody's who may come in, against the address as a refused sign-in.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::{ApiProblem, ApiResult};
use super::{address, pages, ses};
use crate::app::App;
use crate::ids::TenantId;
use crate::limits::{Counted, LimitError};

/// Middleware: what an address may ask.
pub(super) async fn by_address(State(app): State<App>, request: Request, next: Next) -> Response {
    let client = address::client(request.extensions(), request.headers(), &app.settings.http.trusted_proxies);
    let path = request.uri().path();
    if path.starts_with("/p/") {
        let headers = request.headers().clone();
        return match app.limits.spend(Counted::Address(client)).await {
            Ok(()) => next.run(request).await,
            Err(LimitError::TooMany(wait)) => pages::too_many(&app, &headers, seconds(wait)),
            Err(LimitError::Database(error)) => pages::broken(&app, &headers, &error),
        };
    }
    // Mail comes as fast as it comes; only what is not signed counts.
    if path == ses::PATH {
        return refusals(&app, Counted::FailedSignIn(client), StatusCode::FORBIDDEN, request, next).await;
    }
    if path.starts_with("/public/") || path.starts_with("/widget/") {
        return match app.limits.spend(Counted::Address(client)).await {
            Ok(()) => next.run(request).await,
            Err(error) => ApiProblem::from(error).into_response(),
        };
    }
    if path.starts_with("/api/v1/") {
        return refusals(&app, Counted::FailedSignIn(client), StatusCode::UNAUTHORIZED, request, next).await;
    }
    next.run(request).await
}

/// Whoever was refused too often, which is what `refusal` says, is not even looked at for a while.
async fn refusals(app: &App, counted: Counted, refusal: StatusCode, request: Request, next: Next) -> Response {
    if let Some(wait) = app.limits.spent(counted) {
        return ApiProblem::from(LimitError::TooMany(wait)).into_response();
    }
    let response = next.run(request).await;
    if response.status() != refusal {
        return response;
    }
    match app.limits.spend(counted).await {
        Ok(()) => response,
        Err(error) => ApiProblem::from(error).into_response(),
    }
}

/// Counts a request of somebody signed in. Call without a connection in hand: this may need one.
pub(super) async fn by_tenant(app: &App, tenant: TenantId) -> ApiResult<()> {
    Ok(app.limits.spend(Counted::Tenant(tenant)).await?)
}

/// Counts a request of somebody signed in to an operation that is no tenant's, such as onboarding. Call without a
/// connection in hand.
pub(super) async fn of_no_tenant(app: &App, parts: &Parts) -> ApiResult<()> {
    Ok(app.limits.spend(Counted::Address(client(app, parts))).await?)
}

/// Counts somebody whose token or key is good, but who may not come in (403), like a refused sign-in; the middleware
/// counts those (401). The answer is the problem, or 429. Call without a connection in hand.
pub(super) async fn turned_away(app: &App, parts: &Parts, problem: ApiProblem) -> ApiProblem {
    if problem.status() != StatusCode::FORBIDDEN {
        return problem;
    }
    match app.limits.spend(Counted::FailedSignIn(client(app, parts))).await {
        Ok(()) => problem,
        Err(error) => error.into(),
    }
}

fn client(app: &App, parts: &Parts) -> IpAddr {
    address::client(&parts.extensions, &parts.headers, &app.settings.http.trusted_proxies)
}

/// Whole seconds, rounded up: a client that waits so long finds the door open.
pub(super) fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// Says when to come again.
pub(super) fn retry_after(mut response: Response, seconds: u64) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    response
}

impl From<LimitError> for ApiProblem {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::TooMany(wait) => {
                let seconds = seconds(wait).max(1);
                Self::too_many(format!("Wait {seconds} s before the next request, and send fewer."), seconds)
            }
            LimitError::Database(error) => Self::internal(&error),
        }
    }
}
