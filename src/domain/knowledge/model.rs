//! What documents, pieces and hits are.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::domain::leads::LeadId;
use crate::domain::properties::PropertyId;
use crate::domain::users::UserId;
use crate::integrations::storage::StoreError;

crate::ids::id_type!(
    /// A document.
    DocumentId
);

code! {
    /// What a text belongs to.
    Source { /// A listing's description.
        Property = "PROPERTY", /// A document somebody uploaded.
        Document = "DOCUMENT", /// Something that holds for all listings of the agency.
        Fact = "FACT", /// What was written with one prospect.
        Conversation = "CONVERSATION" }
}

code! {
    /// Where a document stands.
    DocumentState { /// Stored; it is being made searchable.
        Received = "RECEIVED", /// It is found.
        Indexed = "INDEXED", /// It could not be made searchable; it may be tried again.
        Failed = "FAILED" }
}

/// A file somebody uploaded.
#[derive(Debug, Clone)]
pub struct Document {
    /// Id.
    pub id: DocumentId,
    /// The listing it belongs to; `None`: the whole agency.
    pub property_id: Option<PropertyId>,
    /// Name, as the uploader called it.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// Bytes.
    pub size: i64,
    /// ISO 639-1.
    pub language: String,
    /// Where it stands.
    pub state: DocumentState,
    /// Who uploaded it.
    pub uploaded_by: Option<UserId>,
    /// Grows with each change.
    pub version: i32,
    /// When it came.
    pub created_at: Timestamp,
}

/// What is needed to make a document.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// Id, under which its file is kept already.
    pub id: DocumentId,
    /// The listing it belongs to; `None`: the whole agency.
    pub property_id: Option<PropertyId>,
    /// Name.
    pub name: String,
    /// Who uploads it.
    pub uploaded_by: UserId,
}

/// Which documents are wanted; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct DocumentFilter {
    /// Of which listing.
    pub property_id: Option<PropertyId>,
}

/// A piece of text that answers a search.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Id of the piece.
    pub id: Uuid,
    /// What it belongs to.
    pub source: Source,
    /// Id of the listing, document, fact or lead.
    pub source_id: Uuid,
    /// The listing it belongs to, if it does.
    pub property_id: Option<PropertyId>,
    /// Whose conversation it is.
    pub lead_id: Option<LeadId>,
    /// Title of the listing, name of the document, topic of the fact, name of the prospect.
    pub title: Option<String>,
    /// The text.
    pub text: String,
    /// ISO 639-1.
    pub language: String,
    /// The higher the better; comparable within one search only.
    pub score: f64,
}

/// A piece of text an answer may cite.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Id.
    pub id: Uuid,
    /// What it belongs to: a listing or a document.
    pub source: Source,
    /// The text.
    pub text: String,
}

/// Why something about a document did not happen.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    /// No such document of this agency.
    #[error("no such document")]
    NotFound,
    /// Somebody else changed it since the caller read it.
    #[error("the document was changed meanwhile")]
    Changed,
    /// The listing does not exist.
    #[error("no such property")]
    NoSuchProperty,
    /// It has no name, or too long a one.
    #[error("the name is empty or too long")]
    BadName,
    /// There is nothing to read in it.
    #[error("the document has no text")]
    NoText,
    /// There is more text in it than is indexed.
    #[error("the document has too much text")]
    TooMuchText,
    /// Only what failed may be tried again.
    #[error("the document is {0}")]
    NotFailed(DocumentState),
    /// The file store could not do it.
    #[error("the file store could not do it")]
    Files(#[from] StoreError),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for KnowledgeError {
    fn from(error: sqlx::Error) -> Self {
        match crate::db::broken_constraint(&error) {
            Some("documents_property") => Self::NoSuchProperty,
            _ => Self::Database(error),
        }
    }
}
