//! Rate limits, counted over several processes.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, header};
use immivo::limits::{Counted, LimitError};
use serde_json::json;
use sqlx::Connection as _;
use tower::ServiceExt as _;

use crate::support::{Reply, TestApp};

/// From an address, perhaps through a proxy, perhaps with a token.
async fn ask(router: &Router, path: &str, peer: &str, forwarded: Option<&str>, token: Option<&str>) -> Reply {
    let mut request = Request::get(path);
    if let Some(forwarded) = forwarded {
        request = request.header("x-forwarded-for", forwarded);
    }
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4711)));
    Reply::read(router.clone().oneshot(request).await.unwrap()).await
}

fn later(app: &TestApp, seconds: i64) {
    app.app.clock.set(app.app.clock.now().0 + jiff::SignedDuration::from_secs(seconds));
}

#[tokio::test]
async fn two_processes_share_a_tenants_limit() {
    let app =
        TestApp::with(&[("IMMIVO__LIMITS__TENANT__BURST", "10"), ("IMMIVO__LIMITS__TENANT__PER_MINUTE", "60")]).await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let (_, other) = app.another_process();
    let routers = [&app.router, &other];
    let get =
        async |number: usize| ask(routers[number % 2], "/api/v1/me", "192.0.2.1", None, Some(&here.admin.token)).await;
    for number in 0..10 {
        assert_eq!(get(number).await.status, 200, "{number}");
    }
    for number in 0..4 {
        let refused = get(number).await;
        let problem = refused.problem(429);
        assert_eq!(problem["type"], "urn:immivo:problem:too-many-requests");
        assert_eq!(refused.header("retry-after"), "1", "one a second");
    }
    assert_eq!(app.get("/api/v1/me", &here.agent).await.status, 429, "the tenant is counted, not the user");
    assert_eq!(app.get("/api/v1/me", &there.admin).await.status, 200, "another tenant has its own");
    later(&app, 1);
    assert_eq!(get(0).await.status, 200);
    assert_eq!(get(1).await.status, 429);
    later(&app, 1800);
    let mut done = 0;
    while get(done).await.status == 200 {
        done += 1;
    }
    assert_eq!(done, 10, "half an hour's silence gives a full bucket and no more");
}

#[tokio::test]
async fn all_processes_together_never_get_more_than_the_bucket_holds() {
    let app =
        TestApp::with(&[("IMMIVO__LIMITS__ADDRESS__BURST", "100"), ("IMMIVO__LIMITS__ADDRESS__PER_MINUTE", "60")])
            .await;
    let processes = [app.app.clone(), app.another_process().0, app.another_process().0];
    let counted = Counted::Address("192.0.2.1".parse().unwrap());
    let requests = (0..300).map(|number| {
        let limits = processes[number % 3].limits.clone();
        async move { limits.spend(counted).await.is_ok() }
    });
    let passed = futures::future::join_all(requests).await.into_iter().filter(|passed| *passed).count();
    assert_eq!(passed, 100);
    for process in &processes {
        assert!(process.limits.spend(counted).await.is_err());
        assert!(process.limits.spent(counted).is_some(), "from here on it knows without asking");
    }
}

#[tokio::test]
async fn most_requests_need_no_database() {
    let app = TestApp::with(&[("IMMIVO__LIMITS__ADDRESS__BURST", "100")]).await;
    let (process, _) = app.another_process();
    let counted = Counted::Address("192.0.2.1".parse().unwrap());
    process.limits.spend(counted).await.unwrap();
    process.db.close().await;
    for _ in 0..9 {
        process.limits.spend(counted).await.unwrap();
    }
    let error = process.limits.spend(counted).await.unwrap_err();
    assert!(matches!(error, LimitError::Database(_)), "the next batch has to be fetched: {error:?}");
}

