//! Where a prospect stands: what their booking page shows and allows.

use super::book::{self, Calendar};
use super::model::{Appointment, Listing};
use super::slots::Slot;
use super::{Parts, announce, ics, link, store};
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::leads::{Lead, Status};
use crate::domain::tenants::Tenant;
use crate::domain::users::{self, User};

/// Why nothing can be booked or moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The enquiry was closed.
    Lead,
    /// The listing is not on the market, or nobody knows which one is meant.
    Listing,
    /// Nobody shows the listing at present.
    Agent,
}

/// Where a prospect stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The listing: of the appointment, else of the enquiry.
    pub listing: Option<Listing>,
    /// Who shows it.
    pub agent: Option<User>,
    /// The appointment they hold; it may have begun or passed.
    pub appointment: Option<Appointment>,
    /// Slots they can book or move to.
    pub slots: Vec<Slot>,
    /// Why there are none.
    pub closed: Option<Closed>,
    /// When this was read.
    pub now: Timestamp,
}

impl Standing {
    /// The appointment can still be moved or cancelled.
    #[must_use]
    pub fn is_ahead(&self) -> bool {
        self.appointment.as_ref().is_some_and(|appointment| appointment.starts_at > self.now)
    }
}

/// Where `lead` stands.
///
/// # Errors
/// When the database cannot be asked.
pub async fn standing(conn: &mut TenantConn, tenant: &Tenant, lead: &Lead) -> Result<Standing, sqlx::Error> {
    let appointment = store::appointment(conn, lead.id).await?;
    let property = appointment.as_ref().map(|appointment| appointment.property_id).or(lead.property_id);
    let listing = match property {
        Some(id) => store::listing(conn, id).await?,
        None => None,
    };
    let shows = book::active_agent(conn, listing.as_ref().and_then(|listing| listing.agent_id)).await?;
    let (closed, mut slots) = match (&listing, &shows) {
        _ if lead.status == Status::Lost => (Some(Closed::Lead), Vec::new()),
        (Some(listing), Some(agent)) if listing.is_open() => {
            (None, Calendar::without(conn, tenant, listing, agent, appointment.as_ref()).await?.free())
        }
        (Some(listing), None) if listing.is_open() => (Some(Closed::Agent), Vec::new()),
        _ => (Some(Closed::Listing), Vec::new()),
    };
    if let Some(own) = &appointment {
        slots.retain(|slot| slot.start != own.starts_at);
    }
    let agent = match &appointment {
        Some(appointment) => users::find(conn, appointment.agent_id).await?,
        None => shows,
    };
    Ok(Standing { listing, agent, appointment, slots, closed, now: conn.now() })
}

/// The appointment as a file for the prospect's calendar; `None` without one.
#[must_use]
pub fn calendar_file(parts: Parts<'_>, tenant: &Tenant, lead: &Lead, standing: &Standing) -> Option<String> {
    let (appointment, listing) = (standing.appointment.as_ref()?, standing.listing.as_ref()?);
    let times = (standing.now, appointment.ends_at);
    let link = link::appointment_link(parts.2, parts.0, (tenant.id, lead.id), times);
    let agent = standing.agent.as_ref();
    let entry = announce::prospect_entry(tenant, listing, agent, lead, appointment, standing.now, Some(&link));
    Some(ics::write(&entry, ics::Method::Publish).0)
}
