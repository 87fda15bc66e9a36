//! Resolving a task: carry out what was decided.

use std::time::Duration;

use llm::{AnswerKind, Language};
use serde_json::json;
use uuid::Uuid;

use super::material;
use super::reply::answer_soon;
use super::send_draft::approve_draft;
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::conversations::{self, Answer, DraftId, Origin};
use crate::domain::leads::{self, Actor, Lead, LeadEdit, Trigger, Viewer};
use crate::domain::learning::{self, NewProposal};
use crate::domain::mail;
use crate::domain::properties::{self, EnergyData, PropertyId};
use crate::domain::routing;
use crate::domain::tasks::{self, Task, TaskError, TaskId, TaskKind, TaskState};
use crate::domain::tenants;
use crate::domain::users::User;

/// What a human decided. Which fields a task needs depends on its kind ([`TaskKind`]).
#[derive(Debug, Clone, Default)]
pub struct Resolution {
    /// To be sent to the prospect.
    pub answer: Option<String>,
    /// The listing that is meant.
    pub property_id: Option<PropertyId>,
    /// A corrected or newly known address.
    pub email: Option<String>,
    /// For colleagues.
    pub note: Option<String>,
    /// The listing's energy data.
    pub energy: Option<EnergyData>,
}

/// Resolves a task and does what it says, in this transaction.
///
/// # Errors
/// [`TaskError::NotOpen`], [`TaskError::Resolution`] naming the field that is missing or of no use.
pub async fn resolve_task(
    conn: &mut TenantConn,
    app: &App,
    user: &User,
    id: TaskId,
    with: Resolution,
) -> Result<Task, TaskError> {
    let viewer = Viewer::from(user);
    let seen = tasks::find(conn, id, viewer).await?.ok_or(TaskError::NotFound)?;
    let Some(lead_id) = seen.lead_id else {
        return match seen.property_id {
            Some(property) => store_energy(conn, user, id, viewer, property, with).await,
            None => note_alarm(conn, user, id, viewer, with).await,
        };
    };
    // The lead first: everybody locks in this order.
    let mut lead = leads::lock(conn, lead_id, Viewer::SYSTEM).await?.ok_or(TaskError::NotFound)?;
    let task = tasks::lock(conn, id, viewer).await?.ok_or(TaskError::NotFound)?;
    if task.state != TaskState::Open {
        return Err(TaskError::NotOpen);
    }
    check(task.kind, &with, &lead)?;
    if let Some(email) = &with.email {
        let edit = LeadEdit { email: Some(Some(email.to_lowercase())), ..LeadEdit::default() };
        leads::edit(conn, &mut lead, user.id, edit, None).await?;
    }
    if let Some(property) = with.property_id {
        let by = (Actor::Agent, Some(user.id));
        if properties::find(conn, property).await?.is_none() {
            return Err(TaskError::Resolution { field: "propertyId", problem: "no such property".to_owned() });
        }
        leads::assign_property(conn, &mut lead, property, by).await?;
        // A rule that found nobody may find somebody now.
        routing::assign(conn, &mut lead, by).await?;
    }
    let resolution =
        json!({"answer": with.answer, "propertyId": with.property_id, "email": with.email, "note": with.note});
    tasks::write_resolution(conn, &task, user.id, &resolution).await?;
    if tasks::open_count(conn, lead.id).await? == 0 {
        leads::record(conn, &mut lead, Trigger::TasksSettled, (Actor::Agent, Some(user.id)), None).await?;
    }
    execute(conn, app, user, &task, &lead, &with).await?;
    tasks::find(conn, id, Viewer::SYSTEM).await?.ok_or(TaskError::NotFound)
}

/// What each kind needs.
fn check(kind: TaskKind, with: &Resolution, lead: &Lead) -> Result<(), TaskError> {
    let need = |there: bool, field, problem: &str| {
        if there { Ok(()) } else { Err(TaskError::Resolution { field, problem: problem.to_owned() }) }
    };
    if let Some(answer) = &with.answer {
        need(!answer.trim().is_empty(), "answer", "must not be empty")?;
        need(lead.email.is_some() || with.email.is_some(), "email", "the lead has no address to send the answer to")?;
    }
    if let Some(email) = &with.email {
        need(email.parse::<lettre::Address>().is_ok(), "email", "is not an e-mail address")?;
    }
    need(with.energy.is_none(), "energy", "must not stand here: the task is about no listing's data")?;
    match kind {
        TaskKind::AnswerQuestion => need(with.answer.is_some(), "answer", "is needed: it is sent to the prospect"),
        TaskKind::AssignProperty => need(with.property_id.is_some(), "propertyId", "is needed: the lead is tied to it"),
        TaskKind::CallBack | TaskKind::IncompleteLead => need(
            with.note.is_some() || with.answer.is_some() || with.email.is_some(),
            "note",
            "is needed: what was found out or agreed",
        ),
        TaskKind::Complaint => {
            need(with.note.is_some() || with.answer.is_some(), "note", "is needed: what was done about it")
        }
        TaskKind::DeliveryFailed
        | TaskKind::ApproveDraft
        | TaskKind::PortalQuiet
        | TaskKind::PortalFieldMissing
        | TaskKind::MailboxTrouble
        | TaskKind::MissingEnergyData
        | TaskKind::AiBudget => Ok(()),
    }
}

