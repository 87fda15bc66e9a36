//! Sections about what guards the tenants' secrets, and whose access key signs calls to AWS.

use secrecy::SecretString;
use serde::Deserialize;

/// `[keys]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySettings {
    /// What wraps the data keys.
    pub wrapper: KeyWrapperKind,
    /// For `kms`.
    pub kms: KmsSettings,
}

/// What wraps data keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyWrapperKind {
    /// A key file in `data_folder`; development only.
    LocalFile,
    /// AWS KMS.
    Kms,
}

/// `[keys.kms]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KmsSettings {
    /// Id, ARN or alias of the KMS key.
    pub key_id: Option<String>,
    /// Another address than `https://kms.<region>.amazonaws.com`: an endpoint of the own network, or a stand-in.
    pub endpoint: Option<String>,
    /// One call may take, seconds.
    pub timeout_seconds: u64,
}

/// `[aws]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsSettings {
    /// Region; usually `AWS_REGION`.
    pub region: String,
    /// Access key; usually `AWS_ACCESS_KEY_ID`.
    pub access_key_id: Option<String>,
    /// Its secret; usually `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: Option<SecretString>,
    /// Token of a temporary access key; usually `AWS_SESSION_TOKEN`.
    pub session_token: Option<SecretString>,
    /// Where a container asks for its role's access key: a path at ECS's own address (ECS sets
    /// `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`), or a whole address.
    pub container_credentials: Option<String>,
}
