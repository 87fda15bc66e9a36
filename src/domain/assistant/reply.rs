//! Answering what a prospect wrote: read, understand, decide, write, act.

use llm::{Answer, AnswerKind, AnswerRequest, Intent, StatementRole, Understanding};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::act;
use super::appointment::{Change, say_it_stands};
use super::brake;
use super::budget_watch;
use super::catch_up;
use super::decide::{Decision, Situation};
use super::engines::{self, Calls};
use super::material::{self, Material};
use super::verdict::{Policy, Verdict, Voice, judge};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::budget;
use crate::domain::conversations::{self, ConversationId};
use crate::domain::leads::{self, LeadId, Trigger, Viewer};
use crate::domain::tasks::{self, NewTask, TaskKind};
use crate::domain::tenants::AutomationMode;
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
        let stopped = brake::stopped(&mut conn, &material).await?;
        conn.commit().await?;
        if stopped {
            tracing::warn!(tenant = %self.tenant_id, lead = %self.lead_id, "too many automatic answers: paused");
            return Ok(());
        }

        // What an agency that has switched the system off gets to read is read at home.
        let off = material.tenant.automation_mode == AutomationMode::Off;
        let mut calls = Calls { down: material.budget_spent || off, ..Calls::default() };
        let understanding =
            engines::understand(app, &mut calls, &material.to_understand()).await.map_err(anyhow::Error::from)?;
        material.check_wishes(app, &understanding).await?;
        if (!calls.down || material.budget_spent) && !off {
            material.look_up(app, &mut calls, &understanding).await?;
            material.look_at_edits(app, &understanding).await?;
        }
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
        let plan = plan(app, &mut calls, &material, &understanding, verdict).await?;

        let mut conn = app.db.tenant(self.tenant_id).await?;
        let Some(mut lead) = leads::lock(&mut conn, self.lead_id, Viewer::SYSTEM).await? else { return Ok(()) };
        // Before anything can make the answer useless: what was asked has cost.
        let decided = (plan.verdict.decision.as_str(), &*plan.sources());
        budget::write_decided(&mut conn, &app.settings.ai, lead.id.0, &calls.made, decided).await?;
        budget_watch::look(&mut conn, app, &material.tenant).await?;
        let newest = conversations::by_lead(&mut conn, self.lead_id).await?;
        if newest.is_none_or(|newest| newest.revision != material.conversation.revision) {
            conn.commit().await?;
            return Ok(()); // a newer mail came while the engine was thinking; that enqueued its own job
        }
        if lead.state() != material.lead.state() {
            // Somebody booked, paused or closed meanwhile: decide anew.
            conn.commit().await?;
            return Err(JobError::from(anyhow::anyhow!("the lead changed while the answer was written")));
        }
        act::carry_out(&mut conn, app, &mut lead, &material, &understanding, &plan).await?;
        if calls.is_outage && plan.owes_an_answer() {
            catch_up::owe(&mut conn, lead.id, material.conversation.revision).await?;
        }
        conn.commit().await?;
        tracing::info!(tenant = %self.tenant_id, lead = %self.lead_id, decision = plan.verdict.decision.as_str(), "decided");
        metrics::counter!("immivo_decisions_total", "decision" => plan.verdict.decision.as_str()).increment(1);
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
    pub(super) verdict: Verdict,
    /// What happens to the viewing.
    pub(super) change: Change,
    /// What to say, with the request it was checked against.
    pub(super) answer: Option<(AnswerRequest, Answer)>,
    /// No engine could write a grounded answer to what was asked.
    pub(super) unable: bool,
    /// What a person who calls should know and say, because the answer does not.
    pub(super) to_say: Vec<String>,
}

