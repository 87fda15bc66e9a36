//! Giving the leads of somebody who leaves to a colleague, or to nobody.

use serde_json::json;

use super::events::{Actor, EventKind, note};
use super::model::LeadId;
use crate::db::TenantConn;
use crate::domain::users::UserId;

/// Hands all leads over and writes it on their timelines.
///
/// # Errors
/// When the database cannot do it.
pub async fn hand_over(conn: &mut TenantConn, from: UserId, to: Option<UserId>, by: UserId) -> Result<(), sqlx::Error> {
    // Locked in the order of their ids, so that two who hand over do not wait for each other.
    let leads = sqlx::query_scalar!(
        r#"/* leads.hand_over */
         UPDATE leads l SET assignee_id = $3, version = version + 1, updated_at = $4
         FROM (SELECT id FROM leads WHERE tenant_id = $1 AND assignee_id = $2 ORDER BY id FOR UPDATE) theirs
         WHERE l.tenant_id = $1 AND l.id = theirs.id RETURNING l.id AS "id: LeadId""#,
        conn.tenant().0,
        from.0,
        to.map(|id| id.0),
        conn.now() as _,
    )
    .fetch_all(conn.sql())
    .await?;
    for lead in leads {
        note(conn, lead, EventKind::Edited, (Actor::Agent, Some(by)), json!({"fields": ["assignee_id"]})).await?;
    }
    Ok(())
}
