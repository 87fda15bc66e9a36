//! `/facts`: what holds for every listing of the agency. Everybody reads them; administrators change them.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::json::ApiJson;
use super::once::Once;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageQuery, PageView, page};
use super::version::{IfMatch, Versioned};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::tenants::{self, FactId, NewFact, TenantFact};

/// A fact.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FactView {
    /// Id.
    pub id: FactId,
    /// What it is about: `pets`, `financing` …
    pub topic: String,
    /// The fact as a sentence.
    pub text: String,
    /// Grows with each change; the `ETag`.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<TenantFact> for FactView {
    fn from(fact: TenantFact) -> Self {
        Self { id: fact.id, topic: fact.topic, text: fact.text, version: fact.version, created_at: fact.created_at }
    }
}

/// What a fact says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FactInput {
    /// What it is about: `pets`, `financing` …
    topic: String,
    /// The fact as a sentence. Answers cite it.
    text: String,
}

impl From<FactInput> for NewFact {
    fn from(input: FactInput) -> Self {
        Self { topic: input.topic, text: input.text }
    }
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(replace, remove))
}

/// List facts, newest first
#[utoipa::path(get, path = "/facts", operation_id = "listFacts", tag = "settings", params(PageQuery),
    responses((status = 200, body = PageView<FactView>, description = "A page of facts")))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<PageQuery>) -> ApiResult<Json<PageView<FactView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(tenants::list_facts(&mut conn, wanted).await?.map(FactView::from).into()))
}

/// Add a fact
#[utoipa::path(post, path = "/facts", operation_id = "createFact", tag = "settings",
    params(("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")), request_body = FactInput,
    responses((status = 201, body = FactView, description = "Added"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn create(caller: Caller, Once { body, key }: Once<FactInput>) -> ApiResult<Response> {
    caller.require_admin("add facts")?;
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let view = FactView::from(tenants::add_fact(&mut conn, &body.into()).await?);
    let answer = key.keep(&mut conn, &caller, StatusCode::CREATED, None, &view).await?;
    conn.commit().await?;
    Ok(answer)
}

/// Replace a fact
#[utoipa::path(put, path = "/facts/{factId}", operation_id = "replaceFact", tag = "settings",
    params(("factId" = FactId, Path, description = "Fact"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    request_body = FactInput,
    responses((status = 200, body = FactView, description = "Replaced"), (status = 403, response = ApiProblem)))]
async fn replace(
    caller: Caller,
    ApiId(id): ApiId<FactId>,
    IfMatch(version): IfMatch,
    ApiJson(body): ApiJson<FactInput>,
) -> ApiResult<Versioned<FactView>> {
    caller.require_admin("change facts")?;
    let mut conn = caller.tenant_conn().await?;
    let fact = tenants::change_fact(&mut conn, id, &body.into(), version).await?;
    conn.commit().await?;
    Ok(Versioned(fact.version, fact.into()))
}

/// Remove a fact
#[utoipa::path(delete, path = "/facts/{factId}", operation_id = "removeFact", tag = "settings",
    params(("factId" = FactId, Path, description = "Fact"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    responses((status = 204, description = "Removed"), (status = 403, response = ApiProblem)))]
async fn remove(caller: Caller, ApiId(id): ApiId<FactId>, IfMatch(version): IfMatch) -> ApiResult<StatusCode> {
    caller.require_admin("remove facts")?;
    let mut conn = caller.tenant_conn().await?;
    tenants::remove_fact(&mut conn, id, version).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
