//! One delivery of SNS as it is posted, and the text that its signature is over
//! (<https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>).

use serde::Deserialize;

use super::SesError;

/// As posted. Fields that are not signed and not needed are left where they are.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Posted {
    #[serde(rename = "Type")]
    kind: String,
    message_id: String,
    topic_arn: String,
    message: String,
    timestamp: String,
    signature_version: String,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
    subject: Option<String>,
    token: Option<String>,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: Option<String>,
}

/// A delivery whose signature nobody checked yet.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) kind: Kind,
    pub(super) topic_arn: String,
    pub(super) message: String,
    pub(super) timestamp: jiff::Timestamp,
    pub(super) version: Version,
    /// Base64.
    pub(super) signature: String,
    pub(super) certificate_url: String,
    message_id: String,
    /// As it was written, which is what was signed.
    timestamp_text: String,
    subject: Option<String>,
}

/// What a delivery is for.
#[derive(Debug)]
pub(super) enum Kind {
    /// The topic says something.
    Notification,
    /// The topic asks whether it may.
    SubscriptionConfirmation { token: String, subscribe_url: String },
    /// It will not any more.
    UnsubscribeConfirmation { token: String, subscribe_url: String },
}

/// How it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// RSA with SHA-1.
    One,
    /// RSA with SHA-256.
    Two,
}

impl Delivery {
    pub(super) fn parse(body: &[u8]) -> Result<Self, SesError> {
        let malformed = |what: &str| SesError::Malformed(what.to_owned());
        // The library's words hold no values of texts, only what was expected and where.
        let posted: Posted = serde_json::from_slice(body).map_err(|error| SesError::Malformed(error.to_string()))?;
        let link = || {
            let missing = || malformed("Token or SubscribeURL is missing");
            Ok::<_, SesError>((
                posted.token.clone().ok_or_else(missing)?,
                posted.subscribe_url.clone().ok_or_else(missing)?,
            ))
        };
        let kind = match posted.kind.as_str() {
            "Notification" => Kind::Notification,
            "SubscriptionConfirmation" => {
                let (token, subscribe_url) = link()?;
                Kind::SubscriptionConfirmation { token, subscribe_url }
            }
            "UnsubscribeConfirmation" => {
                let (token, subscribe_url) = link()?;
                Kind::UnsubscribeConfirmation { token, subscribe_url }
            }
            _ => return Err(malformed("its Type is unknown")),
        };
        let version = match posted.signature_version.as_str() {
            "1" => Version::One,
            "2" => Version::Two,
            _ => return Err(malformed("its SignatureVersion is neither 1 nor 2")),
        };
        Ok(Self {
            kind,
            version,
            timestamp: posted.timestamp.parse().map_err(|_| malformed("its Timestamp is no time"))?,
            timestamp_text: posted.timestamp,
            topic_arn: posted.topic_arn,
            message: posted.message,
            signature: posted.signature,
            certificate_url: posted.signing_cert_url,
            message_id: posted.message_id,
            subject: posted.subject,
        })
    }

    /// What is signed: names and values, each on its line, in the order of the names.
    pub(super) fn signed_text(&self) -> String {
        let mut fields = vec![("Message", &self.message), ("MessageId", &self.message_id)];
        match &self.kind {
            Kind::Notification => {
                fields.extend(self.subject.iter().map(|subject| ("Subject", subject)));
                fields.extend([("Timestamp", &self.timestamp_text), ("TopicArn", &self.topic_arn)]);
            }
            Kind::SubscriptionConfirmation { token, subscribe_url }
            | Kind::UnsubscribeConfirmation { token, subscribe_url } => fields.extend([
                ("SubscribeURL", subscribe_url),
                ("Timestamp", &self.timestamp_text),
                ("Token", token),
                ("TopicArn", &self.topic_arn),
            ]),
        }
        let name = self.kind.name();
        let mut text: String = fields.into_iter().map(|(name, value)| format!("{name}\n{value}\n")).collect();
        text.push_str(&format!("Type\n{name}\n"));
        text
    }

    /// Where SNS of this topic's region is: `arn:<partition>:sns:<region>:<account>:<name>`.
    pub(super) fn sns_host(&self) -> Option<String> {
        let mut parts = self.topic_arn.split(':');
        let ("arn", partition, "sns", region) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?) else {
            return None;
        };
        let end = match partition {
            "aws" | "aws-us-gov" => "amazonaws.com",
            "aws-cn" => "amazonaws.com.cn",
            _ => return None,
        };
        let is_plain = !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_plain.then(|| format!("sns.{region}.{end}"))
    }
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Notification => "Notification",
            Self::SubscriptionConfirmation { .. } => "SubscriptionConfirmation",
            Self::UnsubscribeConfirmation { .. } => "UnsubscribeConfirmation",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn posted(kind: &str, more: &Value) -> Delivery {
        let mut all = json!({
            "Type": kind, "MessageId": "m-1", "TopicArn": "arn:aws:sns:eu-central-1:123456789012:mail", "Message": "Hallo",
            "Timestamp": "2026-11-23T08:00:00.000Z", "SignatureVersion": "2", "Signature": "c2ln",
            "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem", "UnsubscribeURL": "x",
        });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Delivery::parse(all.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn what_is_signed_is_what_the_documentation_says() {
        let plain = posted("Notification", &json!({}));
        assert_eq!(
            plain.signed_text(),
            "Message\nHallo\nMessageId\nm-1\nTimestamp\n2026-11-23T08:00:00.000Z\nTopicArn\narn:aws:sns:eu-central-1:123456789012:mail\nType\nNotification\n"
        );
        let with_subject = posted("Notification", &json!({"Subject": "S"}));
        assert!(with_subject.signed_text().contains("MessageId\nm-1\nSubject\nS\nTimestamp\n"));
        let asked = posted("SubscriptionConfirmation", &json!({"Token": "t", "SubscribeURL": "https://x"}));
        assert!(asked.signed_text().contains("MessageId\nm-1\nSubscribeURL\nhttps://x\nTimestamp\n"));
        assert!(asked.signed_text().ends_with(
            "Token\nt\nTopicArn\narn:aws:sns:eu-central-1:123456789012:mail\nType\nSubscriptionConfirmation\n"
        ));
    }

    #[test]
    fn the_host_is_that_of_the_topics_region() {
        let host = |arn: &str| posted("Notification", &json!({"TopicArn": arn})).sns_host();
        assert_eq!(host("arn:aws:sns:eu-central-1:1:mail").as_deref(), Some("sns.eu-central-1.amazonaws.com"));
        assert_eq!(host("arn:aws-cn:sns:cn-north-1:1:mail").as_deref(), Some("sns.cn-north-1.amazonaws.com.cn"));
        for arn in ["", "arn:aws:sqs:eu-central-1:1:mail", "arn:aws:sns:evil.test/x:1:mail", "arn:aws:sns::1:m"] {
            assert_eq!(host(arn), None, "{arn}");
        }
    }
}
