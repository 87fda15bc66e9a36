//! What a secret is to those who may not see it.

use super::VaultError;
use crate::clock::Timestamp;
use crate::domain::users::UserId;

crate::ids::id_type!(
    /// One secret of a tenant.
    SecretId
);

/// What a secret is called: lower-case letters, digits and dashes, first a letter, at most 63.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretName(String);

impl SecretName {
    /// The name in a text, if it is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        (first && text.len() <= 63 && text.bytes().all(fits)).then(|| Self(text.to_owned()))
    }

    /// The name of the secret that belongs to one row: `<prefix>-<id>`. The prefix is a word in lower case.
    #[must_use]
    pub fn of_row(prefix: &'static str, id: uuid::Uuid) -> Self {
        Self(format!("{prefix}-{id}"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A secret without what is secret.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Id.
    pub id: SecretId,
    /// Name.
    pub name: String,
    /// Grows with each change.
    pub version: i32,
    /// When it was first kept.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: UserId,
}

/// Why a secret was not kept, used or removed.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// There is no secret of this name.
    #[error("there is no such secret")]
    NotFound,
    /// It is of another version than the caller read.
    #[error("it was changed meanwhile")]
    Changed,
    /// The keys of this process are outdated by a whole rotation; sealing again helps.
    #[error("the key was retired meanwhile")]
    KeyRetired,
    /// Keys or envelope.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database.
    #[error("the database could not be used")]
    Database(#[from] sqlx::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        let long = "a".repeat(64);
        for text in ["mailbox-office", "a", "a1", &long[..63]] {
            assert_eq!(SecretName::parse(text).unwrap().as_str(), text);
        }
        let of_row = SecretName::of_row("connection", uuid::Uuid::nil());
        assert_eq!(SecretName::parse(of_row.as_str()), Some(of_row.clone()));
        for text in ["", "-a", "1a", "A", "a_b", "a b", "ä", "a\n", &long] {
            assert_eq!(SecretName::parse(text), None, "{text:?}");
        }
    }
}
