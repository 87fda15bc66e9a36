//! How much longer a whole verification with warm keys takes than the bare RS256 check of the same token.
//!
//! Prints one JSON object; `benches/tokens` runs it.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks")]

use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::json;
use token_verify::testing::{Issuer, Published};
use token_verify::{Settings, Verifier};

const NOW: i64 = 1_795_000_000;
const ROUNDS: usize = 200;
const EACH: u32 = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let issuer = Issuer::new("qz2DSixwLfM+6EjWXZmHgrNys5E1vU5hbOLGakZcEcY=");
    let published = Published::default();
    published.set(Some(vec![issuer.published(), Issuer::new("another").published()]));
    let name = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example";
    let settings = Settings { issuer: name.to_owned(), client_ids: vec!["4example4client".to_owned()] };
    let verifier = Verifier::new(settings, Box::new(published));
    // As Cognito writes them.
    let token = issuer.token(&json!({
        "sub": "f6d9a21f-94cc-42bd-8843-138def44cdee", "iss": name, "token_use": "access", "client_id": "4example4client",
        "iat": NOW, "exp": NOW + 3600, "auth_time": NOW, "jti": "4e01e040-b635-4b47-934b-b2c53b62a7de",
        "origin_jti": "57d707fa-8420-4d3e-a17b-5831061289df", "scope": "aws.cognito.signin.user.admin",
        "username": "f6d9a21f-94cc-42bd-8843-138def44cdee",
    }));
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let key = issuer.published();
    let key = DecodingKey::from_rsa_components(key["n"].as_str().unwrap(), key["e"].as_str().unwrap()).unwrap();
    verifier.verify(&token, NOW).await.unwrap();

    // In turns, so that both see the same machine; the medians of many short rounds.
    let (mut bare, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for _ in 0..EACH {
            assert!(crypto::verify(signature, signed.as_bytes(), &key, Algorithm::RS256).unwrap());
        }
        bare.push(started.elapsed());
        let started = Instant::now();
        for _ in 0..EACH {
            verifier.verify(&token, NOW).await.unwrap();
        }
        whole.push(started.elapsed());
    }
    let (bare, whole) = (median(bare), median(whole));
    println!("{}", json!({"bareMicroseconds": bare, "wholeMicroseconds": whole, "ratio": whole / bare}));
}

/// Of one check, microseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6 / f64::from(EACH)
}
