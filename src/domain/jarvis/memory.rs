//! What a user wants the assistant to know in every chat.

use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::users::UserId;

use super::ChatError;

crate::ids::id_type!(
    /// Something the assistant remembers for a user.
    MemoryId
);

/// So much is told to the model in every chat; who wants more has to forget something.
const MOST: i64 = 50;

/// Something remembered.
#[derive(Debug, Clone)]
pub struct Memory {
    /// Id.
    pub id: MemoryId,
    /// What.
    pub text: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// A page of what is remembered for a user, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list_memories(
    conn: &mut TenantConn,
    user: UserId,
    page: PageRequest,
) -> Result<Page<Memory>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Memory,
        r#"/* jarvis.list_memories */
         SELECT id AS "id: MemoryId", text, created_at FROM chat_memories
         WHERE tenant_id = $1 AND user_id = $2 AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $5"#,
        conn.tenant().0,
        user.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |memory| Cursor { at: memory.created_at, id: memory.id.0 }))
}

/// Everything that is remembered for a user.
pub(super) async fn all(conn: &mut TenantConn, user: UserId) -> Result<Vec<Memory>, sqlx::Error> {
    let page = PageRequest { after: None, limit: u16::try_from(MOST).unwrap_or(u16::MAX) };
    Ok(list_memories(conn, user, page).await?.items)
}

/// Remembers something. `false`: there is no room for more.
pub(super) async fn remember(conn: &mut TenantConn, user: UserId, text: &str) -> Result<bool, sqlx::Error> {
    let written = sqlx::query!(
        "/* jarvis.remember */
         INSERT INTO chat_memories (id, tenant_id, user_id, text, created_at)
         SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM chat_memories WHERE tenant_id = $2 AND user_id = $3) < $6",
        MemoryId::new().0,
        conn.tenant().0,
        user.0,
        text,
        conn.now() as _,
        MOST,
    )
    .execute(conn.sql())
    .await?;
    Ok(written.rows_affected() == 1)
}

/// Forgets something.
///
/// # Errors
/// [`ChatError::NotFound`].
pub async fn remove_memory(conn: &mut TenantConn, user: UserId, id: MemoryId) -> Result<(), ChatError> {
    let gone = sqlx::query!(
        "/* jarvis.remove_memory */ DELETE FROM chat_memories WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
        conn.tenant().0,
        user.0,
        id.0,
    )
    .execute(conn.sql())
    .await?;
    if gone.rows_affected() == 0 { Err(ChatError::NotFound) } else { Ok(()) }
}
