//! The token issuer's published keys, over HTTP: AWS Cognito, or whoever publishes a key set (RFC 7517) at an address.
//!
//! Always true: a fetch ends within `TIMEOUT` and reads at most `MOST_BYTES`, whatever the other side does.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::Client;
use reqwest::redirect::Policy;
use token_verify::{KeySource, SourceError};

/// A request that waits for keys waits no longer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Cognito's sets have two keys in one kilobyte.
const MOST_BYTES: usize = 64 * 1024;

/// A key set at an address.
#[derive(Debug, Clone)]
pub struct PublishedKeys {
    client: Client,
    url: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the key set is larger than {MOST_BYTES} bytes")]
struct TooLarge;

impl PublishedKeys {
    /// The set at this address.
    ///
    /// # Errors
    /// When this machine has no usable TLS.
    pub fn new(url: &str) -> Result<Self, reqwest::Error> {
        // Keys come from where the settings say; a redirect would let somebody else say it.
        let client = Client::builder().timeout(TIMEOUT).redirect(Policy::none()).build()?;
        Ok(Self { client, url: url.to_owned() })
    }
}

#[async_trait]
impl KeySource for PublishedKeys {
    async fn fetch(&self) -> Result<Vec<u8>, SourceError> {
        let unreachable = |error: reqwest::Error| SourceError::Unreachable(error.into());
        let response = self.client.get(&self.url).send().await.map_err(unreachable)?;
        let mut response = response.error_for_status().map_err(unreachable)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(SourceError::Unreachable(TooLarge.into()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}
