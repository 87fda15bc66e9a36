//! What SES says of a mail it took in
//! (<https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html>).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::SesError;

/// What SES tells a topic.
#[derive(Debug)]
pub(super) enum Notification {
    /// A mail came in.
    Received { mail: Mail, receipt: Box<Receipt>, content: Option<String> },
    /// Something about mail we sent, in SES's word.
    Other(String),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    notification_type: String,
    mail: Option<Mail>,
    receipt: Option<Box<Receipt>>,
    content: Option<String>,
}

/// The envelope.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Mail {
    pub(super) message_id: String,
    pub(super) source: Option<String>,
}

/// What was done with it, and what SES thinks of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt {
    #[serde(default)]
    pub(super) recipients: Vec<String>,
    action: Action,
    spf_verdict: Option<Verdict>,
    dkim_verdict: Option<Verdict>,
    dmarc_verdict: Option<Verdict>,
    spam_verdict: Option<Verdict>,
    virus_verdict: Option<Verdict>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    #[serde(rename = "type")]
    kind: String,
    encoding: Option<String>,
    bucket_name: Option<String>,
    object_key: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Verdict {
    status: String,
}

/// Where the bytes are.
#[derive(Debug)]
pub(super) enum Content {
    Inline(Vec<u8>),
    Object { bucket: String, key: String },
}

impl Notification {
    /// `None`: it is no notification of SES.
    pub(super) fn parse(message: &str) -> Option<Self> {
        let told: Told = serde_json::from_str(message).ok()?;
        match (told.mail, told.receipt) {
            (Some(mail), Some(receipt)) if told.notification_type == "Received" => {
                Some(Self::Received { mail, receipt, content: told.content })
            }
            _ => Some(Self::Other(told.notification_type)),
        }
    }
}

impl Receipt {
    /// The way to the bytes.
    pub(super) fn content(&self, content: Option<String>) -> Result<Content, SesError> {
        let Action { kind, encoding, bucket_name, object_key } = &self.action;
        match (kind.as_str(), content, bucket_name, object_key) {
            ("SNS", Some(content), ..)
                if encoding.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("BASE64")) =>
            {
                let bytes = STANDARD.decode(content).map_err(|_| SesError::NoBytes("its content is no Base64"))?;
                Ok(Content::Inline(bytes))
            }
            ("SNS", Some(content), ..) => Ok(Content::Inline(content.into_bytes())),
            ("S3", _, Some(bucket), Some(key)) => Ok(Content::Object { bucket: bucket.clone(), key: key.clone() }),
            _ => Err(SesError::NoBytes("the receipt rule must have the action SNS with the content, or S3")),
        }
    }

    /// What SES found.
    pub(super) fn verdicts(&self) -> Value {
        let verdicts = [
            ("spf", &self.spf_verdict),
            ("dkim", &self.dkim_verdict),
            ("dmarc", &self.dmarc_verdict),
            ("spam", &self.spam_verdict),
            ("virus", &self.virus_verdict),
        ];
        let known = verdicts.into_iter().filter_map(|(name, verdict)| {
            let status = verdict.as_ref()?.status.as_str();
            let is_known = ["PASS", "FAIL", "GRAY", "PROCESSING_FAILED"].contains(&status);
            is_known.then(|| (name.to_owned(), Value::from(status)))
        });
        Value::Object(known.collect::<Map<_, _>>())
    }
}
