//! Trying out whether mail arrives: an address that is good once, and what its test mail showed.
//!
//! Always true: a test mail becomes no lead and is answered by nobody. The first mail to a test address is its test mail,
//! whoever sends it; while the address is good, others to it are too, unless a portal sends an enquiry there, which is
//! somebody waiting for an answer. Afterwards the address is like any other of the agency. To tell more of how a mail
//! came: `route`.

mod route;
mod store;

pub use route::{Path, Route};
pub use store::{create, find, forget_old};

pub(super) use store::is_test;

use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::domain::intake::IntakeId;

crate::ids::id_type!(
    /// One test address.
    TestAddressId
);

/// For how long a test address is good, hours: at most.
pub const MOST_HOURS: u8 = 72;

code! {
    /// What came of a test address.
    TestState { /// Nothing has come yet.
        Waiting = "WAITING", /// Its mail arrived.
        Arrived = "ARRIVED", /// Nothing came while it was good.
        Expired = "EXPIRED" }
}

/// An address for one test mail.
#[derive(Debug, Clone)]
pub struct TestAddress {
    /// Id.
    pub id: TestAddressId,
    /// What names it: behind the `+` of the address, or anywhere in the subject of a mail to the agency's own address.
    pub mark: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When its mail arrived, and how.
    pub arrival: Option<Arrival>,
}

/// A test mail that arrived.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// When we took it.
    pub at: Timestamp,
    /// The mail; `None` once it was forgotten.
    pub intake_message_id: Option<IntakeId>,
    /// How it came.
    pub route: Route,
}

impl TestAddress {
    /// What came of it so far.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> TestState {
        match &self.arrival {
            Some(_) => TestState::Arrived,
            None if now < self.expires_at => TestState::Waiting,
            None => TestState::Expired,
        }
    }
}
