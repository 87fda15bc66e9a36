//! The widget: its script, and what it asks `/public/v1/widget/{key}` from an agency's web page, without a sign-in.
//!
//! A browser tells which page asks and hands the answer to that page only if we name it, so both are one decision
//! (`page`): an origin that the key allows gets its own name back with every answer, every other gets a refusal it cannot
//! even read. What visitors read of ours is in `words`, in their language.

mod challenge;
mod config;
mod lead;
mod page;
mod script;
mod words;

pub(super) use config::ConsentTextView;
pub(super) use script::router as script;

use axum::extract::DefaultBodyLimit;
use axum::routing::options;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// What the script asks.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(config::config))
        .routes(routes!(challenge::challenge))
        .merge(OpenApiRouter::new().routes(routes!(lead::create)).layer(DefaultBodyLimit::max(lead::MOST_BYTES)))
        .route("/public/v1/widget/{widgetKey}/leads", options(page::beforehand))
}
