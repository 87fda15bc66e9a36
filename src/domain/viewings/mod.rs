//! Appointments: free slots, booking, moving, cancelling.
//!
//! Always true: a prospect books only what is on offer or a time they named at which the agent is free; k seats never take k+1 people and an agent is in one place at a
//! time, by constraints in the database; a lead holds one appointment at a time, and it stays the same calendar entry
//! when it moves. Everybody concerned gets a mail with the entry, in the transaction that changed it.
//! Locks are taken leads first, then agents' calendars (`seats.rs`).

mod announce;
mod book;
mod change;
mod error;
mod hand_over;
mod ics;
mod link;
mod model;
mod seats;
pub mod slots;
mod standing;
mod store;
pub mod when;

use crate::links::LinkKey;
use crate::settings::Settings;
use crate::templates::Templates;

pub use book::{Fit, NewViewing, OFFERED, book, create, fits, free_slots};
pub use change::{cancel, cancel_ahead, cancel_seat, reschedule};
pub use error::{BookError, CancelError, HandOverError};
pub use hand_over::{hand_over, to_come};
pub use link::booking_link;
pub use model::{
    Appointment, Booking, Listing, Seat, SeatId, SeatState, Viewing, ViewingFilter, ViewingId, ViewingState,
};
pub use slots::Slot;
pub use standing::{Closed, Standing, calendar_file, standing};
pub use store::{ahead, appointment, find, list};

/// What telling people needs: settings, templates, and the key that signs links.
pub type Parts<'a> = (&'a Settings, &'a Templates, &'a LinkKey);
