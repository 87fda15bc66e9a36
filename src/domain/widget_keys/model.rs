//! What a widget key is.

use super::origin::Origin;
use crate::clock::Timestamp;
use crate::domain::tenants::Country;
use crate::ids::TenantId;

crate::ids::id_type!(
    /// One widget key.
    WidgetKeyId
);

/// A public key, bound to web pages.
#[derive(Debug, Clone)]
pub struct WidgetKey {
    /// Id.
    pub id: WidgetKeyId,
    /// What stands in the page.
    pub public_id: String,
    /// What the agency calls it.
    pub label: String,
    /// Pages that may use it.
    pub origins: Vec<String>,
    /// It may be used.
    pub active: bool,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What somebody decides about one.
#[derive(Debug, Clone)]
pub struct WidgetKeyInput {
    /// What the agency calls it.
    pub label: String,
    /// Pages that may use it; 1 to 20.
    pub origins: Vec<Origin>,
    /// It may be used.
    pub active: bool,
}

/// What the widget shows of an agency.
#[derive(Debug, Clone)]
pub struct WidgetConfig {
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Pages that may use the key.
    pub origins: Vec<String>,
    /// Name of the agency.
    pub agency_name: String,
    /// Where the agency gets mail from people.
    pub agency_address: String,
    /// Where the agency is; telephone numbers without a country are of there.
    pub country: Country,
    /// "Sie" rather than "du".
    pub formal_address: bool,
    /// Languages enquiries are answered in, ISO 639-1.
    pub languages: Vec<String>,
    /// Web address of the agency's picture.
    pub logo_url: Option<String>,
    /// Buttons and links, `#rrggbb`.
    pub primary_color: Option<String>,
    /// Everything else coloured, `#rrggbb`.
    pub accent_color: Option<String>,
}

/// Why a key was not changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum WidgetKeyError {
    /// There is no such key.
    #[error("there is no such widget key")]
    NotFound,
    /// It is of another version than the caller read.
    #[error("it was changed meanwhile")]
    Changed,
    /// The database.
    #[error("the database could not be used")]
    Database(#[from] sqlx::Error),
}
