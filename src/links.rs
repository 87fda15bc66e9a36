//! Signed links for prospects, challenges of the widget, and the tokens of the development issuer.
//!
//! A link carries ids and an end date, signed with HMAC-SHA-256 (JWS, RFC 7515); it cannot be guessed, changed or used
//! for another purpose than the one it was made for. Production tokens of the API are not made here.

use std::path::Path;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::clock::Timestamp;
use crate::ids::TenantId;

/// Signs and checks.
#[derive(Clone)]
pub struct LinkKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
    hashing: Hmac<Sha256>,
}

impl std::fmt::Debug for LinkKey {
    /// The key is a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkKey").finish_non_exhaustive()
    }
}

/// Why a link or token is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It was good once.
    #[error("expired")]
    Expired,
    /// It never was.
    #[error("not valid")]
    Invalid,
}

/// What a booking link says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewingLink {
    /// Tenant.
    pub tenant: TenantId,
    /// Lead.
    pub lead: uuid::Uuid,
}

/// What a link to end follow-ups says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsubscribeLink {
    /// Tenant.
    pub tenant: TenantId,
    /// Lead.
    pub lead: uuid::Uuid,
}

/// What a challenge of the widget says: the work to be done before an enquiry is taken
/// (`domain::widget_keys` checks it).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WidgetChallenge {
    /// What the work is done on, and what the enquiry will be called.
    pub id: uuid::Uuid,
    /// Public id of the widget key it was given to.
    pub key: String,
    /// How hard the work is: zero bits in front of each hash.
    pub bits: u8,
    /// When it was given, seconds of Unix time.
    pub at: i64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Claims<T> {
    aud: String,
    exp: i64,
    #[serde(flatten)]
    what: T,
}

const VIEWING: &str = "viewing";
const UNSUBSCRIBE: &str = "unsubscribe";
const WIDGET: &str = "widget challenge";
const DEVELOPMENT: &str = "immivo-development";

/// Whom a token of the local issuer is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Subject.
    pub sub: String,
    /// Address; taken for verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl LinkKey {
    /// A key from a secret of at least 32 characters.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let bytes = secret.expose_secret().as_bytes();
        Self {
            encoding: EncodingKey::from_secret(bytes),
            decoding: DecodingKey::from_secret(bytes),
            hashing: hmac(bytes),
        }
    }

    /// The key of this development machine, made at the first start.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn development(data_folder: &Path) -> std::io::Result<Self> {
        let secret = || rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect();
        let secret = crate::key_file::read_or_create(&data_folder.join("link.key"), secret)?;
        Ok(Self::new(&SecretString::from(secret)))
    }

    /// A link that leads to the viewings of one lead until `until`.
    #[must_use]
    pub fn viewing(&self, link: ViewingLink, until: Timestamp) -> String {
        self.sign(VIEWING, link, until)
    }

    /// What a booking link says.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn read_viewing(&self, token: &str, now: Timestamp) -> Result<ViewingLink, LinkError> {
        self.check(VIEWING, token, now)
    }

    /// A link that ends follow-ups to the person behind a lead until `until`.
    #[must_use]
    pub fn unsubscribe(&self, link: UnsubscribeLink, until: Timestamp) -> String {
        self.sign(UNSUBSCRIBE, link, until)
    }

    /// What a link to end follow-ups says.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn read_unsubscribe(&self, token: &str, now: Timestamp) -> Result<UnsubscribeLink, LinkError> {
        self.check(UNSUBSCRIBE, token, now)
    }

    /// A challenge of the widget, good until `until`.
    #[must_use]
    pub fn widget_challenge(&self, challenge: WidgetChallenge, until: Timestamp) -> String {
        self.sign(WIDGET, challenge, until)
    }

    /// What a challenge of the widget says.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn read_widget_challenge(&self, token: &str, now: Timestamp) -> Result<WidgetChallenge, LinkError> {
        self.check(WIDGET, token, now)
    }

    /// A token of the local issuer. Development only; the settings refuse it in production.
    #[must_use]
    pub fn token(&self, subject: &str, until: Timestamp) -> String {
        self.sign(DEVELOPMENT, Person { sub: subject.to_owned(), email: None }, until)
    }

    /// The same for somebody who is nobody's user yet: it names the address as well, as ID tokens do.
    #[must_use]
    pub fn token_with_email(&self, subject: &str, email: &str, until: Timestamp) -> String {
        self.sign(DEVELOPMENT, Person { sub: subject.to_owned(), email: Some(email.to_owned()) }, until)
    }

    /// Whom a token of the local issuer is of.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn read_token(&self, token: &str, now: Timestamp) -> Result<Person, LinkError> {
        self.check(DEVELOPMENT, token, now)
    }

    /// A name for something that must not be readable from it, such as an address: whoever lacks the key cannot find
    /// out by trying. Hashes of different purposes have nothing in common.
    #[must_use]
    pub fn keyed_hash(&self, purpose: &str, value: &[u8]) -> [u8; 32] {
        let of_purpose = self.hashing.clone().chain_update(b"keyed hash: ").chain_update(purpose).finalize();
        hmac(&of_purpose.into_bytes()).chain_update(value).finalize().into_bytes().into()
    }

    fn sign<T: Serialize>(&self, audience: &str, what: T, until: Timestamp) -> String {
        let claims = Claims { aud: audience.to_owned(), exp: until.as_second(), what };
        // Encoding fails only for a key of another kind than the header's algorithm; both are fixed here.
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).unwrap_or_default()
    }

    fn check<T: for<'de> Deserialize<'de> + Clone>(
        &self,
        audience: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<T, LinkError> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[audience]);
        // The library would ask the system clock; ours is injected.
        validation.validate_exp = false;
        let claims = decode::<Claims<T>>(token, &self.decoding, &validation).map_err(|_| LinkError::Invalid)?.claims;
        if claims.exp <= now.as_second() { Err(LinkError::Expired) } else { Ok(claims.what) }
    }
}

