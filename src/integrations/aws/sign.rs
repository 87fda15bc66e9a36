//! Signature Version 4: the headers that say who calls.

use std::time::SystemTime;

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use reqwest::header::{HeaderName, HeaderValue};

use super::{AwsError, CredentialSource};
use crate::clock::Clock;

/// A request that is about to be made.
pub(super) struct Unsigned<'a> {
    pub(super) method: &'static str,
    pub(super) url: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
}

/// The headers that sign it, for one service in one region.
pub(super) async fn headers(
    credentials: &CredentialSource,
    clock: &Clock,
    (service, region): (&str, &str),
    settings: SigningSettings,
    request: Unsigned<'_>,
) -> Result<Vec<(HeaderName, HeaderValue)>, AwsError> {
    let failed = |error: &dyn std::fmt::Display| AwsError::Signing(error.to_string());
    let identity = credentials.get().await?.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(SystemTime::from(clock.now().0))
        .settings(settings)
        .build()
        .map_err(|error| failed(&error))?
        .into();
    let Unsigned { method, url, headers, body } = request;
    let request = SignableRequest::new(method, url, headers.iter().copied(), SignableBody::Bytes(body))
        .map_err(|error| failed(&error))?;
    let (instructions, _) = sign(request, &parameters).map_err(|error| failed(&error))?.into_parts();
    instructions
        .headers()
        .map(|(name, value)| {
            let name = HeaderName::try_from(name).map_err(|error| failed(&error))?;
            let mut value = HeaderValue::try_from(value).map_err(|error| failed(&error))?;
            value.set_sensitive(true);
            Ok((name, value))
        })
        .collect()
}
