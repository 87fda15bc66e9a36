//! Checks the tokens of one issuer: RS256 (RFC 7518 §3.3), issuer, audience, use and time.
//!
//! ```text
//! token ──► header: RS256, known key? ──► signature ──► claims: whose, for whom, until when ──► Identity
//!                     │ no
//!                     └─► KeySource, once a minute at most; the last good set stays when it fails
//! ```
//! Always true: nothing of a token is believed before its signature held; the algorithm comes from here and never from
//! the token; a key set is replaced by a readable, non-empty one or not at all; the time is the caller's. Where keys come
//! from is a trait ([`KeySource`]), so this crate opens no connection. It knows the claims of AWS Cognito: access tokens
//! name their client in `client_id`, ID tokens in `aud`, and `token_use` says which of the two it is.

mod claims;
mod keys;
#[cfg(feature = "testing")]
pub mod testing;
mod verifier;

pub use claims::{Identity, TokenUse};
pub use keys::{KeySource, SourceError};
pub use verifier::{Fault, LEEWAY_SECONDS, REFRESH_SECONDS, Settings, TokenError, Verifier};
