//! AWS KMS: the contract of its API against a server that speaks it and checks signatures, and what happens without it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::Method;
use axum::routing::get;
use axum::{Json, Router};
use envelope::{DataKey, KeyId};
use immivo::clock::Clock;
use immivo::domain::secrets::{self, SecretName, Vault};
use immivo::ids::new_id;
use immivo::integrations::aws::{AwsClient, AwsError, CredentialError, CredentialSource};
use immivo::integrations::key_wrapper::{KeyWrapper as _, Kms, WrapError, WrappedKey};
use immivo::settings::{AwsSettings, KmsSettings};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::TestApp;

pub(crate) mod moto;

use moto::Moto;

fn kms(moto: &Moto, key: &str) -> Kms {
    kms_as(moto, key, moto.aws())
}

fn kms_as(moto: &Moto, key: &str, aws: AwsSettings) -> Kms {
    let settings = KmsSettings { key_id: Some(key.to_owned()), endpoint: Some(moto.url()), timeout_seconds: 5 };
    Kms::new(&settings, &aws, Clock::default()).unwrap()
}

fn data_key() -> DataKey {
    DataKey::generate(KeyId(new_id()))
}

#[tokio::test]
async fn a_data_key_is_wrapped_and_comes_back_under_its_name_only() {
    let Some(moto) = Moto::start().await else { return };
    let wrapper = kms(&moto, &moto.make_key().await);
    let key = data_key();
    let wrapped = wrapper.wrap(&key).await.unwrap();
    assert!(wrapped.by.starts_with("arn:aws:kms:eu-central-1:"), "{}", wrapped.by);
    assert!(!wrapped.bytes.windows(32).any(|window| window == key.expose()));
    assert_eq!(wrapper.unwrap(&wrapped).await.unwrap().expose(), key.expose());

    let renamed = WrappedKey { id: KeyId(new_id()), ..wrapped.clone() };
    assert!(matches!(wrapper.unwrap(&renamed).await, Err(WrapError::DoesNotOpen(_))));
    let mut changed = wrapped.clone();
    *changed.bytes.last_mut().unwrap() ^= 1;
    assert!(matches!(wrapper.unwrap(&changed).await, Err(WrapError::DoesNotOpen(_))));
    let local = WrappedKey { by: "local-file".to_owned(), ..wrapped.clone() };
    assert!(matches!(wrapper.unwrap(&local).await, Err(WrapError::Foreign { .. })));

    // Another key of KMS wraps from now on; what the first one wrapped still opens.
    let next = kms(&moto, &moto.make_key().await);
    assert_ne!(next.wrap(&data_key()).await.unwrap().by, wrapped.by);
    assert_eq!(next.unwrap(&wrapped).await.unwrap().expose(), key.expose());
}

#[tokio::test]
async fn refusals_are_told_from_what_passes() {
    let Some(mut moto) = Moto::start().await else { return };
    let key = moto.make_key().await;
    let unknown = kms(&moto, "00000000-0000-0000-0000-000000000000").wrap(&data_key()).await.unwrap_err();
    let WrapError::Kms(AwsError::Refused { kind, .. }) = &unknown else { panic!("{unknown:?}") };
    assert_eq!((kind.as_str(), unknown.is_passing()), ("NotFoundException", false));

    // The server computes the signature itself, with the secret it knows.
    let forger = AwsSettings { secret_access_key: Some("another".into()), ..moto.aws() };
    let forged = kms_as(&moto, &key, forger).wrap(&data_key()).await.unwrap_err();
    assert!(matches!(&forged, WrapError::Kms(AwsError::Refused { status: 403, .. })), "{forged:?}");
    assert!(!forged.is_passing());

    let nobody = AwsSettings { access_key_id: None, secret_access_key: None, ..moto.aws() };
    let error = kms_as(&moto, &key, nobody).wrap(&data_key()).await.unwrap_err();
    assert!(matches!(error, WrapError::Kms(AwsError::Credentials(CredentialError::None))), "{error:?}");

    moto.stop();
    let down = kms(&moto, &key).wrap(&data_key()).await.unwrap_err();
    assert!(matches!(down, WrapError::Kms(AwsError::Unreachable(_))) && down.is_passing(), "{down:?}");
}

