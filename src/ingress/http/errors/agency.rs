//! The agency: its settings, facts, rules for new leads.

use super::invalid;
use crate::domain::routing::RoutingError;
use crate::domain::tenants::{FactError, SettingsError};
use crate::ingress::http::problem::ApiProblem;

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
