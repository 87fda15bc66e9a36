//! What a token says, and whether it says it to us, now.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use crate::verifier::{Fault, LEEWAY_SECONDS, Settings, TokenError};

/// Which of an issuer's two tokens it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenUse {
    /// Says what its bearer may call; names nobody's address.
    Access,
    /// Says who its bearer is.
    Id,
}

/// Whom a good token is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The issuer's name for the person; it never changes.
    pub subject: String,
    /// Which token said so.
    pub token_use: TokenUse,
    /// Address, as the issuer spells it. Access tokens have none.
    pub email: Option<String>,
    /// The issuer has seen that the person reads mail at this address.
    pub email_verified: bool,
}

/// The claims we read; texts are borrowed from the decoded token where they hold no escapes.
#[derive(Deserialize)]
pub(crate) struct Claims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    sub: Cow<'a, str>,
    #[serde(borrow)]
    token_use: Cow<'a, str>,
    exp: f64,
    nbf: Option<f64>,
    #[serde(borrow)]
    aud: Option<Audience<'a>>,
    #[serde(borrow)]
    client_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    email: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "flag")]
    email_verified: bool,
}

/// One audience or several (RFC 7519 §4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience<'a> {
    #[serde(borrow)]
    One(Cow<'a, str>),
    Several(Vec<Cow<'a, str>>),
}

impl Claims<'_> {
    /// Who it is, if the token is of this issuer, for one of our clients, and good at `now` (seconds since 1970).
    pub(crate) fn check(self, settings: &Settings, now: i64) -> Result<Identity, TokenError> {
        if self.iss != settings.issuer.as_str() {
            return Err(Fault::Issuer.into());
        }
        let is_ours = |client: &str| settings.client_ids.iter().any(|ours| ours == client);
        let (token_use, for_us) = match (&*self.token_use, &self.aud, &self.client_id) {
            ("access", _, Some(client)) => (TokenUse::Access, is_ours(client)),
            ("id", Some(Audience::One(audience)), _) => (TokenUse::Id, is_ours(audience)),
            ("id", Some(Audience::Several(audiences)), _) => (TokenUse::Id, audiences.iter().any(|one| is_ours(one))),
            ("access" | "id", _, _) => return Err(Fault::Audience.into()),
            _ => return Err(Fault::Use.into()),
        };
        if !for_us {
            return Err(Fault::Audience.into());
        }
        // Seconds since 1970 are exact in a float for the next 285 million years.
        #[expect(clippy::cast_precision_loss, reason = "see above")]
        let now = now as f64;
        if self.nbf.is_some_and(|begin| begin > now + LEEWAY_SECONDS) {
            return Err(Fault::NotYetValid.into());
        }
        if self.exp <= now - LEEWAY_SECONDS {
            return Err(TokenError::Expired);
        }
        if self.sub.is_empty() {
            return Err(Fault::Malformed.into());
        }
        Ok(Identity {
            subject: self.sub.into_owned(),
            token_use,
            email: self.email.map(Cow::into_owned),
            email_verified: self.email_verified,
        })
    }
}

/// Cognito writes `true`; user pools fed by other providers have been seen to write `"true"`.
fn flag<'de, D: Deserializer<'de>>(source: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Flag<'a> {
        Bool(bool),
        #[serde(borrow)]
        Text(Cow<'a, str>),
    }
    match Flag::deserialize(source)? {
        Flag::Bool(flag) => Ok(flag),
        Flag::Text(text) if text == "true" => Ok(true),
        Flag::Text(text) if text == "false" => Ok(false),
        Flag::Text(_) => Err(D::Error::custom("neither true nor false")),
    }
}