#[tokio::test]
async fn pages_for_prospects_are_limited_by_address_and_say_so_in_words() {
    let app =
        TestApp::with(&[("IMMIVO__LIMITS__ADDRESS__BURST", "3"), ("IMMIVO__LIMITS__ADDRESS__PER_MINUTE", "6")]).await;
    let (_, other) = app.another_process();
    let page = async |router: &Router, peer: &str, forwarded: Option<&str>| {
        ask(router, "/p/viewing/unknown", peer, forwarded, None).await
    };
    for router in [&app.router, &other, &app.router] {
        assert_eq!(page(router, "192.0.2.1", None).await.status, 404);
    }
    let refused = page(&other, "192.0.2.1", None).await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "10"));
    assert!(refused.text().contains("sehr viele Aufrufe"), "{}", refused.text());
    assert!(refused.header("content-type").starts_with("text/html"));
    assert!(refused.header("content-security-policy").contains("style-src 'sha256-"));
    assert_eq!(refused.header("x-robots-tag"), "noindex, nofollow");

    // A made-up address is nobody's: there is no proxy of ours in between.
    assert_eq!(page(&app.router, "192.0.2.1", Some("203.0.113.5")).await.status, 429);
    assert_eq!(page(&app.router, "192.0.2.2", None).await.status, 404, "a neighbour is somebody else");
    // One machine, three addresses of its own network.
    for last in 1..=3 {
        assert_eq!(page(&app.router, &format!("2001:db8::{last}"), None).await.status, 404);
    }
    assert_eq!(page(&other, "2001:db8::abcd", None).await.status, 429);
    assert_eq!(page(&other, "2001:db8:0:1::1", None).await.status, 404);
    // What somebody signed in asks is not counted here.
    let agency = app.agency("here").await;
    assert_eq!(ask(&app.router, "/api/v1/me", "192.0.2.1", None, Some(&agency.admin.token)).await.status, 200);
    later(&app, 10);
    assert_eq!(page(&app.router, "192.0.2.1", None).await.status, 404);
}

#[tokio::test]
async fn behind_our_own_proxy_the_clients_address_counts() {
    let app =
        TestApp::with(&[("IMMIVO__LIMITS__ADDRESS__BURST", "1"), ("IMMIVO__HTTP__TRUSTED_PROXIES", "10.0.0.0/8")])
            .await;
    let page = async |peer: &str, forwarded: &str| {
        ask(&app.router, "/p/viewing/unknown", peer, Some(forwarded), None).await.status.as_u16()
    };
    assert_eq!(page("10.0.0.1", "192.0.2.1").await, 404);
    assert_eq!(page("10.0.0.2", "192.0.2.1").await, 429, "whichever proxy it came through");
    assert_eq!(page("10.0.0.1", "198.51.100.7, 192.0.2.1").await, 429, "the client cannot put one in front");
    assert_eq!(page("10.0.0.1", "192.0.2.2").await, 404);
    assert_eq!(page("192.0.2.1", "192.0.2.3").await, 429, "past the proxy, the header says nothing");
}

#[tokio::test]
async fn whoever_is_refused_too_often_is_not_looked_at_for_a_while() {
    let app = TestApp::with(&[
        ("IMMIVO__LIMITS__FAILED_SIGN_IN__BURST", "4"),
        ("IMMIVO__LIMITS__FAILED_SIGN_IN__PER_MINUTE", "12"),
    ])
    .await;
    let agency = app.agency("here").await;
    let token = Some(agency.admin.token.as_str());
    let (_, other) = app.another_process();
    let me = async |router: &Router, peer: &str, token: Option<&str>| {
        ask(router, "/api/v1/me", peer, None, token).await.status.as_u16()
    };
    for _ in 0..20 {
        assert_eq!(me(&app.router, "192.0.2.1", token).await, 200, "good sign-ins are not counted");
    }
    for router in [&app.router, &other, &app.router, &other] {
        assert_eq!(me(router, "192.0.2.1", Some("made up")).await, 401);
    }
    let refused = ask(&app.router, "/api/v1/me", "192.0.2.1", None, Some("made up")).await;
    refused.problem(429);
    assert_eq!(refused.header("retry-after"), "5");
    assert_eq!(me(&app.router, "192.0.2.1", token).await, 429, "nor with a good token from there, for a moment");
    assert_eq!(me(&app.router, "192.0.2.2", token).await, 200);
    later(&app, 5);
    assert_eq!(me(&app.router, "192.0.2.1", token).await, 200);
}

/// Four refusals, then one every five seconds; three requests that are no tenant's.
const FEW: [(&str, &str); 4] = [
    ("IMMIVO__LIMITS__FAILED_SIGN_IN__BURST", "4"),
    ("IMMIVO__LIMITS__FAILED_SIGN_IN__PER_MINUTE", "12"),
    ("IMMIVO__LIMITS__ADDRESS__BURST", "3"),
    ("IMMIVO__LIMITS__ADDRESS__PER_MINUTE", "6"),
];

#[tokio::test]
async fn whoever_has_a_good_token_and_may_come_in_nowhere_is_counted_too() {
    let app = TestApp::with(&FEW).await;
    let agency = app.agency("here").await;
    let (_, other) = app.another_process();
    let stranger = app.token("stranger");
    for router in [&app.router, &other, &app.router, &other] {
        let problem = ask(router, "/api/v1/me", "192.0.2.1", None, Some(&stranger)).await.problem(403);
        assert_eq!(problem["type"], "urn:immivo:problem:onboarding-required");
    }
    let refused = ask(&app.router, "/api/v1/me", "192.0.2.1", None, Some(&stranger)).await;
    refused.problem(429);
    assert_eq!(refused.header("retry-after"), "5");
    assert_eq!(ask(&app.router, "/api/v1/me", "192.0.2.2", None, Some(&stranger)).await.status, 403);

    // A role that does not suffice is counted with the tenant, not here.
    for _ in 0..10 {
        let agent = Some(agency.agent.token.as_str());
        assert_eq!(ask(&app.router, "/api/v1/audit", "192.0.2.3", None, agent).await.status, 403);
    }
    later(&app, 5);
    assert_eq!(ask(&app.router, "/api/v1/me", "192.0.2.1", None, Some(&agency.admin.token)).await.status, 200);
}

