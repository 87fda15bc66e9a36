//! One key.

use std::fmt;

use aes_gcm::aead::Generate as _;
use aes_gcm::{Aes256Gcm, Key, KeyInit as _};
use uuid::Uuid;
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// Names a key. It stands in every envelope and is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub Uuid);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Bytes that are no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key has {KEY_BYTES} bytes, these are {0}")]
pub struct WrongKeyLength(pub usize);

/// A key of AES-256 with its name.
#[derive(Clone)]
pub struct DataKey {
    id: KeyId,
    bytes: Zeroizing<[u8; KEY_BYTES]>,
}

impl DataKey {
    /// A new key from the operating system's random numbers.
    #[must_use]
    pub fn generate(id: KeyId) -> Self {
        let mut random = Key::<Aes256Gcm>::generate();
        let key = Self { id, bytes: Zeroizing::new(random.into()) };
        random.zeroize();
        key
    }

    /// A key that was kept elsewhere.
    ///
    /// # Errors
    /// When there are not [`KEY_BYTES`] of them.
    pub fn from_bytes(id: KeyId, bytes: &[u8]) -> Result<Self, WrongKeyLength> {
        let mut own = Zeroizing::new([0; KEY_BYTES]);
        if bytes.len() != own.len() {
            return Err(WrongKeyLength(bytes.len()));
        }
        own.copy_from_slice(bytes);
        Ok(Self { id, bytes: own })
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The key itself, for whoever wraps it. Keep it no longer than that takes.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.bytes
    }

    pub(crate) fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.bytes).into())
    }
}

impl ZeroizeOnDrop for DataKey {}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey").field("id", &self.id).finish_non_exhaustive()
    }
}
