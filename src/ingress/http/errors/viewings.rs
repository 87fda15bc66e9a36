//! Appointments.

use crate::domain::leads::LeadError;
use crate::domain::viewings::{BookError, CancelError};
use crate::ingress::http::problem::ApiProblem;

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
