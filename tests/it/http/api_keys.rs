//! API keys: what they open, what they never open, and when they stop.

use axum::http::Method;
use immivo::domain::api_keys::Scope;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::support::{Agency, Reply, TestApp};

/// A key: its id and itself.
async fn key(app: &TestApp, agency: &Agency, scopes: &[Scope]) -> (String, String) {
    let made = app.post("/api/v1/api-keys", &agency.admin, json!({"label": "CRM", "scopes": scopes})).await.json(201);
    (made["id"].as_str().unwrap().to_owned(), made["key"].as_str().unwrap().to_owned())
}

async fn get(app: &TestApp, path: &str, key: &str) -> Reply {
    app.send(Method::GET, path, Some(key), None).await
}

async fn sql(app: &TestApp, statement: &str) {
    let mut conn = PgConnection::connect(&app.url).await.unwrap();
    sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut conn).await.unwrap();
}

/// Every operation under `/api/v1`, as the document says: id, method, path, whether it has a body, scope.
fn operations() -> Vec<(String, Method, String, bool, Option<Scope>)> {
    let document = serde_json::to_value(immivo::ingress::http::openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|_| path.starts_with("/api/v1/")) {
            let security = operation["security"].as_array().unwrap();
            let scope = security.iter().find_map(|scheme| scheme["apiKey"][0].as_str());
            all.push((
                operation["operationId"].as_str().unwrap().to_owned(),
                method.to_uppercase().parse().unwrap(),
                path.clone(),
                operation.get("requestBody").is_some(),
                scope.map(|scope| Scope::parse(scope).unwrap()),
            ));
        }
    }
    all
}

fn concrete(path: &str) -> String {
    let parts =
        path.split('/').map(|part| if part.starts_with('{') { uuid::Uuid::nil().to_string() } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn a_key_opens_what_its_scopes_say_and_nothing_else() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (_, every) = key(&app, &agency, &Scope::ALL).await;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for scope in Scope::ALL {
        let others: Vec<Scope> = Scope::ALL.into_iter().filter(|other| *other != scope).collect();
        without.push((scope, key(&app, &agency, &others).await.1));
        with.push((scope, key(&app, &agency, &[scope]).await.1));
    }
    let of = |keys: &[(Scope, String)], scope| keys.iter().find(|(of, _)| *of == scope).unwrap().1.clone();
    let (mut open, mut closed) = (0, 0);
    for (operation, method, path, has_body, scope) in operations() {
        let path = concrete(&path);
        let body = has_body.then(|| json!({}));
        let refused = match scope {
            Some(scope) => {
                let reply = app.send(method.clone(), &path, Some(&of(&with, scope)), body.clone()).await;
                let status = reply.status.as_u16();
                assert!([200, 204, 404, 415, 422].contains(&status), "{operation}: {status} {}", reply.text());
                open += 1;
                of(&without, scope)
            }
            None => {
                closed += 1;
                every.clone()
            }
        };
        let reply = app.send(method, &path, Some(&refused), body).await;
        let problem = reply.problem(403);
        assert_eq!(problem["type"], "urn:immivo:problem:insufficient-scope", "{operation}");
        let challenge = reply.header("www-authenticate");
        assert!(challenge.contains("error=\"insufficient_scope\""), "{operation}: {challenge}");
        assert_eq!(challenge.contains("scope=\""), scope.is_some(), "{operation}: {challenge}");
    }
    assert!(open >= 30 && closed >= 10, "{open} open, {closed} closed");
}

/// Whatever is added later, no key may make itself another or read who else is there.
#[test]
fn people_settings_secrets_and_keys_are_closed_to_keys() {
    let mut closed = 0;
    for (operation, _, path, _, scope) in operations() {
        let family = path.split('/').nth(3).unwrap();
        if [
            "users",
            "settings",
            "tenant",
            "tenants",
            "secrets",
            "api-keys",
            "widget-keys",
            "widget-consent",
            "me",
            "onboarding",
            "invitations",
            "platform",
            "privacy",
            "audit",
            "connections",
        ]
        .contains(&family)
        {
            assert_eq!(scope, None, "{operation}");
            closed += 1;
        }
    }
    assert!(closed >= 10, "{closed}");
}

#[tokio::test]
async fn it_works_for_its_own_agency_in_the_name_of_its_maker() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let (theirs, ours) = (app.lead(&there, "Udo", None, None).await, app.lead(&here, "Ida", None, None).await);
    let (id, key) = key(&app, &here, &[Scope::LeadsRead, Scope::PropertiesWrite]).await;
    get(&app, &format!("/api/v1/leads/{}", theirs.id), &key).await.problem(404);
    // Nobody's lead: what an administrator sees, and an agent does not.
    get(&app, &format!("/api/v1/leads/{}", ours.id), &key).await.json(200);
    assert_eq!(get(&app, "/api/v1/leads", &key).await.json(200)["items"].as_array().unwrap().len(), 1);

    let house = json!({"title": "Haus", "type": "HOUSE", "marketing": "SALE", "country": "AT"});
    app.send(Method::POST, "/api/v1/properties", Some(&key), Some(house)).await.json(201);
    let mut conn = app.tenant_conn(&here).await;
    let noted: (String, Option<String>, Option<uuid::Uuid>) = sqlx::query_as(
        "SELECT actor, actor_id, user_id FROM audit_events WHERE tenant_id = $1 AND entity = 'properties' AND action = 'insert'",
    )
    .bind(here.tenant.0)
    .fetch_one(conn.sql())
    .await
    .unwrap();
    assert_eq!(noted, ("KEY".to_owned(), Some(id), Some(here.admin.user.id.0)));
}

