//! Listings: what an agency offers.
//!
//! Always true: money is whole cents of the listing's currency; an id of a portal belongs to one listing of a tenant (a
//! constraint says so); a listing that an enquiry names is found by rule ([`matches()`]), never from the prospect's own
//! words; what a human may choose from is wider ([`candidates()`]). A listing that leads ask for is archived, not removed.

mod candidates;
mod energy;
mod facts;
mod matching;
mod model;
mod numbers;
mod store;
mod validate;

pub use candidates::{Candidate, CandidateReason, candidates};
pub use energy::{EnergyData, NO_CERTIFICATE, missing_energy, store_energy};
pub use facts::{PropertyFact, PropertyFactId, add_fact, facts, list_facts, remove_fact};
pub use matching::{Reference, matches};
pub use model::{
    Marketing, PortalId, Property, PropertyError, PropertyFilter, PropertyId, PropertyInput, PropertyStatus,
    PropertyType,
};
pub use numbers::{holder, numbers, problems};
pub use store::{create, find, hand_over, list, remove, update};
