//! Answering later what could only be acknowledged while the language service was down.
//!
//! Always true: a message is caught up with only while it is the prospect's newest, nobody answered it and no human took
//! the lead; all of that is looked at once more, with the lead locked, in the transaction that queues the answer and ends
//! the debt. The debt waits while the service is down, and is given up after [`LATEST`] hours: by then it is the human's
//! who was asked at once.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::act;
use super::budget_watch;
use super::decide::{Decision, Situation};
use super::engines::{self, Calls};
use super::material::{self, Material};
use super::reply::plan;
use super::verdict::{Policy, judge};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::{PlatformConn, TenantConn};
use crate::domain::budget;
use crate::domain::conversations;
use crate::domain::leads::{self, Actor, LeadId, Trigger, Viewer};
use crate::domain::tasks::{self, TaskKind};
use crate::ids::{TenantId, new_id};
use crate::jobs::{Job, JobError};

/// Hours after which nobody waits for the service any more.
const LATEST: i64 = 48;

/// How a debt ended.
#[derive(Debug, Clone, Copy)]
enum DebtEnd {
    /// The answer went out.
    Answered,
    /// Somebody wrote meanwhile.
    Overtaken,
    /// The service cannot answer it either, or came back too late.
    GivenUp,
}

impl DebtEnd {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "ANSWERED",
            Self::Overtaken => "OVERTAKEN",
            Self::GivenUp => "GIVEN_UP",
        }
    }
}

/// Notes that a message is owed more than it got.
pub(super) async fn owe(conn: &mut TenantConn, lead: LeadId, revision: i32) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* assistant.owe */
         INSERT INTO catch_ups (id, tenant_id, lead_id, revision, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (lead_id, revision) DO NOTHING",
        new_id(),
        conn.tenant().0,
        lead.0,
        revision,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// What this tenant owes, the oldest first.
pub(super) async fn debts(conn: &mut TenantConn, limit: i64) -> Result<Vec<(Uuid, LeadId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* assistant.debts */
         SELECT id, lead_id AS "lead_id: LeadId" FROM catch_ups WHERE tenant_id = $1 AND state = 'WAITING'
         ORDER BY created_at LIMIT $2"#,
        conn.tenant().0,
        limit,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.lead_id)).collect())
}

/// The tenants that owe something.
pub(super) async fn tenants_with_debts(conn: &mut PlatformConn) -> Result<Vec<TenantId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* assistant.tenants_with_debts */
         SELECT DISTINCT c.tenant_id AS "id: TenantId" FROM catch_ups c JOIN tenants t ON t.id = c.tenant_id
         WHERE c.state = 'WAITING' AND t.suspended_at IS NULL"#
    )
    .fetch_all(conn.sql())
    .await
}

/// A message that is owed an answer.
struct Debt {
    lead_id: LeadId,
    revision: i32,
    created_at: Timestamp,
}

/// Job `assistant.catch_up`: answers one message the service was down for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CatchUp {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Which debt.
    pub catch_up_id: Uuid,
}

impl Job for CatchUp {
    const NAME: &'static str = "assistant.catch_up";
    const ATTEMPTS: i16 = 3;

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let Some(debt) = self.debt(&mut conn).await? else { return Ok(()) };
        let age = conn.now().0.duration_since(debt.created_at.0);
        let material = material::collect_again(&mut conn, app, debt.lead_id).await?;
        let Some(mut material) = material.filter(|material| is_owed(material, &debt)) else {
            return self.end(conn, DebtEnd::Overtaken).await;
        };
        if age.as_hours() >= LATEST {
            return self.end(conn, DebtEnd::GivenUp).await;
        }
        if material.budget_spent {
            return Ok(()); // waits for the next month, or its time
        }
        conn.commit().await?;

        // The service first: what the built-in engine can say was said.
        let mut calls = Calls::default();
        let understanding =
            engines::understand(app, &mut calls, &material.to_understand()).await.map_err(anyhow::Error::from)?;
        if calls.is_outage {
            return self.wait(app, &material, &calls).await;
        }
        material.check_wishes(app, &understanding).await?;
        material.look_up(app, &mut calls, &understanding).await?;
        material.look_at_edits(app, &understanding).await?;
        // A mail that commands a machine is answered by templates: no model sees it a second time.
        calls.down |= understanding.injection;
        let situation = Situation {
            state: material.lead.state(),
            understanding: &understanding,
            first: material.first,
            has_property: material.property.is_some(),
            held: material.held.as_ref().map(|held| held.starts_at),
            threshold: material.tenant.confidence_threshold,
        };
        let verdict = judge(situation, Policy::from(&material.tenant), material.day);
        material.offers = verdict.offers;
        let decision = verdict.decision;
        let plan = plan(app, &mut calls, &material, &understanding, verdict).await?;
        if calls.is_outage {
            return self.wait(app, &material, &calls).await;
        }

