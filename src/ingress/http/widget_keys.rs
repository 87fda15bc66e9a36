//! `/widget-keys`: public keys for the widget on the agency's web pages.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::check::Check;
use super::json::ApiJson;
use super::once::Once;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageView, page};
use super::version::{IfMatch, Versioned};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::widget_keys::{self, Origin, WidgetKey, WidgetKeyId, WidgetKeyInput};

/// A widget key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WidgetKeyView {
    /// Id.
    pub id: WidgetKeyId,
    /// The key as it stands in the page; no secret.
    pub public_id: String,
    /// What the agency calls it.
    pub label: String,
    /// Pages that may use it, as browsers write them in `Origin`.
    pub origins: Vec<String>,
    /// It may be used.
    pub active: bool,
    /// Grows with each change; the `ETag`.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl From<WidgetKey> for WidgetKeyView {
    fn from(key: WidgetKey) -> Self {
        Self {
            id: key.id,
            public_id: key.public_id,
            label: key.label,
            origins: key.origins,
            active: key.active,
            version: key.version,
            created_at: key.created_at,
            updated_at: key.updated_at,
        }
    }
}

/// What is decided about a widget key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WidgetKeyBody {
    /// What you call it.
    label: String,
    /// Pages that may use it: `https://www.example.org`, with a port if it is not the usual one; 1 to 20.
    #[schema(min_items = 1, max_items = 20)]
    origins: Vec<String>,
    /// It may be used; true if left out.
    #[serde(default = "yes")]
    active: bool,
}

fn yes() -> bool {
    true
}

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

const MOST_ORIGINS: usize = 20;
const WHAT: &str = "see and change widget keys";

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, replace, remove))
}

/// List widget keys, newest first
#[utoipa::path(get, path = "/widget-keys", operation_id = "listWidgetKeys", tag = "widget keys", params(ListQuery),
    responses((status = 200, body = PageView<WidgetKeyView>, description = "A page of keys")))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<WidgetKeyView>>> {
    caller.require_admin(WHAT)?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(widget_keys::list(&mut conn, wanted).await?.map(WidgetKeyView::from).into()))
}

/// Make a widget key
#[utoipa::path(post, path = "/widget-keys", operation_id = "createWidgetKey", tag = "widget keys",
    params(("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")), request_body = WidgetKeyBody,
    responses((status = 201, body = WidgetKeyView, description = "Made"), (status = 409, response = ApiProblem)))]
async fn create(caller: Caller, Once { body, key }: Once<WidgetKeyBody>) -> ApiResult<Response> {
    caller.require_admin(WHAT)?;
    let input = checked(body)?;
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let made = widget_keys::create(&mut conn, &input).await?;
    let location = format!("/api/v1/widget-keys/{}", made.id);
    let answer = key.keep(&mut conn, &caller, StatusCode::CREATED, Some(location), &WidgetKeyView::from(made)).await?;
    conn.commit().await?;
    Ok(answer)
}

/// Read a widget key
#[utoipa::path(get, path = "/widget-keys/{widgetKeyId}", operation_id = "getWidgetKey", tag = "widget keys",
    params(("widgetKeyId" = WidgetKeyId, Path, description = "Widget key")),
    responses((status = 200, body = WidgetKeyView, description = "The key")))]
async fn get(caller: Caller, ApiId(id): ApiId<WidgetKeyId>) -> ApiResult<Versioned<WidgetKeyView>> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    let key = widget_keys::find(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("widget key"))?;
    Ok(Versioned(key.version, key.into()))
}

/// Replace what is decided about a widget key
#[utoipa::path(put, path = "/widget-keys/{widgetKeyId}", operation_id = "replaceWidgetKey", tag = "widget keys",
    params(("widgetKeyId" = WidgetKeyId, Path, description = "Widget key"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    request_body = WidgetKeyBody,
    responses((status = 200, body = WidgetKeyView, description = "Replaced")))]
async fn replace(
    caller: Caller,
    ApiId(id): ApiId<WidgetKeyId>,
    IfMatch(version): IfMatch,
    ApiJson(body): ApiJson<WidgetKeyBody>,
) -> ApiResult<Versioned<WidgetKeyView>> {
    caller.require_admin(WHAT)?;
    let input = checked(body)?;
    let mut conn = caller.tenant_conn().await?;
    let key = widget_keys::replace(&mut conn, id, &input, version).await?;
    conn.commit().await?;
    Ok(Versioned(key.version, key.into()))
}

/// Remove a widget key
#[utoipa::path(delete, path = "/widget-keys/{widgetKeyId}", operation_id = "removeWidgetKey", tag = "widget keys",
    params(("widgetKeyId" = WidgetKeyId, Path, description = "Widget key"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    responses((status = 204, description = "Removed")))]
async fn remove(caller: Caller, ApiId(id): ApiId<WidgetKeyId>, IfMatch(version): IfMatch) -> ApiResult<StatusCode> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    widget_keys::remove(&mut conn, id, version).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn checked(body: WidgetKeyBody) -> ApiResult<WidgetKeyInput> {
    let mut check = Check::new();
    let label = check.line("label", Some(body.label)).unwrap_or_else(|| {
        check.wrong("label", "must not be empty");
        String::new()
    });
    if !(1..=MOST_ORIGINS).contains(&body.origins.len()) {
        check.wrong("origins", format!("must name 1 to {MOST_ORIGINS} origins"));
    }
    let mut origins = Vec::new();
    for (index, text) in body.origins.iter().take(MOST_ORIGINS).enumerate() {
        match Origin::parse(text) {
            Ok(origin) if origins.contains(&origin) => check.wrong(&format!("origins[{index}]"), "stands here twice"),
            Ok(origin) => origins.push(origin),
            Err(problem) => check.wrong(&format!("origins[{index}]"), problem.to_string()),
        }
    }
    check.done()?;
    Ok(WidgetKeyInput { label, origins, active: body.active })
}
