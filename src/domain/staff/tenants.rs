//! All agencies, for the platform's people; locking one out and letting it back in.

use super::store::Staff;
use super::trail;
use crate::clock::Timestamp;
use crate::db::{PlatformConn, TenantConn};
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::tenants::Country;
use crate::ids::TenantId;

/// An agency, as the platform's people see it without looking into it.
#[derive(Debug, Clone)]
pub struct TenantSummary {
    /// Id.
    pub id: TenantId,
    /// Name.
    pub name: String,
    /// Short name.
    pub slug: String,
    /// Country.
    pub country: Country,
    /// People who may sign in.
    pub active_users: i64,
    /// Since when its people are locked out.
    pub suspended_at: Option<Timestamp>,
    /// Why.
    pub suspended_reason: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A page of agencies, newest first, for this one of the platform's people. The platform's log has it, once the
/// transaction is committed.
///
/// # Errors
/// When the database cannot be asked.
pub async fn tenants(
    conn: &mut PlatformConn,
    staff: &Staff,
    request_id: Option<&str>,
    page: PageRequest,
) -> Result<Page<TenantSummary>, sqlx::Error> {
    let rows = sqlx::query_as!(
        TenantSummary,
        r#"/* staff.tenants */
         SELECT t.id AS "id: TenantId", t.name, t.slug, t.country AS "country: Country",
                (SELECT count(*) FROM users u WHERE u.tenant_id = t.id AND u.active) AS "active_users!",
                t.suspended_at AS "suspended_at: Timestamp", t.suspended_reason, t.created_at AS "created_at: Timestamp"
         FROM tenants t
         WHERE $1::timestamptz IS NULL OR (t.created_at, t.id) < ($1, $2::uuid)
         ORDER BY t.created_at DESC, t.id DESC LIMIT $3"#,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    let shown = page.page(rows, |tenant| Cursor { at: tenant.created_at, id: tenant.id.0 });
    trail::listed(conn, staff, request_id, shown.items.len()).await?;
    Ok(shown)
}

/// Locks the agency's people out, from their next request on. What comes in by mail is taken as before. `false` when
/// there is no such agency.
///
/// # Errors
/// When the database cannot be asked.
pub async fn suspend(conn: &mut TenantConn, reason: &str) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "/* staff.suspend */ UPDATE tenants SET suspended_at = coalesce(suspended_at, $2), suspended_reason = $3 WHERE id = $1",
        conn.tenant().0,
        conn.now() as _,
        reason,
    )
    .execute(conn.sql())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Lets the agency's people back in. `false` when there is no such agency.
///
/// # Errors
/// When the database cannot be asked.
pub async fn resume(conn: &mut TenantConn) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "/* staff.resume */ UPDATE tenants SET suspended_at = NULL, suspended_reason = NULL WHERE id = $1",
        conn.tenant().0,
    )
    .execute(conn.sql())
    .await?;
    Ok(done.rows_affected() > 0)
}
