//! What the widget shows.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::page::Page;
use crate::app::App;
use crate::domain::tenants::Branding;
use crate::domain::widget_keys::{self, ConsentText};
use crate::ingress::http::problem::{ApiProblem, ApiResult};

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
    /// What a visitor must agree to, in every language of the widget.
    pub consents: Vec<ConsentTextView>,
}

/// What a visitor agrees to, in one language.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::ingress::http) struct ConsentTextView {
    /// Names just these words; sent as `consent` with the enquiry.
    pub id: String,
    /// Version of the agency's text; 0: the words we come with.
    pub version: i32,
    /// ISO 639-1.
    pub language: &'static str,
    /// The words.
    pub text: String,
    /// The privacy notice to be linked beside them.
    pub privacy_url: Option<String>,
}

impl From<ConsentText> for ConsentTextView {
    fn from(text: ConsentText) -> Self {
        Self {
            id: text.id(),
            version: text.version,
            language: text.language,
            text: text.text,
            privacy_url: text.privacy_url,
        }
    }
}

/// What the widget shows
///
/// For a page whose origin the key allows.
#[utoipa::path(get, path = "/public/v1/widget/{widgetKey}", operation_id = "getWidget", tag = "widget",
    params(("widgetKey" = String, Path, description = "Public id of a widget key"),
        ("Origin" = Option<String>, Header, description = "Set by browsers: the page that asks")),
    responses((status = 200, body = WidgetView, description = "What the widget shows"),
        (status = 403, response = ApiProblem), (status = 404, response = ApiProblem),
        (status = 429, response = ApiProblem), (status = 500, response = ApiProblem), (status = 503, response = ApiProblem)))]
pub(super) async fn config(State(app): State<App>, Path(key): Path<String>, headers: HeaderMap) -> ApiResult<Response> {
    let page = Page::find(&app, key, &headers).await?;
    let view = view(&app, &page).await;
    Ok(page.answer(view.map(|view| Json(view).into_response())))
}

async fn view(app: &App, page: &Page) -> ApiResult<WidgetView> {
    let config = &page.config;
    let mut conn = app.db.tenant(config.tenant_id).await?;
    let consent = widget_keys::consent(&mut conn).await?;
    Ok(WidgetView {
        agency_name: config.agency_name.clone(),
        formal_address: config.formal_address,
        languages: config.languages.clone(),
        branding: Branding {
            logo_url: config.logo_url.clone(),
            primary_color: config.primary_color.clone(),
            accent_color: config.accent_color.clone(),
        },
        consents: consent.shown(&config.agency_name).into_iter().map(ConsentTextView::from).collect(),
    })
}
