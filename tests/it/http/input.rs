//! Bad input: each kind has one clear problem, and changes nothing.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::json;

use crate::support::{Person, Reply, TestApp};

async fn raw(app: &TestApp, person: &Person, content_type: &str, body: Vec<u8>) -> Reply {
    let mut request =
        Request::post("/api/v1/properties").header(header::AUTHORIZATION, format!("Bearer {}", person.token));
    if !content_type.is_empty() {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    app.call(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn wrong_bodies_are_named_and_make_nothing() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let admin = &agency.admin;
    let house = json!({"title": "Haus", "type": "HOUSE", "marketing": "SALE", "country": "AT"});
    let with = |field: &str, value: serde_json::Value| {
        let mut body = house.clone();
        body[field] = value;
        body
    };
    for (body, field) in [
        (with("colour", json!("red")), "colour"),
        (with("rooms", json!("three")), "rooms"),
        (with("purchasePriceCents", json!(1.5)), "purchasePriceCents"),
        (with("type", json!("CASTLE")), "type"),
        (with("availableFrom", json!("tomorrow")), "availableFrom"),
        (with("agentId", json!("nobody")), "agentId"),
        (with("portalIds", json!([{"portal": "willhaben"}])), "portalIds[0].portalObjectId"),
        (with("portalIds", json!([{"portal": "willhaben", "portalObjectId": "1", "url": ""}])), "portalIds[0].url"),
        (with("title", json!("a\u{0}b")), "title"),
        (with("title", json!("  ")), "title"),
        (with("viewingCapacity", json!(0)), "viewingCapacity"),
        (json!({"title": "Haus"}), "type"),
        (json!([]), "(body)"),
        (json!(["Haus", "", "HOUSE", "SALE", "ACTIVE"]), "(body)"),
        (with("portalIds", json!([["willhaben", "1234567890"]])), "portalIds[0]"),
    ] {
        assert_eq!(app.post("/api/v1/properties", admin, body.clone()).await.fields(422), [field], "{body}");
    }
    let twice = format!("{house} {house}");
    for (body, word) in
        [("", "empty"), ("{", "not valid"), (&twice, "not valid"), ("{\"title\": \"\u{1}\"}", "not valid")]
    {
        let problem = raw(&app, admin, "application/json", body.as_bytes().to_vec()).await.problem(400);
        assert!(problem["detail"].as_str().unwrap().contains(word), "{body:?}: {problem}");
    }
    raw(&app, admin, "application/json", vec![b'"', 0xff, b'"']).await.problem(400);
    for kind in ["", "text/plain", "application/x-www-form-urlencoded"] {
        raw(&app, admin, kind, house.to_string().into_bytes()).await.problem(415);
    }
    let page = app.get("/api/v1/properties", admin).await.json(200);
    assert_eq!(page["items"], json!([]), "something was made all the same");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_whether_it_says_so_or_not() {
    let app = TestApp::with(&[("IMMIVO__HTTP__MAX_BODY_BYTES", "1000")]).await;
    let agency = app.agency("here").await;
    let large = format!("{{\"title\": \"{}\"}}", "x".repeat(1000)).into_bytes();
    raw(&app, &agency.admin, "application/json", large.clone()).await.problem(413);
    let chunks = futures::stream::iter(
        large.chunks(100).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>(),
    );
    let request = Request::post("/api/v1/properties")
        .header(header::AUTHORIZATION, format!("Bearer {}", agency.admin.token))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from_stream(chunks))
        .unwrap();
    app.call(request).await.problem(413);
}

#[tokio::test]
async fn wrong_query_parameters_are_named() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    for (path, field) in [
        ("leads?limit=0", "limit"),
        ("leads?limit=201", "limit"),
        ("leads?limit=ten", "limit"),
        ("leads?cursor=bogus", "cursor"),
        ("leads?status=SLEEPING", "status"),
        ("leads?propertyId=1", "propertyId"),
        ("leads?colour=red", "colour"),
        ("leads?q=%00", "q"),
        ("leads?limit=1&limit=2", "limit"),
        ("properties?cursor=AAAA", "cursor"),
        ("tasks?state=DONE", "state"),
        ("viewings?from=yesterday", "from"),
        ("intake/messages?state=LOST", "state"),
    ] {
        assert_eq!(app.get(&format!("/api/v1/{path}"), &agency.admin).await.fields(400), [field], "{path}");
    }
}

#[tokio::test]
async fn unknown_paths_methods_and_ids_are_problems_too() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    app.get("/api/v1/nothing", &agency.admin).await.problem(404);
    app.get("/nothing", &agency.admin).await.problem(404);
    app.get("/api/v1/leads/not-a-uuid", &agency.admin).await.problem(404);
    let reply = app.send(Method::DELETE, "/api/v1/leads", Some(&agency.admin.token), None).await;
    reply.problem(405);
    assert!(reply.header("allow").contains("GET"), "{:?}", reply.headers);
}

#[tokio::test]
async fn a_harmless_request_id_is_kept_and_another_one_replaced() {
    let app = TestApp::new().await;
    for (given, kept) in [("0123-4567-abcd", true), ("short", false), ("evil\u{20}=\u{22}x\u{22} level", false)] {
        let request = Request::get("/nothing").header("x-request-id", given).body(Body::empty()).unwrap();
        let reply = app.call(request).await;
        reply.problem(404);
        assert_eq!(reply.header("x-request-id") == given, kept, "{given}");
    }
}
