//! The HTTP edge: the JSON API, its document, pages for people, and what whoever runs the program asks.
//!
//! A handler names its caller first (`caller::Caller`): without one it cannot reach a tenant's rows. Bodies and query
//! strings refuse what they do not know; every error is a problem document (`problem`). To add a resource: a file
//! with types, handlers and mapping in this order, and a line in `api`; `tests/it` then demands its anonymous and
//! other-tenant cases by itself.

mod absences;
mod accept;
mod access;
mod address;
mod ai;
mod api_key;
mod api_keys;
mod assistant;
mod attachments;
mod audit;
mod blocked_senders;
mod caller;
mod check;
mod connections;
mod cors;
mod dev;
mod document;
mod documents;
mod download;
mod drafts;
mod errors;
mod events;
mod fact_proposals;
mod facts;
mod identity;
mod imports;
mod intake;
mod intake_raw;
mod invitations;
mod json;
mod knowledge;
mod layers;
mod layouts;
mod leads;
mod me;
mod objects;
mod onboarding;
mod once;
mod own;
mod pages;
mod platform;
mod privacy;
mod problem;
mod properties;
mod query;
mod radar;
mod reprocessing;
mod request_id;
mod routing;
mod scopes;
mod secrets;
mod ses;
mod settings;
mod statistics;
mod system;
mod tasks;
mod test_addresses;
mod throttle;
mod tray;
mod users;
mod version;
mod viewings;
mod widget;
mod widget_consent;
mod widget_keys;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use metrics_exporter_prometheus::PrometheusHandle;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

use crate::app::App;
pub use accept::serve;
use problem::ApiProblem;

/// Everything under `/api/v1`, and what is described with it.
fn api() -> OpenApiRouter<App> {
    let resources = OpenApiRouter::new()
        .merge(me::router())
        .merge(onboarding::router())
        .merge(invitations::router())
        .merge(users::router())
        .merge(platform::router())
        .merge(settings::router())
        .merge(facts::router())
        .merge(fact_proposals::router())
        .merge(ai::router())
        .merge(routing::router())
        .merge(absences::router())
        .merge(properties::router())
        .merge(documents::router())
        .merge(knowledge::router())
        .merge(leads::router())
        .merge(statistics::router())
        .merge(tasks::router())
        .merge(drafts::router())
        .merge(viewings::router())
        .merge(assistant::router())
        .merge(intake::router())
        .merge(intake_raw::router())
        .merge(test_addresses::router())
        .merge(tray::router())
        .merge(blocked_senders::router())
        .merge(layouts::router())
        .merge(reprocessing::router())
        .merge(radar::router())
        .merge(attachments::router())
        .merge(imports::router())
        .merge(secrets::router())
        .merge(connections::router())
        .merge(api_keys::router())
        .merge(widget_keys::router())
        .merge(widget_consent::router())
        .merge(audit::router())
        .merge(privacy::router())
        .merge(events::router());
    OpenApiRouter::with_openapi(document::Frame::openapi())
        .nest("/api/v1", resources)
        .merge(widget::router())
        .merge(ses::router())
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
    let mut router = routes.merge(pages::router()).merge(widget::script());
    if let Some(handle) = metrics {
        router = router.merge(system::metrics(handle));
    }
    if app.mailer.development().is_some() {
        router = router.merge(dev::router());
    }
    let settings = app.settings.http.clone();
    let largest_mail = app.settings.smtp.max_message_bytes;
    let counted = from_fn_with_state(app.clone(), throttle::by_address);
    let router = router
        .with_state(app)
        .merge(documentation(document::complete(document)))
        .fallback(async || ApiProblem::plain(StatusCode::NOT_FOUND))
        .layer(counted);
    layers::around(router, &settings, largest_mail)
}

/// The document and a page to read it, which may run its own scripts and nothing else.
fn documentation(document: utoipa::openapi::OpenApi) -> Router {
    let ui: Router = SwaggerUi::new("/api/docs").url("/api/openapi.json", document).into();
    ui.layer(layers::default_header(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'",
    ))
}
