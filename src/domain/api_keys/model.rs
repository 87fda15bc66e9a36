//! What an API key is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::domain::users::UserId;

crate::ids::id_type!(
    /// One API key.
    ApiKeyId
);

code! {
    /// What a key may do.
    Scope { /// Read leads, their messages and timelines.
        LeadsRead = "leads:read", /// Make, change and close leads, and write to prospects.
        LeadsWrite = "leads:write", /// Read listings.
        PropertiesRead = "properties:read", /// Make, change and remove listings.
        PropertiesWrite = "properties:write", /// Read tasks.
        TasksRead = "tasks:read", /// Resolve tasks.
        TasksWrite = "tasks:write", /// Read answers that wait for approval.
        DraftsRead = "drafts:read", /// Change, approve and reject them.
        DraftsWrite = "drafts:write", /// Read viewings.
        ViewingsRead = "viewings:read", /// Book and cancel viewings.
        ViewingsWrite = "viewings:write", /// Read incoming mail.
        IntakeRead = "intake:read", /// Hand in and sort incoming mail.
        IntakeWrite = "intake:write" }
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::LeadsRead,
        Self::LeadsWrite,
        Self::PropertiesRead,
        Self::PropertiesWrite,
        Self::TasksRead,
        Self::TasksWrite,
        Self::DraftsRead,
        Self::DraftsWrite,
        Self::ViewingsRead,
        Self::ViewingsWrite,
        Self::IntakeRead,
        Self::IntakeWrite,
    ];

    /// The scope of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// A key without what is secret.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Id.
    pub id: ApiKeyId,
    /// What the agency calls it.
    pub label: String,
    /// How it begins.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute; `None`: never.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// In whose name it acts.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What is needed to make one.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// What the agency calls it.
    pub label: String,
    /// What it may do; at least one.
    pub scopes: Vec<Scope>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Why a key does not sign in.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyRefusal {
    /// There is no such key.
    #[error("there is no such key")]
    Unknown,
    /// It was good once.
    #[error("the key has expired")]
    Expired,
    /// The agency ended it.
    #[error("the key was revoked")]
    Revoked,
    /// Whoever made it is no administrator any more.
    #[error("its maker may not do this any more")]
    MakerGone,
    /// The agency is suspended.
    #[error("the agency is suspended")]
    Suspended,
    /// The database.
    #[error("the database could not be used")]
    Database(#[from] sqlx::Error),
}

const MARK: &str = "imv_";
/// So many characters are shown in lists.
const PREFIX: usize = 12;

/// Whether a bearer token is a key and not a person's token.
#[must_use]
pub fn looks_like_key(token: &str) -> bool {
    token.starts_with(MARK)
}

/// A new key: 256 random bits.
pub(super) fn generate() -> SecretString {
    let random = zeroize::Zeroizing::new(rand::random::<[u8; 32]>());
    SecretString::from(format!("{MARK}{}", URL_SAFE_NO_PAD.encode(*random)))
}

pub(super) fn prefix(key: &SecretString) -> String {
    key.expose_secret().chars().take(PREFIX).collect()
}

/// What is kept of a key. A plain digest is enough: 256 random bits cannot be tried out, so a slow hash with a salt, as
/// passwords need it, would cost every call its time and protect nothing.
pub(super) fn digest(key: &str) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_recognised_and_never_the_same() {
        let (one, other) = (generate(), generate());
        assert!(looks_like_key(one.expose_secret()) && !looks_like_key("eyJhbGciOi"));
        assert_eq!(one.expose_secret().len(), 4 + 43);
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert_eq!(prefix(&one).len(), 12);
        assert_ne!(digest(one.expose_secret()), digest(other.expose_secret()));
    }

    #[test]
    fn every_scope_is_found_by_its_name() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.as_str()), Some(scope));
        }
        assert_eq!(Scope::parse("leads"), None);
    }
}
