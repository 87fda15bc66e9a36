//! SQL of questions, answers and their steps.

use sqlx::types::Json;

use super::ChatError;
use super::model::{Chat, ChatId, ChatMessage, ChatMessageId, ChatRole, ChatState, ContextKind, PageContext, Step};
use super::store;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::leads::LeadId;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::users::UserId;
use crate::ids::new_id;

/// A running answer that has not given a sign of life for this long died with its process, seconds.
pub(super) const LEASE_SECONDS: i64 = 30;
/// Letters of a title made from a question.
const TITLE: usize = 60;

/// A question as it is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// What the user looks at; checked by the caller.
    pub context: Option<PageContext>,
    /// Asked again with the same key, it is the same question.
    pub key: Option<String>,
}

struct Row {
    id: ChatMessageId,
    chat_id: ChatId,
    number: i32,
    role: ChatRole,
    text: String,
    state: ChatState,
    error: Option<String>,
    answers: Option<ChatMessageId>,
    context_kind: Option<ContextKind>,
    context_id: Option<uuid::Uuid>,
    created_at: Timestamp,
    ended_at: Option<Timestamp>,
}

impl From<Row> for ChatMessage {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            chat_id: row.chat_id,
            number: row.number,
            role: row.role,
            text: row.text,
            state: row.state,
            error: row.error,
            answers: row.answers,
            context: row.context_kind.zip(row.context_id).map(|(kind, id)| PageContext { kind, id }),
            created_at: row.created_at,
            ended_at: row.ended_at,
        }
    }
}

macro_rules! messages_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"SELECT id AS "id: ChatMessageId", chat_id AS "chat_id: ChatId", number, role AS "role: ChatRole", text,
                      state AS "state: ChatState", error, answers AS "answers: ChatMessageId",
                      context_kind AS "context_kind: ContextKind", context_id, created_at, ended_at
               FROM chat_messages WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// Answers of a chat whose process died say so from now on.
///
/// # Errors
/// When the database cannot do it.
pub async fn settle_dead(conn: &mut TenantConn, chat: ChatId) -> Result<(), sqlx::Error> {
    let dead = conn.now().0 - jiff::SignedDuration::from_secs(LEASE_SECONDS);
    sqlx::query!(
        "/* jarvis.settle_dead */
         UPDATE chat_messages SET state = 'INTERRUPTED', ended_at = $3,
                text = coalesce((SELECT string_agg(s.step ->> 'text', E'\\n\\n' ORDER BY s.number) FROM chat_steps s
                                 WHERE s.tenant_id = $1 AND s.message_id = chat_messages.id AND s.step ->> 'kind' = 'TEXT'), '')
         WHERE tenant_id = $1 AND chat_id = $2 AND state = 'RUNNING' AND beat_at < $4",
        conn.tenant().0,
        chat.0,
        conn.now() as _,
        Timestamp(dead) as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Writes a question down, with the answer that is to be made. `false`: this question was asked before.
///
/// # Errors
/// [`ChatError::NotFound`], [`ChatError::Running`].
pub async fn ask(
    conn: &mut TenantConn,
    user: UserId,
    chat: ChatId,
    question: &Question,
) -> Result<(ChatMessageId, bool), ChatError> {
    let chat = store::lock(conn, user, chat).await?;
    if let Some(key) = &question.key
        && let Some(known) = answer_to_key(conn, chat.id, key).await?
    {
        return Ok((known, false));
    }
    settle_dead(conn, chat.id).await?;
    let id = ChatMessageId::new();
    let number = next_number(conn, chat.id).await?;
    sqlx::query!(
        "/* jarvis.ask */
         INSERT INTO chat_messages (id, tenant_id, chat_id, number, role, text, state, context_kind, context_id, request_key, created_at, ended_at)
         VALUES ($1, $2, $3, $4, 'USER', $5, 'DONE', $6, $7, $8, $9, $9)",
        id.0,
        conn.tenant().0,
        chat.id.0,
        number,
        question.text,
        question.context.map(|context| context.kind.as_str()),
        question.context.map(|context| context.id),
        question.key,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    title_from(conn, &chat, number, &question.text).await?;
    Ok((begin_answer(conn, chat.id, id, number + 1).await?, true))
}

/// An answer that did not come to its end is made anew.
///
/// # Errors
/// [`ChatError::NotFound`], [`ChatError::Running`], [`ChatError::NotRetryable`].
pub async fn retry(
    conn: &mut TenantConn,
    user: UserId,
    chat: ChatId,
    answer: ChatMessageId,
) -> Result<ChatMessageId, ChatError> {
    let chat = store::lock(conn, user, chat).await?;
    settle_dead(conn, chat.id).await?;
    let message = find_message(conn, user, chat.id, answer).await?;
    let question = message.answers.ok_or(ChatError::NotRetryable)?;
    let number = next_number(conn, chat.id).await?;
    let is_last = message.number + 1 == number;
    match message.state {
        ChatState::Running => return Err(ChatError::Running),
        ChatState::Failed | ChatState::Cancelled | ChatState::Interrupted if is_last => {}
        _ => return Err(ChatError::NotRetryable),
    }
    begin_answer(conn, chat.id, question, number).await
}

async fn answer_to_key(conn: &mut TenantConn, chat: ChatId, key: &str) -> Result<Option<ChatMessageId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* jarvis.answer_to_key */
         SELECT a.id AS "id: ChatMessageId" FROM chat_messages q JOIN chat_messages a ON a.tenant_id = q.tenant_id AND a.answers = q.id
         WHERE q.tenant_id = $1 AND q.chat_id = $2 AND q.request_key = $3 ORDER BY a.number DESC LIMIT 1"#,
        conn.tenant().0,
        chat.0,
        key,
    )
    .fetch_optional(conn.sql())
    .await
}

async fn next_number(conn: &mut TenantConn, chat: ChatId) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* jarvis.next_number */ SELECT coalesce(max(number), 0) + 1 AS "number!" FROM chat_messages WHERE tenant_id = $1 AND chat_id = $2"#,
        conn.tenant().0,
        chat.0,
    )
    .fetch_one(conn.sql())
    .await
}