impl Plan {
    /// What the answer cites, each once.
    pub(super) fn sources(&self) -> Vec<String> {
        let said = self.answer.iter().flat_map(|(_, answer)| &answer.statements);
        let mut sources: Vec<String> = said.flat_map(|said| said.sources.iter().cloned()).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// Something was asked that is not answered.
    pub(super) fn owes_an_answer(&self) -> bool {
        self.unable || self.answer.as_ref().is_some_and(|(_, answer)| !answer.unanswered.is_empty())
    }
}

pub(super) async fn plan(
    app: &App,
    calls: &mut Calls,
    material: &Material,
    understanding: &Understanding,
    verdict: Verdict,
) -> Result<Plan, JobError> {
    let (decision, voice) = (verdict.decision, verdict.voice);
    let mut plan = Plan { verdict, change: Change::Keep, answer: None, unable: false, to_say: Vec::new() };
    if voice == Voice::Nobody {
        plan.to_say = understanding.topics.iter().map(|question| question.excerpt.clone()).collect();
        return Ok(plan);
    }
    let plain = if material.first { AnswerKind::FirstAnswer } else { AnswerKind::Reply };
    let offer = material.offer(understanding);
    let held = material.held.as_ref();
    let request = match decision {
        Decision::Silent | Decision::Escalate => return Ok(plan),
        Decision::Neutral => material.to_answer(AnswerKind::NeutralProcess, understanding, &[]),
        Decision::PromiseCall => return promise_call(app, calls, material, understanding, plan).await,
        // The mail that calls the viewing off is the goodbye.
        Decision::Close if held.is_some() => return Ok(Plan { change: Change::Cancel, ..plan }),
        Decision::Close => material.to_answer(AnswerKind::Close, understanding, &[]),
        Decision::AskWhich => material.to_answer(AnswerKind::Acknowledge, understanding, &[]),
        Decision::Draft => material.to_answer(plain, understanding, &offer),
        Decision::Answer => match held {
            Some(held) if confirms(understanding, held.starts_at) => {
                if understanding.topics.is_empty() {
                    material.to_answer(AnswerKind::SlotBooked { start: held.starts_at.0 }, understanding, &[])
                } else {
                    material.to_answer(AnswerKind::Reply, &questions(understanding), &[])
                }
            }
            _ => material.to_answer(plain, understanding, &offer),
        },
        Decision::Cancel => {
            plan.change = Change::Cancel;
            if understanding.topics.is_empty() && material.lead.email.is_some() {
                return Ok(plan); // the mail that calls it off offers others
            }
            material.to_answer(AnswerKind::Reply, &questions(understanding), &[])
        }
        Decision::Book | Decision::Move => {
            match (material.wishes.first(), material.wished(understanding).first()) {
                (Some(start), _) if voice == Voice::System => {
                    plan.change = if held.is_some() { Change::Move(*start) } else { Change::Book(*start) };
                    if understanding.topics.is_empty() {
                        return Ok(plan); // the confirmation says it all
                    }
                    material.to_answer(AnswerKind::Reply, &questions(understanding), &[])
                }
                (None, Some(wished)) if material.taken => {
                    material.to_answer(AnswerKind::SlotTaken { wished: wished.0 }, understanding, &offer)
                }
                (None, Some(wished)) => {
                    material.to_answer(AnswerKind::SlotImpossible { wished: wished.0 }, understanding, &offer)
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
    if let (Change::Keep, Some(held), Some((request, answer))) = (plan.change, held, &mut plan.answer)
        && !request.slots.is_empty()
        && (understanding.wants(Intent::ViewingRequest) || understanding.wants(Intent::RescheduleViewing))
    {
        say_it_stands(answer, material, held, request.language, request.formal);
    }
    Ok(plan)
}

/// Whether the only time named is the one that is agreed.
fn confirms(understanding: &Understanding, held: Timestamp) -> bool {
    understanding.wants(Intent::ViewingRequest)
        && !understanding.wants(Intent::RescheduleViewing)
        && !understanding.wished_times.is_empty()
        && understanding.wished_times.iter().all(|time| Timestamp(*time) == held)
}

/// The questions beside a wish that is met otherwise: they are answered too, and viewings are no longer offered.
fn questions(understanding: &Understanding) -> Understanding {
    let mut questions = understanding.clone();
    questions.intents.retain(|intent| matches!(intent, Intent::Question | Intent::Acknowledgement));
    if questions.intents.is_empty() {
        questions.intents.push(Intent::Question);
    }
    questions.wished_times.clear();
    questions.wished_days.clear();
    questions
}

/// One mail that promises the call and answers what was asked beside it; what the facts do not say is for the caller.
async fn promise_call(
    app: &App,
    calls: &mut Calls,
    material: &Material,
    understanding: &Understanding,
    mut plan: Plan,
) -> Result<Plan, JobError> {
    let held = material.held.is_some();
    let offer = if held { Vec::new() } else { material.offer(understanding) };
    let mut request = material.to_answer(AnswerKind::CallPromised, understanding, &offer);
    request.booking_url = request.booking_url.filter(|_| !held);
    let Some(mut promise) = engines::answer(app, calls, &request).await.map_err(anyhow::Error::from)? else {
        return Ok(Plan { unable: true, ..plan });
    };
    if !understanding.topics.is_empty() && material.property.is_some() {
        let asked = material.to_answer(AnswerKind::Reply, &questions(understanding), &[]);
        let (facts, open) = match engines::answer(app, calls, &asked).await.map_err(anyhow::Error::from)? {
            Some(answer) => (answer.statements, answer.unanswered),
            None => (Vec::new(), understanding.topics.clone()),
        };
        let facts = facts.into_iter().filter(|said| said.role == StatementRole::Fact);
        let after_greeting = promise.statements.iter().take_while(|said| said.role == StatementRole::Greeting).count();
        promise.statements.splice(after_greeting..after_greeting, facts);
        plan.to_say.extend(open.into_iter().map(|question| question.excerpt));
    } else {
        plan.to_say.extend(understanding.topics.iter().map(|question| question.excerpt.clone()));
    }
    if material.held.is_some()
        && (understanding.wants(Intent::CancelViewing) || understanding.wants(Intent::RescheduleViewing))
    {
        plan.to_say = vec![material.text()]; // the viewing is at stake: the caller must read it all
    }
    promise.unanswered.clear();
    plan.answer = Some((request, promise));
    Ok(plan)
}
