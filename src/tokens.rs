//! Whose tokens the API takes: the configured issuer's (AWS Cognito), or, in development without one, our own.
//!
//! Always true: there is one issuer at a time. With `auth.issuer` set, tokens of the local issuer are worth nothing; in
//! production the settings insist on it.

use std::sync::Arc;

use token_verify::{Identity, KeySource, TokenError, TokenUse, Verifier};

use crate::clock::Timestamp;
use crate::links::{LinkError, LinkKey};
use crate::settings::AuthSettings;

/// Reads tokens. Cloning shares the issuer's keys.
#[derive(Debug, Clone)]
pub struct Tokens(Issuer);

#[derive(Debug, Clone)]
enum Issuer {
    Configured(Arc<Verifier>),
    Local(Box<LinkKey>),
}

impl Tokens {
    /// Of the issuer that the settings name, whose keys come from `source`.
    #[must_use]
    pub fn of_issuer(issuer: &str, settings: &AuthSettings, source: Box<dyn KeySource>) -> Self {
        let settings = token_verify::Settings { issuer: issuer.to_owned(), client_ids: settings.client_ids.clone() };
        Self(Issuer::Configured(Arc::new(Verifier::new(settings, source))))
    }

    /// Of `immivo token`. Development only.
    #[must_use]
    pub fn local(key: LinkKey) -> Self {
        Self(Issuer::Local(Box::new(key)))
    }

    /// Whom a token is of.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn read(&self, token: &str, now: Timestamp) -> Result<Identity, TokenError> {
        match &self.0 {
            Issuer::Configured(verifier) => verifier.verify(token, now.as_second()).await,
            Issuer::Local(key) => {
                let person = key.read_token(token, now).map_err(|error| match error {
                    LinkError::Expired => TokenError::Expired,
                    LinkError::Invalid => TokenError::Invalid(token_verify::Fault::Signature),
                })?;
                let email_verified = person.email.is_some();
                Ok(Identity { subject: person.sub, token_use: TokenUse::Id, email: person.email, email_verified })
            }
        }
    }
}
