//! A name for every request, in the log, in problems and in the response header `x-request-id`.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::ids::new_id;

/// The header, in both directions.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The name of this request.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub String);

/// Middleware: takes the caller's name for the request if it is harmless in a log line, else makes one.
pub(super) async fn name_request(mut request: Request, next: Next) -> Response {
    let given = request.headers().get(HEADER).and_then(|value| value.to_str().ok()).filter(|text| is_harmless(text));
    let id = given.map_or_else(|| new_id().to_string(), str::to_owned);
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

fn is_harmless(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
