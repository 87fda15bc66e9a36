//! Signed links for prospects, and the tokens of the development issuer.
//!
//! A link carries ids and an end date, signed with HMAC-SHA-256 (JWS, RFC 7515); it cannot be guessed, changed or used
//! for another purpose than the one it was made for. Production tokens of the API are not made here.

use std::path::Path;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::TenantId;

/// Signs and checks.
#[derive(Clone)]
pub struct LinkKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
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

#[derive(Clone, Serialize, Deserialize)]
struct Claims<T> {
    aud: String,
    exp: i64,
    #[serde(flatten)]
    what: T,
}

const VIEWING: &str = "viewing";
const DEVELOPMENT: &str = "immivo-development";

#[derive(Clone, Serialize, Deserialize)]
struct Subject {
    sub: String,
}

impl LinkKey {
    /// A key from a secret of at least 32 characters.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let bytes = secret.expose_secret().as_bytes();
        Self { encoding: EncodingKey::from_secret(bytes), decoding: DecodingKey::from_secret(bytes) }
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

    /// A token of the local issuer. Development only; the settings refuse it in production.
    #[must_use]
    pub fn token(&self, subject: &str, until: Timestamp) -> String {
        self.sign(DEVELOPMENT, Subject { sub: subject.to_owned() }, until)
    }

    /// The subject of a token of the local issuer.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn read_token(&self, token: &str, now: Timestamp) -> Result<String, LinkError> {
        self.check::<Subject>(DEVELOPMENT, token, now).map(|subject| subject.sub)
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
    fn tampered_foreign_and_misused_links_are_invalid() {
        let key = LinkKey::new(&SecretString::from("0123456789abcdef0123456789abcdef"));
        let other = LinkKey::new(&SecretString::from("another-secret-of-thirty-two-chars!"));
        let now = at("2026-11-22T00:00:00Z");
        let until = at("2026-12-01T00:00:00Z");
        let token = key.viewing(ViewingLink { tenant: TenantId::new(), lead: new_id() }, until);
        assert_eq!(other.read_viewing(&token, now), Err(LinkError::Invalid));
        assert_eq!(key.read_token(&token, now), Err(LinkError::Invalid), "a booking link is no login");
        assert_eq!(key.read_viewing(&key.token("somebody", until), now), Err(LinkError::Invalid));
        let mut parts: Vec<&str> = token.split('.').collect();
        parts[1] = "eyJhdWQiOiJ2aWV3aW5nIn0";
        assert_eq!(key.read_viewing(&parts.join("."), now), Err(LinkError::Invalid));
        assert_eq!(key.read_viewing("", now), Err(LinkError::Invalid));
    }
}
