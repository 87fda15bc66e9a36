//! Reading what engines did and what a month has cost.

use uuid::Uuid;

use super::{MICRO_CENTS, month, spent};
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::tenants::{AiBudget, Tenant};

/// A call of an engine.
#[derive(Debug, Clone)]
pub struct AiCall {
    /// Id.
    pub id: Uuid,
    /// The lead it was made for.
    pub lead_id: Option<Uuid>,
    /// What for: `understand`, `answer`, `embed`.
    pub purpose: String,
    /// Which engine.
    pub engine: String,
    /// Which model.
    pub model: String,
    /// Tokens read.
    pub input_tokens: i32,
    /// Tokens written.
    pub output_tokens: i32,
    /// How long it took.
    pub duration_ms: i32,
    /// `ok`, or what was wrong.
    pub outcome: String,
    /// What it cost, in millionths of a cent of `cost_currency`.
    pub cost_micro_cents: i64,
    /// ISO 4217.
    pub cost_currency: String,
    /// What was decided on its strength.
    pub decision: Option<String>,
    /// What its answer cites.
    pub sources: Vec<String>,
    /// When.
    pub at: Timestamp,
}

/// Which calls are wanted; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct AiCallFilter {
    /// What for.
    pub purpose: Option<String>,
    /// Which engine.
    pub engine: Option<String>,
    /// For which lead.
    pub lead_id: Option<Uuid>,
    /// Only those that ended otherwise than `ok`, or only those that did not.
    pub failed: Option<bool>,
}

/// A page of calls, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list_calls(
    conn: &mut TenantConn,
    filter: &AiCallFilter,
    page: PageRequest,
) -> Result<Page<AiCall>, sqlx::Error> {
    let rows = sqlx::query_as!(
        AiCall,
        "/* budget.list_calls */
         SELECT id, lead_id, purpose, engine, model, input_tokens, output_tokens, duration_ms, outcome, cost_micro_cents,
                cost_currency, decision, sources, at
         FROM ai_calls
         WHERE tenant_id = $1 AND ($2::text IS NULL OR purpose = $2) AND ($3::text IS NULL OR engine = $3)
           AND ($4::uuid IS NULL OR lead_id = $4) AND ($5::bool IS NULL OR (outcome <> 'ok') = $5)
           AND ($6::timestamptz IS NULL OR (at, id) < ($6, $7::uuid))
         ORDER BY at DESC, id DESC LIMIT $8",
        conn.tenant().0,
        filter.purpose,
        filter.engine,
        filter.lead_id,
        filter.failed,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |call| Cursor { at: call.at, id: call.id }))
}

/// What one model has cost in a month.
#[derive(Debug, Clone)]
pub struct ModelCost {
    /// Which engine.
    pub engine: String,
    /// Which model.
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

/// Where the agency's month stands.
#[derive(Debug, Clone)]
pub struct MonthState {
    /// First instant of the month by the agency's clock.
    pub from: Timestamp,
    /// First instant of the next one, when the limit counts anew.
    pub to: Timestamp,
    /// The limit.
    pub budget: Option<AiBudget>,
    /// Spent so far, in millionths of a cent.
    pub spent_micro_cents: i64,
    /// By model, the dearest first.
    pub models: Vec<ModelCost>,
}

impl MonthState {
    /// The share of the limit that is spent, 1: all of it. A limit of nothing is spent from the start.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share for people; limits are far below 2^53")]
    pub fn share(&self) -> Option<f64> {
        let whole = self.budget.as_ref()?.cents.saturating_mul(MICRO_CENTS);
        Some(if whole == 0 { 1.0 } else { self.spent_micro_cents as f64 / whole as f64 })
    }
}

/// Where the month stands.
///
/// # Errors
/// When the database cannot be asked.
pub async fn month_state(conn: &mut TenantConn, tenant: &Tenant) -> Result<MonthState, sqlx::Error> {
    let (from, to) = month(conn.now(), &tenant.zone());
    let models = sqlx::query_as!(
        ModelCost,
        r#"/* budget.models */
         SELECT engine, model, count(*) AS "calls!", sum(input_tokens)::bigint AS "input_tokens!",
                sum(output_tokens)::bigint AS "output_tokens!", sum(cost_micro_cents)::bigint AS "cost_micro_cents!"
         FROM ai_calls WHERE tenant_id = $1 AND at >= $2 GROUP BY engine, model
         ORDER BY sum(cost_micro_cents) DESC, count(*) DESC, engine, model"#,
        conn.tenant().0,
        from as _,
    )
    .fetch_all(conn.sql())
    .await?;
    let spent_micro_cents = spent(conn, tenant).await?;
    Ok(MonthState { from, to, budget: tenant.ai_budget(), spent_micro_cents, models })
}
