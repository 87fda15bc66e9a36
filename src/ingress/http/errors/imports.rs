//! Errors of imported tables.

use super::invalid;
use crate::domain::imports::ImportError;
use crate::ingress::http::problem::ApiProblem;

impl From<ImportError> for ApiProblem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::NotFound => Self::not_found("import"),
            ImportError::Changed => Self::changed(),
            ImportError::NotNow(state) => {
                Self::conflict(format!("The import is {state}. Read it again to see what may be done with it now."))
            }
            ImportError::NothingToMake => Self::conflict(
                "No row can be made. See what is wrong with them: GET /imports/{importId}/rows?state=INVALID.",
            ),
            ImportError::Invalid(problems) => invalid(problems),
            error @ (ImportError::NotRead | ImportError::Database(_)) => Self::internal(&error),
        }
    }
}
