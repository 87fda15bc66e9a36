//! Receipts of erased agencies, for the platform's people: nobody of such an agency is left to read its own.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::PlatformConn;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::ids::TenantId;

/// The receipt of an agency's erasure.
#[derive(Debug, Clone)]
pub struct TenantReceipt {
    /// Id.
    pub id: Uuid,
    /// The agency's former id.
    pub tenant_id: TenantId,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When the last row was gone.
    pub finished_at: Option<Timestamp>,
    /// When it was given up after all attempts.
    pub given_up_at: Option<Timestamp>,
    /// Why it was given up.
    pub error: Option<String>,
    /// Rows erased so far, by table.
    pub erased: serde_json::Value,
}

/// A page of receipts, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn tenant_receipts(conn: &mut PlatformConn, page: PageRequest) -> Result<Page<TenantReceipt>, sqlx::Error> {
    let rows = sqlx::query_as!(
        TenantReceipt,
        r#"/* privacy.tenant_receipts */
         SELECT id, tenant_id AS "tenant_id: TenantId", requested_at AS "requested_at: Timestamp",
                finished_at AS "finished_at: Timestamp", given_up_at AS "given_up_at: Timestamp", error, erased
         FROM tenant_erasures
         WHERE $1::timestamptz IS NULL OR (requested_at, id) < ($1, $2::uuid)
         ORDER BY requested_at DESC, id DESC LIMIT $3"#,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |receipt| Cursor { at: receipt.requested_at, id: receipt.id }))
}
