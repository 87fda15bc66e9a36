//! `/fact-proposals`: what agents answered and may be facts, and `/properties/{propertyId}/facts`: those of one listing.
//! Administrators decide.

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
use super::query::{ApiId, ApiIds, ApiQuery, PageQuery, PageView, page};
use super::version::{IfMatch, Versioned};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::leads::LeadId;
use crate::domain::learning::{self, Proposal, ProposalId, ProposalState, Scope};
use crate::domain::properties::{self, PropertyFact, PropertyFactId, PropertyId};
use crate::domain::tasks::TaskId;
use crate::domain::tenants::NewFact;
use crate::domain::users::UserId;

/// An agent's answer that may become a fact.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FactProposalView {
    /// Id.
    pub id: ProposalId,
    /// Whose question it answered.
    pub lead_id: LeadId,
    /// The task that was resolved with it.
    pub task_id: TaskId,
    /// The listing that was asked about.
    pub property_id: Option<PropertyId>,
    /// What it is about: `pets`, `financing` …
    pub topic: String,
    /// What the prospect asked.
    pub question: String,
    /// What the agent answered; the fact, once it is accepted.
    pub text: String,
    /// Where it stands.
    pub state: ProposalState,
    /// The fact it became.
    pub fact_id: Option<uuid::Uuid>,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Grows with each change; the `ETag`.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<Proposal> for FactProposalView {
    fn from(proposal: Proposal) -> Self {
        Self {
            id: proposal.id,
            lead_id: proposal.lead_id,
            task_id: proposal.task_id,
            property_id: proposal.property_id,
            topic: proposal.topic,
            question: proposal.question,
            text: proposal.text,
            state: proposal.state,
            fact_id: proposal.fact_id,
            decided_by: proposal.decided_by,
            decided_at: proposal.decided_at,
            version: proposal.version,
            created_at: proposal.created_at,
        }
    }
}

/// A fact of one listing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PropertyFactView {
    /// Id.
    pub id: PropertyFactId,
    /// What it is about: `pets`, `parking` …
    pub topic: String,
    /// The fact as a sentence. Answers cite it.
    pub text: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<PropertyFact> for PropertyFactView {
    fn from(fact: PropertyFact) -> Self {
        Self { id: fact.id, topic: fact.topic, text: fact.text, created_at: fact.created_at }
    }
}

/// Which proposals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Where it stands.
    state: Option<ProposalState>,
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Other words. What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FactProposalPatch {
    /// What it is about: `pets`, `financing` …
    topic: Option<String>,
    /// The fact as a sentence, so that it can be understood without the question.
    text: Option<String>,
}

/// What the fact holds for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FactAcceptance {
    /// `TENANT`: all listings of the agency; `PROPERTY`: the one that was asked about.
    scope: Scope,
}

/// What a fact of a listing says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PropertyFactInput {
    /// What it is about: `pets`, `parking` …
    topic: String,
    /// The fact as a sentence. Answers cite it.
    text: String,
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, reword))
        .routes(routes!(accept))
        .routes(routes!(reject))
        .routes(routes!(list_facts, add_fact))
        .routes(routes!(remove_fact))
}

/// List proposed facts, newest first
#[utoipa::path(get, path = "/fact-proposals", operation_id = "listFactProposals", tag = "settings", params(ListQuery),
    responses((status = 200, body = PageView<FactProposalView>, description = "A page of proposals"), (status = 403, response = ApiProblem)))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<FactProposalView>>> {
    caller.require_admin("decide what are facts")?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(learning::list(&mut conn, query.state, wanted).await?.map(FactProposalView::from).into()))
}

/// Read a proposed fact
#[utoipa::path(get, path = "/fact-proposals/{factProposalId}", operation_id = "getFactProposal", tag = "settings",
    params(("factProposalId" = ProposalId, Path, description = "Proposal")),
    responses((status = 200, body = FactProposalView, description = "The proposal"), (status = 403, response = ApiProblem)))]
async fn get(caller: Caller, ApiId(id): ApiId<ProposalId>) -> ApiResult<Versioned<FactProposalView>> {
    caller.require_admin("decide what are facts")?;
    let mut conn = caller.tenant_conn().await?;
    let proposal = learning::find(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("proposal"))?;
    Ok(Versioned(proposal.version, proposal.into()))
}

