//! Exports and erasures.

use crate::domain::privacy::PrivacyError;
use crate::ingress::http::problem::ApiProblem;

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
