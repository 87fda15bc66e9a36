//! The agency's people.
//!
//! Always true: the identity is the token's subject; the address is only where mail goes.

mod absences;
mod model;
mod store;

pub use absences::{
    Absence, AbsenceError, AbsenceId, NewAbsence, Presence, add_absence, list_absences, presence, remove_absence,
};
pub use model::{NewUser, Role, User, UserId};
pub use store::{active, by_email_anywhere, by_subject, create, find, list};
