//! The database: one pool, and the two kinds of transaction work may happen in.
//!
//! Always true here: nobody outside this module holds the bare pool. Work of a tenant happens on a [`TenantConn`],
//! work that must look across tenants on a [`PlatformConn`]; both are transactions whose database role cannot bypass
//! row-level security. Migrations are in `migrations/`; the queue's own tables are brought by `migrate`.

mod actor;
mod connection;
mod migrate;
mod pool;
mod transaction;

pub use actor::{Actor, ActorKind};
pub use connection::{PlatformConn, TenantConn};
pub use migrate::{MigrateError, Server, inspect, migrate, pending};
pub use pool::{Database, connect};

/// What the database says when it does not do something. The edges know it by this name: they hold no SQL.
pub use sqlx::Error;

/// The name of the constraint an insert or update broke, if that is why it failed. Named constraints are how the
/// domain learns of a conflict: there is no check before the insert.
#[must_use]
pub fn broken_constraint(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::constraint)
}
