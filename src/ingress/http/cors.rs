//! Which other origins' pages may call the API from a browser: those in `http.allowed_origins`, and no cookies.
//!
//! Sits outside of what renders problems, so that a page can read those, too. Requests of any other origin go through
//! untouched and get no CORS headers: the browser then keeps the answer from the page.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use tower::{Layer as _, ServiceExt as _};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::{caller, request_id};

/// The allowed origins and what they may do.
#[derive(Debug, Clone)]
pub(super) struct Cors(Arc<Allowed>);

#[derive(Debug)]
struct Allowed {
    origins: Vec<HeaderValue>,
    layer: CorsLayer,
}

impl Cors {
    /// From `http.allowed_origins`, which the settings have checked.
    pub(super) fn new(origins: &[String]) -> Self {
        let origins: Vec<HeaderValue> =
            origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
        let layer = CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins.clone()))
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
            .allow_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                header::IF_MATCH,
                HeaderName::from_static("idempotency-key"),
                HeaderName::from_static("last-event-id"),
                caller::IMPERSONATION,
                request_id::HEADER,
            ])
            .expose_headers([header::ETAG, header::LOCATION, header::RETRY_AFTER, request_id::HEADER])
            .max_age(Duration::from_secs(3600));
        Self(Arc::new(Allowed { origins, layer }))
    }

    fn allows(&self, request: &Request) -> bool {
        let origin = request.headers().get(header::ORIGIN);
        request.uri().path().starts_with("/api/") && origin.is_some_and(|origin| self.0.origins.contains(origin))
    }
}

/// Middleware: answers the browser's question beforehand, and marks what an allowed origin may read.
pub(super) async fn allow(State(cors): State<Cors>, request: Request, next: Next) -> Response {
    if !cors.allows(&request) {
        return next.run(request).await;
    }
    match cors.0.layer.layer(next).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
