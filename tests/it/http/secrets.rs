//! Secrets over HTTP: written, listed by name, removed, and never read.

use axum::body::Body;
use axum::http::{Method, Request, header};
use immivo::domain::secrets::{self, SecretName};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::support::{Agency, Person, Reply, TestApp};

const SECRET: &str = "pässwort-4711";

async fn put(app: &TestApp, person: &Person, name: &str, value: &str) -> Reply {
    let path = format!("/api/v1/secrets/{name}");
    app.send(Method::PUT, &path, Some(&person.token), Some(json!({"value": value}))).await
}

async fn put_if(app: &TestApp, person: &Person, name: &str, version: &str) -> Reply {
    let request = Request::put(format!("/api/v1/secrets/{name}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", person.token))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::IF_MATCH, version)
        .body(Body::from(json!({"value": "new"}).to_string()))
        .unwrap();
    app.call(request).await
}

async fn opened(app: &TestApp, agency: &Agency, name: &str) -> Option<String> {
    let name = SecretName::parse(name).unwrap();
    let secret = secrets::read(&app.app.vault, agency.tenant, &name).await.ok()?;
    Some(secret.expose_secret().to_owned())
}

#[tokio::test]
async fn a_secret_goes_in_and_does_not_come_out() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let made = put(&app, &agency.admin, "mailbox", SECRET).await;
    let view = made.json(201);
    assert_eq!((view["name"].as_str(), view["version"].as_i64()), (Some("mailbox"), Some(1)));
    assert_eq!(view["updatedBy"], agency.admin.user.id.to_string());
    assert_eq!(made.header("etag"), "\"1\"");
    assert_eq!(opened(&app, &agency, "mailbox").await.as_deref(), Some(SECRET));

    let again = put(&app, &agency.admin, "mailbox", "another").await.json(200);
    assert_eq!(again["version"], 2);
    assert_eq!(opened(&app, &agency, "mailbox").await.as_deref(), Some("another"));

    let list = app.get("/api/v1/secrets", &agency.admin).await;
    let list = list.json(200);
    let fields: Vec<&String> = list["items"][0].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["createdAt", "name", "updatedAt", "updatedBy", "version"]);
    app.get("/api/v1/secrets/mailbox", &agency.admin).await.problem(405);

    let gone = app.send(Method::DELETE, "/api/v1/secrets/mailbox", Some(&agency.admin.token), None).await;
    assert_eq!(gone.status, 204);
    assert_eq!(opened(&app, &agency, "mailbox").await, None);
    app.send(Method::DELETE, "/api/v1/secrets/mailbox", Some(&agency.admin.token), None).await.problem(404);
}

/// The rows of every table as text, and in them neither the secret nor its bytes.
#[tokio::test]
async fn nothing_of_it_stands_in_any_table() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    put(&app, &agency.admin, "mailbox", SECRET).await.json(201);
    put(&app, &agency.admin, "mailbox", SECRET).await.json(200);
    let mut conn = PgConnection::connect(&app.url).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
        .fetch_all(&mut conn)
        .await
        .unwrap();
    let bytes: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut seen = 0;
    for table in tables {
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("SELECT t::text FROM {table} t")))
            .fetch_all(&mut conn)
            .await
            .unwrap();
        for row in rows {
            assert!(!row.contains(SECRET) && !row.contains(&bytes), "{table}: {row}");
            seen += usize::from(table == "secrets" || table == "audit_events");
        }
    }
    assert!(seen >= 3, "{seen} rows looked at");
}

#[tokio::test]
async fn the_audit_log_says_who_changed_which_and_not_to_what() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    put(&app, &agency.admin, "mailbox", SECRET).await.json(201);
    put(&app, &agency.admin, "mailbox", "another").await.json(200);
    let mut conn = app.tenant_conn(&agency).await;
    let events: Vec<(String, Option<uuid::Uuid>, Value, Value)> = sqlx::query_as(
        "SELECT action, user_id, before, after FROM audit_events WHERE tenant_id = $1 AND entity = 'secrets' ORDER BY at, action",
    )
    .bind(agency.tenant.0)
    .fetch_all(conn.sql())
    .await
    .unwrap();
    let actions: Vec<&str> = events.iter().map(|event| event.0.as_str()).collect();
    assert_eq!(actions, ["insert", "update"]);
    assert_eq!(events[0].1, Some(agency.admin.user.id.0));
    assert_eq!(events[0].3["sealed"], "***");
    assert_eq!((&events[1].2["sealed"], &events[1].3["sealed"]), (&json!("***"), &json!("***")));
}

#[tokio::test]
async fn names_are_each_agencys_own() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    put(&app, &there.admin, "mailbox", "theirs").await.json(201);
    let list = app.get("/api/v1/secrets", &here.admin).await.json(200);
    assert_eq!(list["items"], json!([]));
    app.send(Method::DELETE, "/api/v1/secrets/mailbox", Some(&here.admin.token), None).await.problem(404);
    put(&app, &here.admin, "mailbox", "ours").await.json(201);
    assert_eq!(opened(&app, &there, "mailbox").await.as_deref(), Some("theirs"));
    assert_eq!(opened(&app, &here, "mailbox").await.as_deref(), Some("ours"));
}

#[tokio::test]
async fn only_administrators_and_only_well_formed() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    put(&app, &agency.agent, "mailbox", SECRET).await.problem(403);
    app.get("/api/v1/secrets", &agency.agent).await.problem(403);
    app.send(Method::DELETE, "/api/v1/secrets/mailbox", Some(&agency.agent.token), None).await.problem(403);

    for value in ["", &"x".repeat(8001)] {
        assert_eq!(put(&app, &agency.admin, "mailbox", value).await.fields(422), ["value"]);
    }
    put(&app, &agency.admin, "largest", &"x".repeat(8000)).await.json(201);
    for name in ["Mailbox", "1", "-a", "a_b", "a%00b", "%C3%A4", &"a".repeat(64)] {
        put(&app, &agency.admin, name, SECRET).await.problem(404);
    }
    // What was sent does not come back in the words about it.
    for (body, field) in [(json!({"value": SECRET, "hint": "x"}), "hint"), (json!({"value": 4711}), "value")] {
        let reply = app.send(Method::PUT, "/api/v1/secrets/mailbox", Some(&agency.admin.token), Some(body)).await;
        assert_eq!(reply.fields(422), [field]);
        assert!(!reply.text().contains("4711"), "{}", reply.text());
    }
}

#[tokio::test]
async fn two_who_change_it_do_not_overwrite_each_other() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    put_if(&app, &agency.admin, "mailbox", "\"1\"").await.problem(412);
    put(&app, &agency.admin, "mailbox", SECRET).await.json(201);
    put_if(&app, &agency.admin, "mailbox", "\"1\"").await.json(200);
    put_if(&app, &agency.admin, "mailbox", "\"1\"").await.problem(412);
    assert_eq!(opened(&app, &agency, "mailbox").await.as_deref(), Some("new"));
}

#[tokio::test]
async fn the_list_is_a_page() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    for number in 0..5 {
        put(&app, &agency.admin, &format!("s{number}"), SECRET).await.json(201);
    }
    let first = app.get("/api/v1/secrets?limit=3", &agency.admin).await.json(200);
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = app.get(&format!("/api/v1/secrets?limit=3&cursor={cursor}"), &agency.admin).await.json(200);
    let names: Vec<&str> = [&first, &second]
        .iter()
        .flat_map(|page| page["items"].as_array().unwrap())
        .map(|item| item["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["s4", "s3", "s2", "s1", "s0"]);
    assert_eq!(second["nextCursor"], Value::Null);
}
