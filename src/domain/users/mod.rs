//! The agency's people.
//!
//! Always true: the identity is the token's subject; the address is only where mail goes. An agency has an active
//! administrator at any time (`roles.rs`). How somebody comes and goes is in [`crate::domain::people`].

mod absences;
mod model;
mod own;
mod rights;
mod roles;
mod store;

pub use absences::{
    Absence, AbsenceError, AbsenceId, NewAbsence, Presence, add_absence, list_absences, presence, remove_absence,
};
pub use model::{NewUser, Profile, Role, SignIn, User, UserId};
pub use own::{Locale, OwnSettings, ViewingHours};
pub use rights::{Right, rights};
pub use roles::{change_role, lock_for_change, reactivate, set_inactive};
pub use store::{
    active, active_one, by_email_anywhere, change_own, create, edit_profile, find, insert, list, page, set_locale,
    set_subject, sign_in,
};

use crate::domain::fields::FieldProblem;

/// Why nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// No such user.
    #[error("no such user")]
    NotFound,
    /// Somebody else changed it since the caller read it.
    #[error("the user was changed meanwhile")]
    Changed,
    /// Some fields are wrong.
    #[error("{} fields are not valid", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// It would leave the agency without an administrator.
    #[error("the last administrator cannot go")]
    LastAdmin,
    /// Another user of the agency has this address.
    #[error("the address is another user's")]
    AddressTaken,
    /// The subject is a user already, here or in another agency.
    #[error("the subject is a user already")]
    SubjectTaken,
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for UserError {
    fn from(error: sqlx::Error) -> Self {
        match crate::db::broken_constraint(&error) {
            Some("users_email_key") => Self::AddressTaken,
            Some("users_subject_key") => Self::SubjectTaken,
            _ => Self::Database(error),
        }
    }
}