/// A chat nobody gave a title has its first question as one.
async fn title_from(conn: &mut TenantConn, chat: &Chat, number: i32, question: &str) -> Result<(), sqlx::Error> {
    let line: String = question.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TITLE).collect();
    let title = (number == 1 && chat.title == super::UNTITLED).then_some(line);
    sqlx::query!(
        "/* jarvis.title_from */ UPDATE chats SET title = coalesce($3, title), updated_at = $4 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        chat.id.0,
        title,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

async fn begin_answer(
    conn: &mut TenantConn,
    chat: ChatId,
    question: ChatMessageId,
    number: i32,
) -> Result<ChatMessageId, ChatError> {
    let id = ChatMessageId::new();
    sqlx::query!(
        "/* jarvis.begin_answer */
         INSERT INTO chat_messages (id, tenant_id, chat_id, number, role, text, state, answers, beat_at, created_at)
         VALUES ($1, $2, $3, $4, 'ASSISTANT', '', 'RUNNING', $5, $6, $6)",
        id.0,
        conn.tenant().0,
        chat.0,
        number,
        question.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(id)
}

/// One message of the user's chat.
///
/// # Errors
/// [`ChatError::NotFound`].
pub async fn find_message(
    conn: &mut TenantConn,
    user: UserId,
    chat: ChatId,
    id: ChatMessageId,
) -> Result<ChatMessage, ChatError> {
    let tenant = conn.tenant();
    let row = messages_where!(
        "tenant_id = $1 AND chat_id = $2 AND id = $3
         AND EXISTS (SELECT FROM chats c WHERE c.tenant_id = $1 AND c.id = $2 AND c.user_id = $4)",
        tenant.0,
        chat.0,
        id.0,
        user.0,
    )
    .fetch_optional(conn.sql())
    .await?;
    row.map(ChatMessage::from).ok_or(ChatError::NotFound)
}

/// A page of a chat's messages, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list_messages(
    conn: &mut TenantConn,
    chat: ChatId,
    page: PageRequest,
) -> Result<Page<ChatMessage>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = messages_where!(
        "tenant_id = $1 AND chat_id = $2 AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $5",
        tenant.0,
        chat.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    let rows = rows.into_iter().map(ChatMessage::from).collect();
    Ok(page.page(rows, |message| Cursor { at: message.created_at, id: message.id.0 }))
}

/// Messages of a chat behind a number, oldest first, at most the last hundred.
pub(super) async fn since(conn: &mut TenantConn, chat: ChatId, after: i32) -> Result<Vec<ChatMessage>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = messages_where!(
        "tenant_id = $1 AND chat_id = $2 AND number > $3 ORDER BY number DESC LIMIT 100",
        tenant.0,
        chat.0,
        after,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows.into_iter().rev().map(ChatMessage::from).collect())
}

