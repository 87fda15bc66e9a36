//! SQL of conversations and messages.

use uuid::Uuid;

use super::model::{Conversation, ConversationId, Delivery, Direction, Message, MessageId, Origin};
use crate::db::TenantConn;
use crate::domain::leads::LeadId;
use crate::ids::new_id;

/// The thread of a lead.
///
/// # Errors
/// When the database cannot be asked.
pub async fn by_lead(conn: &mut TenantConn, lead: LeadId) -> Result<Option<Conversation>, sqlx::Error> {
    sqlx::query_as!(
        Conversation,
        r#"/* conversations.by_lead */
         SELECT id AS "id: ConversationId", lead_id AS "lead_id: LeadId", subject, revision
         FROM conversations WHERE tenant_id = $1 AND lead_id = $2"#,
        conn.tenant().0,
        lead.0,
    )
    .fetch_optional(conn.sql())
    .await
}

/// The thread that holds one of these Message-IDs; the last one named wins, because mail programs name the parent last.
///
/// # Errors
/// When the database cannot be asked.
pub async fn by_references(conn: &mut TenantConn, ids: &[String]) -> Result<Option<Conversation>, sqlx::Error> {
    sqlx::query_as!(
        Conversation,
        r#"/* conversations.by_references */
         SELECT c.id AS "id: ConversationId", c.lead_id AS "lead_id: LeadId", c.subject, c.revision
         FROM messages m JOIN conversations c ON c.id = m.conversation_id AND c.tenant_id = m.tenant_id
         WHERE m.tenant_id = $1 AND m.rfc_message_id = ANY($2)
         ORDER BY array_position($2, m.rfc_message_id) DESC LIMIT 1"#,
        conn.tenant().0,
        ids,
    )
    .fetch_optional(conn.sql())
    .await
}

/// All messages of a thread, oldest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn messages(conn: &mut TenantConn, conversation: ConversationId) -> Result<Vec<Message>, sqlx::Error> {
    sqlx::query_as!(
        Message,
        r#"/* conversations.messages */
         SELECT id AS "id: MessageId", direction AS "direction: Direction", origin AS "origin: Origin", subject, text, html,
                language, rfc_message_id, delivery AS "delivery: Delivery", citations, revision, settles, created_at, sent_at
         FROM messages WHERE tenant_id = $1 AND conversation_id = $2 ORDER BY created_at, id"#,
        conn.tenant().0,
        conversation.0,
    )
    .fetch_all(conn.sql())
    .await
}

/// The inbound messages nobody has answered yet, oldest first: those after the last revision that got an answer.
///
/// # Errors
/// When the database cannot be asked.
pub async fn open_messages_since(
    conn: &mut TenantConn,
    conversation: ConversationId,
) -> Result<Vec<Message>, sqlx::Error> {
    open_but_for(conn, conversation, |_| false).await
}

/// The same, as if what the system itself said to the newest of them had not been said.
///
/// # Errors
/// When the database cannot be asked.
pub async fn open_but_acknowledged(
    conn: &mut TenantConn,
    conversation: &Conversation,
) -> Result<Vec<Message>, sqlx::Error> {
    let newest = conversation.revision;
    open_but_for(conn, conversation.id, |said| said.origin == Origin::AiAuto && said.revision == newest).await
}

async fn open_but_for(
    conn: &mut TenantConn,
    conversation: ConversationId,
    leave_out: impl Fn(&Message) -> bool,
) -> Result<Vec<Message>, sqlx::Error> {
    let all = messages(conn, conversation).await?;
    let answered = all
        .iter()
        .filter(|message| message.direction == Direction::Outbound && message.settles && !leave_out(message))
        .filter(|message| !matches!(message.delivery, Some(Delivery::Cancelled | Delivery::Failed)))
        .map(|message| message.revision)
        .max()
        .unwrap_or(0);
    Ok(all
        .into_iter()
        .filter(|message| message.direction == Direction::Inbound && message.revision > answered)
        .collect())
}

/// What [`insert`] writes.
pub(super) struct NewMessage<'a> {
    pub(super) conversation: ConversationId,
    pub(super) direction: Direction,
    pub(super) origin: Origin,
    pub(super) subject: &'a str,
    pub(super) text: &'a str,
    pub(super) html: Option<&'a str>,
    pub(super) language: Option<&'a str>,
    pub(super) rfc_message_id: Option<&'a str>,
    pub(super) in_reply_to: Option<&'a str>,
    pub(super) references: &'a [String],
    pub(super) delivery: Option<Delivery>,
    pub(super) citations: serde_json::Value,
    pub(super) revision: i32,
    pub(super) intake_message: Option<Uuid>,
}

