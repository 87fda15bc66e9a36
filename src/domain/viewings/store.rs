//! SQL of viewings and seats: reading.

use super::model::{Appointment, Listing, Seat, SeatId, SeatState, Viewing, ViewingFilter, ViewingId, ViewingState};
use super::slots::Slot;
use crate::db::TenantConn;
use crate::domain::leads::{LeadId, Viewer};
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::properties::PropertyId;
use crate::domain::users::UserId;

struct ViewingRow {
    id: ViewingId,
    property_id: PropertyId,
    property_title: String,
    agent_id: UserId,
    starts_at: crate::clock::Timestamp,
    ends_at: crate::clock::Timestamp,
    time_zone: String,
    capacity: i16,
    state: ViewingState,
    created_at: crate::clock::Timestamp,
    updated_at: crate::clock::Timestamp,
}

impl ViewingRow {
    fn with(self, seats: Vec<Seat>) -> Viewing {
        let Self { id, property_id, property_title, agent_id, starts_at, ends_at, time_zone, .. } = self;
        let Self { capacity, state, created_at, updated_at, .. } = self;
        Viewing {
            id,
            property_id,
            property_title,
            agent_id,
            starts_at,
            ends_at,
            time_zone,
            capacity,
            state,
            created_at,
            updated_at,
            seats,
        }
    }
}

macro_rules! viewings_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            ViewingRow,
            r#"SELECT v.id AS "id: ViewingId", v.property_id AS "property_id: PropertyId", p.title AS property_title,
                      v.agent_id AS "agent_id: UserId", v.starts_at, v.ends_at, v.time_zone, v.capacity,
                      v.state AS "state: ViewingState", v.created_at, v.updated_at
               FROM viewings v JOIN properties p ON p.tenant_id = v.tenant_id AND p.id = v.property_id
               WHERE v.tenant_id = $1
                 AND ($2::uuid IS NULL OR v.agent_id = $2 OR EXISTS (
                     SELECT FROM viewing_seats s JOIN leads l ON l.tenant_id = s.tenant_id AND l.id = s.lead_id
                     WHERE s.tenant_id = $1 AND s.viewing_id = v.id AND (l.assignee_id = $2
                         OR (l.assignee_id IS NULL AND (SELECT t.unassigned_visible FROM tenants t WHERE t.id = $1)))))
                 AND "# + $rest,
            $($argument),*
        )
    };
}

/// One viewing. Agents see their own and those of their leads.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(conn: &mut TenantConn, id: ViewingId, viewer: Viewer) -> Result<Option<Viewing>, sqlx::Error> {
    let tenant = conn.tenant();
    let row = viewings_where!("v.id = $3", tenant.0, viewer.0, id.0).fetch_optional(conn.sql()).await?;
    let Some(row) = row else { return Ok(None) };
    let seats = seats(conn, &[id]).await?;
    Ok(Some(row.with(seats)))
}

/// A page of viewings, the soonest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(
    conn: &mut TenantConn,
    filter: &ViewingFilter,
    viewer: Viewer,
    page: PageRequest,
) -> Result<Page<Viewing>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = viewings_where!(
        "($3::timestamptz IS NULL OR v.starts_at >= $3)
         AND ($4::timestamptz IS NULL OR v.starts_at < $4)
         AND ($5::uuid IS NULL OR v.property_id = $5)
         AND ($6::uuid IS NULL OR v.agent_id = $6)
         AND ($7::text IS NULL OR v.state = $7)
         AND ($8::timestamptz IS NULL OR (v.starts_at, v.id) > ($8, $9::uuid))
         AND ($11::uuid IS NULL OR EXISTS (
             SELECT FROM viewing_seats s WHERE s.tenant_id = $1 AND s.viewing_id = v.id AND s.lead_id = $11))
         ORDER BY v.starts_at, v.id LIMIT $10",
        tenant.0,
        viewer.0,
        filter.from as _,
        filter.to as _,
        filter.property_id.map(|id| id.0),
        filter.agent_id.map(|id| id.0),
        filter.state.map(ViewingState::as_str),
        page.at() as _,
        page.id(),
        page.fetch(),
        filter.lead_id.map(|id| id.0),
    )
    .fetch_all(conn.sql())
    .await?;
    let page = page.page(rows, |row| Cursor { at: row.starts_at, id: row.id.0 });
    let ids: Vec<ViewingId> = page.items.iter().map(|row| row.id).collect();
    let mut all = seats(conn, &ids).await?;
    Ok(page.map(|row| {
        let (own, others) = std::mem::take(&mut all).into_iter().partition(|seat: &Seat| seat.viewing_id == row.id);
        all = others;
        row.with(own)
    }))
}

async fn seats(conn: &mut TenantConn, viewings: &[ViewingId]) -> Result<Vec<Seat>, sqlx::Error> {
    let ids: Vec<uuid::Uuid> = viewings.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Seat,
        r#"/* viewings.seats */
         SELECT s.id AS "id: SeatId", s.viewing_id AS "viewing_id: ViewingId", s.lead_id AS "lead_id: LeadId",
                nullif(concat_ws(' ', l.first_name, l.last_name), '') AS name, s.seat, s.state AS "state: SeatState",
                s.created_at
         FROM viewing_seats s JOIN leads l ON l.tenant_id = s.tenant_id AND l.id = s.lead_id
         WHERE s.tenant_id = $1 AND s.viewing_id = ANY($2) ORDER BY s.created_at, s.id"#,
        conn.tenant().0,
        &ids,
    )
    .fetch_all(conn.sql())
    .await
}

