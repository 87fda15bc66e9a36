//! Reading one object of Amazon S3.

use std::time::Duration;

use aws_sigv4::http_request::{PayloadChecksumKind, PercentEncodingMode, SigningSettings, UriPathNormalizationMode};
use reqwest::redirect::Policy;

use super::sign::{self, Unsigned};
use super::{AwsError, CredentialSource};
use crate::clock::Clock;
use crate::integrations::fetch::{self, BodyError};

/// Why an object was not read.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// S3 did not give it.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// It came and was not read to its end.
    #[error(transparent)]
    Body(#[from] BodyError),
}

/// Reads objects.
#[derive(Debug)]
pub struct Objects {
    region: String,
    endpoint: String,
    credentials: CredentialSource,
    http: reqwest::Client,
    clock: Clock,
}

impl Objects {
    /// In a region, at S3's usual address or at `endpoint`.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(
        region: &str,
        endpoint: Option<&str>,
        timeout: Duration,
        credentials: CredentialSource,
        clock: Clock,
    ) -> Result<Self, AwsError> {
        // A redirect would carry the signature of one address to another; S3 sends them for the wrong region only.
        let client = reqwest::Client::builder().timeout(timeout).redirect(Policy::none()).build();
        let endpoint = match endpoint {
            Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
            None => format!("https://s3.{region}.amazonaws.com"),
        };
        let http = client.map_err(AwsError::Unreachable)?;
        Ok(Self { region: region.to_owned(), endpoint, credentials, http, clock })
    }

    /// The bytes of an object that has `most` or fewer.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn get(&self, bucket: &str, key: &str, most: usize) -> Result<Vec<u8>, ObjectError> {
        let url = format!("{}/{}/{}", self.endpoint, encoded(bucket), encoded(key));
        let mut settings = SigningSettings::default();
        // S3 signs the path as it is sent.
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let unsigned = Unsigned { method: "GET", url: &url, headers: &[], body: b"" };
        let signature = sign::headers(&self.credentials, &self.clock, ("s3", &self.region), settings, unsigned).await?;
        let mut request = self.http.get(&url);
        for (name, value) in signature {
            request = request.header(name, value);
        }
        let response = request.send().await.map_err(AwsError::Unreachable)?;
        let status = response.status();
        if status.is_success() {
            return Ok(fetch::body(response, most).await?);
        }
        let refusal = fetch::body(response, MOST_OF_A_REFUSAL).await.unwrap_or_default();
        let kind = code_in(&String::from_utf8_lossy(&refusal));
        Err(AwsError::Refused { status: status.as_u16(), kind }.into())
    }
}

const MOST_OF_A_REFUSAL: usize = 16 * 1024;

/// S3's word for a refusal: `<Error><Code>NoSuchKey</Code>…`. Letters and digits only, because it goes to the log.
fn code_in(refusal: &str) -> String {
    let code = refusal.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
    code.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).take(64).collect()
}

/// A name as a part of a path: S3 keeps what RFC 3986 calls unreserved, and the slash.
fn encoded(name: &str) -> String {
    let mut path = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => path.push(char::from(byte)),
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_as_s3_signs_them() {
        assert_eq!(encoded("mails/2026 11/ä+~b"), "mails/2026%2011/%C3%A4%2B~b");
    }

    #[test]
    fn a_refusal_is_named_by_its_code_alone() {
        assert_eq!(code_in("<?xml?><Error><Code>NoSuchKey</Code><Key>secret</Key></Error>"), "NoSuchKey");
        assert_eq!(code_in("<Code>a b\n</Code>"), "ab");
        assert_eq!(code_in("nothing"), "");
    }
}
