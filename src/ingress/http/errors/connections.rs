//! What connects an agency with others: secrets, mailboxes, web pages.

use super::invalid;
use crate::domain::connections::ConnectionError;
use crate::domain::secrets::{SecretError, VaultError};
use crate::domain::widget_keys::{ConsentError, WidgetKeyError};
use crate::ingress::http::problem::ApiProblem;

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
