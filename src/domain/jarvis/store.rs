//! SQL of chats. Every query names the user: a chat is nobody else's.

use super::ChatError;
use super::model::{Chat, ChatId};
use crate::db::TenantConn;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::users::UserId;

macro_rules! chats_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Chat,
            r#"SELECT id AS "id: ChatId", user_id AS "user_id: UserId", title, summary, summarised_up_to, version, created_at, updated_at
               FROM chats WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// Begins a chat.
///
/// # Errors
/// When the database cannot do it.
pub async fn create(conn: &mut TenantConn, user: UserId, title: &str) -> Result<Chat, ChatError> {
    let id = ChatId::new();
    sqlx::query!(
        "/* jarvis.create */ INSERT INTO chats (id, tenant_id, user_id, title, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
        id.0,
        conn.tenant().0,
        user.0,
        title,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    find(conn, user, id).await
}

/// A page of the user's chats, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(conn: &mut TenantConn, user: UserId, page: PageRequest) -> Result<Page<Chat>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = chats_where!(
        "tenant_id = $1 AND user_id = $2 AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $5",
        tenant.0,
        user.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |chat| Cursor { at: chat.created_at, id: chat.id.0 }))
}

/// One chat of the user.
///
/// # Errors
/// [`ChatError::NotFound`] also for chats of others.
pub async fn find(conn: &mut TenantConn, user: UserId, id: ChatId) -> Result<Chat, ChatError> {
    let tenant = conn.tenant();
    chats_where!("tenant_id = $1 AND user_id = $2 AND id = $3", tenant.0, user.0, id.0)
        .fetch_optional(conn.sql())
        .await?
        .ok_or(ChatError::NotFound)
}

/// The same, and nobody else asks in it until this transaction ends.
pub(super) async fn lock(conn: &mut TenantConn, user: UserId, id: ChatId) -> Result<Chat, ChatError> {
    let tenant = conn.tenant();
    chats_where!("tenant_id = $1 AND user_id = $2 AND id = $3 FOR UPDATE", tenant.0, user.0, id.0)
        .fetch_optional(conn.sql())
        .await?
        .ok_or(ChatError::NotFound)
}

/// Gives a chat another title.
///
/// # Errors
/// [`ChatError::NotFound`], [`ChatError::Changed`].
pub async fn rename(
    conn: &mut TenantConn,
    user: UserId,
    id: ChatId,
    title: &str,
    expected_version: Option<i32>,
) -> Result<Chat, ChatError> {
    let chat = lock(conn, user, id).await?;
    if expected_version.is_some_and(|version| version != chat.version) {
        return Err(ChatError::Changed);
    }
    sqlx::query!(
        "/* jarvis.rename */ UPDATE chats SET title = $3, version = version + 1, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        title,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    find(conn, user, id).await
}

/// Removes a chat with all that was said in it. An answer that is being made ends.
///
/// # Errors
/// [`ChatError::NotFound`].
pub async fn remove(conn: &mut TenantConn, user: UserId, id: ChatId) -> Result<(), ChatError> {
    let gone = sqlx::query!(
        "/* jarvis.remove */ DELETE FROM chats WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
        conn.tenant().0,
        user.0,
        id.0,
    )
    .execute(conn.sql())
    .await?;
    if gone.rows_affected() == 0 { Err(ChatError::NotFound) } else { Ok(()) }
}

/// Keeps what was said up to and with a message.
pub(super) async fn summarise(conn: &mut TenantConn, id: ChatId, summary: &str, up_to: i32) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* jarvis.summarise */ UPDATE chats SET summary = $3, summarised_up_to = $4 WHERE tenant_id = $1 AND id = $2 AND summarised_up_to < $4",
        conn.tenant().0,
        id.0,
        summary,
        up_to,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
