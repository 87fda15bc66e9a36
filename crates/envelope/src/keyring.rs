//! Sealing and opening with several keys, one of them the current one.

use std::collections::BTreeMap;

use aes_gcm::aead::{Aead as _, Generate as _, Payload};
use aes_gcm::{Aes256Gcm, aead};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::key::{DataKey, KeyId};
use crate::place::Place;

const VERSION: u8 = 1;
const KEY_ID: usize = 16;
const NONCE: usize = 12;
const TAG: usize = 16;
const HEADER: usize = 1 + KEY_ID;

/// Why nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No key is the current one.
    #[error("there is no current key")]
    NoCurrentKey,
    /// The secret has more bytes than AES-GCM takes (64 GiB).
    #[error("the secret is too long")]
    TooLong,
}

/// Why an envelope does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is none of ours: too short, or of a version this program does not know.
    #[error("this is no envelope")]
    Malformed,
    /// It was sealed with a key that is not here.
    #[error("the key {0} is not known")]
    UnknownKey(KeyId),
    /// It was changed, or it stands where it does not belong.
    #[error("the envelope was tampered with, or belongs elsewhere")]
    Tampered,
}

/// The keys at hand. Opens with any of them, seals with the current one.
#[derive(Debug, Clone, Default)]
pub struct Keyring {
    keys: BTreeMap<KeyId, DataKey>,
    current: Option<KeyId>,
}

impl Keyring {
    /// Without a key.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key, to open with.
    pub fn add(&mut self, key: DataKey) {
        self.keys.insert(key.id(), key);
    }

    /// Makes a key the one to seal with.
    ///
    /// # Errors
    /// [`OpenError::UnknownKey`] when it was not added before.
    pub fn set_current(&mut self, id: KeyId) -> Result<(), OpenError> {
        if !self.has(id) {
            return Err(OpenError::UnknownKey(id));
        }
        self.current = Some(id);
        Ok(())
    }

    /// Whether this key is here.
    #[must_use]
    pub fn has(&self, id: KeyId) -> bool {
        self.keys.contains_key(&id)
    }

    /// The key that seals.
    #[must_use]
    pub fn current(&self) -> Option<KeyId> {
        self.current
    }

    /// Seals a secret for a place.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn seal(&self, place: &Place<'_>, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        let key = self.current.and_then(|id| self.keys.get(&id)).ok_or(SealError::NoCurrentKey)?;
        let mut envelope = Vec::with_capacity(HEADER + NONCE + secret.len() + TAG);
        envelope.push(VERSION);
        envelope.extend_from_slice(key.id().0.as_bytes());
        let nonce = aead::Nonce::<Aes256Gcm>::generate();
        let aad = place.associated_data(&envelope);
        let sealed =
            key.cipher().encrypt(&nonce, Payload { msg: secret, aad: &aad }).map_err(|_| SealError::TooLong)?;
        envelope.extend_from_slice(&nonce);
        envelope.extend_from_slice(&sealed);
        Ok(envelope)
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, place: &Place<'_>, envelope: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let id = key_id(envelope)?;
        let key = self.keys.get(&id).ok_or(OpenError::UnknownKey(id))?;
        let (header, rest) = envelope.split_at(HEADER);
        let (nonce, sealed) = rest.split_at(NONCE);
        let nonce = aead::Nonce::<Aes256Gcm>::try_from(nonce).map_err(|_| OpenError::Malformed)?;
        let aad = place.associated_data(header);
        let secret = key.cipher().decrypt(&nonce, Payload { msg: sealed, aad: &aad });
        secret.map(Zeroizing::new).map_err(|_| OpenError::Tampered)
    }
}

/// The key an envelope names. Not to be believed before the envelope opened.
///
/// # Errors
/// [`OpenError::Malformed`].
pub fn key_id(envelope: &[u8]) -> Result<KeyId, OpenError> {
    if envelope.len() < HEADER + NONCE + TAG || envelope[0] != VERSION {
        return Err(OpenError::Malformed);
    }
    Uuid::from_slice(&envelope[1..HEADER]).map(KeyId).map_err(|_| OpenError::Malformed)
}
