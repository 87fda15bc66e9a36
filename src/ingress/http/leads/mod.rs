//! `/leads`: enquiries. Administrators see all, agents those assigned to them.

mod consents;
mod create;
mod edit;
mod matching;
mod messages;
mod read;
mod state;
mod view;

pub(super) use messages::MessageQueuedView;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read::list, create::create))
        .routes(routes!(read::get, edit::edit))
        .routes(routes!(state::close))
        .routes(routes!(state::reopen))
        .routes(routes!(state::pause))
        .routes(routes!(state::resume))
        .routes(routes!(messages::list, messages::send))
        .routes(routes!(read::timeline))
        .routes(routes!(consents::list))
        .routes(routes!(matching::list))
}
