//! Moving and cancelling.

use serde_json::json;

use super::announce::{self, News};
use super::book::{self, Calendar};
use super::error::{BookError, CancelError, WriteError};
use super::model::{Appointment, Booking, Viewing, ViewingId, ViewingState};
use super::seats::{self, Holder, Place};
use super::{Parts, slots, store};
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::conversations::MessageId;
use crate::domain::leads::{self, Actor, By, EventKind, Lead, LeadId, Status, Trigger, Viewer};
use crate::domain::tenants::Tenant;
use crate::domain::users::{self, UserId};

/// Moves the appointment of a locked lead to another slot on offer, with both mails. The calendar entry stays the same
/// one. When the slot is taken the lead keeps what it has.
///
/// # Errors
/// [`BookError`]; says which leave the transaction usable.
pub async fn reschedule(
    conn: &mut TenantConn,
    parts: Parts<'_>,
    tenant: &Tenant,
    lead: &mut Lead,
    start: Timestamp,
    by: By,
) -> Result<Booking, BookError> {
    lead.state().after(Trigger::ViewingBooked)?;
    let old = store::appointment(conn, lead.id).await?.ok_or(BookError::NotBooked)?;
    if old.starts_at <= conn.now() {
        return Err(BookError::Past);
    }
    let listing = book::open_listing(conn, Some(old.property_id)).await?;
    let agent = book::active_agent(conn, listing.agent_id).await?.ok_or(BookError::NoAgent)?;
    if old.starts_at == start && old.agent_id == agent.id {
        return Ok(Booking { appointment: old, message: None });
    }
    seats::lock_calendars(conn, &[old.agent_id, agent.id]).await?;
    let calendar = Calendar::without(conn, tenant, &listing, &agent, Some(&old)).await?;
    let (slot, join) = calendar.offered(start)?;
    let place = Place { tenant, listing: &listing, agent: agent.id, slot, join };
    let appointment = seats::take(conn, place, Holder::Moves(&old)).await?;
    if old.agent_id != agent.id {
        // Another colleague shows the listing now; the one before must learn that the time is free again.
        let before = users::find(conn, old.agent_id).await?;
        let gone = Appointment { ics_sequence: appointment.ics_sequence, ..old.clone() };
        announce::tell_agent(
            conn,
            parts,
            (tenant, &listing, before.as_ref()),
            lead,
            &gone,
            News::Cancelled { offer: &[] },
            by,
        )
        .await?;
    }
    book::finish(conn, parts, (tenant, &listing, &agent), lead, appointment, Some(&old), by).await
}

/// Gives back the seat of a locked lead, with both mails; the lead goes back to the conversation. To a lead that is
/// `LOST` already the mail is the goodbye, too. Returns the mail to the prospect; `None` when the lead has no address.
///
/// # Errors
/// [`CancelError`].
pub async fn cancel_seat(
    conn: &mut TenantConn,
    parts: Parts<'_>,
    tenant: &Tenant,
    lead: &mut Lead,
    by: By,
) -> Result<Option<MessageId>, CancelError> {
    let appointment = store::appointment(conn, lead.id).await?.ok_or(CancelError::NotFound)?;
    if appointment.starts_at <= conn.now() {
        return Err(CancelError::Past);
    }
    seats::lock_calendars(conn, &[appointment.agent_id]).await?;
    release(conn, parts, tenant, lead, appointment, by).await
}

/// The same where the appointment may be over, or where there never was one: nothing happens then.
///
/// # Errors
/// [`CancelError`], but neither [`CancelError::NotFound`] nor [`CancelError::Past`].
pub async fn cancel_ahead(
    conn: &mut TenantConn,
    parts: Parts<'_>,
    tenant: &Tenant,
    lead: &mut Lead,
    by: By,
) -> Result<Option<MessageId>, CancelError> {
    match cancel_seat(conn, parts, tenant, lead, by).await {
        Err(CancelError::NotFound | CancelError::Past) => Ok(None),
        other => other,
    }
}

