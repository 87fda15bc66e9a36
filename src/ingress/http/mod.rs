//! stub
pub mod pages;
pub fn router(app: crate::app::App, _: Option<metrics_exporter_prometheus::PrometheusHandle>) -> axum::Router {
    axum::Router::new().merge(pages::router()).with_state(app)
}
pub fn openapi() -> utoipa::openapi::OpenApi {
    utoipa::openapi::OpenApi::default()
}
