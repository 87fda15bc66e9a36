//! Connections over HTTP: made, read, changed, removed, and never their secret. That they are watched: tests/it/imap.

use axum::body::Body;
use axum::http::{Method, Request, header};
use immivo::domain::connections::{self, ConnectionId};
use immivo::domain::secrets;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use crate::support::{Agency, TestApp};

fn body() -> Value {
    json!({"host": "IMAP.example.org", "username": "info@here.test", "secret": "pässwort-4711", "since": "2026-10-01"})
}

async fn secret(app: &TestApp, agency: &Agency, id: &str) -> Option<String> {
    let name = connections::secret_name(ConnectionId::from(id.parse::<uuid::Uuid>().unwrap()));
    let secret = secrets::read(&app.app.vault, agency.tenant, &name).await.ok()?;
    Some(secret.expose_secret().to_owned())
}

#[tokio::test]
async fn a_connection_is_made_read_changed_and_removed_and_its_secret_with_it() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let made = app.post("/api/v1/connections", &agency.admin, body()).await;
    let view = made.json(201);
    let id = view["id"].as_str().unwrap();
    let path = format!("/api/v1/connections/{id}");
    assert_eq!(made.header("location"), path);
    assert!(!made.text().contains("4711"));
    let expected = json!({
        "id": id, "managedBy": "AGENCY", "kind": "IMAP", "host": "imap.example.org", "port": 993, "tls": "TLS", "username": "info@here.test",
        "auth": "PASSWORD", "folder": "INBOX", "since": "2026-10-01", "active": true, "version": 1,
        "createdAt": "2026-11-23T08:00:00Z", "updatedAt": "2026-11-23T08:00:00Z",
        "health": {"state": "PENDING", "problem": null, "reason": null, "since": null, "lastOkAt": null,
                   "secondsSinceOk": null, "lastCheckedAt": null, "detail": null},
    });
    assert_eq!(view, expected);
    assert_eq!(app.get(&path, &agency.admin).await.json(200), expected);
    assert_eq!(app.get("/api/v1/connections", &agency.admin).await.json(200)["items"], json!([expected]));
    assert_eq!(secret(&app, &agency, id).await.as_deref(), Some("pässwort-4711"));

    // Without a secret the one there is stays.
    let token = &agency.admin.token;
    let mut changed = json!({"host": "imap.example.org", "username": "info@here.test", "tls": "STARTTLS"});
    let put = |body: Value| app.send(Method::PUT, &path, Some(token), Some(body));
    let view = put(changed.clone()).await.json(200);
    assert_eq!((&view["port"], &view["since"], &view["version"]), (&json!(143), &Value::Null, &json!(2)));
    assert_eq!(secret(&app, &agency, id).await.as_deref(), Some("pässwort-4711"));
    changed["secret"] = json!("another");
    put(changed.clone()).await.json(200);
    assert_eq!(secret(&app, &agency, id).await.as_deref(), Some("another"));
    let outdated = Request::put(&path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::IF_MATCH, "\"1\"")
        .body(Body::from(changed.to_string()))
        .unwrap();
    app.call(outdated).await.problem(412);

    // Nobody looks at it for a while.
    app.app.clock.set("2026-11-23T08:30:00Z".parse().unwrap());
    let health = app.get(&path, &agency.admin).await.json(200)["health"].clone();
    assert_eq!((&health["state"], &health["problem"]), (&json!("NEEDS_ATTENTION"), &json!("NOT_WATCHED")));
    assert_eq!(health["since"], "2026-11-23T08:00:00Z");

    assert_eq!(app.send(Method::DELETE, &path, Some(token), None).await.status, 204);
    assert_eq!(secret(&app, &agency, id).await, None);
    app.get(&path, &agency.admin).await.problem(404);
    let mut conn = PgConnection::connect(&app.url).await.unwrap();
    let told: Vec<(String, Option<i32>)> =
        sqlx::query_as("SELECT entity, version FROM events ORDER BY xid, id").fetch_all(&mut conn).await.unwrap();
    let told: Vec<Option<i32>> =
        told.into_iter().filter(|(entity, _)| entity == "CONNECTION").map(|(_, version)| version).collect();
    assert_eq!(told, [Some(1), Some(2), Some(3), None]);
    let noted: String = sqlx::query_scalar("SELECT string_agg(before::text || after::text, '') FROM audit_events")
        .fetch_one(&mut conn)
        .await
        .unwrap_or_default();
    assert!(!noted.contains("4711"));
}

#[tokio::test]
async fn a_mailbox_is_connected_once() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    app.post("/api/v1/connections", &here.admin, body()).await.json(201);
    app.post("/api/v1/connections", &here.admin, body()).await.problem(409);
    app.post("/api/v1/connections", &there.admin, body()).await.json(201);
    let mut other = body();
    other["folder"] = json!("Anfragen");
    let made = app.post("/api/v1/connections", &here.admin, other).await.json(201);
    let path = format!("/api/v1/connections/{}", made["id"].as_str().unwrap());
    app.send(Method::PUT, &path, Some(&here.admin.token), Some(body())).await.problem(409);
}

#[tokio::test]
async fn what_cannot_be_a_connection_is_refused_and_its_secret_not_repeated() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    for (field, value) in [
        ("host", json!("")),
        ("host", json!("imap.example.org/x")),
        ("host", json!("imap example")),
        ("port", json!(0)),
        ("username", json!("a\r\nb")),
        ("folder", json!(" ")),
        ("secret", json!("")),
        ("secret", json!("x".repeat(8001))),
        ("secret", json!(4711)),
        ("since", json!("yesterday")),
        ("tls", json!("SSL")),
        ("auth", json!("CRAM")),
        ("password", json!("pässwort-4711")),
    ] {
        let mut wrong = body();
        wrong[field] = value;
        let reply = app.post("/api/v1/connections", &agency.admin, wrong).await;
        assert!([400, 422].contains(&reply.status.as_u16()), "{field}: {} {}", reply.status, reply.text());
        assert!(!reply.text().contains("4711"), "{field}: {}", reply.text());
    }
    let mut without = body();
    without.as_object_mut().unwrap().remove("secret");
    let problem = app.post("/api/v1/connections", &agency.admin, without).await.problem(422);
    assert_eq!(problem["errors"][0]["field"], "secret");
    assert_eq!(app.get("/api/v1/connections", &agency.admin).await.json(200)["items"], json!([]));
}
