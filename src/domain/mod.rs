//! What the product is. Knows Postgres and jobs, knows no protocol.
//!
//! In reading order; each module may use only what stands before it (`tests/it/architecture.rs` checks it):
//! [`tenants`], [`budget`], [`users`], [`staff`], [`audit`], [`secrets`], [`connections`], [`api_keys`], [`widget_keys`], [`mail`],
//! [`properties`], [`leads`], [`routing`], [`tasks`], [`conversations`], [`viewings`], [`people`], [`live`],
//! [`knowledge`], [`statistics`], [`learning`], [`assistant`], [`jarvis`], [`imports`], [`intake`], [`privacy`].

pub mod api_keys;
pub mod assistant;
pub mod audit;
pub mod budget;
pub mod connections;
pub mod conversations;
pub mod imports;
pub mod intake;
pub mod jarvis;
pub mod knowledge;
pub mod leads;
pub mod learning;
pub mod live;
pub mod mail;
pub mod people;
pub mod privacy;
pub mod properties;
pub mod routing;
pub mod secrets;
pub mod staff;
pub mod statistics;
pub mod tasks;
pub mod tenants;
pub mod users;
pub mod viewings;
pub mod widget_keys;

pub mod codes;
pub mod fields;
pub mod once;
pub mod page;
