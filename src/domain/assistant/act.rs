//! Carrying out a plan, in one transaction with its reasons on the timeline.

use llm::{Answer, AnswerRequest, StatementRole, Topic, Understanding};
use serde_json::json;

use super::appointment;
use super::contact;
use super::decide::Decision;
use super::material::Material;
use super::reply::Plan;
use super::tell::{asked, called_in, english, notify};
use super::verdict::{Reason, Voice};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::conversations::{self, NewDraft, Origin, QueueError};
use crate::domain::leads::{self, Actor, AddressKind, EventKind, Lead, LeadSource, Trigger};
use crate::domain::tasks::{self, NewTask, TaskKind};
use crate::domain::users::{Locale, User};
use crate::jobs::JobError;

const AI: leads::By = (Actor::Ai, None);

/// Does what was planned. The lead is locked and unchanged since the plan was made.
pub(super) async fn carry_out(
    conn: &mut TenantConn,
    app: &App,
    lead: &mut Lead,
    material: &Material,
    understanding: &Understanding,
    plan: &Plan,
) -> Result<(), JobError> {
    let data = json!({
        "decision": plan.verdict.decision.as_str(),
        "voice": plan.verdict.voice,
        "reasons": plan.verdict.reasons,
        "mood": understanding.mood,
        "injection": understanding.injection,
        "intents": understanding.intents,
        "topics": understanding.topics.iter().map(|topic| topic.topic).collect::<Vec<_>>(),
        "language": understanding.language.code(),
        "confidence": understanding.confidence,
        "budgetSpent": material.budget_spent,
    });
    leads::note(conn, lead.id, EventKind::Decided, AI, data).await?;
    leads::learn(conn, lead, understanding.language.code(), understanding.formal).await?;
    let phone = learn_contact(conn, app, lead, material).await?;
    match plan.verdict.decision {
        // Nothing is written, so whatever wants an answer waits for a person.
        Decision::Close
        | Decision::AskWhich
        | Decision::Book
        | Decision::Move
        | Decision::Cancel
        | Decision::Answer
        | Decision::Draft
            if plan.verdict.voice == Voice::Nobody =>
        {
            let texts = material.open.iter().map(|message| message.text.clone()).collect();
            let topics = understanding.topics.iter().map(|question| question.topic).collect();
            missing(conn, app, material, lead, texts, topics).await?;
        }
        Decision::Silent => {}
        Decision::Escalate => {
            leads::record(conn, lead, Trigger::Escalated, AI, None).await?;
            ask(conn, app, material, lead, TaskKind::Complaint, "Beschwerde", json!({})).await?;
        }
        Decision::Neutral => {
            leads::record(conn, lead, Trigger::Escalated, AI, None).await?;
            ask(conn, app, material, lead, TaskKind::Complaint, "Diskriminierender Wunsch", json!({})).await?;
        }
        Decision::PromiseCall => {
            leads::record(conn, lead, Trigger::PersonWanted, AI, None).await?;
            let mut details = json!({"phone": phone.or_else(|| lead.phone.clone())});
            if !plan.to_say.is_empty() {
                details["questions"] = json!(plan.to_say);
            }
            ask(conn, app, material, lead, TaskKind::CallBack, "Rückruf gewünscht", details).await?;
        }
        Decision::Close => {
            leads::record(conn, lead, Trigger::Declined, AI, Some("declined by the prospect")).await?;
            tasks::cancel_open(conn, lead.id).await?;
        }
        Decision::AskWhich => {
            leads::record(conn, lead, Trigger::FactMissing, AI, None).await?;
            ask(conn, app, material, lead, TaskKind::AssignProperty, "Welches Objekt ist gemeint?", json!({})).await?;
        }
        Decision::Book | Decision::Move | Decision::Cancel | Decision::Answer | Decision::Draft => {}
    }
    let told = appointment::carry_out(conn, app, lead, material, plan.change).await?;
    // Where nothing else was asked, the confirmation is the answer.
    if let (Some(message), None) = (told, &plan.answer) {
        conversations::settle_with(conn, message).await?;
    }
    if let Some((request, answer)) = &plan.answer {
        speak(conn, app, lead, material, plan, request, answer).await?;
    }
    if plan.unable {
        let asked = material.open.iter().map(|message| message.text.clone()).collect();
        let topics = understanding.topics.iter().map(|question| question.topic).collect();
        missing(conn, app, material, lead, asked, topics).await?;
    }
    Ok(())
}

/// Keeps what the prospect says of how to reach them, and returns the phone number named in this mail. An address of
/// their own in place of a portal's is for a human to confirm.
async fn learn_contact(
    conn: &mut TenantConn,
    app: &App,
    lead: &mut Lead,
    material: &Material,
) -> Result<Option<String>, JobError> {
    let text = material.text();
    let phone = contact::phone_in(&text, material.tenant.country);
    if let (Some(phone), None) = (&phone, &lead.phone) {
        leads::learn_phone(conn, lead, phone.clone()).await?;
    }
    let own = contact::address_in(&text).filter(|_| lead.address_kind == AddressKind::Relay);
    if let Some(email) = own.filter(|email| Some(email) != lead.email.as_ref()) {
        let details = json!({"email": email, "reason": "the prospect named an address of their own"});
        ask(conn, app, material, lead, TaskKind::IncompleteLead, "Direkte E-Mail-Adresse bestätigen", details).await?;
    }
    Ok(phone)
}

