//! Listings by the numbers people and other programs know them by.

use super::model::{PropertyId, PropertyInput};
use super::validate::checked;
use crate::db::TenantConn;
use crate::domain::fields::FieldProblem;

/// Every number a listing of the agency is known by: its own, and those on portals. Of two listings with one number, the
/// newer one.
///
/// # Errors
/// When the database cannot be asked.
pub async fn numbers(conn: &mut TenantConn) -> Result<Vec<(String, PropertyId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* properties.numbers */
         SELECT n.number AS "number!", n.id AS "id!: PropertyId" FROM (
             SELECT external_number AS number, id FROM properties WHERE tenant_id = $1 AND external_number IS NOT NULL
             UNION ALL
             SELECT portal_object_id, property_id FROM property_portal_ids WHERE tenant_id = $1) n
         ORDER BY n.id"#,
        conn.tenant().0,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows.into_iter().map(|row| (row.number, row.id)).collect())
}

/// The listing that has one of the numbers of this one, its own first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn holder(conn: &mut TenantConn, input: &PropertyInput) -> Result<Option<PropertyId>, sqlx::Error> {
    let portals: Vec<String> = input.portal_ids.iter().map(|id| id.portal.to_lowercase()).collect();
    let ids: Vec<String> = input.portal_ids.iter().map(|id| id.portal_object_id.trim().to_owned()).collect();
    sqlx::query_scalar!(
        r#"/* properties.holder */
         SELECT h.id AS "id!: PropertyId" FROM (
             SELECT 0 AS rank, id FROM properties WHERE tenant_id = $1 AND lower(external_number) = lower($2)
             UNION ALL
             SELECT 1, i.property_id FROM property_portal_ids i JOIN unnest($3::text[], $4::text[]) AS w (portal, number)
                 ON w.portal = i.portal AND w.number = i.portal_object_id
             WHERE i.tenant_id = $1) h
         ORDER BY h.rank, h.id LIMIT 1"#,
        conn.tenant().0,
        input.external_number.as_deref().map(str::trim),
        &portals,
        &ids,
    )
    .fetch_optional(conn.sql())
    .await
}

/// What could not be saved of a listing as it is; empty if all could.
#[must_use]
pub fn problems(input: &PropertyInput) -> Vec<FieldProblem> {
    checked(input).err().unwrap_or_default()
}
