//! `/intake/layouts`: layouts of mails that somebody explained once. For administrators. They are made from a mail, in
//! `tray.rs`.

use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageQuery, PageView, page};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::intake::{self, LayoutId, RememberedLayout};
use crate::domain::users::UserId;

/// Where in the mails of a sender which field stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LayoutView {
    /// Id; mails read by it have `remembered/<id>` as their `adapter`.
    pub id: LayoutId,
    /// Whose mails.
    pub sender: String,
    /// Which field stands where: `{"field": "email", "place": {"kind": "behind", "label": "postfach", "nth": 0}}`.
    #[schema(value_type = Vec<Object>)]
    pub rules: serde_json::Value,
    /// Who explained it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}

impl From<RememberedLayout> for LayoutView {
    fn from(layout: RememberedLayout) -> Self {
        Self {
            id: layout.id,
            sender: layout.sender,
            rules: serde_json::to_value(&layout.layout.rules).unwrap_or_default(),
            created_by: layout.created_by,
            created_at: layout.created_at,
        }
    }
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(forget))
}

const WHAT: &str = "see and change remembered layouts";

/// List remembered layouts, newest first
#[utoipa::path(get, path = "/intake/layouts", operation_id = "listIntakeLayouts", tag = "intake", params(PageQuery),
    responses((status = 200, body = PageView<LayoutView>, description = "A page of layouts"), (status = 403, response = ApiProblem)))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<PageQuery>) -> ApiResult<Json<PageView<LayoutView>>> {
    caller.require_admin(WHAT)?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(intake::list_layouts(&mut conn, wanted).await?.map(LayoutView::from).into()))
}

/// Forget a layout
#[utoipa::path(delete, path = "/intake/layouts/{layoutId}", operation_id = "forgetIntakeLayout", tag = "intake",
    params(("layoutId" = LayoutId, Path, description = "Layout")),
    responses((status = 204, description = "Forgotten; leads it made stay"), (status = 403, response = ApiProblem)))]
async fn forget(caller: Caller, ApiId(id): ApiId<LayoutId>) -> ApiResult<StatusCode> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    intake::forget_layout(&mut conn, id).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
