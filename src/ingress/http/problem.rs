//! The one error of the API: a problem document (RFC 9457) that says what is wrong and what to do.
//!
//! Handlers return [`ApiProblem`]; [`render()`] writes the body, because only the middleware knows the request id. What a
//! library refuses by itself (unknown path, wrong method, too large, too slow) gets the same form there. Internals go
//! to the log, never to the body.

mod render;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) use self::render::render;
use crate::domain::api_keys::Scope;

/// What clients read.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Problem {
    /// Kind of problem, `urn:immivo:problem:…`: what a program should look at.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What is wrong here, and what to do.
    pub detail: String,
    /// Names the request in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Which fields are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
}

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct FieldError {
    /// Path of the field: `portalIds[0].portal`, or the name of a query parameter.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl FieldError {
    /// One.
    pub(super) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// Why a request was not done. Boxed, because it travels in the `Err` of every handler.
#[derive(Debug, Clone)]
pub(super) struct ApiProblem(Box<Contents>);

#[derive(Debug, Clone)]
struct Contents {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    header: Option<(HeaderName, HeaderValue)>,
}

/// What a handler gives.
pub(in crate::ingress::http) type ApiResult<T> = Result<T, ApiProblem>;

impl ApiProblem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Contents { status, kind, title, detail: detail.into(), errors: Vec::new(), header: None }))
    }

    fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// 400: the request cannot be read.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed-request", "The request cannot be read", detail)
    }

    /// 400: a query parameter is unknown or wrong.
    #[must_use]
    pub(super) fn query(error: FieldError) -> Self {
        let detail = format!("Query parameter `{}`: {}.", error.field, error.message);
        let problem = Self::new(StatusCode::BAD_REQUEST, "invalid-query", "A query parameter is not valid", detail);
        problem.with_errors(vec![error])
    }

    /// 422: fields of the body are wrong.
    #[must_use]
    pub(super) fn fields(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("Field `{}`: {}.", one.field, one.message),
            many => format!("{} fields are not valid; see `errors`.", many.len()),
        };
        let problem =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-fields", "Some fields are not valid", detail);
        problem.with_errors(errors)
    }

    /// 422: one field of the body is wrong.
    pub(super) fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldError::new(field, message)])
    }

    /// 401.
    #[must_use]
    pub(super) fn unauthorized(challenge: &'static str, detail: &str) -> Self {
        let mut problem = Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Sign in first", detail);
        problem.0.header = Some((header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge)));
        problem
    }

    /// 403: the role does not allow it.
    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Your role does not allow this", detail)
    }

    /// 403: for a reason other than the role, which a program may act on by `kind`.
    pub(super) fn barred(kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, kind, title, detail)
    }

    /// 403: an API key lacks what the operation needs (RFC 6750 §3.1); `None`: no key may do it.
    #[must_use]
    pub(super) fn out_of_scope(needed: Option<Scope>) -> Self {
        let detail = match needed {
            Some(scope) => format!("This needs the scope `{scope}`, which the key does not have."),
            None => "This cannot be done with an API key. Sign in as a person.".to_owned(),
        };
        let mut problem =
            Self::new(StatusCode::FORBIDDEN, "insufficient-scope", "The API key does not allow this", detail);
        let scope = needed.map(|scope| format!(", scope=\"{scope}\"")).unwrap_or_default();
        let challenge = format!("Bearer realm=\"immivo\", error=\"insufficient_scope\"{scope}");
        problem.0.header = HeaderValue::try_from(challenge).ok().map(|value| (header::WWW_AUTHENTICATE, value));
        problem
    }

    /// Whatever it is, in words of somebody's own language: what visitors of web pages read.
    #[must_use]
    pub(super) fn worded(
        (status, kind): (StatusCode, &'static str),
        (title, detail): (&'static str, String),
        errors: Vec<FieldError>,
    ) -> Self {
        Self::new(status, kind, title, detail).with_errors(errors)
    }

    /// 404: not there for this caller, whoever else may have it.
    #[must_use]
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", format!("There is no such {what} for you."))
    }

    /// 409: not possible as things stand.
    pub(super) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "Not possible as things stand", detail)
    }

    /// 412: somebody else changed it.
    #[must_use]
    pub(super) fn changed() -> Self {
        let detail = "It was changed since you read it. Read it again and send its new ETag as If-Match.";
        Self::new(StatusCode::PRECONDITION_FAILED, "changed-meanwhile", "Changed meanwhile", detail)
    }

    /// 429: too many; `seconds` is how long to wait.
    pub(super) fn too_many(detail: impl Into<String>, seconds: u64) -> Self {
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests", detail);
        problem.0.header = Some((header::RETRY_AFTER, HeaderValue::from(seconds)));
        problem
    }

    /// 428: the caller does not say which version they read.
    #[must_use]
    pub(super) fn unread() -> Self {
        let detail = "Read it first and send its ETag as If-Match, so that nobody's change is lost.";
        Self::new(StatusCode::PRECONDITION_REQUIRED, "if-match-needed", "If-Match is needed", detail)
    }

    /// 500: our fault. `error` goes to the log.
    pub(super) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut chain = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            chain.push_str(": ");
            chain.push_str(&cause.to_string());
            source = cause.source();
        }
        tracing::error!(error = chain, "request failed");
        Self::plain(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// 503: part of us is not there.
    pub(super) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available for now", detail)
    }

    /// 415: a body of another type than the one type that is taken.
    pub(super) fn wrong_type(wanted: &str) -> Self {
        let mut problem = Self::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        problem.0.detail = format!("Send `Content-Type: {wanted}`.");
        problem
    }

    /// 413: `setting` has the limit.
    pub(super) fn larger_than(setting: &str) -> Self {
        let mut problem = Self::plain(StatusCode::PAYLOAD_TOO_LARGE);
        problem.0.detail = format!("Send less; the limit is the setting `{setting}`.");
        problem
    }

    /// 413: more than `most` bytes.
    pub(super) fn too_large(most: usize) -> Self {
        let mut problem = Self::plain(StatusCode::PAYLOAD_TOO_LARGE);
        problem.0.detail = format!("Send at most {most} bytes.");
        problem
    }

    /// A problem that says no more than its status: what libraries refuse by themselves.
    #[must_use]
    pub(super) fn plain(status: StatusCode) -> Self {
        let (kind, title, detail) = match status {
            StatusCode::NOT_FOUND => ("not-found", "Not found", "There is nothing at this path. See /api/docs."),
            StatusCode::METHOD_NOT_ALLOWED => (
                "method-not-allowed",
                "Method not allowed",
                "This path does not take this method; `Allow` names those it takes.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => {
                ("too-large", "The request is too large", "Send less; the limit is the setting `http.max_body_bytes`.")
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                ("unsupported-media-type", "Wrong content type", "Send JSON with `Content-Type: application/json`.")
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                ("too-slow", "Took too long", "The request was ended. Try again in a moment.")
            }
            status if status.is_server_error() => (
                "internal",
                "Something went wrong here",
                "It is in our log under this request id. Trying again may help.",
            ),
            status => ("refused", status.canonical_reason().unwrap_or("Refused"), "The request was refused."),
        };
        Self::new(status, kind, title, detail)
    }

    /// Its HTTP status.
    #[must_use]
    pub(super) fn status(&self) -> StatusCode {
        self.0.status
    }
}

impl From<crate::db::Error> for ApiProblem {
    fn from(error: crate::db::Error) -> Self {
        Self::internal(&error)
    }
}
