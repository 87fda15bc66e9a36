//! What every request passes on its way in and out, whatever answers it.

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use super::cors::{self, Cors};
use super::problem::{self, ApiProblem};
use super::{access, request_id};
use crate::settings::HttpSettings;

/// A year. Not for subdomains: they are not ours to speak for.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Puts the layers around a router. `largest_mail`: what `POST /intake/raw` takes and no other route, bytes.
pub(super) fn around(router: Router, settings: &HttpSettings, largest_mail: usize) -> Router {
    let tls = settings.public_url.starts_with("https://").then_some(ONLY_TLS);
    // Outermost first. The name of the request comes before everything that writes it down. Problems are rendered
    // outside of what refuses requests (panic, time, size), so that those refusals look like every other one; CORS
    // headers are added outside of that, so that a page can read them; the access line sees the final status.
    let layers = ServiceBuilder::new()
        .layer(from_fn(request_id::name_request))
        .layer(SetSensitiveRequestHeadersLayer::new([header::AUTHORIZATION, header::COOKIE]))
        .layer(default_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(default_header(header::REFERRER_POLICY, "no-referrer"))
        .layer(default_header(header::X_FRAME_OPTIONS, "DENY"))
        .layer(default_header(header::CACHE_CONTROL, "no-store"))
        .layer(default_header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
        .layer(default_header(
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        ))
        .layer(SetResponseHeaderLayer::if_not_present(header::STRICT_TRANSPORT_SECURITY, tls))
        .layer(from_fn(access::log_request))
        .layer(from_fn_with_state(Cors::new(&settings.allowed_origins), cors::allow))
        .layer(from_fn(problem::render))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(settings.timeout_seconds),
        ))
        // What reads a usual body stops at the usual size; what takes mails, at theirs, and says so before this ends it.
        .layer(RequestBodyLimitLayer::new(settings.max_body_bytes.max(largest_mail + 1)))
        .layer(axum::extract::DefaultBodyLimit::max(settings.max_body_bytes));
    router.layer(layers)
}

/// A header for responses that do not set it themselves.
pub(super) fn default_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// The panic hook has written the place; what was said may hold personal data and is not repeated.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    ApiProblem::plain(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::convert::Infallible;
    use std::path::Path;

    use axum::body::{Body, Bytes, to_bytes};
    use axum::http::Request;
    use axum::routing::{get, post};
    use futures::StreamExt as _;
    use tower::ServiceExt as _;

    use super::*;

    fn settings(variables: &[(&str, &str)]) -> HttpSettings {
        let variables: HashMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        crate::settings::load_from(Path::new("no-such-folder"), variables).unwrap().http
    }

    async fn panics() -> &'static str {
        panic!("the secret is 1234")
    }

    async fn sleeps() -> &'static str {
        tokio::time::sleep(Duration::from_secs(60)).await;
        "awake"
    }

    /// Sends pieces for longer than a request may take.
    async fn streams() -> Body {
        let pieces = futures::stream::iter(0..4).then(|piece| async move {
            tokio::time::sleep(Duration::from_millis(400)).await;
            Ok::<_, Infallible>(Bytes::from(format!("{piece}")))
        });
        Body::from_stream(pieces)
    }

    async fn answer(path: &str, variables: &[(&str, &str)]) -> (Response, String) {
        let router = Router::new()
            .route("/panics", get(panics))
            .route("/sleeps", get(sleeps))
            .route("/streams", get(streams))
            .route("/takes", post(async |body: Bytes| body.len().to_string()));
        let request = match path {
            "/takes" => Request::post(path).body(Body::from("x".repeat(2000))),
            _ => Request::get(path).body(Body::empty()),
        };
        let response = around(router, &settings(variables), 1 << 20).oneshot(request.unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        (Response::from_parts(parts, Body::empty()), text)
    }

    fn assert_problem(response: &Response, text: &str, status: u16, kind: &str) {
        assert_eq!(response.status().as_u16(), status, "{text}");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        let problem: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(problem["type"], format!("urn:immivo:problem:{kind}"));
        assert_eq!(problem["requestId"].as_str(), response.headers()[request_id::HEADER].to_str().ok());
        assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_that_says_nothing_of_it() {
        let (response, text) = answer("/panics", &[]).await;
        assert_problem(&response, &text, 500, "internal");
        assert!(!text.contains("1234") && !text.contains("secret"), "{text}");
    }

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_a_problem() {
        let (response, text) = answer("/sleeps", &[("IMMIVO__HTTP__TIMEOUT_SECONDS", "1")]).await;
        assert_problem(&response, &text, 503, "too-slow");
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_is_a_problem() {
        let (response, text) = answer("/takes", &[("IMMIVO__HTTP__MAX_BODY_BYTES", "1000")]).await;
        assert_problem(&response, &text, 413, "too-large");
    }

    #[tokio::test]
    async fn an_answer_that_streams_may_take_longer_than_a_request() {
        let (response, text) = answer("/streams", &[("IMMIVO__HTTP__TIMEOUT_SECONDS", "1")]).await;
        assert_eq!((response.status().as_u16(), text.as_str()), (200, "0123"));
    }

    #[tokio::test]
    async fn browsers_are_told_to_stay_on_tls_where_there_is_tls() {
        let (plain, _) = answer("/panics", &[]).await;
        assert!(!plain.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
        let (secure, _) = answer("/panics", &[("IMMIVO__HTTP__PUBLIC_URL", "https://immivo.example.org")]).await;
        assert_eq!(secure.headers()[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
        assert!(secure.headers()["permissions-policy"].to_str().unwrap().contains("camera=()"));
    }
}
