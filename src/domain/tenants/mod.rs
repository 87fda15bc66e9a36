//! Agencies and their policy.
//!
//! Always true: a tenant is known by its id inside, by its intake prefix at the mail door, and never by anything a
//! request says of itself.

mod found;
mod model;
mod store;

pub use found::{Founding, found, is_zone};
pub use model::{Country, NewTenant, Tenant, TenantFact};
pub use store::{add_fact, by_intake_prefix, by_slug, create, current, facts, unassigned_visible};
