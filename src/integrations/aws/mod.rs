//! Amazon Web Services: whose access key, signed calls of its JSON services, and reading objects of S3.
//!
//! Requests are signed by AWS's own `aws-sigv4`; the rest is one POST (`docs/decisions/0012`).

mod call;
mod credentials;
mod object;
mod sign;

pub use call::{AwsClient, AwsError};
pub use credentials::{CredentialError, CredentialSource};
pub use object::{ObjectError, Objects};
