//! Amazon Web Services: whose access key, and signed calls of its JSON services.
//!
//! Requests are signed by AWS's own `aws-sigv4`; the rest is one POST (`docs/decisions/0012`).

mod call;
mod credentials;

pub use call::{AwsClient, AwsError};
pub use credentials::{CredentialError, CredentialSource};