/// A task about no lead: there is nobody to answer and nothing to assign, only something to have been found out.
async fn note_alarm(
    conn: &mut TenantConn,
    user: &User,
    id: TaskId,
    viewer: Viewer,
    with: Resolution,
) -> Result<Task, TaskError> {
    let task = tasks::lock(conn, id, viewer).await?.ok_or(TaskError::NotFound)?;
    if task.state != TaskState::Open {
        return Err(TaskError::NotOpen);
    }
    let given = [
        ("answer", with.answer.is_some()),
        ("propertyId", with.property_id.is_some()),
        ("email", with.email.is_some()),
        ("energy", with.energy.is_some()),
    ];
    if let Some((field, _)) = given.into_iter().find(|(_, given)| *given) {
        return Err(TaskError::Resolution {
            field,
            problem: "must not stand here: the task is about no lead".to_owned(),
        });
    }
    tasks::write_resolution(conn, &task, user.id, &json!({"note": with.note})).await?;
    tasks::find(conn, id, viewer).await?.ok_or(TaskError::NotFound)
}

/// A task about a listing's energy data: it is stored, and prospects who waited for nothing else get their answers.
async fn store_energy(
    conn: &mut TenantConn,
    user: &User,
    id: TaskId,
    viewer: Viewer,
    property: PropertyId,
    with: Resolution,
) -> Result<Task, TaskError> {
    let needed = |field, problem: &str| TaskError::Resolution { field, problem: problem.to_owned() };
    let Some(energy) = with.energy else { return Err(needed("energy", "is needed: it is stored with the listing")) };
    if with.answer.is_some() || with.email.is_some() || with.property_id.is_some() {
        return Err(needed("answer", "must not stand here: the task is about a listing"));
    }
    // Leads before tasks: everybody locks in this order.
    let before = properties::find(conn, property).await?.ok_or(TaskError::NotFound)?;
    let mut waiting = Vec::new();
    for lead in tasks::waiting_for_energy(conn, &before).await? {
        waiting.extend(leads::lock(conn, lead, Viewer::SYSTEM).await?);
    }
    let task = tasks::lock(conn, id, viewer).await?.ok_or(TaskError::NotFound)?;
    if task.state != TaskState::Open {
        return Err(TaskError::NotOpen);
    }
    let property = properties::store_energy(conn, property, &energy).await?;
    let missing = properties::missing_energy(&property);
    if !missing.is_empty() {
        return Err(needed("energy", &format!("still lacks {}", missing.join(", "))));
    }
    tasks::write_resolution(conn, &task, user.id, &json!({"energy": energy, "note": with.note})).await?;
    let by = (Actor::Agent, Some(user.id));
    for mut lead in waiting {
        let told = json!({"note": "the listing's energy data was stored"});
        if tasks::settle(conn, lead.id, TaskKind::AnswerQuestion, Some(user.id), &told).await? {
            if tasks::open_count(conn, lead.id).await? == 0 {
                leads::record(conn, &mut lead, Trigger::TasksSettled, by, None).await?;
            }
            answer_again(conn, &lead).await?;
        }
    }
    tasks::find(conn, id, Viewer::SYSTEM).await?.ok_or(TaskError::NotFound)
}

/// The system knows now what it did not: whatever is unanswered gets its answer.
async fn answer_again(conn: &mut TenantConn, lead: &Lead) -> Result<(), sqlx::Error> {
    if let Some(conversation) = conversations::by_lead(conn, lead.id).await? {
        conversations::reopen_answer(conn, conversation.id).await?;
        answer_soon(conn, lead.id, conversation.id).await?;
    }
    Ok(())
}

async fn execute(
    conn: &mut TenantConn,
    app: &App,
    user: &User,
    task: &Task,
    lead: &Lead,
    with: &Resolution,
) -> Result<(), TaskError> {
    if task.kind == TaskKind::ApproveDraft {
        return send_draft(conn, app, user, task, with.answer.as_deref()).await;
    }
    if let Some(answer) = &with.answer {
        if task.kind == TaskKind::AnswerQuestion {
            propose(conn, task, lead, answer).await?;
        }
        return send(conn, app, user, lead, answer).await;
    }
    match task.kind {
        TaskKind::AssignProperty | TaskKind::IncompleteLead => answer_again(conn, lead).await?,
        TaskKind::DeliveryFailed => {
            if let Some(mail) = task.details["mailId"].as_str().and_then(|id| id.parse::<Uuid>().ok()) {
                if let Some(address) = &with.email {
                    mail::redirect(conn, mail, address).await?;
                }
                mail::requeue(conn, mail).await?;
                conversations::resume_delivery(conn, mail).await?;
            }
        }
        TaskKind::AnswerQuestion
        | TaskKind::CallBack
        | TaskKind::Complaint
        | TaskKind::ApproveDraft
        | TaskKind::PortalQuiet
        | TaskKind::PortalFieldMissing
        | TaskKind::MailboxTrouble
        | TaskKind::MissingEnergyData
        | TaskKind::AiBudget => {}
    }
    Ok(())
}