#[tokio::test]
async fn secrets_under_kms_survive_a_restart_and_an_outage() {
    let Some(mut moto) = Moto::start().await else { return };
    let (key, url, aws) = (moto.make_key().await, moto.url(), moto.aws());
    let app = TestApp::with(&[
        ("IMMIVO__KEYS__WRAPPER", "kms"),
        ("IMMIVO__KEYS__KMS__KEY_ID", &key),
        ("IMMIVO__KEYS__KMS__ENDPOINT", &url),
        ("AWS_ACCESS_KEY_ID", aws.access_key_id.as_deref().unwrap()),
        ("AWS_SECRET_ACCESS_KEY", aws.secret_access_key.as_ref().unwrap().expose_secret()),
    ])
    .await;
    let agency = app.agency("here").await;
    let put = async |value: &str| {
        let body = Some(json!({"value": value}));
        app.send(Method::PUT, "/api/v1/secrets/mailbox", Some(&agency.admin.token), body).await
    };
    put("one").await.json(201);
    let restarted =
        || Vault::new(app.app.db.clone(), immivo::cli::key_wrapper(&app.app.settings, Clock::default()).unwrap());
    let name = SecretName::parse("mailbox").unwrap();
    let read = async |vault: &Vault| secrets::read(vault, agency.tenant, &name).await;
    assert_eq!(read(&restarted()).await.unwrap().expose_secret(), "one");

    moto.stop();
    // Who has the key goes on; who does not says so, and that it will pass.
    put("two").await.json(200);
    assert_eq!(read(&app.app.vault).await.unwrap().expose_secret(), "two");
    assert!(matches!(read(&restarted()).await, Err(secrets::SecretError::Vault(error)) if error.is_passing()));
    assert!(app.app.vault.generate().await.unwrap_err().is_passing());
    let mut fresh = app.app.clone();
    fresh.vault = restarted();
    let router = immivo::ingress::http::router(fresh, None);
    let request = axum::http::Request::put("/api/v1/secrets/mailbox")
        .header("authorization", format!("Bearer {}", agency.admin.token))
        .header("content-type", "application/json")
        .body(axum::body::Body::from(json!({"value": "three"}).to_string()))
        .unwrap();
    let answer = tower::ServiceExt::oneshot(router, request).await.unwrap();
    assert_eq!(answer.status(), 503);
}

/// The endpoint of ECS, on this machine: each answer is another key, good for an hour.
async fn container(asked: Arc<AtomicU32>, broken: Arc<AtomicU32>) -> (String, JoinSet<std::io::Result<()>>) {
    let answer = move || {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        let expiration = format!("2026-11-23T{:02}:00:00Z", 9 + number);
        let is_broken = broken.load(Ordering::Relaxed) > 0;
        async move {
            let body = json!({"RoleArn": "arn:aws:iam::1:role/x", "AccessKeyId": format!("AK{number}"),
                "SecretAccessKey": "s", "Token": "t", "Expiration": expiration});
            if is_broken { Err(axum::http::StatusCode::INTERNAL_SERVER_ERROR) } else { Ok(Json(body)) }
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/v2/credentials", get(answer));
    let mut server = JoinSet::new();
    server.spawn(axum::serve(listener, router).into_future());
    (format!("http://{address}/v2/credentials"), server)
}

#[tokio::test]
async fn the_containers_role_is_asked_before_its_key_ends() {
    let (asked, broken) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (place, _server) = container(asked.clone(), broken.clone()).await;
    let settings = AwsSettings {
        region: "eu-central-1".to_owned(),
        access_key_id: None,
        secret_access_key: None,
        session_token: None,
        container_credentials: Some(place),
    };
    let clock = Clock::fixed("2026-11-23T08:00:00Z".parse().unwrap());
    let source = CredentialSource::new(&settings, clock.clone()).unwrap();
    let key = async || source.get().await.map(|credentials| credentials.access_key_id().to_owned());
    assert_eq!(key().await.unwrap(), "AK0");
    assert_eq!(source.get().await.unwrap().session_token(), Some("t"));
    clock.set("2026-11-23T08:54:59Z".parse().unwrap());
    assert_eq!(key().await.unwrap(), "AK0");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    clock.set("2026-11-23T08:55:00Z".parse().unwrap());
    assert_eq!(key().await.unwrap(), "AK1");

    // An endpoint in trouble is no reason to stop while the last key is good.
    broken.store(1, Ordering::Relaxed);
    clock.set("2026-11-23T09:59:59Z".parse().unwrap());
    assert_eq!(key().await.unwrap(), "AK1");
    clock.set("2026-11-23T10:00:00Z".parse().unwrap());
    let error = key().await.unwrap_err();
    assert!(matches!(error, CredentialError::Endpoint(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("/v2/credentials"), "the path is as good as a password: {error:?}");
}

#[tokio::test]
async fn a_call_is_what_the_json_api_expects() {
    let Some(moto) = Moto::start().await else { return };
    let credentials = CredentialSource::new(&moto.aws(), Clock::default()).unwrap();
    let client =
        AwsClient::new("kms", "eu-central-1", Some(&moto.url()), Duration::from_secs(5), credentials, Clock::default())
            .unwrap();
    let key = moto.make_key().await;
    let described: Value = client.call("TrentService.DescribeKey", &json!({"KeyId": key})).await.unwrap();
    assert_eq!(described["KeyMetadata"]["KeyId"], key.as_str());
    assert_eq!(described["KeyMetadata"]["KeySpec"], "SYMMETRIC_DEFAULT");
    assert!(!format!("{client:?}").contains(moto.aws().secret_access_key.unwrap().expose_secret()));
}