/// The steps of answers, in order.
///
/// # Errors
/// When the database cannot be asked.
pub async fn steps(
    conn: &mut TenantConn,
    messages: &[ChatMessageId],
) -> Result<Vec<(ChatMessageId, Step)>, sqlx::Error> {
    let ids: Vec<uuid::Uuid> = messages.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"/* jarvis.steps */
         SELECT message_id AS "message_id: ChatMessageId", step AS "step: Json<Step>" FROM chat_steps
         WHERE tenant_id = $1 AND message_id = ANY ($2) ORDER BY message_id, number"#,
        conn.tenant().0,
        &ids,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows.into_iter().map(|row| (row.message_id, row.step.0)).collect())
}

/// A sign of life. `None`: the answer is no longer wanted here, because its chat was removed or what it says was erased;
/// nothing more may be written. `Some(true)`: the user wants it to stop.
pub(super) async fn beat(conn: &mut TenantConn, id: ChatMessageId) -> Result<Option<bool>, sqlx::Error> {
    sqlx::query_scalar!(
        "/* jarvis.beat */ UPDATE chat_messages SET beat_at = $3 WHERE tenant_id = $1 AND id = $2 AND state = 'RUNNING' RETURNING cancel_wanted",
        conn.tenant().0,
        id.0,
        conn.now() as _,
    )
    .fetch_optional(conn.sql())
    .await
}

/// Keeps steps. Call after [`beat`] in the same transaction.
pub(super) async fn keep_steps(
    conn: &mut TenantConn,
    id: ChatMessageId,
    first: usize,
    steps: &[Step],
) -> Result<(), sqlx::Error> {
    for (number, step) in steps.iter().enumerate() {
        sqlx::query!(
            "/* jarvis.keep_step */
             INSERT INTO chat_steps (tenant_id, message_id, number, step) VALUES ($1, $2, $3, $4)
             ON CONFLICT (message_id, number) DO UPDATE SET step = excluded.step",
            conn.tenant().0,
            id.0,
            i32::try_from(first + number).unwrap_or(i32::MAX),
            Json(step) as _,
        )
        .execute(conn.sql())
        .await?;
    }
    Ok(())
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) state: ChatState,
    pub(super) error: Option<&'static str>,
    pub(super) input_tokens: u32,
    pub(super) output_tokens: u32,
}

/// Ends an answer. Call after [`beat`] in the same transaction.
pub(super) async fn end(
    conn: &mut TenantConn,
    id: ChatMessageId,
    text: &str,
    ending: Ending,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* jarvis.end */
         UPDATE chat_messages SET text = $3, state = $4, error = $5, input_tokens = $6, output_tokens = $7, ended_at = $8
         WHERE tenant_id = $1 AND id = $2 AND state = 'RUNNING'",
        conn.tenant().0,
        id.0,
        text,
        ending.state.as_str(),
        ending.error,
        i32::try_from(ending.input_tokens).unwrap_or(i32::MAX),
        i32::try_from(ending.output_tokens).unwrap_or(i32::MAX),
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Asks a running answer to stop, in whichever process it is made.
///
/// # Errors
/// [`ChatError::NotFound`], [`ChatError::NotRunning`].
pub async fn want_cancelled(
    conn: &mut TenantConn,
    user: UserId,
    chat: ChatId,
    id: ChatMessageId,
) -> Result<(), ChatError> {
    settle_dead(conn, chat).await?;
    let message = find_message(conn, user, chat, id).await?;
    if message.state != ChatState::Running {
        return Err(ChatError::NotRunning);
    }
    sqlx::query!(
        "/* jarvis.want_cancelled */ UPDATE chat_messages SET cancel_wanted = true WHERE tenant_id = $1 AND id = $2 AND state = 'RUNNING'",
        conn.tenant().0,
        id.0,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Notes which leads an answer speaks of, so that an erasure finds it.
pub(super) async fn note_leads(conn: &mut TenantConn, id: ChatMessageId, leads: &[LeadId]) -> Result<(), sqlx::Error> {
    for lead in leads {
        sqlx::query!(
            "/* jarvis.note_lead */
             INSERT INTO chat_leads (id, tenant_id, message_id, lead_id) VALUES ($1, $2, $3, $4)
             ON CONFLICT (message_id, lead_id) DO NOTHING",
            new_id(),
            conn.tenant().0,
            id.0,
            lead.0,
        )
        .execute(conn.sql())
        .await?;
    }
    Ok(())
}
