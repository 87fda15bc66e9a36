//! What the prospect wrote.

use serde_json::json;
use uuid::Uuid;

use super::model::{Conversation, ConversationId, Delivery, Direction, Origin};
use super::store::{self, NewMessage};
use crate::db::TenantConn;
use crate::domain::leads::{self, Actor, EventKind, FollowUpStop, Lead, LeadError, LeadId, Trigger, follow_ups};
use crate::ids::new_id;

/// A message of the prospect.
#[derive(Debug, Clone, Default)]
pub struct Inbound {
    /// Subject.
    pub subject: String,
    /// What is new in it.
    pub text: String,
    /// Sanitised HTML.
    pub html: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
    /// `Message-ID` without brackets.
    pub rfc_message_id: Option<String>,
    /// `In-Reply-To`.
    pub in_reply_to: Option<String>,
    /// `References`.
    pub references: Vec<String>,
    /// The raw mail it came in.
    pub intake_message: Option<Uuid>,
}

/// The thread of a lead, made if there is none yet.
///
/// # Errors
/// When the database cannot do it.
pub async fn open(conn: &mut TenantConn, lead: LeadId, subject: &str) -> Result<Conversation, sqlx::Error> {
    if let Some(conversation) = store::by_lead(conn, lead).await? {
        return Ok(conversation);
    }
    let id = ConversationId(new_id());
    sqlx::query!(
        "/* conversations.open */ INSERT INTO conversations (id, tenant_id, lead_id, subject, created_at) VALUES ($1, $2, $3, $4, $5)",
        id.0,
        conn.tenant().0,
        lead.0,
        subject,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(Conversation { id, lead_id: lead, subject: subject.to_owned(), revision: 0 })
}

/// Appends what the prospect wrote: a new revision, which withdraws every automatic answer and draft that has not gone
/// out. Call with a locked lead. `first` is the enquiry itself, which is no reply.
///
/// # Errors
/// When the database cannot do it.
pub async fn append_inbound(
    conn: &mut TenantConn,
    lead: &mut Lead,
    message: &Inbound,
    first: bool,
) -> Result<Conversation, LeadError> {
    let mut conversation = open(conn, lead.id, &message.subject).await?;
    conversation.revision = sqlx::query_scalar!(
        "/* conversations.next_revision */ UPDATE conversations SET revision = revision + 1 WHERE tenant_id = $1 AND id = $2 RETURNING revision",
        conn.tenant().0,
        conversation.id.0,
    )
    .fetch_one(conn.sql())
    .await?;
    withdraw(conn, lead.id, conversation.id).await?;
    follow_ups::stop(conn, lead.id, FollowUpStop::Replied).await?;
    let new = NewMessage {
        conversation: conversation.id,
        direction: Direction::Inbound,
        origin: Origin::Prospect,
        subject: &message.subject,
        text: &message.text,
        html: message.html.as_deref(),
        language: message.language.as_deref(),
        rfc_message_id: message.rfc_message_id.as_deref(),
        in_reply_to: message.in_reply_to.as_deref(),
        references: &message.references,
        delivery: None,
        citations: json!([]),
        revision: conversation.revision,
        intake_message: message.intake_message,
    };
    let id = store::insert(conn, &new).await?;
    let data = json!({"messageId": id, "revision": conversation.revision, "language": message.language});
    leads::note(conn, lead.id, EventKind::MessageReceived, (Actor::Prospect, None), data).await?;
    if !first {
        leads::record(conn, lead, Trigger::ProspectWrote, (Actor::Prospect, None), None).await?;
    }
    Ok(conversation)
}

/// Withdraws automatic answers and drafts that something newer overtook.
///
/// # Errors
/// When the database cannot do it.
pub async fn withdraw(conn: &mut TenantConn, lead: LeadId, conversation: ConversationId) -> Result<(), sqlx::Error> {
    withdraw_of(conn, lead, conversation, &[Origin::AiAuto, Origin::FollowUp]).await?;
    super::drafts::supersede(conn, lead, conversation).await
}

/// Withdraws only what asks again.
///
/// # Errors
/// When the database cannot do it.
pub async fn withdraw_follow_ups(
    conn: &mut TenantConn,
    lead: LeadId,
    conversation: ConversationId,
) -> Result<(), sqlx::Error> {
    withdraw_of(conn, lead, conversation, &[Origin::FollowUp]).await
}

async fn withdraw_of(
    conn: &mut TenantConn,
    lead: LeadId,
    conversation: ConversationId,
    origins: &[Origin],
) -> Result<(), sqlx::Error> {
    let origins: Vec<String> = origins.iter().map(|origin| origin.as_str().to_owned()).collect();
    let withdrawn = sqlx::query_scalar!(
        "/* conversations.withdraw */
         UPDATE messages SET delivery = 'CANCELLED'
         WHERE tenant_id = $1 AND conversation_id = $2 AND delivery = 'QUEUED' AND origin = ANY ($3) RETURNING id",
        conn.tenant().0,
        conversation.0,
        &origins,
    )
    .fetch_all(conn.sql())
    .await?;
    for message in withdrawn {
        sqlx::query!(
            "/* conversations.withdraw_mail */
             UPDATE outbox SET state = 'CANCELLED', finished_at = $3 WHERE tenant_id = $1 AND message_id = $2 AND state = 'QUEUED'",
            conn.tenant().0,
            message,
            conn.now() as _,
        )
        .execute(conn.sql())
        .await?;
        leads::note(conn, lead, EventKind::AnswerCancelled, (Actor::System, None), json!({"messageId": message}))
            .await?;
    }
    Ok(())
}

/// The prospect's server gave a mail back: mark the message it was.
///
/// # Errors
/// When the database cannot do it.
pub async fn record_bounce(
    conn: &mut TenantConn,
    rfc_message_id: &str,
    status: Option<&str>,
) -> Result<Option<LeadId>, sqlx::Error> {
    let bounced = sqlx::query!(
        r#"/* conversations.bounced */
         SELECT m.id, c.lead_id AS "lead_id: LeadId"
         FROM messages m JOIN conversations c ON c.id = m.conversation_id AND c.tenant_id = m.tenant_id
         WHERE m.tenant_id = $1 AND m.rfc_message_id = $2 AND m.direction = 'OUTBOUND'"#,
        conn.tenant().0,
        rfc_message_id,
    )
    .fetch_optional(conn.sql())
    .await?;
    let Some(bounced) = bounced else { return Ok(None) };
    mark_bounced(conn, bounced.id, bounced.lead_id, status).await?;
    Ok(Some(bounced.lead_id))
}

/// The same for a report that names no mail, only the address: it is about the newest mail to it of the last five days.
///
/// # Errors
/// When the database cannot do it.
pub async fn record_bounce_of(
    conn: &mut TenantConn,
    recipient: &str,
    status: Option<&str>,
) -> Result<Option<LeadId>, sqlx::Error> {
    let bounced = sqlx::query!(
        r#"/* conversations.bounced_of */
         SELECT m.id, c.lead_id AS "lead_id: LeadId"
         FROM leads l
         JOIN conversations c ON c.tenant_id = l.tenant_id AND c.lead_id = l.id
         JOIN messages m ON m.tenant_id = c.tenant_id AND m.conversation_id = c.id
         WHERE l.tenant_id = $1 AND l.email = lower($2) AND m.delivery = 'SENT' AND m.sent_at > $3::timestamptz - interval '5 days'
         ORDER BY m.sent_at DESC LIMIT 1"#,
        conn.tenant().0,
        recipient,
        conn.now() as _,
    )
    .fetch_optional(conn.sql())
    .await?;
    let Some(bounced) = bounced else { return Ok(None) };
    mark_bounced(conn, bounced.id, bounced.lead_id, status).await?;
    Ok(Some(bounced.lead_id))
}

async fn mark_bounced(
    conn: &mut TenantConn,
    message: uuid::Uuid,
    lead: LeadId,
    status: Option<&str>,
) -> Result<(), sqlx::Error> {
    store::write_delivery(conn, message, Delivery::Bounced).await?;
    let data = json!({"messageId": message, "status": status});
    leads::note(conn, lead, EventKind::Bounced, (Actor::System, None), data).await?;
    follow_ups::stop(conn, lead, FollowUpStop::Bounced).await
}
