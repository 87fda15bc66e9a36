//! One prospect's enquiry at one tenant.
//!
//! Always true: `status` and `automation` change only through [`state`], by [`record`], which writes the change and its
//! line on the timeline together. The same enquiry is one lead, by a constraint in the database ([`accept`]).
//! Who is behind it is said in [`know`]. SQL is in `store.rs`; who may see which lead is [`Viewer`].

mod accept;
mod change;
mod count;
mod dedupe;
mod events;
pub mod follow_ups;
mod hand_over;
mod legal_basis;
mod model;
mod prospect;
pub mod score;
pub mod state;
mod store;

pub use accept::{Accepted, accept, accept_asked_at, standing};
pub use change::{By, assign, assign_property, close, edit, learn_address, learn_phone, pause, record, reopen, resume};
pub use count::{LeadCount, count};
pub use dedupe::enquiry_key;
pub use events::{Actor, EventKind, LeadEvent, note, timeline};
pub use follow_ups::FollowUpStop;
pub use hand_over::hand_over;
pub use legal_basis::LegalBasis;
pub use model::{AddressKind, Lead, LeadEdit, LeadFilter, LeadId, LeadOrder, LeadSource, NewLead, Salutation, Viewer};
pub use prospect::{Contact, ContactKind, ProspectId, know, one_at_a_time, others_of_prospect};
pub use state::{Automation, InvalidTransition, LeadState, Status, Trigger};
pub use store::{add_disclosure, by_id, disclosure, find, learn, list, lock, mark_first_response};

/// Why a change to a lead did not happen.
#[derive(Debug, thiserror::Error)]
pub enum LeadError {
    /// No such lead for this viewer.
    #[error("no such lead")]
    NotFound,
    /// Somebody else changed it since the caller read it.
    #[error("the lead was changed meanwhile")]
    Changed,
    /// The listing does not exist.
    #[error("no such property")]
    NoSuchProperty,
    /// The user does not exist.
    #[error("no such user")]
    NoSuchAssignee,
    /// The lead's state does not allow it.
    #[error(transparent)]
    State(#[from] InvalidTransition),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for LeadError {
    fn from(error: sqlx::Error) -> Self {
        match crate::db::broken_constraint(&error) {
            Some("leads_property") => Self::NoSuchProperty,
            Some("leads_assignee_id_fkey") => Self::NoSuchAssignee,
            _ => Self::Database(error),
        }
    }
}
