//! People of the agency and of the platform: users, absences, invitations, joining, leaving.

use super::invalid;
use crate::domain::people::{InvitationError, JoinError, LeaveError};
use crate::domain::staff::ImpersonationError;
use crate::domain::users::{AbsenceError, UserError};
use crate::ingress::http::problem::{ApiProblem, FieldError};

impl From<UserError> for ApiProblem {
    fn from(error: UserError) -> Self {
        match error {
            UserError::NotFound => Self::not_found("user"),
            UserError::Changed => Self::changed(),
            UserError::LastAdmin => Self::conflict(
                "An agency needs an administrator, and this is the last one. Make somebody else administrator first.",
            ),
            UserError::AddressTaken => Self::conflict("Somebody of the agency has this address already."),
            UserError::SubjectTaken => Self::conflict("This sign-in is a user's already."),
            UserError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<AbsenceError> for ApiProblem {
    fn from(error: AbsenceError) -> Self {
        match error {
            AbsenceError::NotFound => Self::not_found("absence"),
            AbsenceError::Overlaps => {
                Self::conflict("This person is away on some of these days already. Remove that absence first.")
            }
            AbsenceError::Invalid(problems) => invalid(problems),
            AbsenceError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<InvitationError> for ApiProblem {
    fn from(error: InvitationError) -> Self {
        match error {
            InvitationError::NotFound => Self::not_found("invitation"),
            InvitationError::NoSuchUser => Self::not_found("user"),
            InvitationError::IsUser(id) => Self::conflict(format!(
                "The address is user {id}'s. Reactivate them, or invite them again to change their sign-in."
            )),
            InvitationError::IsInvited => {
                Self::conflict("The address is invited already. Send that invitation again, or take it back first.")
            }
            InvitationError::Closed => Self::conflict("The invitation was accepted or taken back already."),
            InvitationError::Letter(error) => Self::internal(&error),
            InvitationError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<JoinError> for ApiProblem {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::IsUser => Self::conflict("You are a user already: see GET /api/v1/me."),
            JoinError::NoAddress => Self::barred(
                "id-token-needed",
                "Another token is needed",
                "Send the ID token: the access token does not name your address.",
            ),
            JoinError::Unverified => Self::barred(
                "email-unverified",
                "Your address is not verified",
                "Confirm your e-mail address with the sign-in provider, sign in again, and send the new ID token.",
            ),
            JoinError::SeveralInvitations => Self::conflict(
                "Several agencies have invited you. Open the link in the mail of the one you want to join.",
            ),
            JoinError::NoAgency => Self::fields(vec![
                FieldError::new("agencyName", "is missing: nobody has invited you, so this makes a new agency"),
                FieldError::new("country", "is missing"),
                FieldError::new("timeZone", "is missing"),
            ]),
            JoinError::NoName => Self::field("profile", "is missing: this invitation makes a new user"),
            JoinError::NoInvitation => Self::not_found("invitation"),
            JoinError::Accepted => Self::conflict("The invitation was accepted already."),
            JoinError::Expired => Self::conflict("The invitation has expired. Ask for a new one."),
            JoinError::User(error) => error.into(),
        }
    }
}

impl From<LeaveError> for ApiProblem {
    fn from(error: LeaveError) -> Self {
        match error {
            LeaveError::NoSuchSuccessor => Self::field("successorId", "must be another active user"),
            LeaveError::HasViewings(count) => Self::conflict(format!(
                "They show {count} viewing(s) to come. Name in `successorId` who takes them, or cancel them first."
            )),
            LeaveError::SuccessorBusy => Self::conflict(
                "The successor is busy at the time of a viewing. Name somebody else, or move the viewing first.",
            ),
            LeaveError::User(error) => error.into(),
            LeaveError::Write(error) => Self::internal(&*error),
        }
    }
}

impl From<ImpersonationError> for ApiProblem {
    fn from(error: ImpersonationError) -> Self {
        match error {
            ImpersonationError::NoSuchUser => Self::field("userId", "must be an active user of this agency"),
            ImpersonationError::Database(error) => Self::internal(&error),
        }
    }
}
