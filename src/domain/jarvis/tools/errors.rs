//! What the errors of the domain mean to a model and its user.

use crate::domain::assistant::{CloseError, TakeoverError};
use crate::domain::conversations::{DraftError, QueueError};
use crate::domain::jarvis::ToolError;
use crate::domain::leads::LeadError;
use crate::domain::properties::PropertyError;
use crate::domain::tasks::TaskError;
use crate::domain::viewings::{BookError, CancelError};

fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ToolError {
    ToolError::Internal(error.into())
}

impl From<LeadError> for ToolError {
    fn from(error: LeadError) -> Self {
        match error {
            LeadError::NotFound => Self::NotFound("lead"),
            LeadError::NoSuchProperty => Self::NotFound("property"),
            LeadError::NoSuchAssignee => Self::NotFound("colleague"),
            LeadError::Database(error) => internal(error),
            LeadError::Changed | LeadError::State(_) => Self::Refused(error.to_string()),
        }
    }
}

impl From<PropertyError> for ToolError {
    fn from(error: PropertyError) -> Self {
        match error {
            PropertyError::NotFound => Self::NotFound("property"),
            PropertyError::NoSuchAgent => Self::NotFound("colleague"),
            PropertyError::Invalid(problems) => {
                let said: Vec<String> =
                    problems.into_iter().map(|problem| format!("{} {}", problem.field, problem.message)).collect();
                Self::Arguments(said.join("; "))
            }
            PropertyError::Database(error) => internal(error),
            PropertyError::Changed | PropertyError::PortalIdTaken { .. } | PropertyError::InUse => {
                Self::Refused(error.to_string())
            }
        }
    }
}

impl From<TaskError> for ToolError {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::NotFound => Self::NotFound("task"),
            TaskError::Lead(error) => error.into(),
            TaskError::Database(error) => internal(error),
            TaskError::Property(error) => error.into(),
            TaskError::Template(error) => internal(error),
            TaskError::Draft(error) => Self::Internal(error),
            TaskError::NotOpen | TaskError::Changed | TaskError::Resolution { .. } => Self::Refused(error.to_string()),
        }
    }
}

impl From<QueueError> for ToolError {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::NoAddress | QueueError::AlreadyAnswered => Self::Refused(error.to_string()),
            QueueError::Template(error) => internal(error),
            QueueError::Database(error) => internal(error),
        }
    }
}

impl From<DraftError> for ToolError {
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::NotFound => Self::NotFound("draft"),
            DraftError::NotOpen | DraftError::Changed => Self::Refused(error.to_string()),
            DraftError::Queue(error) => error.into(),
            DraftError::Lead(error) => error.into(),
            DraftError::Database(error) => internal(error),
        }
    }
}

impl From<TakeoverError> for ToolError {
    fn from(error: TakeoverError) -> Self {
        match error {
            TakeoverError::Lead(error) => error.into(),
            TakeoverError::Queue(error) => error.into(),
            TakeoverError::Database(error) => internal(error),
        }
    }
}

impl From<CloseError> for ToolError {
    fn from(error: CloseError) -> Self {
        match error {
            CloseError::Lead(error) => error.into(),
            CloseError::Viewing(error) => error.into(),
            CloseError::Database(error) => internal(error),
        }
    }
}

impl From<CancelError> for ToolError {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::NotFound => Self::NotFound("viewing"),
            CancelError::AlreadyCancelled | CancelError::Past => Self::Refused(error.to_string()),
            CancelError::Write(error) => internal(error),
            CancelError::Database(error) => internal(error),
        }
    }
}

impl From<BookError> for ToolError {
    fn from(error: BookError) -> Self {
        match error {
            BookError::Write(error) => internal(error),
            BookError::Database(error) => internal(error),
            refused => Self::Refused(refused.to_string()),
        }
    }
}
