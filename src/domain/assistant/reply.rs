//! Answering what a prospect wrote: read, understand, decide, write, act.

use llm::{Answer, AnswerKind, AnswerRequest, Intent, Understanding};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::act;
use super::decide::{Decision, Situation, decide};
use super::engines::{self, Calls};
use super::material::{self, Material};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::conversations::{self, ConversationId};
use crate::domain::leads::{self, LeadId, Trigger, Viewer};
use crate::domain::tasks::{self, NewTask, TaskKind};
use crate::ids::TenantId;
use crate::jobs::{self, Job, JobError, Placement};

/// Job `assistant.reply`: answers what a lead's prospect wrote.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Lead.
    pub lead_id: LeadId,
}

/// Has the newest message of a lead answered. Several in a row make one job.
///
/// # Errors
/// When the database cannot do it.
pub async fn answer_soon(conn: &mut TenantConn, lead: LeadId, conversation: ConversationId) -> Result<(), sqlx::Error> {
    let job = Reply { tenant_id: conn.tenant(), lead_id: lead };
    let placement = Placement::conversation(conversation.0).keyed(format!("assistant.reply:{conversation}"));
    jobs::enqueue(conn, &job, placement).await
}

impl Job for Reply {
    const NAME: &'static str = "assistant.reply";
    const ATTEMPTS: i16 = 5;

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let Some(mut material) = material::collect(&mut conn, app, self.lead_id).await? else { return Ok(()) };
        drop(conn);

        let mut calls = Calls::default();
        let understanding =
            engines::understand(app, &mut calls, &material.to_understand()).await.map_err(anyhow::Error::from)?;
        material.check_wishes(app, &understanding).await?;
        if !calls.down {
            material.look_up(app, &understanding).await?;
        }
        let decision = decide(Situation {
            state: material.lead.state(),
            understanding: &understanding,
            first: material.first,
            has_property: material.property.is_some(),
            threshold: material.tenant.confidence_threshold,
        });
        let plan = plan(app, &mut calls, &material, &understanding, decision).await?;

        let mut conn = app.db.tenant(self.tenant_id).await?;
        let Some(mut lead) = leads::lock(&mut conn, self.lead_id, Viewer::SYSTEM).await? else { return Ok(()) };
        let newest = conversations::by_lead(&mut conn, self.lead_id).await?;
        if newest.is_none_or(|newest| newest.revision != material.conversation.revision) {
            return Ok(()); // a newer mail came while the engine was thinking; that enqueued its own job
        }
        if lead.state() != material.lead.state() {
            // Somebody booked, paused or closed meanwhile: decide anew.
            return Err(JobError::from(anyhow::anyhow!("the lead changed while the answer was written")));
        }
        calls.write(&mut conn, lead.id).await?;
        act::carry_out(&mut conn, app, &mut lead, &material, &understanding, &plan).await?;
        conn.commit().await?;
        tracing::info!(tenant = %self.tenant_id, lead = %self.lead_id, decision = plan.decision.as_str(), "decided");
        metrics::counter!("immivo_decisions_total", "decision" => plan.decision.as_str()).increment(1);
        Ok(())
    }

    async fn give_up(&self, app: &App, error: &JobError) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let Some(mut lead) = leads::lock(&mut conn, self.lead_id, Viewer::SYSTEM).await? else { return Ok(()) };
        let task = NewTask {
            lead_id: lead.id,
            kind: TaskKind::AnswerQuestion,
            title: format!("{} wartet auf eine Antwort", lead.name().unwrap_or_else(|| "Ein Interessent".to_owned())),
            details: json!({"reason": "the automatic answer failed", "error": error.to_string()}),
            owner_id: lead.assignee_id,
        };
        tasks::open(&mut conn, &task).await?;
        leads::record(&mut conn, &mut lead, Trigger::FactMissing, (leads::Actor::System, None), None).await?;
        conn.commit().await?;
        Ok(())
    }
}

/// What will be done, once nobody objects.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) decision: Decision,
    /// A viewing to book.
    pub(super) book: Option<Timestamp>,
    /// What to say, with the request it was checked against.
    pub(super) answer: Option<(AnswerRequest, Answer)>,
    /// No engine could write a grounded answer to what was asked.
    pub(super) unable: bool,
}

async fn plan(
    app: &App,
    calls: &mut Calls,
    material: &Material,
    understanding: &Understanding,
    decision: Decision,
) -> Result<Plan, JobError> {
    let mut plan = Plan { decision, book: None, answer: None, unable: false };
    let plain = if material.first { AnswerKind::FirstAnswer } else { AnswerKind::Reply };
    let offer = material.offer();
    let request = match decision {
        Decision::Silent | Decision::Escalate => return Ok(plan),
        Decision::Neutral => material.to_answer(AnswerKind::NeutralProcess, understanding, &[]),
        Decision::PromiseCall => material.to_answer(AnswerKind::CallPromised, understanding, &[]),
        Decision::Close => material.to_answer(AnswerKind::Close, understanding, &[]),
        Decision::AskWhich => material.to_answer(AnswerKind::Acknowledge, understanding, &[]),
        Decision::Draft | Decision::Answer => material.to_answer(plain, understanding, &offer),
        Decision::Book => {
            match (material.wishes.first(), understanding.wished_times.first()) {
                (Some(start), _) if material.tenant.auto_send => {
                    plan.book = Some(*start);
                    if understanding.topics.is_empty() {
                        return Ok(plan); // the confirmation says it all
                    }
                    // The questions beside the wish are answered too; viewings are no longer offered.
                    let mut questions = understanding.clone();
                    questions.intents.retain(|intent| *intent != Intent::ViewingRequest);
                    questions.wished_times.clear();
                    material.to_answer(AnswerKind::Reply, &questions, &[])
                }
                (None, Some(wished)) => {
                    material.to_answer(AnswerKind::SlotTaken { wished: *wished }, understanding, &offer)
                }
                _ => material.to_answer(plain, understanding, &offer),
            }
        }
    };
    plan.answer =
        engines::answer(app, calls, &request).await.map_err(anyhow::Error::from)?.map(|answer| (request, answer));
    if plan.answer.is_none() {
        plan.unable = true;
        let acknowledge = material.to_answer(AnswerKind::Acknowledge, understanding, &[]);
        plan.answer = engines::answer(app, calls, &acknowledge)
            .await
            .map_err(anyhow::Error::from)?
            .map(|answer| (acknowledge, answer));
    }
    Ok(plan)
}