#[tokio::test]
async fn it_is_shown_once_and_kept_nowhere() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let body = json!({"label": "CRM", "scopes": ["leads:read", "leads:read"], "expiresInDays": 1});
    let post = |key: &'static str| {
        let request = axum::http::Request::post("/api/v1/api-keys")
            .header("authorization", format!("Bearer {}", agency.admin.token))
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(axum::body::Body::from(body.to_string()))
            .unwrap();
        app.call(request)
    };
    let made = post("one").await;
    let first = made.json(201);
    let secret = first["key"].as_str().unwrap();
    assert_eq!(made.header("location"), format!("/api/v1/api-keys/{}", first["id"].as_str().unwrap()));
    assert!(secret.starts_with("imv_") && secret.starts_with(first["prefix"].as_str().unwrap()));
    assert_eq!((&first["scopes"], &first["expiresAt"]), (&json!(["leads:read"]), &json!("2026-11-24T08:00:00Z")));

    let mut again = post("one").await.json(201);
    assert_eq!(again.get("key"), None, "the same request makes nothing and shows nothing");
    again["key"] = first["key"].clone();
    assert_eq!(again, first);
    let list = app.get("/api/v1/api-keys", &agency.admin).await.json(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0].get("key"), None);

    let mut conn = PgConnection::connect(&app.url).await.unwrap();
    for table in ["api_keys", "idempotency_keys", "audit_events"] {
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("SELECT t::text FROM {table} t")))
            .fetch_all(&mut conn)
            .await
            .unwrap();
        assert!(!rows.is_empty() && rows.iter().all(|row| !row.contains(&secret[12..])), "{table}");
    }
}

#[tokio::test]
async fn it_stops_when_it_expires_is_revoked_or_its_maker_goes() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let detail = |reply: Reply| reply.problem(401)["detail"].as_str().unwrap().to_owned();

    let (id, revoked) = key(&app, &agency, &[Scope::LeadsRead]).await;
    get(&app, "/api/v1/leads", &revoked).await.json(200);
    let path = format!("/api/v1/api-keys/{id}");
    for _ in 0..2 {
        let view = app.send(Method::DELETE, &path, Some(&agency.admin.token), None).await.json(200);
        assert_eq!(view["revokedAt"], "2026-11-23T08:00:00Z");
    }
    assert!(detail(get(&app, "/api/v1/leads", &revoked).await).contains("revoked"));

    let (_, good) = key(&app, &agency, &[Scope::LeadsRead]).await;
    for (change, back) in [("role = 'AGENT'", "role = 'ADMIN'"), ("active = false", "active = true")] {
        sql(&app, &format!("UPDATE users SET {change} WHERE id = '{}'", agency.admin.user.id)).await;
        assert!(detail(get(&app, "/api/v1/leads", &good).await).contains("administrator"), "{change}");
        sql(&app, &format!("UPDATE users SET {back} WHERE id = '{}'", agency.admin.user.id)).await;
        get(&app, "/api/v1/leads", &good).await.json(200);
    }

    app.app.clock.set("2027-02-21T07:59:59Z".parse().unwrap());
    get(&app, "/api/v1/leads", &good).await.json(200);
    app.app.clock.set("2027-02-21T08:00:00Z".parse().unwrap());
    assert!(detail(get(&app, "/api/v1/leads", &good).await).contains("expired"));

    for wrong in ["imv_", "imv_x", &format!("{good}x"), &good[..good.len() - 1]] {
        assert!(detail(get(&app, "/api/v1/leads", wrong).await).contains("not valid"), "{wrong}");
    }
}

#[tokio::test]
async fn its_last_use_is_noted_to_the_minute() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (_, key) = key(&app, &agency, &[Scope::LeadsRead]).await;
    let last = async || app.get("/api/v1/api-keys", &agency.admin).await.json(200)["items"][0]["lastUsedAt"].clone();
    assert_eq!(last().await, Value::Null);
    for (at, noted) in [
        ("2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z"),
        ("2026-11-23T08:00:59Z", "2026-11-23T08:00:00Z"),
        ("2026-11-23T08:01:00Z", "2026-11-23T08:01:00Z"),
    ] {
        app.app.clock.set(at.parse().unwrap());
        get(&app, "/api/v1/leads", &key).await.json(200);
        assert_eq!(last().await, noted, "used at {at}");
    }
    // A use without the scope is a use.
    app.app.clock.set("2026-11-23T08:05:00Z".parse().unwrap());
    get(&app, "/api/v1/properties", &key).await.problem(403);
    assert_eq!(last().await, "2026-11-23T08:05:00Z");
}

#[tokio::test]
async fn what_cannot_be_made_is_named() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let post = async |body: Value| app.post("/api/v1/api-keys", &agency.admin, body).await;
    let wrong = post(json!({"label": " ", "scopes": [], "expiresInDays": 367})).await;
    assert_eq!(wrong.fields(422), ["label", "scopes", "expiresInDays"]);
    assert_eq!(post(json!({"label": "x", "scopes": ["users:write"]})).await.fields(422), ["scopes[0]"]);
    app.post("/api/v1/api-keys", &agency.agent, json!({"label": "x", "scopes": ["leads:read"]})).await.problem(403);
    app.get("/api/v1/api-keys", &agency.agent).await.problem(403);
}
