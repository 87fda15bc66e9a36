//! `Idempotency-Key`: a client that does not know whether its request arrived sends it again, and it counts once.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::caller::Caller;
use super::json::{body_of, read};
use super::problem::{ApiProblem, ApiResult};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::once::{self, Answer, Claim};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// A body, and the key it came under.
#[derive(Debug)]
pub(super) struct Once<T> {
    /// The body.
    pub(super) body: T,
    /// The key, if there was one.
    pub(super) key: Key,
}

/// A key with the digest of the request it names; `None` when the client sent none.
#[derive(Debug)]
pub(super) struct Key(Option<(String, Vec<u8>)>);

impl<T: DeserializeOwned> FromRequest<App> for Once<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, app: &App) -> ApiResult<Self> {
        let name = key_of(request.headers())?;
        let path = request.uri().path().to_owned();
        let bytes: Bytes = body_of(request, app).await?;
        let key = Key(name.map(|name| (name, digest(&path, &bytes))));
        Ok(Self { key, body: read(&bytes)? })
    }
}

fn key_of(headers: &HeaderMap) -> ApiResult<Option<String>> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=255).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(ApiProblem::malformed("`Idempotency-Key` must have 1 to 255 visible ASCII characters.")),
    }
}

/// What tells a request from another one.
fn digest(path: &str, body: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(path.as_bytes());
    hash.update([0]);
    hash.update(body);
    hash.finalize().to_vec()
}

impl Key {
    /// The key of a request whose body is a file; what stands in its query string belongs to the request.
    pub(super) fn of(parts: &Parts, body: &[u8]) -> ApiResult<Self> {
        let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
        Ok(Self(key_of(&parts.headers)?.map(|name| (name, digest(path, body)))))
    }

    /// The answer this request got before, if it was sent before. Call first in the transaction that does the work.
    pub(super) async fn answered(&self, conn: &mut TenantConn, caller: &Caller) -> ApiResult<Option<Response>> {
        let Some((key, digest)) = &self.0 else { return Ok(None) };
        match once::claim(conn, caller.user.id, key, digest).await? {
            Claim::New => Ok(None),
            Claim::Answered(answer) => Ok(Some(response(&answer))),
            Claim::OtherRequest => Err(ApiProblem::conflict(
                "This `Idempotency-Key` was used for another request. Make a new key for every new request.",
            )),
        }
    }

    /// Keeps the answer with the work, and gives it.
    pub(super) async fn keep(
        &self,
        conn: &mut TenantConn,
        caller: &Caller,
        status: StatusCode,
        location: Option<String>,
        view: &impl Serialize,
    ) -> ApiResult<Response> {
        let body = serde_json::to_value(view).map_err(|error| ApiProblem::internal(&error))?;
        let answer = Answer { status: status.as_u16(), location, body };
        if let Some((key, _)) = &self.0 {
            once::keep(conn, caller.user.id, key, &answer).await?;
        }
        Ok(response(&answer))
    }
}

/// The answer as it goes out, the first time and every other; a `version` in it is the `ETag`.
fn response(answer: &Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, Json(&answer.body)).into_response();
    let tag = answer.body.get("version").map(|version| format!("\"{version}\""));
    for (name, value) in [(header::LOCATION, answer.location.clone()), (header::ETAG, tag)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