/// Change the words of a proposed fact
#[utoipa::path(patch, path = "/fact-proposals/{factProposalId}", operation_id = "editFactProposal", tag = "settings",
    params(("factProposalId" = ProposalId, Path, description = "Proposal"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    request_body = FactProposalPatch,
    responses((status = 200, body = FactProposalView, description = "Changed"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn reword(
    caller: Caller,
    ApiId(id): ApiId<ProposalId>,
    IfMatch(version): IfMatch,
    ApiJson(body): ApiJson<FactProposalPatch>,
) -> ApiResult<Versioned<FactProposalView>> {
    caller.require_admin("decide what are facts")?;
    let mut conn = caller.tenant_conn().await?;
    let proposal = learning::reword(&mut conn, id, body.topic, body.text, version).await?;
    conn.commit().await?;
    Ok(Versioned(proposal.version, proposal.into()))
}

/// Make a fact of a proposal
///
/// Answers cite it from now on.
#[utoipa::path(post, path = "/fact-proposals/{factProposalId}/accept", operation_id = "acceptFactProposal", tag = "settings",
    params(("factProposalId" = ProposalId, Path, description = "Proposal"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    request_body = FactAcceptance,
    responses((status = 200, body = FactProposalView, description = "A fact now"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn accept(
    caller: Caller,
    ApiId(id): ApiId<ProposalId>,
    IfMatch(version): IfMatch,
    ApiJson(body): ApiJson<FactAcceptance>,
) -> ApiResult<Versioned<FactProposalView>> {
    caller.require_admin("decide what are facts")?;
    let mut conn = caller.tenant_conn().await?;
    let proposal = learning::accept(&mut conn, id, body.scope, caller.user.id, version).await?;
    conn.commit().await?;
    Ok(Versioned(proposal.version, proposal.into()))
}

/// Decide that a proposal is no fact
#[utoipa::path(post, path = "/fact-proposals/{factProposalId}/reject", operation_id = "rejectFactProposal", tag = "settings",
    params(("factProposalId" = ProposalId, Path, description = "Proposal"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    responses((status = 200, body = FactProposalView, description = "Rejected"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn reject(
    caller: Caller,
    ApiId(id): ApiId<ProposalId>,
    IfMatch(version): IfMatch,
) -> ApiResult<Versioned<FactProposalView>> {
    caller.require_admin("decide what are facts")?;
    let mut conn = caller.tenant_conn().await?;
    let proposal = learning::reject(&mut conn, id, caller.user.id, version).await?;
    conn.commit().await?;
    Ok(Versioned(proposal.version, proposal.into()))
}

/// List facts of a property, newest first
#[utoipa::path(get, path = "/properties/{propertyId}/facts", operation_id = "listPropertyFacts", tag = "properties",
    params(("propertyId" = PropertyId, Path, description = "Property"), PageQuery),
    responses((status = 200, body = PageView<PropertyFactView>, description = "A page of facts")))]
async fn list_facts(
    caller: Caller,
    ApiId(id): ApiId<PropertyId>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Json<PageView<PropertyFactView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    properties::find(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("property"))?;
    Ok(Json(properties::list_facts(&mut conn, id, wanted).await?.map(PropertyFactView::from).into()))
}

/// Add a fact to a property
#[utoipa::path(post, path = "/properties/{propertyId}/facts", operation_id = "createPropertyFact", tag = "properties",
    params(("propertyId" = PropertyId, Path, description = "Property"), ("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")),
    request_body = PropertyFactInput,
    responses((status = 201, body = PropertyFactView, description = "Added"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn add_fact(
    caller: Caller,
    ApiId(id): ApiId<PropertyId>,
    Once { body, key }: Once<PropertyFactInput>,
) -> ApiResult<Response> {
    caller.require_admin("add facts")?;
    let mut check = Check::new();
    let new = NewFact { topic: body.topic, text: check.required_text("text", body.text, 1000) };
    check.done()?;
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    properties::find(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("property"))?;
    let view = PropertyFactView::from(properties::add_fact(&mut conn, id, &new).await?);
    let answer = key.keep(&mut conn, &caller, StatusCode::CREATED, None, &view).await?;
    conn.commit().await?;
    Ok(answer)
}

/// Remove a fact of a property
#[utoipa::path(delete, path = "/properties/{propertyId}/facts/{propertyFactId}", operation_id = "removePropertyFact", tag = "properties",
    params(("propertyId" = PropertyId, Path, description = "Property"), ("propertyFactId" = PropertyFactId, Path, description = "Fact"),
           ("If-Match" = Option<String>, Header, description = "ETag as read")),
    responses((status = 204, description = "Removed"), (status = 403, response = ApiProblem)))]
async fn remove_fact(
    caller: Caller,
    ApiIds(property, fact): ApiIds<PropertyId, PropertyFactId>,
    IfMatch(version): IfMatch,
) -> ApiResult<StatusCode> {
    caller.require_admin("remove facts")?;
    let mut conn = caller.tenant_conn().await?;
    properties::remove_fact(&mut conn, property, fact, version).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
