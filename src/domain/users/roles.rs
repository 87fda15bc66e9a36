//! Who may do what, and the rule that somebody is left who may do everything.
//!
//! Always true: whoever takes an active administrator away is the only one who changes the agency's people meanwhile
//! ([`lock_for_change`]), so of two who do it at once the second sees what the first has done.

use super::UserError;
use super::model::{Role, User, UserId};
use super::store;
use crate::db::TenantConn;

/// The user, while nobody else changes the agency's people. `leaves_admin` says whether the user would be no active
/// administrator afterwards.
///
/// # Errors
/// [`UserError::NotFound`], [`UserError::LastAdmin`].
pub async fn lock_for_change(conn: &mut TenantConn, id: UserId, leaves_admin: bool) -> Result<User, UserError> {
    store::lock_people(conn).await?;
    let user = store::find(conn, id).await?.ok_or(UserError::NotFound)?;
    if leaves_admin && user.active && user.role == Role::Admin {
        let admins = store::active(conn, Role::Admin).await?;
        if admins.iter().all(|admin| admin.id == id) {
            return Err(UserError::LastAdmin);
        }
    }
    Ok(user)
}

/// Gives a user another role. `expected_version` is what the caller read.
///
/// # Errors
/// [`UserError`].
pub async fn change_role(
    conn: &mut TenantConn,
    id: UserId,
    role: Role,
    expected_version: Option<i32>,
) -> Result<User, UserError> {
    let user = lock_for_change(conn, id, role != Role::Admin).await?;
    if expected_version.is_some_and(|version| version != user.version) {
        return Err(UserError::Changed);
    }
    if user.role != role {
        store::write_role(conn, id, role).await?;
    }
    store::find(conn, id).await?.ok_or(UserError::NotFound)
}

/// Locks somebody out, from their next request on; nobody can give them anything from here on. Call with the user
/// locked by [`lock_for_change`].
///
/// # Errors
/// When the database cannot do it.
pub async fn set_inactive(conn: &mut TenantConn, id: UserId) -> Result<(), UserError> {
    store::lock_out(conn, id).await?;
    Ok(store::write_active(conn, id, false).await?)
}

/// Lets somebody back in.
///
/// # Errors
/// [`UserError::NotFound`].
pub async fn reactivate(conn: &mut TenantConn, id: UserId) -> Result<User, UserError> {
    let user = lock_for_change(conn, id, false).await?;
    if !user.active {
        store::write_active(conn, id, true).await?;
    }
    store::find(conn, id).await?.ok_or(UserError::NotFound)
}
