//! Keys with which an agency's other programs call the API.
//!
//! Always true: a key is shown once and kept as a digest; it acts in the name of the administrator who made it, within
//! its scopes, and stops when it expires, is revoked, or that person is no administrator any more. Which operation needs
//! which scope is said in `ingress/http/scopes.rs`; what is not said there no key reaches.

mod model;
mod store;

pub use model::{ApiKey, ApiKeyId, ApiKeyRefusal, NewApiKey, Scope, looks_like_key};
pub use store::{create, list, revoke, sign_in};
