//! `/widget/{key}.js`: the script an agency puts into its pages.
//!
//! It is the same for every key and says nothing about an agency, so every page may load it and browsers keep it; what
//! depends on the agency it asks for itself, and is told only on the agency's own pages.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::domain::widget_keys;
use crate::ingress::http::problem::{ApiProblem, ApiResult};

/// What is served, and its tag.
struct Script {
    text: String,
    tag: String,
}

static SCRIPT: LazyLock<Script> = LazyLock::new(|| {
    let text = without_comments(include_str!("../../../../templates/widget/widget.js"));
    let hash: String = Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Script { text, tag: format!("\"{hash}\"") }
});

/// The source without indentation and lines that are only comment: half the size, and nothing else to break.
fn without_comments(source: &str) -> String {
    let lines = source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Its route.
pub(in crate::ingress::http) fn router() -> Router<App> {
    Router::new().route("/widget/{file}", get(script))
}

async fn script(State(app): State<App>, Path(file): Path<String>, headers: HeaderMap) -> ApiResult<Response> {
    let not_there = || ApiProblem::not_found("widget");
    let key = file.strip_suffix(".js").ok_or_else(not_there)?;
    let mut conn = app.db.platform().await?;
    widget_keys::config(&mut conn, key).await?.ok_or_else(not_there)?;
    drop(conn);
    let tags = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
    let is_known =
        tags.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == SCRIPT.tag || tag == "*");
    let mut response = match is_known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => SCRIPT.text.as_str().into_response(),
    };
    let headers: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600, stale-while-revalidate=86400"),
        (header::ETAG, &SCRIPT.tag),
        // Any page may load it, also one that isolates itself (COEP), or asks with `crossorigin`.
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}
