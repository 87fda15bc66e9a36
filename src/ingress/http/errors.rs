//! What each error of the domain means to a client: a file per group of capabilities.

mod agency;
mod connections;
mod imports;
mod intake;
mod knowledge;
mod leads;
mod people;
mod privacy;
mod viewings;

use super::problem::{ApiProblem, FieldError};
use crate::domain::fields::FieldProblem;

/// Every wrong field.
fn invalid(problems: Vec<FieldProblem>) -> ApiProblem {
    ApiProblem::fields(problems.into_iter().map(|problem| FieldError::new(problem.field, problem.message)).collect())
}
