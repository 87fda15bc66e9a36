//! Why a viewing was not booked or changed.

use super::model::Appointment;
use crate::domain::conversations::QueueError;
use crate::domain::leads::{InvalidTransition, LeadError};
use crate::templates::TemplateError;

/// Why nothing was booked or moved. Up to [`BookError::Lead`] nothing was written and the transaction can go on; after
/// the others it must be dropped.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// Somebody else was faster.
    #[error("the slot is taken")]
    SlotTaken,
    /// No viewing can begin then: outside the hours, at an odd minute, too soon, or too far ahead.
    #[error("this time is not on offer")]
    NotOffered,
    /// The end is not after the begin, the begin is past, or it would last longer than a day.
    #[error("this is no time for a viewing")]
    InvalidTime,
    /// The lead has no listing yet, or the tenant no such listing.
    #[error("no such property")]
    NoProperty,
    /// The listing is not shown to prospects (any more).
    #[error("the property is not on the market")]
    NotAvailable,
    /// Nobody shows this listing.
    #[error("the property has no agent")]
    NoAgent,
    /// The lead holds an appointment; move that one.
    #[error("the lead holds an appointment already")]
    AlreadyBooked(Box<Appointment>),
    /// There is no appointment to move.
    #[error("the lead holds no appointment")]
    NotBooked,
    /// The appointment has begun; it cannot be moved or cancelled.
    #[error("the appointment has begun")]
    Past,
    /// The lead's state does not allow it.
    #[error(transparent)]
    Lead(#[from] InvalidTransition),
    /// The lead, the thread or a mail could not be written.
    #[error("the confirmation could not be written")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

/// Why nothing was cancelled.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// No such viewing for this viewer, or the lead holds no appointment.
    #[error("no such viewing")]
    NotFound,
    /// It was cancelled before.
    #[error("the viewing is cancelled already")]
    AlreadyCancelled,
    /// It has begun.
    #[error("the viewing has begun")]
    Past,
    /// The lead, the thread or a mail could not be written.
    #[error("the cancellation could not be written")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

/// Why viewings were not handed over.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// The colleague is busy at the time of one of them.
    #[error("the colleague is busy at the time of a viewing")]
    Busy,
    /// A mail could not be written.
    #[error("a mail could not be written")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

/// What writing the lead or a mail failed with; turned into either error.
#[derive(Debug)]
pub(super) struct WriteError(Box<dyn std::error::Error + Send + Sync>);

macro_rules! write_error_from {
    ($($kind:ty),*) => {$(
        impl From<$kind> for WriteError {
            fn from(error: $kind) -> Self {
                Self(Box::new(error))
            }
        }
    )*};
}
write_error_from!(LeadError, QueueError, TemplateError, sqlx::Error, std::fmt::Error);

impl From<WriteError> for BookError {
    fn from(error: WriteError) -> Self {
        Self::Write(error.0)
    }
}

impl From<WriteError> for HandOverError {
    fn from(error: WriteError) -> Self {
        Self::Write(error.0)
    }
}

impl From<WriteError> for CancelError {
    fn from(error: WriteError) -> Self {
        Self::Write(error.0)
    }
}
