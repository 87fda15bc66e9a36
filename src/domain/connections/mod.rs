//! Connections of an agency to servers elsewhere; so far mailboxes that are watched (IMAP).
//!
//! Always true: a connection's secret is the tenant's secret of the connection's own name ([`Connection::secret_name`]),
//! written with it and removed with it, and no answer holds it. Pollers compare what they watch with these rows every few
//! seconds; nobody tells them of a change. How watching goes is known by `intake::mailboxes`.

mod active;
mod model;
mod operator;
mod store;

pub use active::{Active, active};
pub use model::{
    Connection, ConnectionAuth, ConnectionError, ConnectionId, ConnectionInput, ConnectionKind, ConnectionManager,
    ConnectionTls, mailbox, secret_name,
};
pub use operator::of_operator;
pub use store::{Replaced, create, find, hold_watched, list, remove, replace};
