//! Whose signature it is: SNS publishes its certificates at its own address, and TLS says whose address that is.

use std::collections::HashMap;

use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::ParsedCertificate;
use tokio::sync::Mutex;
use url::Url;

use super::SesError;
use super::delivery::{Delivery, Version};
use crate::clock::Clock;
use crate::integrations::fetch;

/// A certificate has two kilobytes, the answer to a confirmation one.
const MOST_BYTES: usize = 64 * 1024;
/// SNS has one certificate per region and changes it within years.
const MOST_KEPT: usize = 16;
/// After this it is fetched anew, so that one that SNS took back is not good for ever.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// SNS's certificates, as far as they were needed.
#[derive(Debug)]
pub(super) struct Certificates {
    /// In the place of `https://sns.<region>.amazonaws.com`, for tests.
    stand_in: Option<String>,
    clock: Clock,
    /// Public keys (`SubjectPublicKeyInfo`) by the address of their certificate.
    kept: Mutex<HashMap<String, (Vec<u8>, Timestamp)>>,
}

impl Certificates {
    pub(super) fn new(stand_in: Option<String>, clock: Clock) -> Self {
        Self { stand_in, clock, kept: Mutex::default() }
    }

    /// Whether SNS signed this delivery.
    pub(super) async fn check(&self, http: &reqwest::Client, delivery: &Delivery) -> Result<(), SesError> {
        let not_signed = || SesError::NotOurs("its signature is not that of SNS");
        let signature = STANDARD.decode(&delivery.signature).map_err(|_| not_signed())?;
        let url = at_sns(delivery, &delivery.certificate_url)
            .filter(|url| is_certificate(url.path()) && url.query().is_none())
            .ok_or(SesError::NotOurs("its certificate is not at SNS of the topic's region"))?;
        let key = self.key(http, &url).await?;
        let algorithm: &'static dyn VerificationAlgorithm = match delivery.version {
            Version::One => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Version::Two => &RSA_PKCS1_2048_8192_SHA256,
        };
        let key = UnparsedPublicKey::new(algorithm, key);
        key.verify(delivery.signed_text().as_bytes(), &signature).map_err(|_| not_signed())
    }

    /// Calls an address that a signed delivery names, if it is SNS's own.
    pub(super) async fn visit(
        &self,
        http: &reqwest::Client,
        delivery: &Delivery,
        address: &str,
    ) -> Result<(), SesError> {
        let url = at_sns(delivery, address).ok_or(SesError::NotOurs("its SubscribeURL is not at SNS"))?;
        self.fetch(http, &url).await.map(|_| ())
    }

    /// The public key in the certificate at this address.
    async fn key(&self, http: &reqwest::Client, url: &Url) -> Result<Vec<u8>, SesError> {
        // Held while fetching: many deliveries at once ask once.
        let mut kept = self.kept.lock().await;
        let now = self.clock.now().0;
        kept.retain(|_, (_, until)| now < *until);
        if let Some((key, _)) = kept.get(url.as_str()) {
            return Ok(key.clone());
        }
        let pem = self.fetch(http, url).await?;
        let key = public_key(&pem).ok_or_else(|| SesError::Unreachable("what SNS gave is no certificate".into()))?;
        if kept.len() < MOST_KEPT {
            kept.insert(url.to_string(), (key.clone(), now + KEPT_FOR));
        }
        Ok(key)
    }

    async fn fetch(&self, http: &reqwest::Client, url: &Url) -> Result<Vec<u8>, SesError> {
        let address = match &self.stand_in {
            None => url.to_string(),
            Some(stand_in) => {
                let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
                format!("{}{}{query}", stand_in.trim_end_matches('/'), url.path())
            }
        };
        // An address of a confirmation is as good as a password, and an error would show it.
        let unreachable = |error: reqwest::Error| SesError::Unreachable(error.without_url().into());
        let response = http.get(address).send().await.map_err(unreachable)?;
        if !response.status().is_success() {
            return Err(SesError::Unreachable(format!("SNS answered {}", response.status()).into()));
        }
        fetch::body(response, MOST_BYTES).await.map_err(|error| SesError::Unreachable(error.into()))
    }
}

/// The address, if it is one of SNS in the region of the delivery's topic, by TLS and on its usual port.
fn at_sns(delivery: &Delivery, address: &str) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    let is_sns = url.scheme() == "https"
        && url.host_str().is_some_and(|host| delivery.sns_host().is_some_and(|sns| sns == host))
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    is_sns.then_some(url)
}

/// `/SimpleNotificationService-<32 hexadecimal digits>.pem`, as SNS names them.
fn is_certificate(path: &str) -> bool {
    path.strip_prefix("/SimpleNotificationService-")
        .and_then(|rest| rest.strip_suffix(".pem"))
        .is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn public_key(pem: &[u8]) -> Option<Vec<u8>> {
    let certificate = CertificateDer::from_pem_slice(pem).ok()?;
    let parsed = ParsedCertificate::try_from(&certificate).ok()?;
    Some(parsed.subject_public_key_info().as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_addresses_of_sns_in_the_topics_region_are_called() {
        let delivery = Delivery::parse(
            json!({"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-central-1:1:mail", "Message": "",
                   "Timestamp": "2026-11-23T08:00:00Z", "SignatureVersion": "1", "Signature": "", "SigningCertURL": ""})
            .to_string()
            .as_bytes(),
        )
        .unwrap();
        assert!(at_sns(&delivery, "https://sns.eu-central-1.amazonaws.com/x?a=b").is_some());
        assert!(at_sns(&delivery, "https://SNS.eu-central-1.amazonaws.com:443/x").is_some(), "the same, spelled oddly");
        for address in [
            "http://sns.eu-central-1.amazonaws.com/x",
            "https://sns.us-east-1.amazonaws.com/x",
            "https://sns.eu-central-1.amazonaws.com.evil.test/x",
            "https://sns.eu-central-1.amazonaws.com@evil.test/x",
            "https://evil.test/sns.eu-central-1.amazonaws.com",
            "https://u@sns.eu-central-1.amazonaws.com/x",
            "https://sns.eu-central-1.amazonaws.com:8443/x",
            "https://sns.eu-central-1.amazonaws.com.",
            "file:///etc/passwd",
            "",
        ] {
            assert!(at_sns(&delivery, address).is_none(), "{address}");
        }
    }

    #[test]
    fn certificates_have_their_usual_names() {
        assert!(is_certificate("/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"));
        for path in [
            "/SimpleNotificationService-.pem",
            "/x.pem",
            "/SimpleNotificationService-0123456789abcdef0123456789abcdeg.pem",
        ] {
            assert!(!is_certificate(path), "{path}");
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_key() {
        for pem in ["", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert_eq!(public_key(pem.as_bytes()), None, "{pem}");
        }
    }
}
