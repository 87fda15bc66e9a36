//! stub
pub fn router(_: crate::app::App, _: Option<metrics_exporter_prometheus::PrometheusHandle>) -> axum::Router {
    axum::Router::new()
}
pub fn openapi() -> utoipa::openapi::OpenApi {
    utoipa::openapi::OpenApi::default()
}
