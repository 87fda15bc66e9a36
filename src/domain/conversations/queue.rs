//! Sending the prospect something: message, mail and delivery job in one transaction.

use std::time::Duration;

use serde_json::json;

use super::model::{Conversation, Delivery, Direction, MessageId, Origin};
use super::store::{self, NewMessage};
use crate::db::{TenantConn, broken_constraint};
use crate::domain::leads::{self, Actor, AddressKind, EventKind, Lead};
use crate::domain::mail::{self, Footer, NewMail};
use crate::domain::tenants::Tenant;
use crate::domain::users::UserId;
use crate::ids::new_id;
use crate::settings::Settings;
use crate::templates::{TemplateError, Templates};

/// Something to say to the prospect.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Who says it.
    pub origin: Origin,
    /// Which of the agency's people wrote or approved it.
    pub user: Option<UserId>,
    /// Who signs: a name, or the lines of a signature.
    pub signed_by: Option<String>,
    /// Subject; `None` answers in the thread ("Re: …").
    pub subject: Option<String>,
    /// Body without signature.
    pub text: String,
    /// Which sentence rests on which fact.
    pub citations: serde_json::Value,
    /// ISO 639-1.
    pub language: String,
    /// The revision it answers.
    pub revision: i32,
    /// iCalendar object and method.
    pub calendar: Option<(String, &'static str)>,
    /// Pause before it goes out.
    pub delay: Duration,
}

/// Why nothing was queued.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The lead has no address; ask a human.
    #[error("the lead has no address")]
    NoAddress,
    /// This revision has its automatic answer already: the job ran twice.
    #[error("this revision has its answer already")]
    AlreadyAnswered,
    /// A template is broken.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

/// Queues a mail to the prospect.
///
/// # Errors
/// [`QueueError`].
pub async fn queue_answer(
    conn: &mut TenantConn,
    (settings, templates): (&Settings, &Templates),
    tenant: &Tenant,
    lead: &Lead,
    conversation: &Conversation,
    answer: Answer,
) -> Result<MessageId, QueueError> {
    queue(conn, (settings, templates), tenant, lead, conversation, answer, None).await
}

/// Queues a mail that nobody asked for: its headers say by which link such mails end (RFC 8058).
///
/// # Errors
/// [`QueueError`].
pub async fn queue_follow_up(
    conn: &mut TenantConn,
    parts: (&Settings, &Templates),
    tenant: &Tenant,
    lead: &Lead,
    conversation: &Conversation,
    answer: Answer,
    unsubscribe_url: String,
) -> Result<MessageId, QueueError> {
    queue(conn, parts, tenant, lead, conversation, answer, Some(unsubscribe_url)).await
}

async fn queue(
    conn: &mut TenantConn,
    (settings, templates): (&Settings, &Templates),
    tenant: &Tenant,
    lead: &Lead,
    conversation: &Conversation,
    answer: Answer,
    unsubscribe_url: Option<String>,
) -> Result<MessageId, QueueError> {
    let to_address = lead.email.clone().ok_or(QueueError::NoAddress)?;
    // A portal's relay posts the whole mail into a chat: plain text, nothing else.
    let relay = lead.address_kind == AddressKind::Relay;
    let footer = Footer {
        signed_by: answer.signed_by.clone(),
        closing: answer.origin != Origin::Agent,
        automatic: matches!(answer.origin, Origin::AiAuto | Origin::FollowUp),
        // Once, and not in an agent's own words.
        ask_address: relay && answer.origin != Origin::Agent && !store::wrote_before(conn, conversation.id).await?,
    };
    let rendered = if relay {
        mail::to_chat(templates, tenant, &answer.language, &answer.text, &footer)?
    } else {
        mail::to_prospect(templates, tenant, &answer.language, &answer.text, &footer)?
    };
    let (in_reply_to, references) = store::thread(conn, conversation.id).await?;
    let subject = answer.subject.clone().unwrap_or_else(|| reply_subject(&conversation.subject));
    let rfc_message_id =
        format!("{}@{}", new_id(), tenant.mail_from_address.rsplit_once('@').map_or("localhost", |(_, domain)| domain));
    let new = NewMessage {
        conversation: conversation.id,
        direction: Direction::Outbound,
        origin: answer.origin,
        subject: &subject,
        text: &rendered.text,
        html: (!relay).then_some(rendered.html.as_str()),
        language: Some(&answer.language),
        rfc_message_id: Some(&rfc_message_id),
        in_reply_to: in_reply_to.as_deref(),
        references: &references,
        delivery: Some(Delivery::Queued),
        citations: answer.citations,
        revision: answer.revision,
        intake_message: None,
    };
    let id = store::insert(conn, &new).await.map_err(|error| match broken_constraint(&error) {
        Some("messages_one_auto_answer") => QueueError::AlreadyAnswered,
        _ => QueueError::Database(error),
    })?;
    let mail = NewMail {
        lead_id: Some(lead.id.0),
        message_id: Some(id.0),
        rfc_message_id: Some(rfc_message_id),
        from: (tenant.mail_from_name.clone(), tenant.mail_from_address.clone()),
        to: (lead.name(), to_address),
        reply_to: Some(format!("{}@{}", tenant.intake_prefix, settings.smtp.intake_domain)),
        subject,
        html: (!relay).then_some(rendered.html),
        text: rendered.text,
        calendar: answer.calendar,
        in_reply_to,
        references,
        auto_submitted: matches!(answer.origin, Origin::AiAuto | Origin::System | Origin::FollowUp),
        // A portal passes the mail on and would be unsubscribed itself.
        unsubscribe_url: unsubscribe_url.filter(|_| !relay),
        serial: Some(format!("conversation:{}", conversation.id)),
        delay: answer.delay,
    };
    mail::queue(conn, &mail).await?;
    let actor = match answer.origin {
        Origin::AiAuto => Actor::Ai,
        Origin::System | Origin::FollowUp | Origin::Prospect => Actor::System,
        Origin::Agent | Origin::AiApproved => Actor::Agent,
    };
    leads::note(
        conn,
        lead.id,
        EventKind::AnswerQueued,
        (actor, answer.user),
        json!({"messageId": id, "origin": answer.origin, "revision": answer.revision}),
    )
    .await?;
    Ok(id)
}

/// "Re: …" once, whatever stood there before.
#[must_use]
pub fn reply_subject(subject: &str) -> String {
    let mut rest = subject.trim();
    while let Some((prefix, after)) = rest.split_once(':') {
        if !["re", "aw", "wg", "fwd", "fw", "antw", "rv", "tr"].contains(&prefix.trim().to_lowercase().as_str()) {
            break;
        }
        rest = after.trim_start();
    }
    format!("Re: {rest}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn reply_prefixes_do_not_pile_up() {
        assert_eq!(super::reply_subject("AW: Re: WG: Wohnung"), "Re: Wohnung");
        assert_eq!(super::reply_subject("Objekt: 4711"), "Re: Objekt: 4711");
    }
}
