//! Giving the viewings to come of somebody who leaves to a colleague.

use super::announce::{self, News};
use super::error::HandOverError;
use super::model::ViewingId;
use super::{Parts, seats, store};
use crate::db::{TenantConn, broken_constraint};
use crate::domain::leads::{self, By, LeadId, Viewer};
use crate::domain::tenants::Tenant;
use crate::domain::users::{User, UserId};

/// How many viewings this agent shows that have not ended.
///
/// # Errors
/// When the database cannot be asked.
pub async fn to_come(conn: &mut TenantConn, agent: UserId) -> Result<usize, sqlx::Error> {
    Ok(ids(conn, agent).await?.len())
}

async fn ids(conn: &mut TenantConn, agent: UserId) -> Result<Vec<ViewingId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* viewings.to_come */
         SELECT id AS "id: ViewingId" FROM viewings
         WHERE tenant_id = $1 AND agent_id = $2 AND state = 'CONFIRMED' AND ends_at > $3 ORDER BY starts_at, id"#,
        conn.tenant().0,
        agent.0,
        conn.now() as _,
    )
    .fetch_all(conn.sql())
    .await
}

/// Hands them over, time and place unchanged, with mails to everybody who comes and to the colleague.
///
/// # Errors
/// [`HandOverError`]; the transaction must be dropped.
pub async fn hand_over(
    conn: &mut TenantConn,
    parts: Parts<'_>,
    tenant: &Tenant,
    (from, to): (UserId, &User),
    by: By,
) -> Result<(), HandOverError> {
    let viewings = ids(conn, from).await?;
    if viewings.is_empty() {
        return Ok(());
    }
    let mut holders: Vec<LeadId> = Vec::new();
    for viewing in &viewings {
        holders.extend(store::holders(conn, *viewing).await?);
    }
    holders.sort_unstable();
    let mut leads = Vec::with_capacity(holders.len());
    for id in holders {
        leads.extend(leads::lock(conn, id, Viewer::SYSTEM).await?);
    }
    seats::lock_calendars(conn, &[from, to.id]).await?;
    write(conn, &viewings, to.id).await?;
    for lead in leads {
        // Whoever cancelled or moved while we waited has another appointment now, or none.
        let Some(appointment) = store::appointment(conn, lead.id).await? else { continue };
        if !viewings.contains(&appointment.viewing_id) {
            continue;
        }
        let listing = store::listing(conn, appointment.property_id).await?.ok_or(sqlx::Error::RowNotFound)?;
        announce::tell(conn, parts, (tenant, &listing, Some(to)), &lead, &appointment, News::HandedOver, by).await?;
    }
    Ok(())
}

async fn write(conn: &mut TenantConn, viewings: &[ViewingId], to: UserId) -> Result<(), HandOverError> {
    let ids: Vec<uuid::Uuid> = viewings.iter().map(|id| id.0).collect();
    sqlx::query!(
        "/* viewings.hand_over */
         UPDATE viewings SET agent_id = $3, updated_at = $4 WHERE tenant_id = $1 AND id = ANY($2) AND state = 'CONFIRMED'",
        conn.tenant().0,
        &ids,
        to.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await
    .map_err(|error| match broken_constraint(&error) {
        Some("viewings_agent_free") => HandOverError::Busy,
        _ => HandOverError::Database(error),
    })?;
    // Calendars take the new contact only with a higher number.
    sqlx::query!(
        "/* viewings.hand_over_seats */
         UPDATE viewing_seats SET ics_sequence = ics_sequence + 1, updated_at = $3
         WHERE tenant_id = $1 AND viewing_id = ANY($2) AND state = 'CONFIRMED'",
        conn.tenant().0,
        &ids,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
