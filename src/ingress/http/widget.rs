//! `/public/v1/widget/{key}`: what the widget on an agency's web page asks, without a sign-in.
//!
//! A browser tells which page asks and hands the answer to that page only if we name it, so both are one decision here:
//! an origin that the key allows gets its own name back, every other gets a refusal it cannot even read.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::problem::{ApiProblem, ApiResult};
use crate::app::App;
use crate::domain::tenants::Branding;
use crate::domain::widget_keys;

/// What the widget shows.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WidgetView {
    /// Name of the agency.
    pub agency_name: String,
    /// "Sie" rather than "du".
    pub formal_address: bool,
    /// Languages enquiries are answered in.
    pub languages: Vec<String>,
    /// Logo and colours.
    pub branding: Branding,
}

/// Its route.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(config))
}

/// What the widget shows
///
/// For a page whose origin the key allows.
#[utoipa::path(get, path = "/public/v1/widget/{widgetKey}", operation_id = "getWidget", tag = "widget",
    params(("widgetKey" = String, Path, description = "Public id of a widget key"),
        ("Origin" = Option<String>, Header, description = "Set by browsers: the page that asks")),
    responses((status = 200, body = WidgetView, description = "What the widget shows"),
        (status = 403, response = ApiProblem), (status = 404, response = ApiProblem),
        (status = 500, response = ApiProblem), (status = 503, response = ApiProblem)))]
async fn config(State(app): State<App>, Path(key): Path<String>, headers: HeaderMap) -> ApiResult<Response> {
    let mut conn = app.db.platform().await?;
    let config = widget_keys::config(&mut conn, &key).await?;
    drop(conn);
    let config = config.ok_or_else(|| ApiProblem::not_found("widget"))?;
    let origin = headers
        .get(header::ORIGIN)
        .filter(|origin| origin.to_str().is_ok_and(|origin| config.origins.iter().any(|allowed| allowed == origin)));
    let Some(origin) = origin else {
        return Err(ApiProblem::forbidden("The widget key is not for this page. Add its origin to the key."));
    };
    let view = WidgetView {
        agency_name: config.agency_name,
        formal_address: config.formal_address,
        languages: config.languages,
        branding: Branding {
            logo_url: config.logo_url,
            primary_color: config.primary_color,
            accent_color: config.accent_color,
        },
    };
    let mut response = Json(view).into_response();
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Origin"));
    Ok(response)
}
