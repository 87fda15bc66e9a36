//! The configured issuer's tokens through the production router, with its keys over HTTP.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use immivo::integrations::cognito::PublishedKeys;
use serde_json::{Value, json};
use token_verify::KeySource as _;
use token_verify::testing::Issuer;

use super::{founder, kind};
use crate::support::{NOW, TestApp};

const ISSUER: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example";
const CLIENT: &str = "4example4client";

/// What the issuer's address answers.
#[derive(Clone)]
enum Answer {
    Keys(Value),
    Status(StatusCode),
    Redirect(String),
    Endless,
}

#[derive(Clone)]
struct Address(Arc<Mutex<Answer>>, String);

impl Address {
    async fn open(answer: Answer) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let address = Self(Arc::new(Mutex::new(answer)), url);
        let state = address.0.clone();
        let router = Router::new().route(
            "/keys",
            get(async move || {
                let answer = state.lock().unwrap().clone();
                give(answer)
            }),
        );
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    fn set(&self, answer: Answer) {
        *self.0.lock().unwrap() = answer;
    }
}

fn give(answer: Answer) -> Response {
    match answer {
        Answer::Keys(keys) => axum::Json(json!({"keys": [keys]})).into_response(),
        Answer::Status(status) => status.into_response(),
        Answer::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Answer::Endless => {
            let chunk = || Some(Ok::<_, std::io::Error>(vec![b' '; 8192]));
            Body::from_stream(futures::stream::iter(std::iter::from_fn(chunk))).into_response()
        }
    }
}

fn claims(subject: &str) -> Value {
    let now = NOW.parse::<jiff::Timestamp>().unwrap().as_second();
    json!({"iss": ISSUER, "sub": subject, "token_use": "id", "aud": CLIENT, "exp": now + 3600,
           "email": format!("{subject}@example.org"), "email_verified": true})
}

async fn app(keys: &Address) -> TestApp {
    TestApp::with(&[
        ("IMMIVO__AUTH__ISSUER", ISSUER),
        ("IMMIVO__AUTH__JWKS_URL", &keys.1),
        ("IMMIVO__AUTH__CLIENT_IDS", &format!("other,{CLIENT}")),
    ])
    .await
}

#[tokio::test]
async fn the_issuers_tokens_open_the_door_and_no_others() {
    let issuer = Issuer::new("one");
    let keys = Address::open(Answer::Keys(issuer.published())).await;
    let app = app(&keys).await;
    let ida = issuer.token(&claims("ida"));
    assert_eq!(kind(&app.get_as("/api/v1/me", &ida).await.problem(403)), "onboarding-required");
    let mut unverified = claims("ida");
    unverified["email_verified"] = json!(false);
    let reply = app.post_as("/api/v1/onboarding", &issuer.token(&unverified), founder("Alpha")).await;
    assert_eq!(kind(&reply.problem(403)), "email-unverified");
    app.post_as("/api/v1/onboarding", &ida, founder("Alpha")).await.json(201);
    // The access token says who it is as well as the ID token does, but does not name the address.
    let mut access = json!({"token_use": "access", "client_id": CLIENT});
    for name in ["iss", "sub", "exp"] {
        access[name] = claims("ida")[name].clone();
    }
    assert_eq!(app.get_as("/api/v1/me", &issuer.token(&access)).await.json(200)["email"], "ida@example.org");
    access["sub"] = json!("udo");
    let reply = app.post_as("/api/v1/onboarding", &issuer.token(&access), founder("Beta")).await;
    assert_eq!(kind(&reply.problem(403)), "id-token-needed");

    let mut for_others = claims("ida");
    for_others["aud"] = json!("stranger");
    let none = format!("eyJhbGciOiJub25lIn0.{}.", ida.split('.').nth(1).unwrap());
    let local = app.token("ida");
    for (name, token) in [
        ("of the local issuer", local.as_str()),
        ("of another key", &Issuer::new("one").token(&claims("ida"))),
        ("for another client", &issuer.token(&for_others)),
        ("unsigned", &none),
    ] {
        let problem = app.get_as("/api/v1/me", token).await.problem(401);
        assert!(problem["detail"].as_str().unwrap().contains("not valid"), "{name}: {problem}");
    }
    // The issuer may be away; what it signed is still good, until it ends.
    keys.set(Answer::Status(StatusCode::BAD_GATEWAY));
    app.app.clock.set("2026-11-23T08:59:00Z".parse().unwrap());
    app.get_as("/api/v1/me", &ida).await.json(200);
    app.app.clock.set("2026-11-23T09:01:00Z".parse().unwrap());
    let problem = app.get_as("/api/v1/me", &ida).await.problem(401);
    assert!(problem["detail"].as_str().unwrap().contains("expired"), "{problem}");
}

#[tokio::test]
async fn without_any_keys_the_door_says_try_again() {
    let keys = Address::open(Answer::Status(StatusCode::INTERNAL_SERVER_ERROR)).await;
    let app = app(&keys).await;
    let token = Issuer::new("one").token(&claims("ida"));
    app.send(Method::GET, "/api/v1/me", Some(&token), None).await.problem(503);
}

#[tokio::test]
async fn a_fetch_of_keys_ends_whatever_comes() {
    let issuer = Issuer::new("one");
    let real = Address::open(Answer::Keys(issuer.published())).await;
    let keys = Address::open(Answer::Endless).await;
    let source = PublishedKeys::new(&keys.1).unwrap();
    assert!(source.fetch().await.is_err(), "it stops reading");
    keys.set(Answer::Redirect(real.1.clone()));
    let followed = source.fetch().await;
    assert!(!followed.is_ok_and(|body| String::from_utf8_lossy(&body).contains("keys")), "a redirect is not followed");
    keys.set(Answer::Keys(issuer.published()));
    assert!(source.fetch().await.is_ok());
}
