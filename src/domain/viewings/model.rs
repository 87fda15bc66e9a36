//! What viewings, seats and appointments are.

use super::slots::Slot;
use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::domain::conversations::MessageId;
use crate::domain::leads::LeadId;
use crate::domain::properties::PropertyId;
use crate::domain::users::UserId;

crate::ids::id_type!(
    /// A viewing.
    ViewingId
);
crate::ids::id_type!(
    /// A seat in a viewing.
    SeatId
);

code! {
    /// Where a viewing stands.
    ViewingState { /// Takes place, and blocks the agent's calendar.
        Confirmed = "CONFIRMED", /// Does not take place.
        Cancelled = "CANCELLED" }
}

code! {
    /// Where a seat stands.
    SeatState { /// Somebody comes.
        Confirmed = "CONFIRMED", /// Given back.
        Cancelled = "CANCELLED", /// The viewing has taken place and the lead holds another appointment since.
        Done = "DONE" }
}

/// An appointment at a property, with who comes.
#[derive(Debug, Clone)]
pub struct Viewing {
    /// Id.
    pub id: ViewingId,
    /// The listing.
    pub property_id: PropertyId,
    /// Its title.
    pub property_title: String,
    /// Who shows it.
    pub agent_id: UserId,
    /// Begin.
    pub starts_at: Timestamp,
    /// End, without the buffer.
    pub ends_at: Timestamp,
    /// IANA zone in which it was agreed.
    pub time_zone: String,
    /// Seats.
    pub capacity: i16,
    /// Whether it takes place.
    pub state: ViewingState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Seats, also those given back, in order of booking.
    pub seats: Vec<Seat>,
}

/// One prospect's place in a viewing.
#[derive(Debug, Clone)]
pub struct Seat {
    /// Id.
    pub id: SeatId,
    /// The viewing.
    pub viewing_id: ViewingId,
    /// The lead.
    pub lead_id: LeadId,
    /// The prospect's name, as far as known.
    pub name: Option<String>,
    /// 1 to capacity.
    pub seat: i16,
    /// Where it stands.
    pub state: SeatState,
    /// When it was booked.
    pub created_at: Timestamp,
}

/// The appointment a lead holds: its confirmed seat and the viewing around it.
#[derive(Debug, Clone)]
pub struct Appointment {
    /// The seat.
    pub seat_id: SeatId,
    /// The viewing.
    pub viewing_id: ViewingId,
    /// The lead.
    pub lead_id: LeadId,
    /// The listing.
    pub property_id: PropertyId,
    /// Who shows it.
    pub agent_id: UserId,
    /// Begin.
    pub starts_at: Timestamp,
    /// End.
    pub ends_at: Timestamp,
    /// Calendar identity; stays when the appointment moves.
    pub ics_uid: String,
    /// Grows with every change calendars must learn of.
    pub ics_sequence: i32,
}

impl Appointment {
    /// Its time.
    #[must_use]
    pub fn slot(&self) -> Slot {
        Slot { start: self.starts_at, end: self.ends_at }
    }
}

/// What a booking, or moving one, gave.
#[derive(Debug, Clone)]
pub struct Booking {
    /// The appointment as it stands now.
    pub appointment: Appointment,
    /// The confirmation; `None` when the lead has no address.
    pub message: Option<MessageId>,
}

/// Which viewings are wanted; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct ViewingFilter {
    /// Not beginning before.
    pub from: Option<Timestamp>,
    /// Beginning before.
    pub to: Option<Timestamp>,
    /// Of this listing.
    pub property_id: Option<PropertyId>,
    /// Of this agent.
    pub agent_id: Option<UserId>,
    /// In which this lead has or had a seat.
    pub lead_id: Option<LeadId>,
    /// Taking place or not.
    pub state: Option<ViewingState>,
}

/// What booking needs to know of a listing.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Id.
    pub id: PropertyId,
    /// Title.
    pub title: String,
    /// `ACTIVE` and so on; see `properties_status_known`.
    pub status: String,
    /// Street.
    pub street: Option<String>,
    /// House number.
    pub house_number: Option<String>,
    /// Postal code.
    pub zip: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Everybody may be told the exact address.
    pub address_released: bool,
    /// Who shows it.
    pub agent_id: Option<UserId>,
    /// People shown round at once.
    pub viewing_capacity: i16,
}

impl Listing {
    /// Whether prospects may book.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status == "ACTIVE"
    }

    /// The address in one line; street and number only when it may be told to this person.
    #[must_use]
    pub fn address(&self, exact: bool) -> Option<String> {
        let join = |parts: [Option<&str>; 2]| {
            let text = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            (!text.is_empty()).then_some(text)
        };
        let street = join([self.street.as_deref(), self.house_number.as_deref()]).filter(|_| exact);
        let town = join([self.zip.as_deref(), self.city.as_deref()]);
        let line = [street, town].into_iter().flatten().collect::<Vec<_>>().join(", ");
        (!line.is_empty()).then_some(line)
    }
}
