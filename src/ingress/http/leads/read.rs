//! Reading leads.

use axum::Json;
use serde::Deserialize;
use utoipa::IntoParams;

use super::view::{LeadDetailView, LeadEventView, LeadView, OtherLeadView};
use crate::domain::leads::{self, Automation, LeadFilter, LeadId, LeadOrder, Status};
use crate::domain::page::Cursor;
use crate::domain::properties::PropertyId;
use crate::domain::users::UserId;
use crate::ingress::http::caller::Caller;
use crate::ingress::http::problem::{ApiProblem, ApiResult, FieldError};
use crate::ingress::http::query::{ApiId, ApiQuery, PageQuery, PageView, page, page_of};
use crate::ingress::http::version::Versioned;

/// Which leads.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// How far it has come.
    status: Option<Status>,
    /// Who works on it.
    automation: Option<Automation>,
    /// Which portal.
    portal: Option<String>,
    /// Which listing.
    #[param(value_type = Option<PropertyId>)]
    property_id: Option<PropertyId>,
    /// Whose lead.
    #[param(value_type = Option<UserId>)]
    assignee_id: Option<UserId>,
    /// Part of a name or address.
    q: Option<String>,
    /// At least this score, 0 to 100.
    #[param(minimum = 0, maximum = 100)]
    min_score: Option<i16>,
    /// Which come first: `newest` (if left out) or `score`. A cursor is good for the order it came with.
    sort: Option<LeadOrder>,
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// List leads, newest or most promising first
#[utoipa::path(get, path = "/leads", operation_id = "listLeads", tag = "leads", params(ListQuery),
    responses((status = 200, body = PageView<LeadView>, description = "A page of the leads the caller may see")))]
pub(super) async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<LeadView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    if query.min_score.is_some_and(|score| !(0..=100).contains(&score)) {
        return Err(ApiProblem::query(FieldError::new("minScore", "must be between 0 and 100")));
    }
    let filter = LeadFilter {
        status: query.status,
        automation: query.automation,
        portal: query.portal,
        property_id: query.property_id,
        assignee_id: query.assignee_id,
        search: query.q,
        min_score: query.min_score,
        order: query.sort.unwrap_or_default(),
    };
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(leads::list(&mut conn, &filter, caller.viewer(), wanted).await?.map(LeadView::from).into()))
}

/// Read a lead
#[utoipa::path(get, path = "/leads/{leadId}", operation_id = "getLead", tag = "leads",
    params(("leadId" = LeadId, Path, description = "Lead")), responses((status = 200, body = LeadDetailView, description = "The lead")))]
pub(super) async fn get(caller: Caller, ApiId(id): ApiId<LeadId>) -> ApiResult<Versioned<LeadDetailView>> {
    let mut conn = caller.tenant_conn().await?;
    let lead = leads::find(&mut conn, id, caller.viewer()).await?.ok_or_else(|| ApiProblem::not_found("lead"))?;
    let self_disclosure = leads::disclosure(&mut conn, id).await?;
    let others = leads::others_of_prospect(&mut conn, &lead, caller.viewer()).await?;
    let other_leads = others.into_iter().map(OtherLeadView::from).collect();
    Ok(Versioned(lead.version, LeadDetailView { lead: lead.into(), self_disclosure, other_leads }))
}

/// Read a lead's timeline, oldest first
///
/// What happened, who or what decided, on which facts.
#[utoipa::path(get, path = "/leads/{leadId}/timeline", operation_id = "getLeadTimeline", tag = "leads",
    params(("leadId" = LeadId, Path, description = "Lead"), PageQuery),
    responses((status = 200, body = PageView<LeadEventView>, description = "A page of the timeline")))]
pub(super) async fn timeline(
    caller: Caller,
    ApiId(id): ApiId<LeadId>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Json<PageView<LeadEventView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    leads::find(&mut conn, id, caller.viewer()).await?.ok_or_else(|| ApiProblem::not_found("lead"))?;
    let events = leads::timeline(&mut conn, id).await?;
    let events = page_of(events, wanted, |event| Cursor { at: event.at, id: event.id });
    Ok(Json(events.map(LeadEventView::from).into()))
}
