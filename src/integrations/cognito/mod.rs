//! The token issuer's published keys, over HTTP: AWS Cognito, or whoever publishes a key set (RFC 7517) at an address.
//!
//! Always true: a fetch ends within `TIMEOUT` and reads at most `MOST_BYTES`, whatever the other side does.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::Client;
use reqwest::redirect::Policy;
use token_verify::{KeySource, SourceError};

use crate::integrations::fetch;

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
        let response = response.error_for_status().map_err(unreachable)?;
        fetch::body(response, MOST_BYTES).await.map_err(|error| SourceError::Unreachable(error.into()))
    }
}
