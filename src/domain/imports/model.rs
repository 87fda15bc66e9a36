//! What an import is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::domain::fields::FieldProblem;
use crate::domain::users::UserId;

crate::ids::id_type!(
    /// An import.
    ImportId
);

code! {
    /// What the rows are.
    ImportKind { /// Enquiries.
        Leads = "LEADS", /// Listings.
        Properties = "PROPERTIES" }
}

code! {
    /// How far it is.
    ImportState { /// Read; nothing is made yet.
        Proposed = "PROPOSED", /// Rows are being made.
        Running = "RUNNING", /// Every row is made or refused.
        Done = "DONE", /// What was made is being taken back.
        Undoing = "UNDOING", /// It is taken back, as far as nobody worked on it.
        Undone = "UNDONE", /// Given up; start it again.
        Failed = "FAILED" }
}

code! {
    /// What became of a row.
    RowState { /// It can be made.
        Waiting = "WAITING", /// Something in it cannot be.
        Invalid = "INVALID", /// It was made.
        Created = "CREATED", /// It was there already.
        Duplicate = "DUPLICATE", /// It was made and taken back.
        Undone = "UNDONE", /// It was made, and worked on since, so it was not taken back.
        Kept = "KEPT" }
}

/// A file that was read.
#[derive(Debug)]
pub struct NewImport {
    /// What its rows are.
    pub kind: ImportKind,
    /// Its name, for people.
    pub file_name: String,
    /// What is in it.
    pub table: office_files::Table,
}

/// An import.
#[derive(Debug, Clone)]
pub struct Import {
    /// Id.
    pub id: ImportId,
    /// What the rows are.
    pub kind: ImportKind,
    /// The file's name.
    pub file_name: String,
    /// How far it is.
    pub state: ImportState,
    /// Names of the columns as they stand in the file.
    pub columns: Vec<String>,
    /// What each column is: the name of a [`super::Field`], or empty.
    pub mapping: Vec<String>,
    /// Who brought it.
    pub requested_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
    /// When making began.
    pub started_at: Option<Timestamp>,
    /// When making or taking back ended.
    pub finished_at: Option<Timestamp>,
    /// Grows with each change.
    pub version: i32,
    /// How many rows are where.
    pub counts: Counts,
}

/// How many rows are where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Rows of the file.
    pub total: i64,
    /// That can be made.
    pub waiting: i64,
    /// That cannot.
    pub invalid: i64,
    /// That were made.
    pub created: i64,
    /// That were there already.
    pub duplicate: i64,
    /// That were made and taken back.
    pub undone: i64,
    /// That were made and worked on since.
    pub kept: i64,
}

/// A column, for whoever decides what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// Its name in the file; empty if it has none.
    pub name: String,
    /// The field it is taken for; null: it is left out.
    pub field: Option<String>,
}

/// One row.
#[derive(Debug, Clone)]
pub struct ImportRow {
    /// Where it stands in the file.
    pub number: i32,
    /// Its cells, in the order of the columns; `None` once they are forgotten.
    pub cells: Option<Vec<String>>,
    /// What became of it.
    pub state: RowState,
    /// What is wrong with it.
    pub problems: Vec<RowProblem>,
    /// The lead or listing it became, or that was there already.
    pub entity_id: Option<Uuid>,
}

/// Something wrong in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowProblem {
    /// Field, or empty for the row.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl From<FieldProblem> for RowProblem {
    fn from(problem: FieldProblem) -> Self {
        Self { field: problem.field, message: problem.message }
    }
}

/// Why an import was not made, changed, started or undone.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// No such import.
    #[error("no such import")]
    NotFound,
    /// Somebody else changed it since the caller read it.
    #[error("the import was changed meanwhile")]
    Changed,
    /// Its state does not allow it.
    #[error("not while the import is {0}")]
    NotNow(ImportState),
    /// No row can be made.
    #[error("no row can be made")]
    NothingToMake,
    /// The mapping cannot be; never empty.
    #[error("some fields are not valid")]
    Invalid(Vec<FieldProblem>),
    /// Reading the rows was cut off.
    #[error("the rows were not read")]
    NotRead,
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}
