//! Whose access key signs: the settings', or that of the container's role, which changes every few hours.

use std::time::Duration;

use aws_credential_types::Credentials;
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::clock::Clock;
use crate::settings::AwsSettings;

/// Where ECS answers (fixed by AWS for every task).
const ECS: &str = "http://169.254.170.2";
/// So long before its end a temporary key is replaced.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// Why there is no access key.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// Nothing says whose.
    #[error("no AWS access key: run with a role of ECS, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")]
    None,
    /// The address the settings name is neither ECS's nor this machine.
    #[error("aws.container_credentials must be a path such as /v2/…, or an address on this machine")]
    ForeignAddress,
    /// The container's endpoint does not answer as it should.
    #[error("the container's credentials endpoint failed")]
    Endpoint(#[source] reqwest::Error),
}

/// Gives the access key of the moment.
pub struct CredentialSource {
    from: Source,
    http: reqwest::Client,
    clock: Clock,
}

enum Source {
    Settings(Credentials),
    Container { url: String, last: Mutex<Option<Temporary>> },
    Nowhere,
}

struct Temporary {
    credentials: Credentials,
    until: Timestamp,
}

/// As ECS answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    access_key_id: String,
    secret_access_key: String,
    token: String,
    expiration: Timestamp,
}

impl CredentialSource {
    /// As the settings say; a given access key comes before the container's role.
    ///
    /// # Errors
    /// [`CredentialError::ForeignAddress`], or when no client can be made.
    pub fn new(settings: &AwsSettings, clock: Clock) -> Result<Self, CredentialError> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).no_proxy().build();
        let from = match (&settings.access_key_id, &settings.secret_access_key, &settings.container_credentials) {
            (Some(id), Some(secret), _) => {
                let token = settings.session_token.as_ref().map(|token| token.expose_secret().to_owned());
                Source::Settings(Credentials::new(id, secret.expose_secret(), token, None, "settings"))
            }
            (_, _, Some(place)) => Source::Container { url: address(place)?, last: Mutex::new(None) },
            _ => Source::Nowhere,
        };
        Ok(Self { from, http: http.map_err(CredentialError::Endpoint)?, clock })
    }

    /// The access key to sign with now.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub async fn get(&self) -> Result<Credentials, CredentialError> {
        match &self.from {
            Source::Nowhere => Err(CredentialError::None),
            Source::Settings(credentials) => Ok(credentials.clone()),
            Source::Container { url, last } => {
                let now = self.clock.now().0;
                let mut last = last.lock().await;
                if let Some(known) = last.as_ref().filter(|known| now + MARGIN < known.until) {
                    return Ok(known.credentials.clone());
                }
                match self.ask(url).await {
                    Ok(new) => Ok(last.insert(new).credentials.clone()),
                    // Good until its end, whatever the endpoint says.
                    Err(error) => match last.as_ref().filter(|known| now < known.until) {
                        Some(known) => Ok(known.credentials.clone()),
                        None => Err(error),
                    },
                }
            }
        }
    }

    async fn ask(&self, url: &str) -> Result<Temporary, CredentialError> {
        let response = self.http.get(url).send().await.and_then(reqwest::Response::error_for_status);
        let answer: Answer = match response {
            // The path is as good as a password, and an error would show it.
            Ok(response) => response.json().await.map_err(|error| CredentialError::Endpoint(error.without_url()))?,
            Err(error) => return Err(CredentialError::Endpoint(error.without_url())),
        };
        let until = answer.expiration;
        let credentials =
            Credentials::new(answer.access_key_id, answer.secret_access_key, Some(answer.token), None, "container");
        Ok(Temporary { credentials, until })
    }
}

fn address(place: &str) -> Result<String, CredentialError> {
    if place.starts_with('/') {
        return Ok(format!("{ECS}{place}"));
    }
    let local = url::Url::parse(place).ok().filter(|url| match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        _ => false,
    });
    local.map(String::from).ok_or(CredentialError::ForeignAddress)
}

impl std::fmt::Debug for CredentialSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CredentialSource").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_asked_of_ecs_or_this_machine_only() {
        assert_eq!(address("/v2/credentials/x").unwrap(), "http://169.254.170.2/v2/credentials/x");
        assert_eq!(address("http://127.0.0.1:9/x").unwrap(), "http://127.0.0.1:9/x");
        for place in ["http://evil.test/x", "@evil.test/", "http://127.0.0.1@evil.test/", "", "ftp:"] {
            assert!(matches!(address(place), Err(CredentialError::ForeignAddress)), "{place}");
        }
    }
}
