//! What a verifier takes, what it refuses, and when it asks the issuer.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use token_verify::testing::{Issuer, Published};
use token_verify::{Fault, Settings, TokenError, TokenUse, Verifier};

const NOW: i64 = 1_795_000_000;
const ISSUER: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example";
const CLIENT: &str = "4example4client";

struct Stage {
    issuer: Issuer,
    published: Published,
    verifier: Arc<Verifier>,
}

impl Stage {
    fn new() -> Self {
        let (issuer, published) = (Issuer::new("one"), Published::default());
        published.set(Some(vec![issuer.published()]));
        let settings =
            Settings { issuer: ISSUER.to_owned(), client_ids: vec!["another".to_owned(), CLIENT.to_owned()] };
        let verifier = Arc::new(Verifier::new(settings, Box::new(published.clone())));
        Self { issuer, published, verifier }
    }

    async fn fault(&self, token: &str) -> TokenError {
        self.verifier.verify(token, NOW).await.unwrap_err()
    }
}

fn access() -> Value {
    json!({"iss": ISSUER, "sub": "a1b2", "token_use": "access", "client_id": CLIENT, "exp": NOW + 3600, "iat": NOW})
}

fn id() -> Value {
    json!({"iss": ISSUER, "sub": "a1b2", "token_use": "id", "aud": CLIENT, "exp": NOW + 3600,
           "email": "ida@example.org", "email_verified": true})
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

#[tokio::test]
async fn access_and_id_tokens_say_who_it_is() {
    let stage = Stage::new();
    let who = stage.verifier.verify(&stage.issuer.token(&access()), NOW).await.unwrap();
    assert_eq!((who.subject.as_str(), who.token_use, who.email), ("a1b2", TokenUse::Access, None));
    let who = stage.verifier.verify(&stage.issuer.token(&id()), NOW).await.unwrap();
    assert_eq!(
        (who.token_use, who.email.as_deref(), who.email_verified),
        (TokenUse::Id, Some("ida@example.org"), true)
    );
    for (value, verified) in [(json!("true"), true), (json!("false"), false), (json!(false), false)] {
        let token = stage.issuer.token(&with(id(), "email_verified", value));
        assert_eq!(stage.verifier.verify(&token, NOW).await.unwrap().email_verified, verified);
    }
    assert_eq!(stage.published.asked(), 1, "the keys are fetched once");
}

#[tokio::test]
async fn claims_that_are_not_for_us_are_refused() {
    let stage = Stage::new();
    let without = |mut claims: Value, name: &str| {
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    for (claims, fault) in [
        (with(access(), "iss", json!("https://cognito-idp.eu-central-1.amazonaws.com/other")), Fault::Issuer),
        (with(access(), "iss", json!(format!("{ISSUER}/"))), Fault::Issuer),
        (with(access(), "client_id", json!("stranger")), Fault::Audience),
        (with(id(), "aud", json!("stranger")), Fault::Audience),
        (with(id(), "aud", json!(["stranger", "other"])), Fault::Audience),
        (without(id(), "aud"), Fault::Audience),
        // Each kind names its client in its own place.
        (with(without(access(), "client_id"), "aud", json!(CLIENT)), Fault::Audience),
        (with(without(id(), "aud"), "client_id", json!(CLIENT)), Fault::Audience),
        (with(access(), "token_use", json!("refresh")), Fault::Use),
        (without(access(), "token_use"), Fault::Malformed),
        (without(access(), "exp"), Fault::Malformed),
        (without(access(), "sub"), Fault::Malformed),
        (with(access(), "sub", json!("")), Fault::Malformed),
    ] {
        assert_eq!(stage.fault(&stage.issuer.token(&claims)).await, TokenError::Invalid(fault), "{claims}");
    }
    let token = stage.issuer.token(&with(id(), "aud", json!(["stranger", CLIENT])));
    assert!(stage.verifier.verify(&token, NOW).await.is_ok());
}

#[tokio::test]
async fn a_minute_between_two_clocks_is_forgiven_and_no_more() {
    let stage = Stage::new();
    for (name, value, good) in
        [("exp", NOW - 59, true), ("exp", NOW - 60, false), ("nbf", NOW + 60, true), ("nbf", NOW + 61, false)]
    {
        let token = stage.issuer.token(&with(access(), name, json!(value)));
        assert_eq!(stage.verifier.verify(&token, NOW).await.is_ok(), good, "{name} {value}");
    }
    assert_eq!(stage.fault(&stage.issuer.token(&with(access(), "exp", json!(NOW - 60)))).await, TokenError::Expired);
    let early = stage.issuer.token(&with(access(), "nbf", json!(NOW + 61)));
    assert_eq!(stage.fault(&early).await, TokenError::Invalid(Fault::NotYetValid));
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let stage = Stage::new();
    let good = stage.issuer.token(&access());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let stranger = Issuer::new("one");
    let richer = URL_SAFE_NO_PAD.encode(with(access(), "sub", json!("somebody-else")).to_string());
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"one"}"#);
    for (name, token, fault) in [
        ("another key under the same id", stranger.token(&access()), Fault::Signature),
        ("other claims under the signature", format!("{header}.{richer}.{signature}"), Fault::Signature),
        ("alg none", format!("{none}.{payload}."), Fault::Algorithm),
        ("alg none with a signature", format!("{none}.{payload}.{signature}"), Fault::Algorithm),
        ("no signature", format!("{signed}."), Fault::Signature),
        ("HS256 with the public key as secret", hs256(&stage.issuer), Fault::Algorithm),
        (
            "RS512 in the header",
            stage.issuer.signed(&json!({"alg": "RS512", "kid": "one"}), &access()),
            Fault::Algorithm,
        ),
        (
            "an extension we must understand",
            stage.issuer.signed(&json!({"alg": "RS256", "kid": "one", "crit": ["b64"], "b64": false}), &access()),
            Fault::Algorithm,
        ),
        ("no key id", stage.issuer.signed(&json!({"alg": "RS256"}), &access()), Fault::UnknownKey),
        ("a header of two", format!("{header}.{header}.{payload}.{signature}"), Fault::Malformed),
        ("two parts", signed.to_owned(), Fault::Malformed),
        ("no base64", format!("{header}.{payload}.%%"), Fault::Malformed),
        ("nothing", String::new(), Fault::Malformed),
        ("too long", format!("{good}{}", "A".repeat(20_000)), Fault::Malformed),
    ] {
        assert_eq!(stage.fault(&token).await, TokenError::Invalid(fault), "{name}");
    }
    assert!(stage.verifier.verify(&good, NOW).await.is_ok());
}

/// The old trick: what is public for RS256 would be the secret of HS256.
fn hs256(issuer: &Issuer) -> String {
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    header.kid = Some("one".to_owned());
    let key = jsonwebtoken::EncodingKey::from_secret(&issuer.public_der());
    jsonwebtoken::encode(&header, &access(), &key).unwrap()
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_once_a_minute() {
    let stage = Stage::new();
    let next = Issuer::new("two");
    stage.verifier.verify(&stage.issuer.token(&access()), NOW).await.unwrap();
    assert_eq!(stage.published.asked(), 1);
    // Within the minute nobody asks again, whatever ids come.
    for second in 1..60 {
        let made_up = Issuer::signed(&next, &json!({"alg": "RS256", "kid": format!("made-up-{second}")}), &access());
        let refused = stage.verifier.verify(&made_up, NOW + second).await.unwrap_err();
        assert_eq!(refused, TokenError::Invalid(Fault::UnknownKey));
    }
    assert_eq!(stage.published.asked(), 1);
    // The issuer changes its key: after the minute the new one is found, by one fetch for all who wait.
    stage.published.set(Some(vec![next.published()]));
    let token = next.token(&access());
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (verifier, token) = (stage.verifier.clone(), token.clone());
        waiting.spawn(async move { verifier.verify(&token, NOW + 60).await });
    }
    for one in waiting.join_all().await {
        assert!(one.is_ok(), "{one:?}");
    }
    assert_eq!(stage.published.asked(), 2);
    let old = stage.verifier.verify(&stage.issuer.token(&access()), NOW + 61).await.unwrap_err();
    assert_eq!(old, TokenError::Invalid(Fault::UnknownKey), "a key the issuer withdrew is no longer good");
}

#[tokio::test]
async fn the_last_good_set_stays_when_the_issuer_is_down() {
    let stage = Stage::new();
    let token = stage.issuer.token(&with(access(), "exp", json!(NOW + 100_000)));
    stage.published.set(None);
    assert_eq!(stage.fault(&token).await, TokenError::NoKeys, "without any key nothing can be said");
    assert_eq!(stage.fault(&token).await, TokenError::NoKeys);
    assert_eq!(stage.published.asked(), 1, "a dead issuer is not hammered");
    stage.published.set(Some(vec![stage.issuer.published()]));
    stage.verifier.verify(&token, NOW + 60).await.unwrap();
    // Down again, and the set is old: it is tried once a minute, and what is known goes on.
    stage.published.set(None);
    for (now, asked) in [(3000, 2), (3700, 3), (3701, 3), (3760, 4), (90_000, 5)] {
        assert!(stage.verifier.verify(&token, NOW + now).await.is_ok(), "{now}");
        assert_eq!(stage.published.asked(), asked, "{now}");
    }
    // An answer without a usable key replaces nothing either.
    stage.published.set(Some(vec![json!({"kty": "EC", "kid": "one"})]));
    assert!(stage.verifier.verify(&token, NOW + 95_000).await.is_ok());
}

#[tokio::test]
async fn keys_for_something_else_are_not_used() {
    let stage = Stage::new();
    let mut key = stage.issuer.published();
    for (name, value) in [("use", "enc"), ("alg", "RS512"), ("kty", "EC"), ("n", "AQAB")] {
        let before = key[name].take();
        key[name] = json!(value);
        stage.published.set(Some(vec![key.clone()]));
        let settings = Settings { issuer: ISSUER.to_owned(), client_ids: vec![CLIENT.to_owned()] };
        let verifier = Verifier::new(settings, Box::new(stage.published.clone()));
        let refused = verifier.verify(&stage.issuer.token(&access()), NOW).await.unwrap_err();
        assert_eq!(refused, TokenError::NoKeys, "{name} = {value}");
        key[name] = before;
    }
}
