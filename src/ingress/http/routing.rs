//! `/routing`: who gets new leads. For administrators.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::json::ApiJson;
use super::problem::{ApiProblem, ApiResult};
use super::version::{MustMatch, Versioned};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::leads::LeadId;
use crate::domain::routing::{self, DryRun, Rule, RuleList, Share, WouldGet};
use crate::domain::users::UserId;

/// The rules, in order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoutingRulesView {
    /// The first rule that finds somebody who works today decides; when none does the lead is nobody's. None at all: the
    /// agent of the listing gets the lead.
    pub rules: Vec<Rule>,
    /// Grows with each change; the `ETag`.
    pub version: i32,
}

impl From<RuleList> for Versioned<RoutingRulesView> {
    fn from(list: RuleList) -> Self {
        Self(list.version, RoutingRulesView { rules: list.rules, version: list.version })
    }
}

/// Rules, in order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RoutingRules {
    /// At most 100; none at all: the agent of the listing gets the lead.
    rules: Vec<Rule>,
}

/// What rules would have done with the leads of the last 30 days.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoutingDryRunView {
    /// Leads since then were looked at.
    pub since: Timestamp,
    /// There are more than 1000; the older ones were left out.
    pub truncated: bool,
    /// Lead by lead, newest first.
    pub leads: Vec<WouldGetView>,
    /// Person by person.
    pub totals: Vec<ShareView>,
}

/// What rules would have done with one lead.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WouldGetView {
    /// Lead.
    pub lead_id: LeadId,
    /// When it came.
    pub created_at: Timestamp,
    /// Whose lead it is now.
    pub assignee_id: Option<UserId>,
    /// Whose lead it would be.
    pub would_assignee_id: Option<UserId>,
    /// Whom that one stands in for.
    pub instead_of: Option<UserId>,
    /// Place of the rule that decides, from 0.
    pub rule: Option<usize>,
}

impl From<WouldGet> for WouldGetView {
    fn from(lead: WouldGet) -> Self {
        Self {
            lead_id: lead.lead,
            created_at: lead.at,
            assignee_id: lead.has,
            would_assignee_id: lead.would,
            instead_of: lead.instead_of,
            rule: lead.rule,
        }
    }
}

/// How many leads somebody has and would have.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShareView {
    /// Who; null: leads that are nobody's.
    pub user_id: Option<UserId>,
    /// Leads they have.
    pub has: u32,
    /// Leads they would have.
    pub would: u32,
}

impl From<Share> for ShareView {
    fn from(share: Share) -> Self {
        Self { user_id: share.user, has: share.has, would: share.would }
    }
}

impl From<DryRun> for RoutingDryRunView {
    fn from(run: DryRun) -> Self {
        Self {
            since: run.since,
            truncated: run.truncated,
            leads: run.leads.into_iter().map(WouldGetView::from).collect(),
            totals: run.totals.into_iter().map(ShareView::from).collect(),
        }
    }
}

/// Its routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get, replace)).routes(routes!(dry_run))
}

/// Read the rules
#[utoipa::path(get, path = "/routing/rules", operation_id = "getRoutingRules", tag = "settings",
    responses((status = 200, body = RoutingRulesView, description = "The rules"), (status = 403, response = ApiProblem)))]
async fn get(caller: Caller) -> ApiResult<Versioned<RoutingRulesView>> {
    caller.require_admin("see who gets new leads")?;
    let mut conn = caller.tenant_conn().await?;
    Ok(routing::read(&mut conn).await?.into())
}

/// Replace the rules
#[utoipa::path(put, path = "/routing/rules", operation_id = "replaceRoutingRules", tag = "settings",
    params(("If-Match" = String, Header, description = "ETag as read")), request_body = RoutingRules,
    responses((status = 200, body = RoutingRulesView, description = "Replaced"), (status = 403, response = ApiProblem)))]
async fn replace(
    caller: Caller,
    version: MustMatch,
    ApiJson(body): ApiJson<RoutingRules>,
) -> ApiResult<Versioned<RoutingRulesView>> {
    caller.require_admin("decide who gets new leads")?;
    let version = version.read()?;
    let mut conn = caller.tenant_conn().await?;
    let list = routing::replace(&mut conn, &body.rules, version).await?;
    conn.commit().await?;
    Ok(list.into())
}

/// Try rules on the leads of the last 30 days
///
/// Changes nothing. Listings are taken as they are now, absences as they were on the day.
#[utoipa::path(post, path = "/routing/dry-run", operation_id = "dryRunRouting", tag = "settings", request_body = RoutingRules,
    responses((status = 200, body = RoutingDryRunView, description = "Who has what, and who would have it"), (status = 403, response = ApiProblem)))]
async fn dry_run(caller: Caller, ApiJson(body): ApiJson<RoutingRules>) -> ApiResult<Json<RoutingDryRunView>> {
    caller.require_admin("try rules for new leads")?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(routing::dry_run(&mut conn, &body.rules).await?.into()))
}
