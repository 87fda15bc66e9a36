//! Finding words in messages.

use super::model::Direction;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::leads::{LeadId, Viewer};

/// A message in which the words stand.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Whose conversation.
    pub lead_id: LeadId,
    /// Which way it went.
    pub direction: Direction,
    /// Its subject.
    pub subject: String,
    /// The words with what stands around them.
    pub excerpt: String,
    /// When it came or was written.
    pub at: Timestamp,
}

/// Messages that contain `words` as they stand there, in any case, newest first, of leads that `viewer` may see.
///
/// # Errors
/// When the database cannot be asked.
pub async fn search(conn: &mut TenantConn, viewer: Viewer, words: &str, limit: i64) -> Result<Vec<Hit>, sqlx::Error> {
    sqlx::query_as!(
        Hit,
        r#"/* conversations.search */
         SELECT c.lead_id AS "lead_id: LeadId", m.direction AS "direction: Direction", m.subject,
                substr(m.text, greatest(1, position(lower($3) in lower(m.text)) - 100), 300) AS "excerpt!", m.created_at AS at
         FROM messages m
         JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
         JOIN leads l ON l.tenant_id = c.tenant_id AND l.id = c.lead_id
         WHERE m.tenant_id = $1
           AND ($2::uuid IS NULL OR l.assignee_id = $2
                OR (l.assignee_id IS NULL AND (SELECT t.unassigned_visible FROM tenants t WHERE t.id = $1)))
           AND (position(lower($3) in lower(m.text)) > 0 OR position(lower($3) in lower(m.subject)) > 0)
         ORDER BY m.created_at DESC, m.id DESC LIMIT $4"#,
        conn.tenant().0,
        viewer.0,
        words,
        limit,
    )
    .fetch_all(conn.sql())
    .await
}
