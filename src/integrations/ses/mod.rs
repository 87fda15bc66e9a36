//! Amazon SES takes mail in for us and says so by Amazon SNS (`docs/decisions/0020`).
//!
//! Always true: nothing of a delivery is used before its signature was checked, and nothing is fetched before its topic
//! was found among the allowed ones. What is fetched comes from SNS of that topic's own region, or from an allowed bucket
//! of S3; each fetch ends in time and reads no more than it may.

mod certificate;
mod delivery;
mod receipt;

use std::time::Duration;

use jiff::SignedDuration;
use reqwest::redirect::Policy;
use serde_json::Value;

use self::certificate::Certificates;
use self::delivery::{Delivery, Kind};
use self::receipt::{Content, Notification};
use crate::clock::Clock;
use crate::integrations::aws::{AwsError, CredentialSource, ObjectError, Objects};
use crate::integrations::fetch::BodyError;
use crate::settings::{AwsSettings, SesSettings};

/// SNS tries for an hour, and what it gave up may lie in a queue of SQS for two weeks. What is older was kept by somebody
/// else, and must not bring back what was erased since.
const OLDEST: SignedDuration = SignedDuration::from_hours(14 * 24);
/// So far the clocks of others may be ahead.
const AHEAD: SignedDuration = SignedDuration::from_mins(15);

/// The door for mail that SES took in.
#[derive(Debug)]
pub struct SesInbox {
    topics: Vec<String>,
    buckets: Vec<String>,
    certificates: Certificates,
    objects: Objects,
    http: reqwest::Client,
    clock: Clock,
    most: usize,
}

/// What a delivery says.
#[derive(Debug)]
pub enum Told {
    /// The subscription of this topic was asked for and is confirmed now.
    Subscribed(String),
    /// Somebody ended the subscription of this topic.
    Unsubscribed(String),
    /// Nothing about mail that came in. Holds the kind in SES's word, if it is one.
    Other(Option<String>),
    /// A mail.
    Mail(Box<SesMail>),
}

/// A mail that SES took in.
#[derive(Debug)]
pub struct SesMail {
    /// The topic that told of it.
    pub topic: String,
    /// SES's name for it.
    pub message_id: String,
    /// Envelope sender.
    pub envelope_from: String,
    /// Envelope recipients for which the receipt rule was.
    pub recipients: Vec<String>,
    /// The bytes.
    pub bytes: SesBytes,
    /// What SES says of it: `{spf, dkim, dmarc, spam, virus}`, each `PASS`, `FAIL`, `GRAY` or `PROCESSING_FAILED`; absent
    /// where it did not look.
    pub verdicts: Value,
}

/// The bytes of a mail.
#[derive(Debug)]
pub enum SesBytes {
    /// All of them.
    Whole(Vec<u8>),
    /// More than we take: its beginning, and where the rest is.
    TooLarge {
        /// As much as was read.
        beginning: Vec<u8>,
        /// `s3://bucket/key`.
        place: String,
    },
}

/// Why a delivery was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SesError {
    /// No topic is allowed: this door is closed.
    #[error("no topic is allowed in ses.topics")]
    Closed,
    /// It is no delivery of SNS.
    #[error("not a delivery of SNS: {0}")]
    Malformed(String),
    /// It is not from an allowed topic, or not signed by SNS. Nobody else's mail is taken.
    #[error("not ours: {0}")]
    NotOurs(&'static str),
    /// A mail came in, and there is no way from this delivery to its bytes: the receipt rule must be changed.
    #[error("no mail in it: {0}")]
    NoBytes(&'static str),
    /// AWS does not give what is needed now. Sent again it may be there.
    #[error("what the delivery names cannot be fetched")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl SesInbox {
    /// As the settings say; `most` is the largest mail, bytes.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(ses: &SesSettings, aws: &AwsSettings, most: usize, clock: Clock) -> Result<Self, AwsError> {
        let timeout = Duration::from_secs(ses.timeout_seconds);
        let credentials = CredentialSource::new(aws, clock.clone())?;
        let objects = Objects::new(&aws.region, ses.s3_endpoint.as_deref(), timeout, credentials, clock.clone())?;
        // What is fetched is named by its address; a redirect would let somebody else name it.
        let client = reqwest::Client::builder().timeout(timeout).redirect(Policy::none()).build();
        let http = client.map_err(AwsError::Unreachable)?;
        Ok(Self {
            topics: ses.topics.clone(),
            buckets: ses.buckets.clone(),
            certificates: Certificates::new(ses.sns_endpoint.clone(), clock.clone()),
            objects,
            http,
            clock,
            most,
        })
    }

    /// Reads a delivery as SNS posted it, checks whose it is, and fetches what it names.
    ///
    /// # Errors
    /// [`SesError`]; none says anything of the mail.
    pub async fn read(&self, body: &[u8]) -> Result<Told, SesError> {
        if self.topics.is_empty() {
            return Err(SesError::Closed);
        }
        let delivery = Delivery::parse(body)?;
        if !self.topics.contains(&delivery.topic_arn) {
            return Err(SesError::NotOurs("its topic is not in ses.topics"));
        }
        self.certificates.check(&self.http, &delivery).await?;
        let age = self.clock.now().0.duration_since(delivery.timestamp);
        if age > OLDEST || age < -AHEAD {
            return Err(SesError::NotOurs("it was signed too long ago, or in the future"));
        }
        match &delivery.kind {
            Kind::Notification => self.notification(&delivery).await,
            Kind::SubscriptionConfirmation { subscribe_url, .. } => {
                self.certificates.visit(&self.http, &delivery, subscribe_url).await?;
                Ok(Told::Subscribed(delivery.topic_arn))
            }
            Kind::UnsubscribeConfirmation { .. } => Ok(Told::Unsubscribed(delivery.topic_arn)),
        }
    }

    async fn notification(&self, delivery: &Delivery) -> Result<Told, SesError> {
        // SES writes a sentence to a topic when it is set up.
        let Some(notification) = Notification::parse(&delivery.message) else { return Ok(Told::Other(None)) };
        let (mail, receipt) = match notification {
            Notification::Received { mail, receipt, content } => (mail, (receipt, content)),
            Notification::Other(kind) => return Ok(Told::Other(Some(kind))),
        };
        let (receipt, content) = receipt;
        let bytes = match receipt.content(content)? {
            Content::Inline(bytes) if bytes.len() > self.most => {
                return Err(SesError::NoBytes("it is larger than smtp.max_message_bytes"));
            }
            Content::Inline(bytes) => SesBytes::Whole(bytes),
            Content::Object { bucket, key } => self.object(&bucket, &key).await?,
        };
        Ok(Told::Mail(Box::new(SesMail {
            topic: delivery.topic_arn.clone(),
            message_id: mail.message_id,
            envelope_from: mail.source.unwrap_or_default(),
            verdicts: receipt.verdicts(),
            recipients: receipt.recipients,
            bytes,
        })))
    }

    async fn object(&self, bucket: &str, key: &str) -> Result<SesBytes, SesError> {
        if !self.buckets.iter().any(|allowed| allowed == bucket) {
            return Err(SesError::NoBytes("its bucket is not in ses.buckets"));
        }
        match self.objects.get(bucket, key, self.most).await {
            Ok(bytes) => Ok(SesBytes::Whole(bytes)),
            Err(ObjectError::Body(BodyError::TooLarge { beginning, .. })) => {
                Ok(SesBytes::TooLarge { beginning, place: format!("s3://{bucket}/{key}") })
            }
            Err(error) => Err(SesError::Unreachable(error.into())),
        }
    }
}
