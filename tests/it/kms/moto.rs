//! A moto server of one test's own: it speaks the API of AWS KMS and checks signatures.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use immivo::clock::Clock;
use immivo::integrations::aws::{AwsClient, CredentialSource};
use immivo::settings::AwsSettings;
use serde_json::{Value, json};

use crate::support::skip;

pub(crate) struct Moto {
    child: Child,
    port: u16,
    /// A user of the server who may do everything.
    access_key_id: String,
    secret_access_key: String,
}

/// What the server takes unsigned: making the user with its right and its key.
const UNSIGNED_CALLS: &str = "3";

impl Moto {
    /// Starts one. `None`, and a loud word about it, where there is none to start.
    pub(crate) async fn start() -> Option<Self> {
        let Some(program) = program() else {
            skip("AWS KMS against a server", "moto_server is not installed (dev/setup --ci does it)");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env("INITIAL_NO_AUTH_ACTION_COUNT", UNSIGNED_CALLS)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut moto = Self { child, port, access_key_id: String::new(), secret_access_key: String::new() };
        moto.wait().await;
        moto.iam("CreateUser", &[]).await;
        let all = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
        moto.iam("PutUserPolicy", &[("PolicyName", "all"), ("PolicyDocument", &all.to_string())]).await;
        let key = moto.iam("CreateAccessKey", &[]).await;
        let within = |tag: &str| key.split(&format!("<{tag}>")).nth(1).unwrap().split('<').next().unwrap().to_owned();
        (moto.access_key_id, moto.secret_access_key) = (within("AccessKeyId"), within("SecretAccessKey"));
        Some(moto)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn aws(&self) -> AwsSettings {
        AwsSettings {
            region: "eu-central-1".to_owned(),
            access_key_id: Some(self.access_key_id.clone()),
            secret_access_key: Some(self.secret_access_key.as_str().into()),
            session_token: None,
            container_credentials: None,
        }
    }

    /// A new key of KMS: its id.
    pub(crate) async fn make_key(&self) -> String {
        let credentials = CredentialSource::new(&self.aws(), Clock::default()).unwrap();
        let (url, timeout) = (self.url(), Duration::from_secs(5));
        let client = AwsClient::new("kms", "eu-central-1", Some(&url), timeout, credentials, Clock::default()).unwrap();
        let made: Value = client.call("TrentService.CreateKey", &json!({})).await.unwrap();
        made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
    }

    /// Makes a bucket of S3, or puts an object into one.
    pub(crate) async fn put(&self, path: &str, object: Option<&[u8]>) {
        let mut url = url::Url::parse(&self.url()).unwrap();
        url.set_path(path);
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let identity = Credentials::new(&self.access_key_id, &self.secret_access_key, None, None, "test").into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name("s3")
            .time(Clock::default().now().0.into())
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let body = object.unwrap_or_default();
        let unsigned = SignableRequest::new("PUT", url.as_str(), [].into_iter(), SignableBody::Bytes(body)).unwrap();
        let (signature, _) = sign(unsigned, &parameters).unwrap().into_parts();
        let mut request = reqwest::Client::builder().no_proxy().build().unwrap().put(url).body(body.to_vec());
        for (name, value) in signature.headers() {
            request = request.header(name.to_owned(), value.to_owned());
        }
        let reply = request.send().await.unwrap();
        let (status, text) = (reply.status(), reply.text().await.unwrap());
        assert!(status.is_success(), "{path}: {text}");
    }

    pub(crate) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    async fn wait(&mut self) {
        for _ in 0..600 {
            if tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return;
            }
            assert!(self.child.try_wait().unwrap().is_none(), "moto_server ended by itself");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("moto_server does not listen");
    }

    async fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("Action", action), ("Version", "2010-05-08"), ("UserName", "immivo")])
            .extend_pairs(parameters)
            .finish();
        let reply = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .post(self.url())
            .header("content-type", "application/x-www-form-urlencoded")
            // Says which service is meant.
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=x/20261123/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=x",
            )
            .body(body)
            .send()
            .await
            .unwrap();
        let (status, text) = (reply.status(), reply.text().await.unwrap());
        assert!(status.is_success(), "{action}: {text}");
        text
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.stop();
    }
}

/// On the path, or where `dev/setup --ci` puts it.
#[allow(clippy::disallowed_methods, reason = "no setting of the program")]
fn program() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let own = cache.map(|cache| cache.join("immivo/moto-5.2.5/bin/moto_server"));
    let mut candidates = own.into_iter().chain([PathBuf::from("moto_server")]);
    candidates.find(|program| {
        let asked = Command::new(program).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    })
}
