//! What whoever runs the program asks.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use immivo::clock::Clock;
use immivo::{db, ingress};
use secrecy::SecretString;
use sqlx::Connection as _;
use tower::ServiceExt as _;

use crate::support::TestApp;

#[tokio::test]
async fn a_process_is_alive_and_ready_when_its_database_is() {
    let app = TestApp::new().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(app.send(Method::GET, path, None, None).await.json(200)["status"], "ok");
    }
    let mut conn = sqlx::PgConnection::connect(&app.url).await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET version = -version WHERE version = 5").execute(&mut conn).await.unwrap();
    let problem = app.send(Method::GET, "/readyz", None, None).await.problem(503);
    assert!(problem["detail"].as_str().unwrap().contains("immivo migrate"), "{problem}");
    assert_eq!(app.send(Method::GET, "/healthz", None, None).await.status, 200);
}

#[tokio::test]
async fn without_a_database_a_process_lives_but_is_not_ready_and_tells_no_secrets() {
    let app = TestApp::new().await;
    let mut lost = app.app.clone();
    // A port of ours that nobody listens on any more.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = SecretString::from(format!("postgres://somebody:hunter2@127.0.0.1:{port}/x"));
    lost.db = db::connect(&url, 2, Clock::default()).unwrap();
    lost.settings = Arc::new((*app.app.settings).clone());
    let router = ingress::http::router(lost, None);
    let ask = async |path: &str| {
        let response = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    };
    assert_eq!(ask("/healthz").await.0, 200);
    let (status, body) = ask("/readyz").await;
    assert_eq!(status, 503);
    assert!(!body.contains("hunter2") && !body.contains("somebody"), "{body}");
}

#[tokio::test]
async fn responses_carry_the_headers_that_protect_people() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    for path in ["/api/v1/me", "/healthz", "/nothing", "/dev/mail"] {
        let reply = app.get(path, &agency.admin).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        assert_eq!(reply.header("x-frame-options"), "DENY", "{path}");
        assert!(reply.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert!(!reply.header("x-request-id").is_empty(), "{path}");
    }
}
