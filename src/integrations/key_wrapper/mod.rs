//! Wrapping data keys: what is kept in the database is worthless without the wrapper's own key.
//!
//! [`LocalFile`] keeps that key in a file of this machine, which is for development; [`Kms`] leaves it in AWS KMS, which
//! never gives it away.

mod kms;
mod local_file;

pub use kms::Kms;
pub use local_file::LocalFile;

use async_trait::async_trait;
use envelope::{DataKey, KeyId};

use super::aws::AwsError;

/// A data key as it may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Its name.
    pub id: KeyId,
    /// What wrapped it.
    pub by: String,
    /// The key, sealed.
    pub bytes: Vec<u8>,
}

/// Why a key was not wrapped or unwrapped.
#[derive(Debug, thiserror::Error)]
pub enum WrapError {
    /// KMS did not do it.
    #[error("AWS KMS failed")]
    Kms(#[from] AwsError),
    /// Another wrapper made it, so these settings cannot open it.
    #[error("the key {id} was wrapped by {by}; check keys.wrapper")]
    Foreign {
        /// Which.
        id: KeyId,
        /// By what.
        by: String,
    },
    /// It was changed, belongs to another key, or the key file is another one.
    #[error("the key {0} does not open: it was changed, or the wrapper's key is another one than before")]
    DoesNotOpen(KeyId),
}

impl WrapError {
    /// Whether the same may succeed later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Kms(error) if error.is_passing())
    }
}

/// Wraps data keys.
#[async_trait]
pub trait KeyWrapper: Send + Sync {
    /// Wraps a key, so that it opens under its own name only.
    async fn wrap(&self, key: &DataKey) -> Result<WrappedKey, WrapError>;

    /// The key again.
    async fn unwrap(&self, wrapped: &WrappedKey) -> Result<DataKey, WrapError>;
}
