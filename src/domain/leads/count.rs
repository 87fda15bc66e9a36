//! How many leads there are.

use super::model::Viewer;
use super::state::Status;
use crate::clock::Timestamp;
use crate::db::TenantConn;

/// Leads of one status and portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadCount {
    /// How far they have come.
    pub status: Status,
    /// Where they came from; `None` without a portal.
    pub portal: Option<String>,
    /// How many.
    pub leads: i64,
}

/// Counts what `viewer` may see, of those that came at `since` or later.
///
/// # Errors
/// When the database cannot be asked.
pub async fn count(
    conn: &mut TenantConn,
    viewer: Viewer,
    since: Option<Timestamp>,
) -> Result<Vec<LeadCount>, sqlx::Error> {
    sqlx::query_as!(
        LeadCount,
        r#"/* leads.count */
         SELECT status AS "status: Status", portal, count(*) AS "leads!" FROM leads
         WHERE tenant_id = $1
           AND ($2::uuid IS NULL OR assignee_id = $2 OR (assignee_id IS NULL AND (SELECT t.unassigned_visible FROM tenants t WHERE t.id = $1)))
           AND ($3::timestamptz IS NULL OR created_at >= $3)
         GROUP BY status, portal ORDER BY status, portal"#,
        conn.tenant().0,
        viewer.0,
        since as _,
    )
    .fetch_all(conn.sql())
    .await
}
