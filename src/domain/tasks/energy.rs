//! The task that asks for a listing's energy data.

use serde_json::json;

use super::alarm::settle_about;
use super::model::{REMIND_HOURS, TaskId, TaskKind};
use crate::db::TenantConn;
use crate::domain::leads::LeadId;
use crate::domain::properties::{self, Property};

/// Looks at a listing that was saved: one that is offered must have its energy data, or somebody is asked for it; once it is
/// there, nobody is asked any more.
///
/// # Errors
/// When the database cannot do it.
pub async fn watch_energy(conn: &mut TenantConn, property: &Property) -> Result<(), sqlx::Error> {
    if properties::missing_energy(property).is_empty() {
        return settle_about(conn, TaskKind::MissingEnergyData, &property.id.to_string()).await;
    }
    if property.is_live() { ask_for_energy(conn, property).await } else { Ok(()) }
}

/// Asks the listing's agent, or any administrator, for its energy data. One that was asked for already is asked once.
///
/// # Errors
/// When the database cannot do it.
pub async fn ask_for_energy(conn: &mut TenantConn, property: &Property) -> Result<(), sqlx::Error> {
    let missing = properties::missing_energy(property);
    if missing.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "/* tasks.ask_for_energy */
         INSERT INTO tasks (id, tenant_id, kind, subject, property_id, title, details, owner_id, created_at, due_at)
         VALUES ($1, $2, 'MISSING_ENERGY_DATA', $3, $4, $5, $6, $7, $8, $8::timestamptz + make_interval(hours => $9))
         ON CONFLICT (tenant_id, kind, subject) WHERE state = 'OPEN' AND subject IS NOT NULL
         DO UPDATE SET details = excluded.details, title = excluded.title",
        TaskId::new().0,
        conn.tenant().0,
        property.id.to_string(),
        property.id.0,
        format!("Energiedaten fehlen: {}", property.title),
        json!({
            "propertyId": property.id,
            "missing": missing,
            "de": "Diese Angaben müssen in jedem Inserat stehen (GEG § 87, EAVG § 3).",
            "en": "Every advertisement must state these (GEG § 87, EAVG § 3).",
        }),
        property.agent_id.map(|id| id.0),
        conn.now() as _,
        REMIND_HOURS,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// The leads of a listing whose prospects wait for nothing but its energy data.
///
/// # Errors
/// When the database cannot be asked.
pub async fn waiting_for_energy(conn: &mut TenantConn, property: &Property) -> Result<Vec<LeadId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* tasks.waiting_for_energy */
         SELECT l.id AS "id: LeadId" FROM tasks k JOIN leads l ON l.tenant_id = k.tenant_id AND l.id = k.lead_id
         WHERE k.tenant_id = $1 AND k.kind = 'ANSWER_QUESTION' AND k.state = 'OPEN' AND l.property_id = $2
           AND k.details -> 'topics' ? 'energy' AND k.details -> 'topics' <@ '["energy"]' ORDER BY l.id"#,
        conn.tenant().0,
        property.id.0,
    )
    .fetch_all(conn.sql())
    .await
}
