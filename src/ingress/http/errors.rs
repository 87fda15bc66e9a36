//! What each error of the domain means to a client.

use super::problem::{ApiProblem, FieldError};
use crate::domain::assistant::{CloseError, TakeoverError};
use crate::domain::connections::ConnectionError;
use crate::domain::conversations::{DraftError, QueueError};
use crate::domain::fields::FieldProblem;
use crate::domain::intake::{DeliveryError, IntakeError, LayoutField, SesError};
use crate::domain::leads::LeadError;
use crate::domain::learning::ProposalError;
use crate::domain::people::{InvitationError, JoinError, LeaveError};
use crate::domain::privacy::PrivacyError;
use crate::domain::properties::PropertyError;
use crate::domain::routing::RoutingError;
use crate::domain::secrets::{SecretError, VaultError};
use crate::domain::staff::ImpersonationError;
use crate::domain::tasks::TaskError;
use crate::domain::tenants::{FactError, SettingsError};
use crate::domain::users::{AbsenceError, UserError};
use crate::domain::viewings::{BookError, CancelError};
use crate::domain::widget_keys::{ConsentError, WidgetKeyError};

/// Every wrong field.
fn invalid(problems: Vec<FieldProblem>) -> ApiProblem {
    ApiProblem::fields(problems.into_iter().map(|problem| FieldError::new(problem.field, problem.message)).collect())
}

