//! The HTTP edge: the JSON API, its document, pages for people, and what whoever runs the program asks.
//!
//! A handler names its caller first (`caller::Caller`): without one it cannot reach a tenant's rows. Bodies and query
//! strings refuse what they do not know; every error is a problem document (`problem`). To add a resource: a file
//! with types, handlers and mapping in this order, and a line in `api`; `tests/it` then demands its anonymous and
//! other-tenant cases by itself.

mod absences;
mod access;
mod api_key;
mod api_keys;
mod attachments;
mod audit;
mod caller;
mod check;
mod dev;
mod document;
mod download;
mod drafts;
mod errors;
mod facts;
mod intake;
mod json;
mod leads;
mod me;
mod objects;
mod once;
mod pages;
mod privacy;
mod problem;
mod properties;
mod query;
mod request_id;
mod routing;
mod scopes;
mod secrets;
mod settings;
mod system;
mod tasks;
mod version;
mod viewings;
mod widget;
mod widget_keys;

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::PrometheusHandle;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

use crate::app::App;
use problem::ApiProblem;

/// Everything under `/api/v1`, and what is described with it.
fn api() -> OpenApiRouter<App> {
    let resources = OpenApiRouter::new()
        .merge(me::router())
        .merge(settings::router())
        .merge(facts::router())
        .merge(routing::router())
        .merge(absences::router())
        .merge(properties::router())
        .merge(leads::router())
        .merge(tasks::router())
        .merge(drafts::router())
        .merge(viewings::router())
        .merge(intake::router())
        .merge(attachments::router())
        .merge(secrets::router())
        .merge(api_keys::router())
        .merge(widget_keys::router())
        .merge(audit::router())
        .merge(privacy::router());
    OpenApiRouter::with_openapi(document::Frame::openapi())
        .nest("/api/v1", resources)
        .merge(widget::router())
        .merge(system::router())
}

/// The document of the API.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    document::complete(api().into_openapi())
}

/// The program's whole HTTP side. `/metrics` is there if somebody counts, `/dev/mail` if mail is kept here.
pub fn router(app: App, metrics: Option<PrometheusHandle>) -> Router {
    let (routes, document) = api().split_for_parts();
    let mut router = routes.merge(pages::router());
    if let Some(handle) = metrics {
        router = router.merge(system::metrics(handle));
    }
    if app.mailer.development().is_some() {
        router = router.merge(dev::router());
    }
    let settings = app.settings.http.clone();
    let router = router
        .with_state(app)
        .merge(documentation(document::complete(document)))
        .fallback(async || ApiProblem::plain(StatusCode::NOT_FOUND));
    // Outermost first. The name of the request comes before everything that writes it down. Problems are rendered
    // outside of what refuses requests (panic, time, size), so that those refusals look like every other one; the
    // access line is outside of that and sees the final status.
    let layers = ServiceBuilder::new()
        .layer(from_fn(request_id::name_request))
        .layer(SetSensitiveRequestHeadersLayer::new([header::AUTHORIZATION, header::COOKIE]))
        .layer(default_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(default_header(header::REFERRER_POLICY, "no-referrer"))
        .layer(default_header(header::X_FRAME_OPTIONS, "DENY"))
        .layer(default_header(header::CACHE_CONTROL, "no-store"))
        .layer(default_header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
        .layer(from_fn(access::log_request))
        .layer(from_fn(problem::render))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(settings.timeout_seconds),
        ))
        .layer(RequestBodyLimitLayer::new(settings.max_body_bytes))
        .layer(axum::extract::DefaultBodyLimit::disable());
    router.layer(layers)
}

/// The document and a page to read it, which may run its own scripts and nothing else.
fn documentation(document: utoipa::openapi::OpenApi) -> Router {
    let ui: Router = SwaggerUi::new("/api/docs").url("/api/openapi.json", document).into();
    ui.layer(default_header(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'",
    ))
}

/// A header for responses that do not set it themselves.
fn default_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// The panic hook has written the place; what was said may hold personal data and is not repeated.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    ApiProblem::plain(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}
