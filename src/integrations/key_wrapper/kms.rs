//! The wrapper of production: AWS KMS, by its JSON API.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use envelope::{DataKey, KeyId};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{KeyWrapper, WrapError, WrappedKey};
use crate::clock::Clock;
use crate::integrations::aws::{AwsClient, AwsError, CredentialSource};
use crate::settings::{AwsSettings, KmsSettings};

/// Wraps with a key that stays in KMS.
#[derive(Debug)]
pub struct Kms {
    client: AwsClient,
    key_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EncryptRequest<'a> {
    key_id: &'a str,
    plaintext: Zeroizing<String>,
    encryption_context: BTreeMap<&'static str, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EncryptResponse {
    ciphertext_blob: String,
    /// ARN of the key that was used.
    key_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DecryptRequest<'a> {
    key_id: &'a str,
    ciphertext_blob: String,
    encryption_context: BTreeMap<&'static str, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DecryptResponse {
    plaintext: Zeroizing<String>,
}

/// What KMS ties a wrapped key to (its associated data; CloudTrail shows it).
fn context(id: KeyId) -> BTreeMap<&'static str, String> {
    BTreeMap::from([("immivo:dataKey", id.to_string())])
}

impl Kms {
    /// As the settings say.
    ///
    /// # Errors
    /// When they cannot work.
    pub fn new(kms: &KmsSettings, aws: &AwsSettings, clock: Clock) -> Result<Self, AwsError> {
        let credentials = CredentialSource::new(aws, clock.clone())?;
        let timeout = Duration::from_secs(kms.timeout_seconds);
        let client = AwsClient::new("kms", &aws.region, kms.endpoint.as_deref(), timeout, credentials, clock)?;
        // The settings refuse `kms` without a key.
        Ok(Self { client, key_id: kms.key_id.clone().unwrap_or_default() })
    }
}

#[async_trait]
impl KeyWrapper for Kms {
    async fn wrap(&self, key: &DataKey) -> Result<WrappedKey, WrapError> {
        let id = key.id();
        let request = EncryptRequest {
            key_id: &self.key_id,
            plaintext: Zeroizing::new(STANDARD.encode(key.expose())),
            encryption_context: context(id),
        };
        let answer: EncryptResponse = self.client.call("TrentService.Encrypt", &request).await?;
        let bytes = STANDARD.decode(answer.ciphertext_blob).map_err(|_| WrapError::DoesNotOpen(id))?;
        Ok(WrappedKey { id, by: answer.key_id, bytes })
    }

    async fn unwrap(&self, wrapped: &WrappedKey) -> Result<DataKey, WrapError> {
        let WrappedKey { id, by, bytes } = wrapped;
        if !by.starts_with("arn:") {
            return Err(WrapError::Foreign { id: *id, by: by.clone() });
        }
        // With the key that wrapped it, which need not be the one that wraps now: an alias may have moved on.
        let request =
            DecryptRequest { key_id: by, ciphertext_blob: STANDARD.encode(bytes), encryption_context: context(*id) };
        let answer: DecryptResponse = match self.client.call("TrentService.Decrypt", &request).await {
            Err(AwsError::Refused { kind, .. })
                if ["InvalidCiphertextException", "IncorrectKeyException"].contains(&kind.as_str()) =>
            {
                return Err(WrapError::DoesNotOpen(*id));
            }
            answer => answer?,
        };
        let plain = STANDARD.decode(&*answer.plaintext).map(Zeroizing::new).map_err(|_| WrapError::DoesNotOpen(*id))?;
        DataKey::from_bytes(*id, &plain).map_err(|_| WrapError::DoesNotOpen(*id))
    }
}
