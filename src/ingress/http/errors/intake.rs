//! Mail that came in.

use crate::domain::intake::{DeliveryError, IntakeError, LayoutField, SesError};
use crate::ingress::http::problem::{ApiProblem, FieldError};

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
