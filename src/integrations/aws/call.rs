//! One signed call of a JSON service.

use std::time::Duration;

use aws_sigv4::http_request::SigningSettings;
use reqwest::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::sign::{self, Unsigned};
use super::{CredentialError, CredentialSource};
use crate::clock::Clock;

const JSON: &str = "application/x-amz-json-1.1";
const TARGET: &str = "x-amz-target";

/// Why a call did not do it. No text holds anything of what was sent.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// No access key.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// The request could not be signed.
    #[error("the request could not be signed: {0}")]
    Signing(String),
    /// No answer, or one that cannot be read.
    #[error("the service cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The service says no.
    #[error("the service refused with {status} {kind}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The service's word, such as `AccessDeniedException`.
        kind: String,
    },
}

impl AwsError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Credentials(CredentialError::Endpoint(_)) => true,
            Self::Refused { status, kind } => *status >= 500 || *status == 429 || kind == "ThrottlingException",
            Self::Credentials(_) | Self::Signing(_) => false,
        }
    }
}

/// Calls one service.
#[derive(Debug)]
pub struct AwsClient {
    service: &'static str,
    region: String,
    endpoint: String,
    credentials: CredentialSource,
    http: reqwest::Client,
    clock: Clock,
}

/// What a refusal says; `message` is left where it is.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "__type", alias = "code", default)]
    kind: String,
}

impl AwsClient {
    /// For a service at its usual address, or at `endpoint`.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(
        service: &'static str,
        region: &str,
        endpoint: Option<&str>,
        timeout: Duration,
        credentials: CredentialSource,
        clock: Clock,
    ) -> Result<Self, AwsError> {
        let http = reqwest::Client::builder().timeout(timeout).build().map_err(AwsError::Unreachable)?;
        let endpoint = match endpoint {
            Some(endpoint) => format!("{}/", endpoint.trim_end_matches('/')),
            None => format!("https://{service}.{region}.amazonaws.com/"),
        };
        Ok(Self { service, region: region.to_owned(), endpoint, credentials, http, clock })
    }

    /// Calls `target`, such as `TrentService.Encrypt`.
    ///
    /// # Errors
    /// [`AwsError`].
    pub async fn call<T: DeserializeOwned>(&self, target: &str, request: &impl Serialize) -> Result<T, AwsError> {
        let body = serde_json::to_vec(request).map_err(|error| AwsError::Signing(error.to_string()))?;
        let headers = [(CONTENT_TYPE.as_str(), JSON), (TARGET, target)];
        let unsigned = Unsigned { method: "POST", url: &self.endpoint, headers: &headers, body: &body };
        let place = (self.service, self.region.as_str());
        let signature =
            sign::headers(&self.credentials, &self.clock, place, SigningSettings::default(), unsigned).await?;
        let mut request = self.http.post(&self.endpoint).header(CONTENT_TYPE, JSON).header(TARGET, target);
        for (name, value) in signature {
            request = request.header(name, value);
        }
        let response = request.body(body).send().await.map_err(AwsError::Unreachable)?;
        let status = response.status();
        if status.is_success() {
            return response.json().await.map_err(AwsError::Unreachable);
        }
        // A refusal that cannot be read is a refusal all the same.
        let refusal = response.json().await.unwrap_or(Refusal { kind: String::new() });
        let kind = refusal.kind.rsplit('#').next().unwrap_or_default().to_owned();
        Err(AwsError::Refused { status: status.as_u16(), kind })
    }
}