impl From<SettingsError> for ApiProblem {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Changed => Self::changed(),
            SettingsError::Invalid(problems) => invalid(problems),
            SettingsError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<FactError> for ApiProblem {
    fn from(error: FactError) -> Self {
        match error {
            FactError::NotFound => Self::not_found("fact"),
            FactError::Changed => Self::changed(),
            FactError::Invalid(problems) => invalid(problems),
            FactError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<RoutingError> for ApiProblem {
    fn from(error: RoutingError) -> Self {
        match error {
            RoutingError::Changed => Self::changed(),
            RoutingError::Invalid(problems) => invalid(problems),
            RoutingError::Database(error) => Self::internal(&error),
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

impl From<LeadError> for ApiProblem {
    fn from(error: LeadError) -> Self {
        match error {
            LeadError::NotFound => Self::not_found("lead"),
            LeadError::Changed => Self::changed(),
            LeadError::NoSuchProperty => Self::field("propertyId", "there is no such property"),
            LeadError::NoSuchAssignee => Self::field("assigneeId", "there is no such user"),
            LeadError::State(transition) => {
                let state = transition.from;
                Self::conflict(format!(
                    "Not possible for a lead whose status is {} and whose automation is {}.",
                    state.status, state.automation
                ))
            }
            LeadError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<PropertyError> for ApiProblem {
    fn from(error: PropertyError) -> Self {
        match error {
            PropertyError::NotFound => Self::not_found("property"),
            PropertyError::Changed => Self::changed(),
            PropertyError::PortalIdTaken { portal, portal_object_id } => Self::conflict(format!(
                "Another property has the id {portal_object_id} of {portal}. Remove it there first; an id of a portal belongs to one property."
            )),
            PropertyError::NoSuchAgent => Self::field("agentId", "there is no such user"),
            PropertyError::InUse => Self::conflict(
                "Leads or viewings name this property. Set its status to ARCHIVED instead of removing it.",
            ),
            PropertyError::Invalid(problems) => invalid(problems),
            PropertyError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<TaskError> for ApiProblem {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::NotFound => Self::not_found("task"),
            TaskError::NotOpen => Self::conflict("The task is resolved or cancelled already."),
            TaskError::Changed => Self::changed(),
            TaskError::Resolution { field, problem } => Self::field(field, problem),
            TaskError::Draft(error) => Self::internal(&*error),
            TaskError::Template(error) => Self::internal(&error),
            TaskError::Property(PropertyError::Invalid(problems)) => {
                let fields =
                    problems.into_iter().map(|wrong| FieldError::new(format!("energy.{}", wrong.field), wrong.message));
                Self::fields(fields.collect())
            }
            TaskError::Property(error) => error.into(),
            TaskError::Lead(error) => error.into(),
            TaskError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<ProposalError> for ApiProblem {
    fn from(error: ProposalError) -> Self {
        match error {
            ProposalError::NotFound => Self::not_found("proposal"),
            ProposalError::Decided => Self::conflict("The proposal is accepted or rejected already."),
            ProposalError::Changed => Self::changed(),
            ProposalError::NoProperty => Self::field("scope", "must be TENANT: the question was about no property"),
            ProposalError::Fact(error) => error.into(),
            ProposalError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<QueueError> for ApiProblem {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::NoAddress => Self::conflict("The lead has no e-mail address. Set `email` on the lead first."),
            QueueError::AlreadyAnswered => Self::conflict("This message has its answer already."),
            QueueError::Template(error) => Self::internal(&error),
            QueueError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<DraftError> for ApiProblem {
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::NotFound => Self::not_found("draft"),
            DraftError::NotOpen => Self::conflict("The draft was approved, rejected or overtaken already."),
            DraftError::Changed => Self::changed(),
            DraftError::Queue(error) => error.into(),
            DraftError::Lead(error) => error.into(),
            DraftError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<TakeoverError> for ApiProblem {
    fn from(error: TakeoverError) -> Self {
        match error {
            TakeoverError::Lead(error) => error.into(),
            TakeoverError::Queue(error) => error.into(),
            TakeoverError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<CloseError> for ApiProblem {
    fn from(error: CloseError) -> Self {
        match error {
            CloseError::Lead(error) => error.into(),
            CloseError::Viewing(error) => error.into(),
            CloseError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<IntakeError> for ApiProblem {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::NotFound => Self::not_found("intake message"),
            IntakeError::WrongState(state) => Self::conflict(format!("Not possible for a message that is {state}.")),
            IntakeError::NotForReaders(cause) => {
                Self::conflict(format!("There is nothing to be read in a message that is here because of {cause}."))
            }
            IntakeError::Field { field, problem } => Self::field(field, problem),
            IntakeError::NoSuch(what) => Self::not_found(what),
            IntakeError::NotBlockable(why) => Self::conflict(why),
            IntakeError::NotInMail(fields) => {
                let problem = "does not stand in the mail like this";
                Self::fields(fields.into_iter().map(|field| FieldError::new(layout_field(field), problem)).collect())
            }
            IntakeError::Reading(error) => Self::internal(&*error),
            IntakeError::Lead(error) => error.into(),
            IntakeError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<DeliveryError> for ApiProblem {
    fn from(error: DeliveryError) -> Self {
        match error {
            DeliveryError::Ses(SesError::Closed) => Self::not_found("door: ses.topics names no topic"),
            DeliveryError::Ses(SesError::Malformed(what)) => Self::malformed(format!("Not a delivery of SNS: {what}.")),
            DeliveryError::Ses(SesError::NotOurs(why)) => {
                tracing::warn!(why, "SES: a delivery was refused");
                Self::barred("not-ours", "The delivery is not taken", format!("Not taken: {why}."))
            }
            DeliveryError::Ses(SesError::NoBytes(why)) => {
                tracing::error!(why, "SES: a mail came in that cannot be had from its notification");
                Self::field("Message", why)
            }
            DeliveryError::Ses(SesError::Unreachable(_)) | DeliveryError::Postmaster(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "SES: a delivery has to come again");
                Self::unavailable("What the delivery needs cannot be reached. Send it again.")
            }
            DeliveryError::Database(error) => Self::internal(&error),
        }
    }
}

/// A field of a layout as it stands in a body.
fn layout_field(field: LayoutField) -> String {
    serde_json::to_value(field).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

impl From<BookError> for ApiProblem {
    fn from(error: BookError) -> Self {
        match error {
            BookError::SlotTaken => Self::conflict("The agent is busy at this time. Choose another one."),
            BookError::NotOffered => Self::conflict("This time is not on offer. Choose another one."),
            BookError::InvalidTime => {
                Self::field("startsAt", "must be in the future, before `endsAt`, and the viewing at most a day long")
            }
            BookError::NoProperty => Self::field("propertyId", "there is no such property"),
            BookError::NotAvailable => {
                Self::conflict("The property is not on the market. Set its status to ACTIVE first.")
            }
            BookError::NoAgent => Self::conflict("Nobody shows this property. Set its `agentId` first."),
            BookError::AlreadyBooked(appointment) => Self::conflict(format!(
                "The lead holds an appointment already: viewing {}. Cancel that one first.",
                appointment.viewing_id
            )),
            BookError::NotBooked => Self::conflict("The lead holds no appointment."),
            BookError::Past => Self::conflict("The appointment has begun."),
            BookError::Lead(transition) => LeadError::State(transition).into(),
            BookError::Write(error) => Self::internal(&*error),
            BookError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<CancelError> for ApiProblem {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::NotFound => Self::not_found("viewing"),
            CancelError::AlreadyCancelled => Self::conflict("The viewing is cancelled already."),
            CancelError::Past => Self::conflict("The viewing has begun."),
            CancelError::Write(error) => Self::internal(&*error),
            CancelError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<PrivacyError> for ApiProblem {
    fn from(error: PrivacyError) -> Self {
        match error {
            PrivacyError::NoSuchLead => Self::not_found("lead"),
            PrivacyError::NotFound => Self::not_found("privacy request"),
            PrivacyError::NotConfirmed => Self::field("confirmation", "does not say what is to be erased"),
            PrivacyError::Open(id) => Self::conflict(format!(
                "The erasure was asked for already: privacy request {id}. If it failed, take it up again there."
            )),
            PrivacyError::NotFailed(state) => Self::conflict(format!("Not possible for a request that is {state}.")),
            PrivacyError::NoFiles(state) => {
                Self::conflict(format!("The files of an export that is {state} cannot be had. Ask for a new one."))
            }
            PrivacyError::NoSuchPart => Self::not_found("part of the export"),
            PrivacyError::TenantErasureOpen => Self::conflict("The erasure of the agency was asked for already."),
            PrivacyError::Files(error) => Self::internal(&error),
            PrivacyError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<SecretError> for ApiProblem {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::NotFound => Self::not_found("secret"),
            SecretError::Changed => Self::changed(),
            SecretError::KeyRetired => Self::unavailable("The keys were changed at this moment. Send it again."),
            SecretError::Vault(error) => error.into(),
            SecretError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<VaultError> for ApiProblem {
    fn from(error: VaultError) -> Self {
        match error {
            error if error.is_passing() => {
                tracing::warn!(%error, "the keys of secrets cannot be reached");
                Self::unavailable("Secrets cannot be kept at this moment. Send it again in a minute.")
            }
            other => Self::internal(&other),
        }
    }
}

impl From<ConnectionError> for ApiProblem {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::NotFound => Self::not_found("connection"),
            ConnectionError::Changed => Self::changed(),
            ConnectionError::Taken => {
                Self::conflict("Another connection has this user, server and folder. Change that one.")
            }
            ConnectionError::Secret(error) => error.into(),
            ConnectionError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<WidgetKeyError> for ApiProblem {
    fn from(error: WidgetKeyError) -> Self {
        match error {
            WidgetKeyError::NotFound => Self::not_found("widget key"),
            WidgetKeyError::Changed => Self::changed(),
            WidgetKeyError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<ConsentError> for ApiProblem {
    fn from(error: ConsentError) -> Self {
        match error {
            ConsentError::Changed => Self::changed(),
            ConsentError::Invalid(problems) => invalid(problems),
            ConsentError::Database(error) => Self::internal(&error),
        }
    }
}

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
