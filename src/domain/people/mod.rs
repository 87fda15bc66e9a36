//! How somebody comes to an agency, and how they leave it.
//!
//! Always true: the subject of a token belongs to one user of one agency; an address counts only where the issuer has
//! verified it, or where its owner shows the secret we mailed there. Who leaves keeps nothing that somebody must look
//! after: leads, listings, tasks and coming viewings go to another, in the same transaction.

mod invitations;
mod join;
mod leave;
mod letter;
mod secret;

pub use invitations::{
    Invitation, InvitationError, InvitationId, InvitationState, invite, invite_again, list, resend, revoke,
};
pub use join::{JoinError, Joined, Newcomer, accept, onboard};
pub use leave::{LeaveError, deactivate};

/// What writing an invitation needs besides the database.
pub type Parts<'a> = (&'a crate::settings::Settings, &'a crate::templates::Templates);