/// Sends the answer, or leaves it as a draft where policy or doubt asks for a human.
async fn speak(
    conn: &mut TenantConn,
    app: &App,
    lead: &mut Lead,
    material: &Material,
    plan: &Plan,
    request: &AnswerRequest,
    answer: &Answer,
) -> Result<(), JobError> {
    let text = body(answer, request);
    let citations = json!(
        answer.statements.iter().map(|said| json!({"text": said.text, "sources": said.sources})).collect::<Vec<_>>()
    );
    let unsure = answer.confidence < material.tenant.confidence_threshold;
    if plan.verdict.voice == Voice::Draft || unsure {
        let mut reasons: Vec<&str> = plan.verdict.drafting().map(Reason::german).collect();
        if unsure && !reasons.contains(&Reason::BelowThreshold.german()) {
            reasons.push(Reason::BelowThreshold.german());
        }
        let reason = reasons.join("; ");
        let draft = NewDraft { text, citations, reason: reason.clone() };
        conversations::write_draft(conn, lead, &material.conversation, &draft).await?;
        return notify(conn, app, &material.tenant, lead, |locale| {
            let name = called_in(lead, locale);
            let german = format!("Für {name} liegt ein Antwortentwurf bereit. Grund: {reason}.");
            let english = format!("The draft of an answer to {name} waits for you. Reason: {reason}.");
            (locale.pick("Antwortentwurf wartet", "A draft is waiting").to_owned(), locale.pick(german, english))
        })
        .await;
    }
    let subject = subject(material, request);
    if material.first {
        conversations::rename(conn, material.conversation.id, &subject).await?;
    }
    let outgoing = conversations::Answer {
        origin: Origin::AiAuto,
        user: None,
        signed_by: material.agent.as_ref().map(User::signs),
        subject: Some(subject.clone()),
        text,
        citations,
        language: request.language.code().to_owned(),
        revision: material.conversation.revision,
        calendar: None,
        delay: material.tenant.pause_before_sending(conn.now()),
    };
    let parts = (&*app.settings, &app.templates);
    match conversations::queue_answer(conn, parts, &material.tenant, lead, &material.conversation, outgoing).await {
        Ok(_) => {}
        // Without an address intake has asked a human already (INCOMPLETE_LEAD).
        Err(QueueError::NoAddress) => return Ok(()),
        Err(error) => return Err(anyhow::Error::from(error).into()),
    }
    if !answer.unanswered.is_empty() {
        let asked = answer.unanswered.iter().map(|question| question.excerpt.clone()).collect();
        let topics = answer.unanswered.iter().map(|question| question.topic).collect();
        missing(conn, app, material, lead, asked, topics).await?;
    }
    Ok(())
}

/// The words of an answer. How a letter ends, and who signs it, is the mail's business, the same for every engine.
pub(super) fn body(answer: &Answer, request: &AnswerRequest) -> String {
    let mut answer = answer.clone();
    answer.statements.retain(|statement| statement.role != StatementRole::Closing);
    llm::render_text(&answer, request)
}

/// The prospect never saw the portal's mail, or wrote none but filled in a form, so the first answer starts a subject of its own.
fn subject(material: &Material, request: &AnswerRequest) -> String {
    let newest = material.open.last().map_or("", |message| message.subject.as_str());
    match &material.property {
        Some(property) if material.first && matches!(material.lead.source, LeadSource::Portal | LeadSource::Widget) => {
            let words = match request.language {
                llm::Language::De if request.formal => "Ihre Anfrage",
                llm::Language::De => "Deine Anfrage",
                llm::Language::En => "Your enquiry",
                llm::Language::Fr => "Votre demande",
                llm::Language::It => "La Sua richiesta",
                llm::Language::Es => "Su consulta",
            };
            format!("{words}: {}", property.title)
        }
        _ => conversations::reply_subject(newest),
    }
}

/// A fact is missing: the agent is asked, and the answer will be sent on.
async fn missing(
    conn: &mut TenantConn,
    app: &App,
    material: &Material,
    lead: &mut Lead,
    questions: Vec<String>,
    topics: Vec<Topic>,
) -> Result<(), JobError> {
    leads::record(conn, lead, Trigger::FactMissing, AI, None).await?;
    // What the law wants in the advertisement is asked for where it is kept, so that nobody asks twice.
    if let Some(property) = material.property.as_ref().filter(|_| topics.contains(&Topic::Energy)) {
        tasks::ask_for_energy(conn, property).await?;
    }
    let details = json!({"questions": questions, "topics": topics});
    ask(conn, app, material, lead, TaskKind::AnswerQuestion, "Frage zum Objekt", details).await
}

/// Asks a human and tells them at once.
async fn ask(
    conn: &mut TenantConn,
    app: &App,
    material: &Material,
    lead: &Lead,
    kind: TaskKind,
    what: &str,
    details: serde_json::Value,
) -> Result<(), JobError> {
    let title = format!("{what}: {}", called(lead));
    let task =
        NewTask { lead_id: lead.id, kind, title: title.clone(), details: details.clone(), owner_id: lead.assignee_id };
    tasks::open(conn, &task).await?;
    notify(conn, app, &material.tenant, lead, |locale| {
        let title = locale.pick(title.clone(), format!("{}: {}", english(kind), called_in(lead, locale)));
        let body = asked(locale, &title, material, &details);
        (title, body)
    })
    .await
}

fn called(lead: &Lead) -> String {
    called_in(lead, Locale::De)
}
