//! SNS as the door sees it: a server that has the certificate, and the key that goes with it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize, SigningKey as _};
use serde_json::{Value, json};
use tokio::task::JoinSet;

pub(crate) const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:mail";
pub(crate) const HOST: &str = "https://sns.eu-central-1.amazonaws.com";

/// The key of SNS and, to the same length, that of somebody else. Making one takes a while.
static KEYS: LazyLock<(KeyPair, KeyPair)> = LazyLock::new(|| {
    let key = || KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    (key(), key())
});
/// Another certificate, for `sha1.json`: signed once by `openssl dgst -sha1`, because no library here makes such signatures.
const SHA1: &str = include_str!("sha1.pem");

/// The server, until dropped.
pub(crate) struct Sns {
    pub(crate) address: SocketAddr,
    state: Seen,
    _server: JoinSet<std::io::Result<()>>,
}

#[derive(Clone, Default)]
struct Seen {
    certificates: Arc<AtomicU32>,
    confirmations: Arc<AtomicU32>,
    /// Answers with this status instead, if it is not 0.
    broken: Arc<AtomicU32>,
    /// So many bytes in place of the certificate, if it is not 0.
    flood: Arc<AtomicU64>,
}

impl Sns {
    pub(crate) async fn start() -> Self {
        let state = Seen::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router =
            Router::new().route("/", get(confirm)).route("/{name}", get(certificate)).with_state(state.clone());
        let mut server = JoinSet::new();
        server.spawn(axum::serve(listener, router).into_future());
        Self { address, state, _server: server }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Certificates and confirmations asked for so far.
    pub(crate) fn asked(&self) -> (u32, u32) {
        (self.state.certificates.load(Ordering::Relaxed), self.state.confirmations.load(Ordering::Relaxed))
    }

    pub(crate) fn answer_with(&self, status: u32) {
        self.state.broken.store(status, Ordering::Relaxed);
    }

    pub(crate) fn flood(&self, bytes: u64) {
        self.state.flood.store(bytes, Ordering::Relaxed);
    }
}

async fn confirm(State(seen): State<Seen>, RawQuery(query): RawQuery) -> StatusCode {
    seen.confirmations.fetch_add(1, Ordering::Relaxed);
    let asked = query.is_some_and(|query| query.contains("Action=ConfirmSubscription"));
    match seen.broken.load(Ordering::Relaxed) {
        0 if asked => StatusCode::OK,
        0 => StatusCode::BAD_REQUEST,
        status => StatusCode::from_u16(u16::try_from(status).unwrap()).unwrap(),
    }
}

async fn certificate(State(seen): State<Seen>, Path(name): Path<String>) -> Result<String, StatusCode> {
    seen.certificates.fetch_add(1, Ordering::Relaxed);
    let status = seen.broken.load(Ordering::Relaxed);
    if status != 0 {
        return Err(StatusCode::from_u16(u16::try_from(status).unwrap()).unwrap());
    }
    let flood = seen.flood.load(Ordering::Relaxed);
    if flood != 0 {
        return Ok("x".repeat(usize::try_from(flood).unwrap()));
    }
    match name.strip_prefix("SimpleNotificationService-").and_then(|rest| rest.strip_suffix(".pem")) {
        Some("00000000000000000000000000000000") => Ok(CertificateParams::new(vec!["sns.amazonaws.com".to_owned()])
            .unwrap()
            .self_signed(&KEYS.0)
            .unwrap()
            .pem()),
        Some("00000000000000000000000000000001") => Ok(SHA1.to_owned()),
        _ => Err(StatusCode::NOT_FOUND),
    }
}

/// What SES tells of a mail that is inside.
pub(crate) fn received(recipients: &[&str], raw: &str) -> Value {
    let verdict = json!({"status": "PASS"});
    json!({
        "notificationType": "Received",
        "receipt": {
            "timestamp": "2026-11-23T07:59:57.000Z", "processingTimeMillis": 480, "recipients": recipients,
            "spamVerdict": verdict, "virusVerdict": verdict, "spfVerdict": verdict, "dkimVerdict": {"status": "FAIL"},
            "dmarcVerdict": {"status": "GRAY"}, "dmarcPolicy": "none",
            "action": {"type": "SNS", "topicArn": TOPIC, "encoding": "BASE64"},
        },
        "mail": {"timestamp": "2026-11-23T07:59:56.000Z", "source": "no-reply@willhaben.at", "messageId": "ses-1",
                 "destination": recipients, "headersTruncated": false, "headers": [], "commonHeaders": {}},
        "content": STANDARD.encode(raw.replace('\n', "\r\n")),
    })
}

/// The same of a mail that lies in a bucket.
pub(crate) fn stored(recipients: &[&str], bucket: &str, key: &str) -> Value {
    let mut told = received(recipients, "");
    told.as_object_mut().unwrap().remove("content");
    told["receipt"]["action"] =
        json!({"type": "S3", "topicArn": TOPIC, "bucketName": bucket, "objectKeyPrefix": "in", "objectKey": key});
    told
}

/// A delivery of SNS that is about to be signed.
pub(crate) fn delivery(message: &Value) -> Value {
    json!({
        "Type": "Notification",
        "MessageId": immivo::ids::new_id().to_string(),
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Receipt Notification",
        "Message": message.as_str().map_or_else(|| message.to_string(), str::to_owned),
        "Timestamp": "2026-11-23T07:59:58.123Z",
        "SignatureVersion": "2",
        "SigningCertURL": format!("{HOST}/SimpleNotificationService-00000000000000000000000000000000.pem"),
        "UnsubscribeURL": format!("{HOST}/?Action=Unsubscribe"),
    })
}

/// The topic asks whether it may.
pub(crate) fn subscription(kind: &str, url: &str) -> Value {
    let mut asked = delivery(&json!("You have chosen to subscribe to the topic."));
    asked["Type"] = json!(kind);
    asked.as_object_mut().unwrap().remove("Subject");
    asked["Token"] = json!("token-1");
    asked["SubscribeURL"] = json!(url);
    asked
}

/// Signs it as SNS does.
pub(crate) fn signed(delivery: Value) -> Value {
    signed_by(&KEYS.0, delivery)
}

/// Signs it as somebody else would.
pub(crate) fn forged(delivery: Value) -> Value {
    signed_by(&KEYS.1, delivery)
}

fn signed_by(key: &KeyPair, mut delivery: Value) -> Value {
    // The order of the names, as the documentation spells it out for both kinds.
    let names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
    let text: String =
        names.into_iter().filter_map(|name| Some(format!("{name}\n{}\n", delivery.get(name)?.as_str()?))).collect();
    delivery["Signature"] = json!(STANDARD.encode(key.sign(text.as_bytes()).unwrap()));
    delivery
}
