//! What a user may do, in words for whoever draws the buttons. What is enforced stands where it is done.

use super::model::Role;
use crate::domain::codes::code;

code! {
    /// Something not everybody may do.
    Right {
        /// Change the agency's settings.
        ManageSettings = "MANAGE_SETTINGS",
        /// Invite people, change their roles, let them go.
        ManageUsers = "MANAGE_USERS",
        /// See the incoming mail and the tray.
        SeeIntake = "SEE_INTAKE",
        /// See all leads.
        SeeAllLeads = "SEE_ALL_LEADS",
        /// See leads that nobody has.
        SeeUnassignedLeads = "SEE_UNASSIGNED_LEADS",
        /// Remove listings nobody asked for.
        RemoveProperties = "REMOVE_PROPERTIES",
    }
}

/// The rights of a role; `unassigned_visible` is the agency's policy for its agents.
#[must_use]
pub fn rights(role: Role, unassigned_visible: bool) -> Vec<Right> {
    match role {
        Role::Admin => vec![
            Right::ManageSettings,
            Right::ManageUsers,
            Right::SeeIntake,
            Right::SeeAllLeads,
            Right::SeeUnassignedLeads,
            Right::RemoveProperties,
        ],
        Role::Agent if unassigned_visible => vec![Right::SeeUnassignedLeads],
        Role::Agent => Vec::new(),
    }
}
