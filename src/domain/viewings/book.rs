//! Booking: by the prospect from what is on offer, by an agent at any free time.

use serde_json::json;

use super::announce::{self, News};
use super::error::{BookError, WriteError};
use super::model::{Appointment, Booking, Listing, ViewingId};
use super::seats::{self, Holder, Place};
use super::slots::{self, Hours, Slot};
use super::{Parts, store};
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::leads::{self, Actor, By, EventKind, Lead, Trigger};
use crate::domain::properties::PropertyId;
use crate::domain::tenants::Tenant;
use crate::domain::users::{self, User, UserId};

/// How many viewings a mail offers; the booking page shows all.
pub const OFFERED: usize = 3;

/// The free slots of a listing, soonest first; none when it is not on the market or nobody shows it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn free_slots(
    conn: &mut TenantConn,
    tenant: &Tenant,
    property: PropertyId,
) -> Result<Vec<Slot>, sqlx::Error> {
    Ok(calendar(conn, tenant, property, None).await?.map_or_else(Vec::new, |calendar| calendar.free()))
}

/// Whether a time somebody named can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// [`book`] would take it now.
    Free,
    /// A viewing could begin then, but the agent has no time.
    Taken,
    /// None could: outside the hours, at an odd minute, too soon, too far ahead, or the listing is not shown.
    NotOffered,
}

/// What can be had of the named times; for who holds an appointment, whether [`super::reschedule`] would move it there.
///
/// # Errors
/// When the database cannot be asked.
pub async fn fits(
    conn: &mut TenantConn,
    tenant: &Tenant,
    property: PropertyId,
    held: Option<&Appointment>,
    starts: &[Timestamp],
) -> Result<Vec<(Timestamp, Fit)>, sqlx::Error> {
    let calendar = calendar(conn, tenant, property, held).await?;
    let fit = |start: Timestamp| match calendar.as_ref().map(|calendar| calendar.offered(start)) {
        Some(Ok(_)) => Fit::Free,
        Some(Err(BookError::SlotTaken)) => Fit::Taken,
        Some(Err(_)) | None => Fit::NotOffered,
    };
    Ok(starts.iter().map(|start| (*start, fit(*start))).collect())
}

async fn calendar(
    conn: &mut TenantConn,
    tenant: &Tenant,
    property: PropertyId,
    held: Option<&Appointment>,
) -> Result<Option<Calendar>, sqlx::Error> {
    let Some(listing) = store::listing(conn, property).await?.filter(Listing::is_open) else { return Ok(None) };
    let Some(agent) = active_agent(conn, listing.agent_id).await? else { return Ok(None) };
    Calendar::without(conn, tenant, &listing, &agent, held).await.map(Some)
}

/// Books `start` for a locked lead: takes a seat, moves the lead to `BOOKED`, writes the timeline, and queues the
/// confirmation (with the calendar entry) and the agent's notification. Only what [`free_slots`] lists or
/// [`fits`] calls free can be booked.
///
/// # Errors
/// [`BookError`]; says which leave the transaction usable.
pub async fn book(
    conn: &mut TenantConn,
    parts: Parts<'_>,
    tenant: &Tenant,
    lead: &mut Lead,
    start: Timestamp,
    by: By,
) -> Result<Booking, BookError> {
    lead.state().after(Trigger::ViewingBooked)?;
    refuse_second(conn, lead).await?;
    let listing = open_listing(conn, lead.property_id).await?;
    let agent = active_agent(conn, listing.agent_id).await?.ok_or(BookError::NoAgent)?;
    seats::lock_calendars(conn, &[agent.id]).await?;
    let (slot, join) = Calendar::read(conn, tenant, &listing, &agent).await?.offered(start)?;
    let place = Place { tenant, listing: &listing, agent: agent.id, slot, join };
    let appointment = seats::take(conn, place, Holder::New(lead.id)).await?;
    finish(conn, parts, (tenant, &listing, &agent), lead, appointment, None, by).await
}

/// An appointment an agent agreed with a prospect.
#[derive(Debug, Clone, Copy)]
pub struct NewViewing {
    /// The listing.
    pub property_id: PropertyId,
    /// Begin.
    pub starts_at: Timestamp,
    /// End; `None`: as long as the tenant's viewings are.
    pub ends_at: Option<Timestamp>,
}

/// Books a time an agent agreed with a locked lead. Hours and notice do not bind the agency's own people; being in one
/// place at a time does. A lead without a listing gets this one.
///
/// # Errors
/// [`BookError`]; says which leave the transaction usable.
pub async fn create(
    conn: &mut TenantConn,
    parts: Parts<'_>,
    tenant: &Tenant,
    user: &User,
    lead: &mut Lead,
    new: NewViewing,
) -> Result<Booking, BookError> {
    let by = (Actor::Agent, Some(user.id));
    lead.state().after(Trigger::ViewingBooked)?;
    refuse_second(conn, lead).await?;
    let listing = store::listing(conn, new.property_id).await?.ok_or(BookError::NoProperty)?;
    let length = jiff::SignedDuration::from_mins(i64::from(tenant.slot_minutes));
    let end = new.ends_at.or_else(|| new.starts_at.checked_add(length).ok().map(Timestamp));
    let end = end.ok_or(BookError::InvalidTime)?;
    let lasts = end.duration_since(new.starts_at.0);
    if new.starts_at <= conn.now() || !lasts.is_positive() || lasts.as_hours() >= 24 {
        return Err(BookError::InvalidTime);
    }
    let slot = Slot { start: new.starts_at, end };
    let agent = active_agent(conn, listing.agent_id.or(Some(user.id))).await?.ok_or(BookError::NoAgent)?;
    seats::lock_calendars(conn, &[agent.id]).await?;
    let same = Slot { start: slot.start, end: Timestamp(slot.start.0 + jiff::SignedDuration::from_micros(1)) };
    let joinable = store::joinable(conn, (listing.id, agent.id), same).await?;
    let join = joinable.into_iter().find(|(_, other)| *other == slot).map(|(id, _)| id);
    let place = Place { tenant, listing: &listing, agent: agent.id, slot, join };
    let appointment = seats::take(conn, place, Holder::New(lead.id)).await?;
    if lead.property_id.is_none() {
        leads::assign_property(conn, lead, listing.id, by).await.map_err(WriteError::from)?;
        if lead.assignee_id.is_none() {
            leads::assign(conn, lead, agent.id, by, json!({"assigneeId": agent.id})).await?;
        }
    }
    finish(conn, parts, (tenant, &listing, &agent), lead, appointment, None, by).await
}

