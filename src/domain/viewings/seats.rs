//! SQL of viewings and seats: taking and giving back.
//!
//! Order of locks everywhere: leads, then the agents' calendars. With the calendar held, nobody else adds or frees a
//! seat of this agent, so what was read of it stays true. The constraints `viewings_agent_free` and
//! `viewing_seats_taken` stand behind that, should somebody forget.

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Error};

use super::error::BookError;
use super::model::{Appointment, Listing, SeatId, ViewingId};
use super::slots::Slot;
use crate::clock::Timestamp;
use crate::db::{TenantConn, broken_constraint};
use crate::domain::leads::LeadId;
use crate::domain::tenants::Tenant;
use crate::domain::users::UserId;
use crate::ids::TenantId;

/// Makes this transaction the only one that changes these agents' viewings, until it ends.
pub(super) async fn lock_calendars(conn: &mut TenantConn, agents: &[UserId]) -> Result<(), Error> {
    let ids: Vec<uuid::Uuid> = agents.iter().map(|id| id.0).collect();
    sqlx::query_scalar!(
        "/* viewings.lock_calendars */ SELECT id FROM users WHERE tenant_id = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE",
        conn.tenant().0,
        &ids,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(())
}

/// Where and when a seat is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) listing: &'a Listing,
    pub(super) agent: UserId,
    pub(super) slot: Slot,
    /// The viewing to join; `None` makes one.
    pub(super) join: Option<ViewingId>,
}

/// Who wants it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holder<'a> {
    /// A lead without an appointment to come.
    New(LeadId),
    /// A lead that moves this one.
    Moves(&'a Appointment),
}

/// Takes a seat. Call with the lead locked and the calendar held.
///
/// # Errors
/// [`BookError::SlotTaken`], and then nothing was written.
pub(super) async fn take(
    conn: &mut TenantConn,
    place: Place<'_>,
    holder: Holder<'_>,
) -> Result<Appointment, BookError> {
    let (tenant, now) = (conn.tenant(), conn.now());
    let mut savepoint = conn.sql().begin().await?;
    match write(&mut savepoint, (tenant, now), place, holder).await {
        Ok(appointment) => {
            savepoint.commit().await?;
            Ok(appointment)
        }
        Err(error) => {
            savepoint.rollback().await?;
            match broken_constraint(&error) {
                Some("viewings_agent_free" | "viewing_seats_taken") => Err(BookError::SlotTaken),
                _ if matches!(error, Error::RowNotFound) => Err(BookError::SlotTaken),
                _ => Err(BookError::Database(error)),
            }
        }
    }
}

async fn write(
    sql: &mut PgConnection,
    (tenant, now): (TenantId, Timestamp),
    place: Place<'_>,
    holder: Holder<'_>,
) -> Result<Appointment, Error> {
    if let Holder::Moves(old) = holder {
        // The agent need not be in two places for a moment: the time before is free if nobody else comes to it.
        close_unless_shared(sql, (tenant, now), old).await?;
    }
    let viewing = match place.join {
        Some(viewing) => viewing,
        None => insert_viewing(sql, (tenant, now), place).await?,
    };
    let number = sqlx::query_scalar!(
        r#"/* viewings.free_seat */
         SELECT n::smallint AS "n!"
         FROM viewings v, generate_series(1, v.capacity) n
         WHERE v.tenant_id = $1 AND v.id = $2 AND v.state = 'CONFIRMED' AND NOT EXISTS (
             SELECT FROM viewing_seats s WHERE s.tenant_id = $1 AND s.viewing_id = v.id AND s.seat = n AND s.state = 'CONFIRMED')
         ORDER BY n LIMIT 1"#,
        tenant.0,
        viewing.0,
    )
    .fetch_one(&mut *sql)
    .await?;
    let (seat_id, lead_id, ics_uid, ics_sequence) = match holder {
        Holder::New(lead) => {
            retire(sql, (tenant, now), lead).await?;
            let (id, uid) = insert_seat(sql, (tenant, now), place, (viewing, number), lead).await?;
            (id, lead, uid, 0)
        }
        Holder::Moves(old) => {
            let sequence = move_seat(sql, (tenant, now), (viewing, number), old.seat_id).await?;
            (old.seat_id, old.lead_id, old.ics_uid.clone(), sequence)
        }
    };
    Ok(Appointment {
        seat_id,
        viewing_id: viewing,
        lead_id,
        property_id: place.listing.id,
        agent_id: place.agent,
        starts_at: place.slot.start,
        ends_at: place.slot.end,
        ics_uid,
        ics_sequence,
    })
}

async fn close_unless_shared(
    sql: &mut PgConnection,
    (tenant, now): (TenantId, Timestamp),
    old: &Appointment,
) -> Result<(), Error> {
    sqlx::query!(
        "/* viewings.close_unless_shared */
         UPDATE viewings v SET state = 'CANCELLED', updated_at = $4
         WHERE v.tenant_id = $1 AND v.id = $2 AND v.state = 'CONFIRMED' AND NOT EXISTS (
             SELECT FROM viewing_seats s
             WHERE s.tenant_id = $1 AND s.viewing_id = v.id AND s.state = 'CONFIRMED' AND s.id <> $3)",
        tenant.0,
        old.viewing_id.0,
        old.seat_id.0,
        now as _,
    )
    .execute(sql)
    .await?;
    Ok(())
}

