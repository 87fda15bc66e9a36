//! `Idempotency-Key`: what is sent twice counts once.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::support::{Person, Reply, TestApp};

async fn post(app: &TestApp, person: &Person, path: &str, key: &str, body: &Value) -> Reply {
    let request = Request::post(format!("/api/v1/{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", person.token))
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", key)
        .body(Body::from(body.to_string()))
        .unwrap();
    app.call(request).await
}

fn house(title: &str) -> Value {
    json!({"title": title, "type": "HOUSE", "marketing": "SALE", "country": "AT"})
}

async fn count(app: &TestApp, person: &Person, list: &str) -> usize {
    app.get(&format!("/api/v1/{list}"), person).await.json(200)["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer_and_makes_nothing() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let admin = &agency.admin;
    let first = post(&app, admin, "properties", "key-1", &house("Haus")).await;
    let second = post(&app, admin, "properties", "key-1", &house("Haus")).await;
    assert_eq!(first.json(201), second.json(201));
    for name in ["location", "etag"] {
        assert!(!first.header(name).is_empty());
        assert_eq!(first.header(name), second.header(name));
    }
    assert_eq!(count(&app, admin, "properties").await, 1);

    // A key is of one request and of one user.
    post(&app, admin, "properties", "key-1", &house("Other")).await.problem(409);
    post(&app, admin, "leads", "key-1", &json!({"lastName": "Probe"})).await.problem(409);
    post(&app, &agency.agent, "properties", "key-1", &house("Haus")).await.json(201);
    post(&app, admin, "properties", "key-2", &house("Haus")).await.json(201);
    assert_eq!(count(&app, admin, "properties").await, 3);

    // It is forgotten after a day.
    app.app.clock.set("2026-11-24T08:00:01Z".parse().unwrap());
    let admin = Person { token: app.token(&admin.user.subject), ..admin.clone() };
    post(&app, &admin, "properties", "key-1", &house("Other")).await.json(201);
}

#[tokio::test]
async fn every_creating_request_takes_a_key() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    let lead = app.lead(&agency, "Ida", Some(property.id), Some(agency.agent.user.id)).await;
    let viewing = json!({"leadId": lead.id, "propertyId": property.id, "startsAt": "2026-11-25T09:00:00Z"});
    let messages = format!("leads/{}/messages", lead.id);
    for (path, body, list, more) in [
        ("viewings", viewing, "viewings", 1),
        ("leads", json!({"lastName": "Probe"}), "leads", 1),
        (&messages, json!({"text": "Guten Tag"}), &messages, 1),
    ] {
        let before = count(&app, &agency.agent, list).await;
        let first = post(&app, &agency.agent, path, path, &body).await;
        assert!(first.status.is_success(), "{path}: {}", first.text());
        let second = post(&app, &agency.agent, path, path, &body).await;
        assert_eq!((first.status, first.body), (second.status, second.body), "{path}");
        assert_eq!(count(&app, &agency.agent, list).await, before + more, "{path}");
    }
}

#[tokio::test]
async fn two_at_the_same_moment_make_one() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let body = house("Haus");
    let one = || post(&app, &agency.admin, "properties", "key", &body);
    let (first, second) = tokio::join!(one(), one());
    assert_eq!(first.json(201), second.json(201));
    assert_eq!(count(&app, &agency.admin, "properties").await, 1);
}

#[tokio::test]
async fn a_request_that_failed_may_be_sent_again() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let mut body = house("Haus");
    body["agentId"] = json!(uuid::Uuid::nil());
    post(&app, &agency.admin, "properties", "key", &body).await.problem(422);
    post(&app, &agency.admin, "properties", "key", &house("Haus")).await.json(201);
    for key in ["", &"x".repeat(256)] {
        post(&app, &agency.admin, "properties", key, &house("Haus")).await.problem(400);
    }
}
