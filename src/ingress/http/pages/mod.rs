//! Pages for prospects, rendered here: no script, nothing loaded from elsewhere but the agency's logo, usable on any phone.
//!
//! Always true: the token in the path is the only right to a page, so nothing here is cached, indexed or passed on as a
//! referrer; an error page says what to do next and nothing of our insides. One folder per page family.

mod look;
mod origin;
mod shell;
mod unsubscribe;
mod viewing;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderMap;
use axum::middleware;
use axum::response::Response;

use crate::app::App;

/// A form here has two short fields.
const LARGEST_FORM: usize = 4096;

/// All pages, below `/p`.
pub(super) fn router() -> Router<App> {
    Router::new()
        .nest("/p/viewing/{token}", viewing::router())
        .nest("/p/unsubscribe/{token}", unsubscribe::router())
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(middleware::map_response(shell::protect))
}

/// The page for whoever asks too often.
pub(super) fn too_many(app: &App, headers: &HeaderMap, seconds: u64) -> Response {
    shell::protected(super::throttle::retry_after(viewing::too_many(app, headers), seconds))
}

/// The page for when something of ours failed before anybody looked at the request.
pub(super) fn broken(app: &App, headers: &HeaderMap, error: &dyn std::error::Error) -> Response {
    shell::protected(viewing::broken(app, headers, error))
}
