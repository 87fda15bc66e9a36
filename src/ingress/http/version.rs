//! `ETag` and `If-Match`: two people may edit the same thing, and neither loses what they wrote without a word.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::{HeaderValue, header, request::Parts};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::problem::{ApiProblem, ApiResult};

/// The version the caller read; `None` when the caller does not care.
#[derive(Debug, Clone, Copy)]
pub(super) struct IfMatch(pub Option<i32>);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> ApiResult<Self> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let value = value.to_str().unwrap_or_default().trim();
        if value == "*" {
            return Ok(Self(None));
        }
        // Any other tag is of no version there ever was.
        let version = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|tag| tag.parse().ok());
        version.map(|version| Self(Some(version))).ok_or_else(ApiProblem::changed)
    }
}

/// The same where everybody edits one document, so that nobody may overwrite it unread. The handler asks for the version
/// after it knows that the caller may edit at all.
#[derive(Debug, Clone, Copy)]
pub(super) struct MustMatch(Option<IfMatch>);

impl<S: Sync> FromRequestParts<S> for MustMatch {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let given = parts.headers.contains_key(header::IF_MATCH);
        Ok(Self(if given { Some(IfMatch::from_request_parts(parts, state).await?) } else { None }))
    }
}

impl MustMatch {
    /// The version the caller read; `None` when they said `*`. 428 when they said nothing.
    pub(super) fn read(self) -> ApiResult<Option<i32>> {
        self.0.map(|IfMatch(version)| version).ok_or_else(ApiProblem::unread)
    }
}

/// A body with its `ETag`.
#[derive(Debug)]
pub(super) struct Versioned<T>(pub i32, pub T);

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", self.0)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}
