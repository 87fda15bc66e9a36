//! Mails that belong to a conversation there is: answers, and our own mails coming back.

use portal_mail::Understood;
use serde_json::json;

use super::attach::{Outcome, code_of, said_already, say};
use super::cause::Cause;
use super::known::only_lead_of;
use super::model::IntakeId;
use super::process::storable;
use crate::db::TenantConn;
use crate::domain::conversations::{self, Inbound};
use crate::domain::leads::{self, Viewer};
use crate::domain::tasks::{self, NewTask, TaskKind};
use crate::jobs::JobError;

/// An answer to something we sent joins its conversation.
pub(super) async fn reply(conn: &mut TenantConn, id: IntakeId, mail: &Understood) -> Result<Outcome, JobError> {
    let facts = &mail.mail;
    let mut ids = facts.references.clone();
    ids.extend(facts.in_reply_to.clone());
    let by_thread = conversations::by_references(conn, &ids).await?.map(|conversation| conversation.lead_id);
    let known = match by_thread {
        Some(lead) => Some(lead),
        None => only_lead_of(conn, facts.from.as_ref().map(|from| from.address.as_str())).await?,
    };
    let known = match known {
        // One that was erased while its lock was waited for is not known any more.
        Some(known) => leads::lock(conn, known, Viewer::SYSTEM).await?,
        None => None,
    };
    let Some(mut lead) = known else { return Ok(Outcome::tray(Cause::AnswerToNothing)) };
    let message = Inbound {
        subject: facts.subject.as_deref().map(storable).unwrap_or_default(),
        text: storable(&facts.new_text),
        html: facts.html.as_deref().map(|html| storable(&ammonia::clean(html))),
        language: facts.language.map(code_of).map(str::to_owned),
        rfc_message_id: facts.message_id.as_deref().map(storable),
        in_reply_to: facts.in_reply_to.as_deref().map(storable),
        references: facts.references.iter().map(|id| storable(id)).collect(),
        intake_message: Some(id.0),
    };
    if said_already(conn, &lead, &message).await? {
        return Ok(Outcome::duplicate(Cause::CopyOfMail));
    }
    say(conn, &mut lead, &message, false).await?;
    Ok(Outcome::done())
}

/// A mail of ours came back.
pub(super) async fn bounce(conn: &mut TenantConn, mail: &Understood) -> Result<Outcome, JobError> {
    let facts = mail.mail.bounce.as_ref();
    let original = facts.and_then(|facts| facts.original_message_id.as_deref());
    let status = facts.and_then(|facts| facts.status.as_deref());
    if facts.is_some_and(|facts| facts.delayed) {
        return Ok(Outcome::ignored(Cause::MailIsLate));
    }
    let recipient = facts.and_then(|facts| facts.recipient.as_deref());
    let lead = match (original, recipient) {
        (None, Some(recipient)) => conversations::record_bounce_of(conn, recipient, status).await?,
        (original, _) => conversations::record_bounce(conn, original.unwrap_or_default(), status).await?,
    };
    let Some(lead) = lead else {
        return Ok(Outcome::tray(Cause::BounceOfNothing));
    };
    let lead = leads::by_id(conn, lead).await?;
    let task = NewTask {
        lead_id: lead.id,
        kind: TaskKind::DeliveryFailed,
        title: format!("Mail an {} kam zurück", lead.name().unwrap_or_else(|| "den Interessenten".to_owned())),
        details: json!({"reason": "bounced", "status": status}),
        owner_id: lead.assignee_id,
    };
    tasks::open(conn, &task).await?;
    Ok(Outcome::done())
}
