//! An issuer in this process: a key, its set, and tokens signed with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::keys::{KeySource, SourceError};

/// A key with its id.
#[derive(Debug)]
pub struct Issuer {
    id: String,
    key: RsaKeyPair,
}

impl Issuer {
    /// One with a new key of 2048 bits.
    ///
    /// # Panics
    /// When no key can be made.
    #[must_use]
    #[allow(clippy::unwrap_used, reason = "for tests only")]
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), key: RsaKeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    /// The key as published.
    #[must_use]
    pub fn published(&self) -> Value {
        let (n, e) = self.components();
        json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.id, "n": n, "e": e})
    }

    /// The public key in DER (`SubjectPublicKeyInfo`), which somebody may try as a secret.
    ///
    /// # Panics
    /// When it cannot be written down.
    #[must_use]
    #[allow(clippy::unwrap_used, reason = "for tests only")]
    pub fn public_der(&self) -> Vec<u8> {
        let der: aws_lc_rs::encoding::PublicKeyX509Der<'_> = self.key.public_key().as_der().unwrap();
        der.as_ref().to_vec()
    }

    /// A token of this key.
    #[must_use]
    pub fn token(&self, claims: &Value) -> String {
        self.signed(&json!({"alg": "RS256", "kid": self.id}), claims)
    }

    /// The same with any header.
    ///
    /// # Panics
    /// When it cannot be signed.
    #[must_use]
    #[allow(clippy::unwrap_used, reason = "for tests only")]
    pub fn signed(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Modulus and exponent as JSON Web Keys spell them. A public key in PKCS #1 is a sequence of just these two.
    fn components(&self) -> (String, String) {
        let der = self.key.public_key().as_ref();
        let (sequence, _) = element(der);
        let (modulus, rest) = element(sequence);
        let (exponent, _) = element(rest);
        let spell = |number: &[u8]| URL_SAFE_NO_PAD.encode(number.strip_prefix(&[0]).unwrap_or(number));
        (spell(modulus), spell(exponent))
    }
}

/// The content of the first DER element, and what follows it.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let long = if der[1] < 0x80 { 0 } else { usize::from(der[1] & 0x7f) };
    let length = match long {
        0 => usize::from(der[1]),
        _ => der[2..2 + long].iter().fold(0, |length, byte| length << 8 | usize::from(*byte)),
    };
    der[2 + long..].split_at(length)
}

/// A source whose keys a test decides, and which counts how often it was asked.
#[derive(Debug, Clone, Default)]
pub struct Published(Arc<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    keys: std::sync::Mutex<Option<Vec<Value>>>,
    asked: AtomicUsize,
}

impl Published {
    /// These keys are there from now on; `None`: the issuer does not answer.
    ///
    /// # Panics
    /// When another thread panicked in here.
    #[allow(clippy::unwrap_used, reason = "for tests only")]
    pub fn set(&self, keys: Option<Vec<Value>>) {
        *self.0.keys.lock().unwrap() = keys;
    }

    /// How often somebody asked.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl KeySource for Published {
    #[allow(clippy::unwrap_used, reason = "for tests only")]
    async fn fetch(&self) -> Result<Vec<u8>, SourceError> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        // Lets others ask meanwhile, as a network would.
        tokio::task::yield_now().await;
        let keys = self.0.keys.lock().unwrap().clone();
        let keys = keys.ok_or_else(|| SourceError::Unreachable("nobody answers".into()))?;
        Ok(json!({"keys": keys}).to_string().into_bytes())
    }
}
