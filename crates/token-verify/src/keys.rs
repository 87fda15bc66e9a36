//! The issuer's public keys (RFC 7517).

use std::collections::HashMap;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;

/// Why keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The issuer does not answer, or not in time, or with an error.
    #[error("the issuer's keys cannot be fetched")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What came is no key set, or holds no key we can use.
    #[error("what the issuer published is no set of RSA keys")]
    Unreadable,
}

/// Where the key set is published.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// The set as published: a JSON object with `keys`. It ends by itself after a few seconds and brings no more than
    /// a few dozen kilobytes, whatever the other side does.
    ///
    /// # Errors
    /// [`SourceError::Unreachable`].
    async fn fetch(&self) -> Result<Vec<u8>, SourceError>;
}

/// The shortest modulus, bytes: RS256 wants 2048 bits (RFC 7518 §3.3).
const SHORTEST_MODULUS: usize = 256;
/// The longest that the signature check takes, bytes.
const LONGEST_MODULUS: usize = 1024;

/// Keys by their ids, ready for use.
#[derive(Default)]
pub(crate) struct KeySet(HashMap<String, DecodingKey>);

#[derive(Deserialize)]
struct Published {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct PublishedKey {
    kty: String,
    kid: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    n: String,
    e: String,
}

impl KeySet {
    /// Reads a set. Keys for something else (another algorithm, encryption) are passed over.
    pub(crate) fn read(published: &[u8]) -> Result<Self, SourceError> {
        let set: Published = serde_json::from_slice(published).map_err(|_| SourceError::Unreadable)?;
        let keys: HashMap<String, DecodingKey> = set.keys.into_iter().filter_map(usable).collect();
        if keys.is_empty() { Err(SourceError::Unreadable) } else { Ok(Self(keys)) }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&DecodingKey> {
        self.0.get(id)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn usable(key: serde_json::Value) -> Option<(String, DecodingKey)> {
    let key: PublishedKey = serde_json::from_value(key).ok()?;
    let for_signatures = key.usage.is_none_or(|usage| usage == "sig") && key.alg.is_none_or(|alg| alg == "RS256");
    if key.kty != "RSA" || !for_signatures {
        return None;
    }
    let modulus = URL_SAFE_NO_PAD.decode(&key.n).ok()?;
    let exponent = URL_SAFE_NO_PAD.decode(&key.e).ok()?;
    let is_long_enough = (SHORTEST_MODULUS..=LONGEST_MODULUS).contains(&modulus.len());
    is_long_enough.then(|| (key.kid, DecodingKey::from_rsa_raw_components(&modulus, &exponent)))
}
