//! What an agency knows in words, found by meaning and by word: documents, texts of listings, facts, past conversations.
//!
//! Always true: a piece of text hangs on what it was made from and goes with it, by a foreign key; whatever changes a text
//! has it indexed anew in the same transaction, by a trigger (`migrations/0041`); vectors are compared only with those of
//! the same model. A conversation is read by those who may see its lead, and is never a fact for a prospect
//! ([`of_property`]). How the search is built, and why: `docs/decisions/0031`. To index something else: a source in
//! [`Source`], its text in `text.rs`, its trigger, and a line in `refresh.rs`.

mod chunk;
mod documents;
mod index;
mod matching;
mod model;
mod question;
mod reading;
mod refresh;
mod search;
mod store;
mod text;

pub use documents::{ForgetFile, content, find, forget_unkept, keep, list, reindex, remove, upload};
pub use index::Index;
pub use matching::{MatchingProperty, matching_properties};
pub use model::{Document, DocumentFilter, DocumentId, DocumentState, Hit, KnowledgeError, NewDocument, Piece, Source};
pub use question::{Question, question};
pub use reading::{DocumentType, ReadDocument, read};
pub use refresh::{Nightly, Refresh};
pub use search::{MOST_HITS, of_property, search};
