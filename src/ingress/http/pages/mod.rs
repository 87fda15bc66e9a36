//! Pages for prospects, rendered here: no script, nothing loaded from elsewhere but the agency's logo, usable on any phone.
//!
//! Always true: the token in the path is the only right to a page, so nothing here is cached, indexed or passed on as a
//! referrer; an error page says what to do next and nothing of our insides. One folder per page family.

mod look;
mod origin;
mod shell;
mod viewing;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;

use crate::app::App;

/// A form here has two short fields.
const LARGEST_FORM: usize = 4096;

/// All pages, below `/p`.
pub(super) fn router() -> Router<App> {
    Router::new()
        .nest("/p/viewing/{token}", viewing::router())
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(middleware::map_response(shell::protect))
}