        let mut conn = app.db.tenant(self.tenant_id).await?;
        let Some(mut lead) = leads::lock(&mut conn, debt.lead_id, Viewer::SYSTEM).await? else { return Ok(()) };
        let decided = (decision.as_str(), &*plan.sources());
        budget::write_decided(&mut conn, &app.settings.ai, lead.id.0, &calls.made, decided).await?;
        budget_watch::look(&mut conn, app, &material.tenant).await?;
        if self.debt(&mut conn).await?.is_none() {
            return Ok(conn.commit().await?);
        }
        let again = material::collect_again(&mut conn, app, debt.lead_id).await?;
        let is_same = again.is_some_and(|again| is_owed(&again, &debt)) && lead.state() == material.lead.state();
        if !is_same {
            return self.end(conn, DebtEnd::Overtaken).await;
        }
        // Only a whole answer is worth a second mail; anything less is what the human was asked for.
        if plan.owes_an_answer() || plan.answer.is_none() || matches!(decision, Decision::Silent | Decision::AskWhich) {
            return self.end(conn, DebtEnd::GivenUp).await;
        }
        conversations::reopen_answer(&mut conn, material.conversation.id).await?;
        let caught_up = json!({"reason": "the language service is back and answered"});
        tasks::settle(&mut conn, lead.id, TaskKind::AnswerQuestion, None, &caught_up).await?;
        if tasks::open_count(&mut conn, lead.id).await? == 0 {
            let system = (Actor::System, None);
            leads::record(&mut conn, &mut lead, Trigger::TasksSettled, system, None).await?;
        }
        act::carry_out(&mut conn, app, &mut lead, &material, &understanding, &plan).await?;
        self.end(conn, DebtEnd::Answered).await?;
        tracing::info!(tenant = %self.tenant_id, lead = %debt.lead_id, decision = decision.as_str(), "caught up");
        metrics::counter!("immivo_caught_up_total").increment(1);
        Ok(())
    }

    /// A human was asked when the service was down, so somebody knows already.
    async fn give_up(&self, app: &App, _error: &JobError) -> Result<(), JobError> {
        let conn = app.db.tenant(self.tenant_id).await?;
        self.end(conn, DebtEnd::GivenUp).await
    }
}

impl CatchUp {
    /// The debt, while it waits. Whoever ends it holds its lead.
    async fn debt(&self, conn: &mut TenantConn) -> Result<Option<Debt>, sqlx::Error> {
        sqlx::query_as!(
            Debt,
            r#"/* assistant.debt */
             SELECT lead_id AS "lead_id: LeadId", revision, created_at FROM catch_ups
             WHERE tenant_id = $1 AND id = $2 AND state = 'WAITING'"#,
            conn.tenant().0,
            self.catch_up_id,
        )
        .fetch_optional(conn.sql())
        .await
    }

    /// The service is still down: what was asked of it is written down, and the next beat tries again.
    async fn wait(&self, app: &App, material: &Material, calls: &Calls) -> Result<(), JobError> {
        let is_asked =
            |call: &&budget::Call| call.usage.engine == app.engine.name() && !call.outcome.contains(llm::NOT_ASKED);
        let asked: Vec<budget::Call> = calls.made.iter().filter(is_asked).cloned().collect();
        let mut conn = app.db.tenant(self.tenant_id).await?;
        budget::write_decided(&mut conn, &app.settings.ai, material.lead.id.0, &asked, ("wait", &[])).await?;
        Ok(conn.commit().await?)
    }

    /// Ends the debt, and with it the transaction.
    async fn end(&self, mut conn: TenantConn, how: DebtEnd) -> Result<(), JobError> {
        sqlx::query!(
            "/* assistant.end_debt */
             UPDATE catch_ups SET state = $3, ended_at = $4 WHERE tenant_id = $1 AND id = $2 AND state = 'WAITING'",
            conn.tenant().0,
            self.catch_up_id,
            how.as_str(),
            conn.now() as _,
        )
        .execute(conn.sql())
        .await?;
        Ok(conn.commit().await?)
    }
}

/// Whether the message is still the prospect's newest, unanswered by people, and the system's to answer.
fn is_owed(material: &Material, debt: &Debt) -> bool {
    material.conversation.revision == debt.revision && material.lead.state().answers_itself()
}