async fn insert_seat(
    sql: &mut PgConnection,
    (tenant, now): (TenantId, Timestamp),
    place: Place<'_>,
    (viewing, number): (ViewingId, i16),
    lead: LeadId,
) -> Result<(SeatId, String), Error> {
    let id = SeatId::new();
    let domain = place.tenant.mail_from_address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let uid = format!("{id}@{domain}");
    sqlx::query!(
        "/* viewings.insert_seat */
         INSERT INTO viewing_seats (id, tenant_id, viewing_id, lead_id, seat, state, ics_uid, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, 'CONFIRMED', $6, $7, $7)",
        id.0,
        tenant.0,
        viewing.0,
        lead.0,
        number,
        uid,
        now as _,
    )
    .execute(sql)
    .await?;
    Ok((id, uid))
}

async fn move_seat(
    sql: &mut PgConnection,
    (tenant, now): (TenantId, Timestamp),
    (viewing, number): (ViewingId, i16),
    seat: SeatId,
) -> Result<i32, Error> {
    sqlx::query_scalar!(
        "/* viewings.move_seat */
         UPDATE viewing_seats SET viewing_id = $3, seat = $4, ics_sequence = ics_sequence + 1, updated_at = $5
         WHERE tenant_id = $1 AND id = $2 AND state = 'CONFIRMED' RETURNING ics_sequence",
        tenant.0,
        seat.0,
        viewing.0,
        number,
        now as _,
    )
    .fetch_one(sql)
    .await
}

async fn insert_viewing(
    sql: &mut PgConnection,
    (tenant, now): (TenantId, Timestamp),
    place: Place<'_>,
) -> Result<ViewingId, Error> {
    let id = ViewingId::new();
    sqlx::query!(
        "/* viewings.insert */
         INSERT INTO viewings (id, tenant_id, property_id, agent_id, starts_at, ends_at, blocks, time_zone, capacity, state,
                               created_at, updated_at)
         SELECT $1, $2, $3, u.id, $5, $6, tstzrange($5, $6::timestamptz + make_interval(mins => $7)), $8, $9, 'CONFIRMED', $10, $10
         -- whoever left since the calendar was read shows nothing any more
         FROM users u WHERE u.tenant_id = $2 AND u.id = $4 AND u.active
         RETURNING id",
        id.0,
        tenant.0,
        place.listing.id.0,
        place.agent.0,
        place.slot.start as _,
        place.slot.end as _,
        i32::from(place.tenant.buffer_minutes),
        place.tenant.time_zone,
        place.listing.viewing_capacity,
        now as _,
    )
    .fetch_one(sql)
    .await?;
    Ok(id)
}

/// What has taken place stands in the way of no new appointment.
async fn retire(sql: &mut PgConnection, (tenant, now): (TenantId, Timestamp), lead: LeadId) -> Result<(), Error> {
    sqlx::query!(
        "/* viewings.retire */
         UPDATE viewing_seats s SET state = 'DONE', updated_at = $3
         FROM viewings v
         WHERE s.tenant_id = $1 AND s.lead_id = $2 AND s.state = 'CONFIRMED'
           AND v.tenant_id = $1 AND v.id = s.viewing_id AND v.ends_at <= $3",
        tenant.0,
        lead.0,
        now as _,
    )
    .execute(sql)
    .await?;
    Ok(())
}

/// Gives a seat back. Returns the new sequence number.
pub(super) async fn give_back(conn: &mut TenantConn, seat: SeatId) -> Result<i32, Error> {
    sqlx::query_scalar!(
        "/* viewings.give_back */
         UPDATE viewing_seats SET state = 'CANCELLED', ics_sequence = ics_sequence + 1, updated_at = $3
         WHERE tenant_id = $1 AND id = $2 AND state = 'CONFIRMED' RETURNING ics_sequence",
        conn.tenant().0,
        seat.0,
        conn.now() as _,
    )
    .fetch_one(conn.sql())
    .await
}

/// Cancels a viewing to which nobody comes any more; the agent has time again.
pub(super) async fn close_if_empty(conn: &mut TenantConn, viewing: ViewingId) -> Result<(), Error> {
    sqlx::query!(
        "/* viewings.close_if_empty */
         UPDATE viewings v SET state = 'CANCELLED', updated_at = $3
         WHERE v.tenant_id = $1 AND v.id = $2 AND v.state = 'CONFIRMED' AND NOT EXISTS (
             SELECT FROM viewing_seats s WHERE s.tenant_id = $1 AND s.viewing_id = v.id AND s.state = 'CONFIRMED')",
        conn.tenant().0,
        viewing.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
