//! SQL of the audit log.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::users::UserId;

crate::ids::id_type!(
    /// A line of the audit log.
    AuditId
);

/// One change somebody made.
#[derive(Debug, Clone)]
pub struct AuditEvent {
    /// Id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// What kind of actor: `USER`, `KEY` or `STAFF`.
    pub actor: String,
    /// Which key, or which of the platform's staff.
    pub actor_id: Option<String>,
    /// Which of the agency's people, or in whose name.
    pub user_id: Option<UserId>,
    /// `insert`, `update`, `delete`, or the verb of what no row shows.
    pub action: String,
    /// Table of the row.
    pub entity: String,
    /// Its id.
    pub entity_id: Uuid,
    /// Names the request in the log of the program.
    pub request_id: Option<String>,
    /// Columns that changed, as they were; secrets are `***`, what was erased `(erased)`.
    pub before: Option<serde_json::Value>,
    /// The same columns afterwards.
    pub after: Option<serde_json::Value>,
    /// What else is to be said of it.
    pub details: serde_json::Value,
}

/// Which lines are wanted; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Table.
    pub entity: Option<String>,
    /// Row.
    pub entity_id: Option<Uuid>,
    /// Who.
    pub user_id: Option<UserId>,
    /// What.
    pub action: Option<String>,
    /// At this time or later.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
}

/// A page of the log, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(
    conn: &mut TenantConn,
    filter: &AuditFilter,
    page: PageRequest,
) -> Result<Page<AuditEvent>, sqlx::Error> {
    let rows = sqlx::query_as!(
        AuditEvent,
        r#"/* audit.list */
         SELECT id AS "id: AuditId", at, actor, actor_id, user_id AS "user_id: UserId", action, entity, entity_id, request_id,
                before, after, details
         FROM audit_events
         WHERE tenant_id = $1
         AND ($2::text IS NULL OR entity = $2)
         AND ($3::uuid IS NULL OR entity_id = $3)
         AND ($4::uuid IS NULL OR user_id = $4)
         AND ($5::text IS NULL OR action = $5)
         AND ($6::timestamptz IS NULL OR at >= $6)
         AND ($7::timestamptz IS NULL OR at < $7)
         AND ($8::timestamptz IS NULL OR (at, id) < ($8, $9::uuid))
         ORDER BY at DESC, id DESC LIMIT $10"#,
        conn.tenant().0,
        filter.entity,
        filter.entity_id,
        filter.user_id.map(|id| id.0),
        filter.action,
        filter.from as _,
        filter.to as _,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |event| Cursor { at: event.at, id: event.id.0 }))
}