/// Writes a message. Breaks `messages_one_auto_answer` on a second automatic answer to one revision.
pub(super) async fn insert(conn: &mut TenantConn, new: &NewMessage<'_>) -> Result<MessageId, sqlx::Error> {
    let id = MessageId(new_id());
    sqlx::query!(
        "/* conversations.insert_message */
         INSERT INTO messages (id, tenant_id, conversation_id, direction, origin, subject, text, html, language, rfc_message_id,
                               in_reply_to, reference_ids, delivery, citations, revision, settles, intake_message_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        id.0,
        conn.tenant().0,
        new.conversation.0,
        new.direction as _,
        new.origin as _,
        new.subject,
        new.text,
        new.html,
        new.language,
        new.rfc_message_id,
        new.in_reply_to,
        new.references,
        new.delivery.map(Delivery::as_str),
        new.citations,
        new.revision,
        new.direction == Direction::Outbound && !matches!(new.origin, Origin::System | Origin::FollowUp),
        new.intake_message,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(id)
}

/// Writes where an outbound message stands.
pub(super) async fn write_delivery(conn: &mut TenantConn, id: Uuid, delivery: Delivery) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* conversations.write_delivery */
         UPDATE messages SET delivery = $3, sent_at = CASE WHEN $3 = 'SENT' THEN $4 ELSE sent_at END WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id,
        delivery as _,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// What a new mail in a thread must name: the newest message and the whole chain, oldest first (RFC 5322 §3.6.4).
pub(super) async fn thread(
    conn: &mut TenantConn,
    conversation: ConversationId,
) -> Result<(Option<String>, Vec<String>), sqlx::Error> {
    let chain = sqlx::query!(
        r#"/* conversations.thread */
         SELECT rfc_message_id AS "rfc_message_id!", direction AS "direction: Direction"
         FROM messages WHERE tenant_id = $1 AND conversation_id = $2 AND rfc_message_id IS NOT NULL
           AND (delivery IS NULL OR delivery IN ('SENT', 'QUEUED', 'BOUNCED'))
         ORDER BY created_at, id"#,
        conn.tenant().0,
        conversation.0,
    )
    .fetch_all(conn.sql())
    .await?;
    let parent = chain
        .iter()
        .rev()
        .find(|row| row.direction == Direction::Inbound)
        .or(chain.last())
        .map(|row| row.rfc_message_id.clone());
    let mut ids: Vec<String> = chain.into_iter().map(|row| row.rfc_message_id).collect();
    // Some servers refuse header lines without end; the first and the newest are what threads a mail.
    if ids.len() > 20 {
        ids.drain(1..ids.len() - 19);
    }
    Ok((parent, ids))
}

/// The revision this message answers, if it is an answer of the system's to the prospect's newest message.
pub(super) async fn answers_newest(conn: &mut TenantConn, message: Uuid) -> Result<Option<i32>, sqlx::Error> {
    sqlx::query_scalar!(
        "/* conversations.answers_newest */
         SELECT m.revision FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
         WHERE m.tenant_id = $1 AND m.id = $2 AND m.revision = c.revision AND m.settles AND m.origin IN ('AI_AUTO', 'AI_APPROVED')",
        conn.tenant().0,
        message,
    )
    .fetch_optional(conn.sql())
    .await
}

/// Whether the program wrote to the prospect before, and it was not withdrawn.
pub(super) async fn wrote_before(conn: &mut TenantConn, conversation: ConversationId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* conversations.wrote_before */
         SELECT EXISTS (SELECT FROM messages
                        WHERE tenant_id = $1 AND conversation_id = $2 AND direction = 'OUTBOUND' AND origin <> 'AGENT'
                          AND delivery IN ('QUEUED', 'SENT')) AS "before!""#,
        conn.tenant().0,
        conversation.0,
    )
    .fetch_one(conn.sql())
    .await
}

/// Lets the newest message be answered once more: what was said to it so far only confirmed its receipt.
///
/// # Errors
/// When the database cannot do it.
pub async fn reopen_answer(conn: &mut TenantConn, conversation: ConversationId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* conversations.reopen_answer */
         UPDATE messages SET settles = false
         WHERE tenant_id = $1 AND conversation_id = $2 AND origin = 'AI_AUTO'
           AND revision = (SELECT revision FROM conversations WHERE tenant_id = $1 AND id = $2)",
        conn.tenant().0,
        conversation.0,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// A mail that had failed is on its way again, and so is its message.
///
/// # Errors
/// When the database cannot do it.
pub async fn resume_delivery(conn: &mut TenantConn, mail: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* conversations.resume_delivery */
         UPDATE messages SET delivery = 'QUEUED'
         WHERE tenant_id = $1 AND delivery = 'FAILED' AND id = (SELECT message_id FROM outbox WHERE tenant_id = $1 AND id = $2)",
        conn.tenant().0,
        mail,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Says that a confirmation answers the prospect's newest message: they named a time, and it was booked.
///
/// # Errors
/// When the database cannot do it.
pub async fn settle_with(conn: &mut TenantConn, message: MessageId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* conversations.settle_with */ UPDATE messages SET settles = true WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        message.0,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// The thread goes on under another subject: the prospect never saw the portal's.
///
/// # Errors
/// When the database cannot do it.
pub async fn rename(conn: &mut TenantConn, conversation: ConversationId, subject: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* conversations.rename */ UPDATE conversations SET subject = $3 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        conversation.0,
        subject,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