/// Sends the draft a task is about, in other words if some are given.
async fn send_draft(
    conn: &mut TenantConn,
    app: &App,
    user: &User,
    task: &Task,
    words: Option<&str>,
) -> Result<(), TaskError> {
    let draft = task.details["draftId"].as_str().and_then(|id| id.parse::<Uuid>().ok()).map(DraftId::from);
    let Some(draft) = draft else { return Err(TaskError::NotOpen) };
    let failed = |error: conversations::DraftError| match error {
        conversations::DraftError::NotFound | conversations::DraftError::NotOpen => TaskError::NotOpen,
        conversations::DraftError::Database(error) => TaskError::Database(error),
        conversations::DraftError::Queue(error @ conversations::QueueError::NoAddress) => {
            TaskError::Resolution { field: "email", problem: error.to_string() }
        }
        other => TaskError::Draft(Box::new(other)),
    };
    if let Some(words) = words {
        conversations::edit_draft(conn, draft, Viewer::SYSTEM, None, Some(words), None).await.map_err(failed)?;
    }
    // Whoever owns the task may send its draft.
    approve_draft(conn, app, user, Viewer::SYSTEM, draft).await.map_err(failed)?;
    Ok(())
}

/// What an agent answers may hold for the next prospect, too; somebody decides whether it does.
async fn propose(conn: &mut TenantConn, task: &Task, lead: &Lead, answer: &str) -> Result<(), sqlx::Error> {
    let questions = task.details["questions"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
    let question = questions.collect::<Vec<_>>().join("\n");
    if question.is_empty() {
        return Ok(()); // nobody asked anything that could be asked again
    }
    let new = NewProposal {
        lead_id: lead.id,
        task_id: task.id,
        property_id: lead.property_id,
        question,
        text: answer.trim().to_owned(),
    };
    learning::propose(conn, &new).await
}

/// Sends the agent's answer in the prospect's language and form of address.
async fn send(conn: &mut TenantConn, app: &App, user: &User, lead: &Lead, answer: &str) -> Result<(), TaskError> {
    let tenant = tenants::current(conn).await?;
    let conversation = conversations::open(conn, lead.id, &tenant.name).await?;
    let language = tenant.answer_language(lead.language.as_deref()).to_owned();
    let text = framed(app, lead, answer, &language, &tenant, Some(user.name()))
        .await
        .map_err(|error| TaskError::Resolution { field: "answer", problem: error.to_string() })?;
    let outgoing = Answer {
        origin: Origin::AiApproved,
        user: Some(user.id),
        signed_by: Some(user.signs()),
        subject: None,
        text,
        citations: json!([{"text": answer, "sources": [llm::source::AGENT_ANSWER]}]),
        language,
        revision: conversation.revision,
        calendar: None,
        delay: Duration::ZERO,
    };
    conversations::queue_answer(conn, (&app.settings, &app.templates), &tenant, lead, &conversation, outgoing)
        .await
        .map_err(|error| match error {
            conversations::QueueError::Database(error) => TaskError::Database(error),
            other => TaskError::Resolution { field: "answer", problem: other.to_string() },
        })?;
    Ok(())
}

/// Words with a greeting in front, as the engines write it; the words stay as they are.
///
/// # Errors
/// Only when the built-in engine fails, which has no outside cause.
pub(super) async fn framed(
    app: &App,
    lead: &Lead,
    answer: &str,
    language: &str,
    tenant: &tenants::Tenant,
    signed_by: Option<String>,
) -> Result<String, llm::LlmError> {
    let language = material::language(language).unwrap_or(Language::De);
    let request = llm::AnswerRequest {
        kind: AnswerKind::AgentAnswer { text: answer.to_owned() },
        language,
        formal: lead.formal_address.unwrap_or(tenant.formal_address),
        salutation: lead.salutation.map(material::salutation),
        last_name: lead.last_name.clone(),
        first_name: lead.first_name.clone(),
        understanding: llm::Understanding {
            language,
            formal: lead.formal_address,
            intents: Vec::new(),
            topics: Vec::new(),
            wished_times: Vec::new(),
            wished_days: Vec::new(),
            wished_windows: Vec::new(),
            mood: llm::Mood::Calm,
            injection: false,
            confidence: 1.0,
        },
        prospect_text: String::new(),
        property_title: None,
        facts: Vec::new(),
        examples: Vec::new(),
        slots: Vec::new(),
        booking_url: None,
        full_today: false,
        zone: tenant.zone(),
        agency_name: tenant.name.clone(),
        agent_name: signed_by,
    };
    // The built-in engine adds the greeting and nothing else; it is in this process, so the transaction waits for nobody.
    let (composed, _) = app.fallback.answer(&request).await?;
    Ok(super::act::body(&composed, &request))
}
