//! The agency's people.
//!
//! Always true: the identity is the token's subject; the address is only where mail goes.

mod model;
mod store;

pub use model::{NewUser, Role, User, UserId};
pub use store::{active, by_email_anywhere, by_subject, create, find, list};