#[tokio::test]
async fn what_is_no_tenants_is_counted_by_address_and_a_founder_comes_in() {
    let app = TestApp::with(&FEW).await;
    let platform =
        async |peer: &str, token: &str| ask(&app.router, "/api/v1/platform/tenants", peer, None, Some(token)).await;
    let stranger = app.token("stranger");
    for _ in 0..3 {
        platform("192.0.2.1", &stranger).await.problem(403);
    }
    let refused = platform("192.0.2.1", &stranger).await;
    refused.problem(429);
    assert_eq!(refused.header("retry-after"), "10");
    assert_eq!(platform("192.0.2.2", &stranger).await.status, 403);

    // Calls of the router without an address are all of 0.0.0.0.
    let until = immivo::clock::Timestamp(app.app.clock.now().0 + jiff::SignedDuration::from_hours(1));
    let ida = app.app.links.token_with_email("ida", "ida@example.org", until);
    let guess = json!({"secret": "guessed", "profile": {"firstName": "Ida", "lastName": "Huber"}});
    app.send(Method::GET, "/api/v1/me", Some(&ida), None).await.problem(403);
    app.send(Method::POST, "/api/v1/invitations/accept", Some(&ida), Some(guess.clone())).await.problem(404);
    let founder = json!({"firstName": "Ida", "lastName": "Huber", "agencyName": "Alpha", "country": "AT", "timeZone": "Europe/Vienna"});
    app.send(Method::POST, "/api/v1/onboarding", Some(&ida), Some(founder)).await.json(201);
    app.send(Method::POST, "/api/v1/invitations/accept", Some(&ida), Some(guess.clone())).await;
    app.send(Method::POST, "/api/v1/invitations/accept", Some(&ida), Some(guess)).await.problem(429);
    app.send(Method::GET, "/api/v1/me", Some(&ida), None).await.json(200);
}

#[tokio::test]
async fn a_key_that_asks_for_what_it_may_not_is_counted_with_its_tenant() {
    let app =
        TestApp::with(&[("IMMIVO__LIMITS__TENANT__BURST", "10"), ("IMMIVO__LIMITS__TENANT__PER_MINUTE", "60")]).await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let key = json!({"label": "CRM", "scopes": ["leads:read"]});
    let key = app.post("/api/v1/api-keys", &here.admin, key).await.json(201);
    let key = key["key"].as_str().unwrap();
    for (number, path) in ["/api/v1/tasks", "/api/v1/me", "/api/v1/platform/tenants"].iter().cycle().take(9).enumerate()
    {
        assert_eq!(ask(&app.router, path, "192.0.2.1", None, Some(key)).await.status, 403, "{number} {path}");
    }
    let refused = ask(&app.router, "/api/v1/tasks", "192.0.2.1", None, Some(key)).await;
    refused.problem(429);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(ask(&app.router, "/api/v1/me", "192.0.2.1", None, Some(&there.admin.token)).await.status, 200);
}

#[tokio::test]
async fn no_address_is_kept_and_nothing_for_long() {
    let app = TestApp::with(&[("IMMIVO__LIMITS__ADDRESS__BURST", "60")]).await;
    let agency = app.agency("here").await;
    ask(&app.router, "/p/viewing/unknown", "192.0.2.1", None, None).await;
    ask(&app.router, "/api/v1/me", "192.0.2.1", None, Some(&agency.admin.token)).await;
    let mut conn = sqlx::PgConnection::connect(&app.url).await.unwrap();
    let rows: Vec<(Vec<u8>, String)> =
        sqlx::query_as("SELECT key, rate_limits::text FROM rate_limits").fetch_all(&mut conn).await.unwrap();
    assert_eq!(rows.len(), 2);
    for (key, row) in &rows {
        assert_eq!(key.len(), 32);
        assert!(!row.contains("192.0.2.1") && !row.contains(&agency.tenant.to_string()), "{row}");
    }
    assert_eq!(app.app.limits.forget_full().await.unwrap(), 0, "both are in use");
    later(&app, 3600);
    assert_eq!(app.app.limits.forget_full().await.unwrap(), 2, "full buckets say nothing");
}
