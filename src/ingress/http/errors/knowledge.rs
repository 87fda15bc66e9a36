//! Errors of documents and searching in them.

use crate::domain::knowledge::KnowledgeError;
use crate::ingress::http::problem::{ApiProblem, FieldError};

impl From<KnowledgeError> for ApiProblem {
    fn from(error: KnowledgeError) -> Self {
        match error {
            KnowledgeError::NotFound => Self::not_found("document"),
            KnowledgeError::Changed => Self::changed(),
            KnowledgeError::NoSuchProperty => Self::query(FieldError::new("propertyId", "there is no such property")),
            KnowledgeError::BadName => {
                Self::query(FieldError::new("name", "must have 1 to 200 characters, and no control characters"))
            }
            KnowledgeError::NoText => Self::field("(body)", "has no text that could be read"),
            KnowledgeError::TooMuchText => Self::field("(body)", "has more text than a book of 300 pages; send parts"),
            KnowledgeError::NotFailed(state) => Self::conflict(format!("Not possible for a document that is {state}.")),
            KnowledgeError::Files(error) => Self::internal(&error),
            KnowledgeError::Database(error) => Self::internal(&error),
        }
    }
}
