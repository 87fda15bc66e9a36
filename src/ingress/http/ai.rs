//! `/ai`: what language engines did for the agency, and what the month has cost. For administrators.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiQuery, PageView, page};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::budget::{self, AiCall, AiCallFilter, MonthState};
use crate::domain::leads::LeadId;
use crate::domain::tenants::{self, AiBudget};

/// A call of a language engine.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AiCallView {
    /// Id.
    pub id: uuid::Uuid,
    /// The lead it was made for; null: none, or one that was erased.
    pub lead_id: Option<LeadId>,
    /// What for: `understand`, `answer`, `embed` …
    pub purpose: String,
    /// `openai` or `builtin`.
    pub engine: String,
    /// Model.
    pub model: String,
    /// Tokens read.
    pub input_tokens: i32,
    /// Tokens written.
    pub output_tokens: i32,
    /// How long it took, milliseconds.
    pub duration_ms: i32,
    /// `ok`, or what was wrong.
    pub outcome: String,
    /// What it cost, in millionths of a cent.
    pub cost_micro_cents: i64,
    /// ISO 4217.
    pub currency: String,
    /// What was decided on its strength.
    pub decision: Option<String>,
    /// What its answer cites: fields of the listing, facts, pieces of text.
    pub sources: Vec<String>,
    /// When.
    pub at: Timestamp,
}

impl From<AiCall> for AiCallView {
    fn from(call: AiCall) -> Self {
        Self {
            id: call.id,
            lead_id: call.lead_id.map(LeadId),
            purpose: call.purpose,
            engine: call.engine,
            model: call.model,
            input_tokens: call.input_tokens,
            output_tokens: call.output_tokens,
            duration_ms: call.duration_ms,
            outcome: call.outcome,
            cost_micro_cents: call.cost_micro_cents,
            currency: call.cost_currency,
            decision: call.decision,
            sources: call.sources,
            at: call.at,
        }
    }
}

/// Which calls.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// What for: `understand`, `answer`, `embed` …
    purpose: Option<String>,
    /// `openai` or `builtin`.
    engine: Option<String>,
    /// For which lead.
    #[param(value_type = Option<LeadId>)]
    lead_id: Option<LeadId>,
    /// Only those that failed (`true`), or only those that did not (`false`).
    failed: Option<bool>,
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Where the agency's month stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AiBudgetView {
    /// First instant of the month by the agency's clock.
    pub from: Timestamp,
    /// First instant of the next one, when the limit counts anew.
    pub to: Timestamp,
    /// The limit; null: none.
    pub limit: Option<AiBudget>,
    /// Spent so far, in millionths of a cent.
    pub spent_micro_cents: i64,
    /// The share of the limit that is spent, 1: all of it; null without a limit.
    pub share: Option<f64>,
    /// The limit is spent: the built-in engine answers until the month is over.
    pub is_spent: bool,
    /// By model, the dearest first.
    pub models: Vec<ModelCostView>,
}

/// What one model has cost this month.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModelCostView {
    /// `openai` or `builtin`.
    pub engine: String,
    /// Model.
    pub model: String,
    /// How often it was asked.
    pub calls: i64,
    /// Tokens read.
    pub input_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
    /// What it cost, in millionths of a cent.
    pub cost_micro_cents: i64,
}

impl From<MonthState> for AiBudgetView {
    fn from(state: MonthState) -> Self {
        let share = state.share();
        Self {
            from: state.from,
            to: state.to,
            limit: state.budget,
            spent_micro_cents: state.spent_micro_cents,
            share,
            is_spent: share.is_some_and(|share| share >= 1.0),
            models: state
                .models
                .into_iter()
                .map(|model| ModelCostView {
                    engine: model.engine,
                    model: model.model,
                    calls: model.calls,
                    input_tokens: model.input_tokens,
                    output_tokens: model.output_tokens,
                    cost_micro_cents: model.cost_micro_cents,
                })
                .collect(),
        }
    }
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(budget_state))
}

/// List calls of language engines, newest first
#[utoipa::path(get, path = "/ai/calls", operation_id = "listAiCalls", tag = "settings", params(ListQuery),
    responses((status = 200, body = PageView<AiCallView>, description = "A page of calls"), (status = 403, response = ApiProblem)))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<AiCallView>>> {
    caller.require_admin("read the log of language engines")?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let filter = AiCallFilter {
        purpose: query.purpose,
        engine: query.engine,
        lead_id: query.lead_id.map(|id| id.0),
        failed: query.failed,
    };
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(budget::list_calls(&mut conn, &filter, wanted).await?.map(AiCallView::from).into()))
}

/// Read what language engines have cost this month
#[utoipa::path(get, path = "/ai/budget", operation_id = "getAiBudget", tag = "settings",
    responses((status = 200, body = AiBudgetView, description = "Where the month stands"), (status = 403, response = ApiProblem)))]
async fn budget_state(caller: Caller) -> ApiResult<Json<AiBudgetView>> {
    caller.require_admin("read what language engines cost")?;
    let mut conn = caller.tenant_conn().await?;
    let tenant = tenants::current(&mut conn).await?;
    Ok(Json(budget::month_state(&mut conn, &tenant).await?.into()))
}
