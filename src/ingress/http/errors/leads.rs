//! Leads, listings, tasks, and what is written to prospects.

use super::invalid;
use crate::domain::assistant::{CloseError, TakeoverError};
use crate::domain::conversations::{DraftError, QueueError};
use crate::domain::fields::FieldProblem;
use crate::domain::leads::LeadError;
use crate::domain::learning::ProposalError;
use crate::domain::properties::PropertyError;
use crate::domain::tasks::TaskError;
use crate::ingress::http::problem::{ApiProblem, FieldError};

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
                let named = |wrong: FieldProblem| FieldError::new(format!("energy.{}", wrong.field), wrong.message);
                Self::fields(problems.into_iter().map(named).collect())
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