/// Cancels a whole viewing: every seat, every lead, with mails to all. For the agent who shows it, administrators, and
/// whoever has all leads in it.
///
/// # Errors
/// [`CancelError`].
pub async fn cancel(
    conn: &mut TenantConn,
    parts: Parts<'_>,
    tenant: &Tenant,
    id: ViewingId,
    viewer: Viewer,
    by: By,
) -> Result<Viewing, CancelError> {
    let viewing = store::find(conn, id, viewer).await?.ok_or(CancelError::NotFound)?;
    let leads_of = if viewer.0 == Some(viewing.agent_id.0) { Viewer::SYSTEM } else { viewer };
    let holders = lock_holders(conn, id, viewing.agent_id, leads_of).await?;
    // Read again: only now does nobody else change it.
    let viewing = store::find(conn, id, viewer).await?.ok_or(CancelError::NotFound)?;
    if viewing.state == ViewingState::Cancelled {
        return Err(CancelError::AlreadyCancelled);
    }
    if viewing.starts_at <= conn.now() {
        return Err(CancelError::Past);
    }
    for mut lead in holders {
        if let Some(appointment) = store::appointment(conn, lead.id).await? {
            release(conn, parts, tenant, &mut lead, appointment, by).await?;
        }
    }
    seats::close_if_empty(conn, id).await?;
    store::find(conn, id, viewer).await?.ok_or(CancelError::NotFound)
}

/// All leads with a seat, then the calendar, locked in that order. Who books between reading and locking is found by
/// reading again; then the locks are given up and taken anew, because a lead must not be waited for while the calendar
/// is held.
async fn lock_holders(
    conn: &mut TenantConn,
    viewing: ViewingId,
    agent: UserId,
    viewer: Viewer,
) -> Result<Vec<Lead>, CancelError> {
    loop {
        sqlx::query("/* viewings.lock_holders */ SAVEPOINT lock_holders").execute(conn.sql()).await?;
        let ids: Vec<LeadId> = store::holders(conn, viewing).await?;
        let mut leads = Vec::with_capacity(ids.len());
        for id in &ids {
            leads.push(leads::lock(conn, *id, viewer).await?.ok_or(CancelError::NotFound)?);
        }
        seats::lock_calendars(conn, &[agent]).await?;
        if store::holders(conn, viewing).await? == ids {
            return Ok(leads);
        }
        sqlx::query("/* viewings.lock_holders */ ROLLBACK TO SAVEPOINT lock_holders").execute(conn.sql()).await?;
    }
}

async fn release(
    conn: &mut TenantConn,
    parts: Parts<'_>,
    tenant: &Tenant,
    lead: &mut Lead,
    mut appointment: Appointment,
    by: By,
) -> Result<Option<MessageId>, CancelError> {
    appointment.ics_sequence = seats::give_back(conn, appointment.seat_id).await?;
    seats::close_if_empty(conn, appointment.viewing_id).await?;
    let data = json!({
        "viewingId": appointment.viewing_id,
        "propertyId": appointment.property_id,
        "startsAt": appointment.starts_at,
    });
    leads::note(conn, lead.id, EventKind::ViewingCancelled, by, data).await?;
    leads::record(conn, lead, Trigger::ViewingCancelled, by, None).await.map_err(WriteError::from)?;
    let listing = store::listing(conn, appointment.property_id).await?.ok_or(sqlx::Error::RowNotFound)?;
    let agent = users::find(conn, appointment.agent_id).await?;
    let offer = if listing.is_open() && lead.status != Status::Lost && by.0 == Actor::Prospect {
        let mut free = book::free_slots(conn, tenant, listing.id).await?;
        // What they have just given back suits them least.
        free.retain(|slot| slot.start != appointment.starts_at);
        slots::offer(&free, &tenant.zone(), book::OFFERED, &[])
    } else {
        Vec::new()
    };
    let news = News::Cancelled { offer: &offer };
    Ok(announce::tell(conn, parts, (tenant, &listing, agent.as_ref()), lead, &appointment, news, by).await?)
}
