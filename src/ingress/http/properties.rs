//! `/properties`: the agency's listings. Everybody of the agency reads and writes them; administrators remove.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::json::ApiJson;
use super::once::Once;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageView, page};
use super::version::{IfMatch, Versioned};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::properties::{self, Property, PropertyFilter, PropertyId, PropertyInput, PropertyStatus};
use crate::domain::tasks;

/// A listing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PropertyView {
    /// Id.
    pub id: PropertyId,
    /// What it says.
    #[serde(flatten)]
    pub content: PropertyInput,
    /// Grows with each change; the `ETag`.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl From<Property> for PropertyView {
    fn from(property: Property) -> Self {
        Self {
            id: property.id,
            content: PropertyInput::from(&property),
            version: property.version,
            created_at: property.created_at,
            updated_at: property.updated_at,
        }
    }
}

/// Which listings.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Where it stands.
    status: Option<PropertyStatus>,
    /// Part of title, own number or address, or a whole id of a portal.
    q: Option<String>,
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Its routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, replace, remove))
}

/// List properties, newest first
#[utoipa::path(get, path = "/properties", operation_id = "listProperties", tag = "properties", params(ListQuery),
    responses((status = 200, body = PageView<PropertyView>, description = "A page of properties")))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<PropertyView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let filter = PropertyFilter { status: query.status, search: query.q };
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(properties::list(&mut conn, &filter, wanted).await?.map(PropertyView::from).into()))
}

/// Create a property
#[utoipa::path(post, path = "/properties", operation_id = "createProperty", tag = "properties",
    params(("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")), request_body = PropertyInput,
    responses((status = 201, body = PropertyView, description = "Created"), (status = 409, response = ApiProblem)))]
async fn create(caller: Caller, Once { body, key }: Once<PropertyInput>) -> ApiResult<Response> {
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let property = properties::create(&mut conn, &body).await?;
    tasks::watch_energy(&mut conn, &property).await?;
    let location = format!("/api/v1/properties/{}", property.id);
    let view = PropertyView::from(property);
    let answer = key.keep(&mut conn, &caller, StatusCode::CREATED, Some(location), &view).await?;
    conn.commit().await?;
    Ok(answer)
}

/// Read a property
#[utoipa::path(get, path = "/properties/{propertyId}", operation_id = "getProperty", tag = "properties",
    params(("propertyId" = PropertyId, Path, description = "Property")), responses((status = 200, body = PropertyView, description = "The property")))]
async fn get(caller: Caller, ApiId(id): ApiId<PropertyId>) -> ApiResult<Versioned<PropertyView>> {
    let mut conn = caller.tenant_conn().await?;
    let property = properties::find(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("property"))?;
    Ok(Versioned(property.version, property.into()))
}

/// Replace a property
///
/// What is left out is empty afterwards.
#[utoipa::path(put, path = "/properties/{propertyId}", operation_id = "replaceProperty", tag = "properties",
    params(("propertyId" = PropertyId, Path, description = "Property"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    request_body = PropertyInput,
    responses((status = 200, body = PropertyView, description = "Replaced"), (status = 409, response = ApiProblem)))]
async fn replace(
    caller: Caller,
    ApiId(id): ApiId<PropertyId>,
    IfMatch(version): IfMatch,
    ApiJson(input): ApiJson<PropertyInput>,
) -> ApiResult<Versioned<PropertyView>> {
    let mut conn = caller.tenant_conn().await?;
    let property = properties::update(&mut conn, id, &input, version).await?;
    tasks::watch_energy(&mut conn, &property).await?;
    conn.commit().await?;
    Ok(Versioned(property.version, property.into()))
}

/// Remove a property nobody asked for
///
/// One that leads or viewings name is archived instead: set its status.
#[utoipa::path(delete, path = "/properties/{propertyId}", operation_id = "removeProperty", tag = "properties",
    params(("propertyId" = PropertyId, Path, description = "Property"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    responses((status = 204, description = "Removed"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn remove(caller: Caller, ApiId(id): ApiId<PropertyId>, IfMatch(version): IfMatch) -> ApiResult<StatusCode> {
    caller.require_admin("remove properties")?;
    let mut conn = caller.tenant_conn().await?;
    properties::remove(&mut conn, id, version).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