/// HMAC takes keys of any length.
fn hmac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::new_id;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse().unwrap())
    }

    #[test]
    fn a_link_says_what_was_signed_until_it_ends() {
        let key = LinkKey::new(&SecretString::from("0123456789abcdef0123456789abcdef"));
        let link = ViewingLink { tenant: TenantId::new(), lead: new_id() };
        let token = key.viewing(link, at("2026-12-01T00:00:00Z"));
        assert_eq!(key.read_viewing(&token, at("2026-11-30T23:59:59Z")), Ok(link));
        assert_eq!(key.read_viewing(&token, at("2026-12-01T00:00:00Z")), Err(LinkError::Expired));
    }

    #[test]
    fn a_keyed_hash_depends_on_key_purpose_and_value() {
        let key = |text: &str| LinkKey::new(&SecretString::from(text));
        let (one, other) = (key("0123456789abcdef0123456789abcdef"), key("another-secret-of-thirty-two-chars!"));
        let hash = one.keyed_hash("limit", b"192.0.2.1");
        assert_eq!(hash, one.keyed_hash("limit", b"192.0.2.1"));
        assert_ne!(hash, one.keyed_hash("limit", b"192.0.2.2"));
        assert_ne!(hash, one.keyed_hash("consent", b"192.0.2.1"));
        assert_ne!(hash, other.keyed_hash("limit", b"192.0.2.1"));
    }

    #[test]
    fn tampered_foreign_and_misused_links_are_invalid() {
        let key = LinkKey::new(&SecretString::from("0123456789abcdef0123456789abcdef"));
        let other = LinkKey::new(&SecretString::from("another-secret-of-thirty-two-chars!"));
        let now = at("2026-11-22T00:00:00Z");
        let until = at("2026-12-01T00:00:00Z");
        let token = key.viewing(ViewingLink { tenant: TenantId::new(), lead: new_id() }, until);
        assert_eq!(other.read_viewing(&token, now), Err(LinkError::Invalid));
        assert_eq!(key.read_token(&token, now), Err(LinkError::Invalid), "a booking link is no login");
        assert_eq!(key.read_viewing(&key.token("somebody", until), now), Err(LinkError::Invalid));
        assert_eq!(key.read_unsubscribe(&token, now), Err(LinkError::Invalid), "nor does it unsubscribe");
        let mut parts: Vec<&str> = token.split('.').collect();
        parts[1] = "eyJhdWQiOiJ2aWV3aW5nIn0";
        assert_eq!(key.read_viewing(&parts.join("."), now), Err(LinkError::Invalid));
        assert_eq!(key.read_viewing("", now), Err(LinkError::Invalid));
    }
}