/// The appointment a lead holds, also one that has begun or passed.
///
/// # Errors
/// When the database cannot be asked.
pub async fn appointment(conn: &mut TenantConn, lead: LeadId) -> Result<Option<Appointment>, sqlx::Error> {
    sqlx::query_as!(
        Appointment,
        r#"/* viewings.appointment */
         SELECT s.id AS "seat_id: SeatId", v.id AS "viewing_id: ViewingId", s.lead_id AS "lead_id: LeadId",
                v.property_id AS "property_id: PropertyId", v.agent_id AS "agent_id: UserId", v.starts_at, v.ends_at,
                s.ics_uid, s.ics_sequence
         FROM viewing_seats s JOIN viewings v ON v.tenant_id = s.tenant_id AND v.id = s.viewing_id
         WHERE s.tenant_id = $1 AND s.lead_id = $2 AND s.state = 'CONFIRMED'"#,
        conn.tenant().0,
        lead.0,
    )
    .fetch_optional(conn.sql())
    .await
}

/// The appointment a lead holds if it has not begun: one that can still be moved or cancelled.
///
/// # Errors
/// When the database cannot be asked.
pub async fn ahead(conn: &mut TenantConn, lead: LeadId) -> Result<Option<Appointment>, sqlx::Error> {
    let now = conn.now();
    Ok(appointment(conn, lead).await?.filter(|appointment| appointment.starts_at > now))
}

/// What booking needs to know of a listing.
pub(super) async fn listing(conn: &mut TenantConn, id: PropertyId) -> Result<Option<Listing>, sqlx::Error> {
    sqlx::query_as!(
        Listing,
        r#"/* viewings.listing */
         SELECT id AS "id: PropertyId", title, status, street, house_number, zip, city, address_released,
                agent_id AS "agent_id: UserId", viewing_capacity
         FROM properties WHERE tenant_id = $1 AND id = $2"#,
        conn.tenant().0,
        id.0,
    )
    .fetch_optional(conn.sql())
    .await
}

/// The stretches of `within` in which the agent has no time, buffers included. A viewing to which only the holder of
/// this seat comes does not count.
pub(super) async fn busy(
    conn: &mut TenantConn,
    agent: UserId,
    within: Slot,
    besides: Option<SeatId>,
) -> Result<Vec<Slot>, sqlx::Error> {
    sqlx::query_as!(
        Slot,
        r#"/* viewings.busy */
         SELECT lower(blocks) AS "start!: crate::clock::Timestamp", upper(blocks) AS "end!: crate::clock::Timestamp"
         FROM viewings v
         WHERE tenant_id = $1 AND agent_id = $2 AND state = 'CONFIRMED'
           AND ($5::uuid IS NULL OR EXISTS (
               SELECT FROM viewing_seats s
               WHERE s.tenant_id = $1 AND s.viewing_id = v.id AND s.state = 'CONFIRMED' AND s.id <> $5))
           -- a slot that begins in the window may end a day later
           AND blocks && tstzrange($3, $4::timestamptz + interval '1 day')
         ORDER BY 1"#,
        conn.tenant().0,
        agent.0,
        within.start as _,
        within.end as _,
        besides.map(|seat| seat.0),
    )
    .fetch_all(conn.sql())
    .await
}

/// Viewings of this listing and agent that begin in `within` and have a seat left.
pub(super) async fn joinable(
    conn: &mut TenantConn,
    (property, agent): (PropertyId, UserId),
    within: Slot,
) -> Result<Vec<(ViewingId, Slot)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* viewings.joinable */
         SELECT v.id AS "id: ViewingId", v.starts_at, v.ends_at
         FROM viewings v
         WHERE v.tenant_id = $1 AND v.property_id = $2 AND v.agent_id = $3 AND v.state = 'CONFIRMED'
           AND v.starts_at >= $4 AND v.starts_at < $5
           AND (SELECT count(*) FROM viewing_seats s
                WHERE s.tenant_id = $1 AND s.viewing_id = v.id AND s.state = 'CONFIRMED') < v.capacity
         ORDER BY v.starts_at"#,
        conn.tenant().0,
        property.0,
        agent.0,
        within.start as _,
        within.end as _,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, Slot { start: row.starts_at, end: row.ends_at })).collect())
}

/// The leads that hold a seat in a viewing.
pub(super) async fn holders(conn: &mut TenantConn, viewing: ViewingId) -> Result<Vec<LeadId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* viewings.holders */
         SELECT lead_id AS "lead_id: LeadId" FROM viewing_seats
         WHERE tenant_id = $1 AND viewing_id = $2 AND state = 'CONFIRMED' ORDER BY lead_id"#,
        conn.tenant().0,
        viewing.0,
    )
    .fetch_all(conn.sql())
    .await
}
