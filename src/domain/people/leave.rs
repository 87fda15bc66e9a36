//! Going: locked out at once, and nothing left behind.
//!
//! Locks are taken in the order that holds everywhere: the agency's people, then leads, then the calendars of both. What
//! was given to the leaver at this very moment is handed over in a second round: from the lock of [`users::set_inactive`]
//! on nobody can give them more.

use crate::db::TenantConn;
use crate::domain::leads::{self, Actor};
use crate::domain::tenants::Tenant;
use crate::domain::users::{self, User, UserError, UserId};
use crate::domain::viewings::{self, HandOverError};
use crate::domain::{properties, tasks};

/// Why somebody does not go.
#[derive(Debug, thiserror::Error)]
pub enum LeaveError {
    /// The successor is nobody who works here, or the leaver.
    #[error("no such successor")]
    NoSuchSuccessor,
    /// They show viewings to come, and nobody was named who takes them.
    #[error("viewings to come need a successor")]
    HasViewings(usize),
    /// The successor is busy at the time of one of these viewings.
    #[error("the successor is busy at the time of a viewing")]
    SuccessorBusy,
    /// The user cannot be changed.
    #[error(transparent)]
    User(#[from] UserError),
    /// A mail or the timeline could not be written.
    #[error("the viewings could not be handed over")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<sqlx::Error> for LeaveError {
    fn from(error: sqlx::Error) -> Self {
        Self::User(error.into())
    }
}

impl From<HandOverError> for LeaveError {
    fn from(error: HandOverError) -> Self {
        match error {
            HandOverError::Busy => Self::SuccessorBusy,
            HandOverError::Write(error) => Self::Write(error),
            HandOverError::Database(error) => Self::User(error.into()),
        }
    }
}

/// Locks a user out and hands over what they had: leads, listings and open tasks to the successor, or to nobody without
/// one; viewings to come only to a successor.
///
/// # Errors
/// [`LeaveError`].
pub async fn deactivate(
    conn: &mut TenantConn,
    parts: viewings::Parts<'_>,
    tenant: &Tenant,
    id: UserId,
    successor: Option<UserId>,
    by: UserId,
) -> Result<User, LeaveError> {
    let user = users::lock_for_change(conn, id, true).await?;
    let successor = match successor {
        Some(other) if other == id => return Err(LeaveError::NoSuchSuccessor),
        Some(other) => Some(users::active_one(conn, other).await?.ok_or(LeaveError::NoSuchSuccessor)?),
        None => None,
    };
    let to = successor.as_ref().map(|successor| successor.id);
    for round in [Round::BeforeLock, Round::AfterLock] {
        leads::hand_over(conn, id, to, by).await?;
        match &successor {
            Some(successor) => {
                viewings::hand_over(conn, parts, tenant, (id, successor), (Actor::Agent, Some(by))).await?
            }
            None => match viewings::to_come(conn, id).await? {
                0 => {}
                count => return Err(LeaveError::HasViewings(count)),
            },
        }
        tasks::hand_over(conn, id, to).await?;
        properties::hand_over(conn, id, to).await?;
        if matches!(round, Round::BeforeLock) && user.active {
            users::set_inactive(conn, id).await?;
        }
    }
    Ok(users::find(conn, id).await?.ok_or(UserError::NotFound)?)
}

#[derive(Clone, Copy)]
enum Round {
    BeforeLock,
    AfterLock,
}
