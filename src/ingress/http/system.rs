//! What whoever runs the program asks: `/healthz`, `/readyz`, `/metrics`.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::problem::{ApiProblem, ApiResult};
use crate::app::App;
use crate::db;

/// A sign of life.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct StatusView {
    /// `ok`.
    pub status: &'static str,
    /// Version of the program.
    pub version: &'static str,
}

const OK: StatusView = StatusView { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz))
}

/// Is the process alive
#[utoipa::path(get, path = "/healthz", operation_id = "getHealth", tag = "system",
    responses((status = 200, body = StatusView, description = "It is")))]
async fn healthz() -> Json<StatusView> {
    Json(OK)
}

/// May requests be sent here
///
/// The database answers and has the schema this version needs.
#[utoipa::path(get, path = "/readyz", operation_id = "getReadiness", tag = "system",
    responses((status = 200, body = StatusView, description = "Yes"), (status = 503, response = ApiProblem)))]
async fn readyz(State(app): State<App>) -> ApiResult<Json<StatusView>> {
    let pending = match db::pending(&app.db).await {
        Ok(pending) => pending,
        Err(error) => {
            tracing::warn!(%error, "the database cannot be asked");
            return Err(ApiProblem::unavailable(
                "The database cannot be asked. Check `DATABASE_URL` and that it runs.",
            ));
        }
    };
    if pending > 0 {
        return Err(ApiProblem::unavailable(format!("The database lacks {pending} migrations. Run `immivo migrate`.")));
    }
    Ok(Json(OK))
}

/// The figures in Prometheus' form; not part of the API's document.
pub(super) fn metrics(handle: PrometheusHandle) -> axum::Router<App> {
    let page = move || {
        let text = handle.render();
        async move { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response() }
    };
    axum::Router::new().route("/metrics", axum::routing::get(page))
}
