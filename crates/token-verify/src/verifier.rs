//! From a token to whom it is of.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, crypto};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::claims::{Claims, Identity};
use crate::keys::{KeySet, KeySource};

/// How far the issuer's clock and ours may be apart, seconds.
pub const LEEWAY_SECONDS: f64 = 60.0;
/// The shortest time between two fetches of the key set, seconds: whoever sends made-up key ids costs the issuer no
/// more than this.
pub const REFRESH_SECONDS: i64 = 60;
/// After this time a set is fetched anew although it knows every key asked for: the issuer may have withdrawn one.
const STALE_SECONDS: i64 = 3600;
/// Longest token, bytes. Cognito's have one to three thousand.
const LONGEST_TOKEN: usize = 16 * 1024;

/// Whose tokens are good.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `iss`, letter for letter.
    pub issuer: String,
    /// The clients for which tokens are taken: `aud` of ID tokens, `client_id` of access tokens.
    pub client_ids: Vec<String>,
}

/// Why a token is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It was good once: its bearer needs a new one.
    #[error("the token has expired")]
    Expired,
    /// It is not good, and will not be.
    #[error("the token is not valid: {0}")]
    Invalid(Fault),
    /// Nothing can be said of any token: the issuer's keys were never to be had.
    #[error("the issuer's keys are not there")]
    NoKeys,
}

/// What is wrong with a token; for the log, not for its bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is no token of three parts whose claims can be read.
    #[error("malformed")]
    Malformed,
    /// It is signed in another way than RS256, or not at all.
    #[error("wrong algorithm")]
    Algorithm,
    /// The issuer published no such key.
    #[error("unknown key")]
    UnknownKey,
    /// The signature is not the key's.
    #[error("wrong signature")]
    Signature,
    /// Another issuer's.
    #[error("wrong issuer")]
    Issuer,
    /// For another client.
    #[error("wrong audience")]
    Audience,
    /// Neither an access nor an ID token.
    #[error("wrong use")]
    Use,
    /// It begins in the future.
    #[error("not valid yet")]
    NotYetValid,
}

impl From<Fault> for TokenError {
    fn from(fault: Fault) -> Self {
        Self::Invalid(fault)
    }
}

/// Checks tokens of one issuer. Share it: it holds the issuer's keys.
pub struct Verifier {
    settings: Settings,
    source: Box<dyn KeySource>,
    keys: RwLock<Loaded>,
    /// When a fetch was last begun. Held while one is on its way, so that there is one at a time.
    last_fetch: Mutex<Option<i64>>,
}

#[derive(Clone, Default)]
struct Loaded {
    keys: Arc<KeySet>,
    /// Seconds since 1970.
    at: i64,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    kid: Option<Cow<'a, str>>,
    /// Extensions that must be understood; we understand none (RFC 7515 §4.1.11).
    crit: Option<serde::de::IgnoredAny>,
}

impl Verifier {
    /// One without keys yet; the first token fetches them.
    #[must_use]
    pub fn new(settings: Settings, source: Box<dyn KeySource>) -> Self {
        Self { settings, source, keys: RwLock::default(), last_fetch: Mutex::default() }
    }

    /// Whom a token is of. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn verify(&self, token: &str, now: i64) -> Result<Identity, TokenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(Fault::Malformed.into());
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Fault::Malformed)?;
        let (header, payload) =
            signed.split_once('.').filter(|(_, rest)| !rest.contains('.')).ok_or(Fault::Malformed)?;
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| Fault::Malformed)?;
        let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| Fault::Malformed)?;
        if header.alg != "RS256" || header.crit.is_some() {
            return Err(Fault::Algorithm.into());
        }
        let key_id = header.kid.ok_or(Fault::UnknownKey)?;
        let keys = self.keys_with(&key_id, now).await?;
        let key = keys.get(&key_id).ok_or(Fault::UnknownKey)?;
        let good = crypto::verify(signature, signed.as_bytes(), key, Algorithm::RS256);
        if !good.map_err(|_| Fault::Malformed)? {
            return Err(Fault::Signature.into());
        }
        let claims = URL_SAFE_NO_PAD.decode(payload).map_err(|_| Fault::Malformed)?;
        let claims: Claims<'_> = serde_json::from_slice(&claims).map_err(|_| Fault::Malformed)?;
        claims.check(&self.settings, now)
    }

    /// A set that holds this key, if the issuer has it.
    async fn keys_with(&self, key_id: &str, now: i64) -> Result<Arc<KeySet>, TokenError> {
        let loaded = self.loaded();
        if loaded.keys.get(key_id).is_some() {
            if (now - loaded.at).abs() < STALE_SECONDS {
                return Ok(loaded.keys);
            }
            // Whoever comes first fetches; the others go on with what there is.
            if let Ok(last) = self.last_fetch.try_lock() {
                self.refresh(last, now).await;
            }
            return Ok(self.loaded().keys);
        }
        let last = self.last_fetch.lock().await;
        let loaded = self.loaded();
        if loaded.keys.get(key_id).is_some() {
            return Ok(loaded.keys);
        }
        self.refresh(last, now).await;
        let keys = self.loaded().keys;
        if keys.is_empty() { Err(TokenError::NoKeys) } else { Ok(keys) }
    }

    /// Fetches the set unless that was tried within the last minute. What fails is logged and changes nothing.
    async fn refresh(&self, mut last: tokio::sync::MutexGuard<'_, Option<i64>>, now: i64) {
        // A clock that was set back must not stop us for longer than the usual time.
        if last.is_some_and(|last| (now - last).abs() < REFRESH_SECONDS) {
            return;
        }
        *last = Some(now);
        match self.source.fetch().await.and_then(|published| KeySet::read(&published)) {
            Ok(keys) => {
                let loaded = Loaded { keys: Arc::new(keys), at: now };
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = loaded;
            }
            Err(error) => {
                tracing::warn!(
                    error = chain(&error),
                    "the token issuer's keys could not be fetched; the last ones stay"
                );
            }
        }
    }

    fn loaded(&self) -> Loaded {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
