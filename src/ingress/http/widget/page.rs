//! Which page asks, and whether its key allows it.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::domain::widget_keys::{self, WidgetConfig};
use crate::ingress::http::problem::{ApiProblem, ApiResult};

/// A page that may use its key.
pub(super) struct Page {
    /// Its key.
    pub(super) key: String,
    /// What is known by the key.
    pub(super) config: WidgetConfig,
    origin: HeaderValue,
}

impl Page {
    /// The page that asks. An unknown key is 404; a page it is not for 403.
    pub(super) async fn find(app: &App, key: String, headers: &HeaderMap) -> ApiResult<Self> {
        let mut conn = app.db.platform().await?;
        let config = widget_keys::config(&mut conn, &key).await?;
        drop(conn);
        let config = config.ok_or_else(|| ApiProblem::not_found("widget"))?;
        let allowed =
            |origin: &&HeaderValue| origin.to_str().is_ok_and(|origin| config.origins.iter().any(|one| one == origin));
        let Some(origin) = headers.get(header::ORIGIN).filter(allowed).cloned() else {
            return Err(ApiProblem::forbidden("The widget key is not for this page. Add its origin to the key."));
        };
        Ok(Self { key, config, origin })
    }

    /// As browsers write it in `Origin`.
    pub(super) fn origin(&self) -> &str {
        self.origin.to_str().unwrap_or_default()
    }

    /// An answer that this page may read, whatever it says.
    pub(super) fn answer(&self, answer: ApiResult<Response>) -> Response {
        let mut response = answer.unwrap_or_else(ApiProblem::into_response);
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.origin.clone());
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("Origin"));
        response
    }
}

/// What browsers ask before they send JSON to another origin.
pub(super) async fn beforehand(
    State(app): State<App>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let page = Page::find(&app, key, &headers).await?;
    let allow: [(HeaderName, &str); 3] = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, "3600"),
    ];
    Ok(page.answer(Ok((StatusCode::NO_CONTENT, allow).into_response())))
}