/// What follows a seat that was taken or (from `old`) moved: timeline, state, mails.
pub(super) async fn finish(
    conn: &mut TenantConn,
    parts: Parts<'_>,
    (tenant, listing, agent): (&Tenant, &Listing, &User),
    lead: &mut Lead,
    appointment: Appointment,
    old: Option<&Appointment>,
    by: By,
) -> Result<Booking, BookError> {
    let kind = if old.is_some() { EventKind::ViewingRescheduled } else { EventKind::ViewingBooked };
    let data = json!({
        "viewingId": appointment.viewing_id,
        "propertyId": appointment.property_id,
        "startsAt": appointment.starts_at,
        "endsAt": appointment.ends_at,
        "before": old.map(|old| old.starts_at),
    });
    leads::note(conn, lead.id, kind, by, data).await?;
    leads::record(conn, lead, Trigger::ViewingBooked, by, None).await.map_err(WriteError::from)?;
    let news = old.map_or(News::Booked, |old| News::Moved { from: old.slot() });
    let message = announce::tell(conn, parts, (tenant, listing, Some(agent)), lead, &appointment, news, by).await?;
    Ok(Booking { appointment, message })
}

async fn refuse_second(conn: &mut TenantConn, lead: &Lead) -> Result<(), BookError> {
    match store::appointment(conn, lead.id).await? {
        Some(appointment) if appointment.ends_at > conn.now() => Err(BookError::AlreadyBooked(Box::new(appointment))),
        _ => Ok(()),
    }
}

/// A listing on the market.
pub(super) async fn open_listing(conn: &mut TenantConn, id: Option<PropertyId>) -> Result<Listing, BookError> {
    let listing = store::listing(conn, id.ok_or(BookError::NoProperty)?).await?.ok_or(BookError::NoProperty)?;
    if listing.is_open() { Ok(listing) } else { Err(BookError::NotAvailable) }
}

/// Who shows a listing, if they work here.
pub(super) async fn active_agent(conn: &mut TenantConn, id: Option<UserId>) -> Result<Option<User>, sqlx::Error> {
    match id {
        Some(id) => Ok(users::find(conn, id).await?.filter(|user| user.active)),
        None => Ok(None),
    }
}

/// What a prospect can choose from: the hours, and what the agent has agreed already.
pub(super) struct Calendar {
    hours: Hours,
    now: Timestamp,
    busy: Vec<Slot>,
    joinable: Vec<(ViewingId, Slot)>,
}

impl Calendar {
    pub(super) async fn read(
        conn: &mut TenantConn,
        tenant: &Tenant,
        listing: &Listing,
        agent: &User,
    ) -> Result<Self, sqlx::Error> {
        Self::without(conn, tenant, listing, agent, None).await
    }

    /// As if the appointment that is to be moved were not there, if nobody else comes to it: half an hour later is free
    /// for who holds the half hour before.
    pub(super) async fn without(
        conn: &mut TenantConn,
        tenant: &Tenant,
        listing: &Listing,
        agent: &User,
        held: Option<&Appointment>,
    ) -> Result<Self, sqlx::Error> {
        let (hours, now) = (Hours::of(tenant, agent), conn.now());
        let window = hours.window(now);
        let busy = store::busy(conn, agent.id, window, held.map(|held| held.seat_id)).await?;
        let joinable = store::joinable(conn, (listing.id, agent.id), window).await?;
        Ok(Self { hours, now, busy, joinable })
    }

    /// The slots to show, soonest first.
    pub(super) fn free(&self) -> Vec<Slot> {
        slots::free(&self.hours, &self.busy, &self.open(), self.now)
    }

    /// The slot that begins at `start`, and the viewing to join if it is one.
    pub(super) fn offered(&self, start: Timestamp) -> Result<(Slot, Option<ViewingId>), BookError> {
        if let Some(slot) = slots::bookable(&self.hours, &self.busy, &self.open(), start, self.now) {
            let join = self.joinable.iter().find(|(_, open)| *open == slot).map(|(id, _)| *id);
            return Ok((slot, join));
        }
        let was_offered = slots::bookable(&self.hours, &[], &[], start, self.now).is_some()
            || self.busy.iter().any(|taken| taken.start == start);
        Err(if was_offered { BookError::SlotTaken } else { BookError::NotOffered })
    }

    /// Viewings with a seat left.
    fn open(&self) -> Vec<Slot> {
        self.joinable.iter().map(|(_, slot)| *slot).collect()
    }
}
