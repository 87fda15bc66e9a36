//! What the product is. Knows Postgres and jobs, knows no protocol.
//!
//! In reading order; each module may use only what stands before it (`tests/it/architecture.rs` checks it):
//! [`tenants`], [`users`], [`staff`], [`secrets`], [`api_keys`], [`widget_keys`], [`mail`], [`properties`], [`leads`],
//! [`tasks`], [`conversations`], [`viewings`], [`people`], [`assistant`], [`intake`].

pub mod api_keys;
pub mod assistant;
pub mod conversations;
pub mod intake;
pub mod leads;
pub mod mail;
pub mod people;
pub mod properties;
pub mod secrets;
pub mod staff;
pub mod tasks;
pub mod tenants;
pub mod users;
pub mod viewings;
pub mod widget_keys;

pub mod codes;
pub mod once;
pub mod page;
