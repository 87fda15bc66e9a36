//! The platform's own people: all agencies, suspending, looking in somebody's name.

use axum::body::Body;
use axum::http::{Method, Request, header};
use immivo::domain::staff;
use serde_json::{Value, json};

use super::kind;
use crate::support::{Agency, Reply, TestApp};

impl TestApp {
    /// One of the platform's people; their token.
    pub(crate) async fn staff(&self, subject: &str) -> String {
        let mut conn = self.app.db.platform().await.unwrap();
        staff::add(&mut conn, subject, "Sam Support").await.unwrap();
        conn.commit().await.unwrap();
        self.token(subject)
    }

    async fn call_as(&self, method: Method, path: &str, token: &str, session: &str, body: Option<Value>) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-impersonation", session)
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
            .unwrap();
        self.call(request).await
    }

    async fn audit(&self, agency: &Agency, entity: &str) -> Vec<Value> {
        let mut conn = self.tenant_conn(agency).await;
        sqlx::query_scalar(
            "SELECT to_jsonb(a) FROM audit_events a WHERE tenant_id = $1 AND entity = $2 ORDER BY at, action, details->>'path'",
        )
        .bind(agency.tenant.0)
        .bind(entity)
        .fetch_all(conn.sql())
        .await
        .unwrap()
    }
}

#[tokio::test]
async fn a_suspended_agencys_people_are_out_and_its_mail_is_taken() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let sam = app.staff("sam").await;
    let page = app.get_as("/api/v1/platform/tenants?limit=1", &sam).await.json(200);
    let next = page["nextCursor"].as_str().unwrap();
    let rest = app.get_as(&format!("/api/v1/platform/tenants?limit=1&cursor={next}"), &sam).await.json(200);
    let mut slugs = [page["items"][0]["slug"].clone(), rest["items"][0]["slug"].clone()];
    slugs.sort_by_key(ToString::to_string);
    assert_eq!(slugs, ["here", "there"]);
    assert_eq!(page["items"][0]["activeUsers"], 2);
    app.get("/api/v1/platform/tenants", &here.admin).await.problem(403);

    let key =
        app.post("/api/v1/api-keys", &here.admin, json!({"label": "CRM", "scopes": ["leads:read"]})).await.json(201);
    let path = format!("/api/v1/platform/tenants/{}/suspend", here.tenant);
    app.post_as(&path, &here.admin.token, json!({"reason": "x"})).await.problem(403);
    assert_eq!(app.post_as(&path, &sam, json!({"reason": " "})).await.fields(422), ["reason"]);
    assert_eq!(app.post_as(&path, &sam, json!({"reason": "unpaid"})).await.status, 204);
    for person in [&here.admin, &here.agent] {
        assert_eq!(kind(&app.get("/api/v1/me", person).await.problem(403)), "tenant-suspended");
    }
    let problem = app.get_as("/api/v1/leads", key["key"].as_str().unwrap()).await.problem(403);
    assert_eq!(kind(&problem), "tenant-suspended");
    app.get("/api/v1/me", &there.admin).await.json(200);
    app.intake(&here, "From: x@example.org\r\nSubject: Hallo\r\n\r\nHallo").await;
    app.run_jobs().await;
    let resume = format!("/api/v1/platform/tenants/{}/resume", here.tenant);
    assert_eq!(app.post_as(&resume, &sam, json!({})).await.status, 204);
    let list = app.get("/api/v1/intake/messages", &here.admin).await.json(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let nowhere = format!("/api/v1/platform/tenants/{}/resume", immivo::ids::new_id());
    app.post_as(&nowhere, &sam, json!({})).await.problem(404);

    let noted = app.audit(&here, "tenants").await;
    assert_eq!(noted.len(), 2, "{noted:?}");
    assert!(noted.iter().all(|row| row["actor"] == "STAFF" && row["actor_id"] == "sam"), "{noted:?}");
    assert!(noted.iter().any(|row| row["after"]["suspended_reason"] == "unpaid"), "{noted:?}");
    assert!(noted.iter().any(|row| row["before"]["suspended_reason"] == "unpaid"), "{noted:?}");
}

#[tokio::test]
async fn a_look_needs_a_reason_ends_in_time_and_stands_in_the_log() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let lead = app.lead(&here, "Ida", None, None).await;
    let (sam, other) = (app.staff("sam").await, app.staff("other").await);
    let begin = |minutes: u16, reason: &str, user: &str| json!({"tenantId": here.tenant, "userId": user, "reason": reason, "minutes": minutes});
    let admin = here.admin.user.id.to_string();
    let path = "/api/v1/platform/impersonations";
    app.post_as(path, &here.admin.token, begin(10, "x", &admin)).await.problem(403);
    assert_eq!(app.post_as(path, &sam, begin(61, "", &admin)).await.fields(422), ["reason", "minutes"]);
    let foreign = there.admin.user.id.to_string();
    assert_eq!(app.post_as(path, &sam, begin(10, "ticket 7", &foreign)).await.fields(422), ["userId"]);

    let session = app.post_as(path, &sam, begin(10, "ticket 7", &admin)).await.json(201);
    let id = session["id"].as_str().unwrap();
    let me = app.call_as(Method::GET, "/api/v1/me", &sam, id, None).await.json(200);
    assert_eq!((&me["id"], &me["impersonation"]["staffName"]), (&json!(here.admin.user.id), &json!("Sam Support")));
    let lead_path = format!("/api/v1/leads/{}", lead.id);
    app.call_as(Method::PATCH, &lead_path, &sam, id, Some(json!({"firstName": "Anna"}))).await.json(200);
    // It is one tenant's and one person's.
    for (token, session) in [(&other, id), (&sam, "no-id"), (&sam, foreign.as_str())] {
        let problem = app.call_as(Method::GET, "/api/v1/me", token, session, None).await.problem(403);
        assert_eq!(kind(&problem), "impersonation-over");
    }
    app.call_as(Method::GET, "/api/v1/me", &here.admin.token, id, None).await.problem(403);

    let changes = app.audit(&here, "leads").await;
    let who = |row: &Value| (row["actor"].clone(), row["actor_id"].clone(), row["user_id"].clone());
    assert_eq!(who(&changes[0]), (json!("STAFF"), json!("sam"), json!(here.admin.user.id)));
    let looks = app.audit(&here, "impersonations").await;
    let actions: Vec<&str> = looks.iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["insert", "use", "use"]);
    assert_eq!(looks[0]["after"]["reason"], "ticket 7");
    for (row, (method, path)) in looks[1..].iter().zip([("PATCH", lead_path.as_str()), ("GET", "/api/v1/me")]) {
        assert_eq!(
            row["details"],
            json!({"staff": "Sam Support", "reason": "ticket 7", "method": method, "path": path})
        );
        assert_eq!(row["user_id"], json!(here.admin.user.id));
        assert!(row["request_id"].is_string());
    }
    assert!(app.audit(&there, "impersonations").await.is_empty());

    // Ended by hand, by time, and with the person's own leaving.
    app.post_as(&format!("{path}/{id}/end"), &other, json!({})).await.problem(404);
    assert_eq!(app.post_as(&format!("{path}/{id}/end"), &sam, json!({})).await.status, 204);
    app.call_as(Method::GET, "/api/v1/me", &sam, id, None).await.problem(403);
    let session = app.post_as(path, &sam, begin(10, "ticket 8", &admin)).await.json(201);
    let id = session["id"].as_str().unwrap();
    app.app.clock.set("2026-11-23T08:09:59Z".parse().unwrap());
    app.call_as(Method::GET, "/api/v1/me", &sam, id, None).await.json(200);
    app.app.clock.set("2026-11-23T08:10:00Z".parse().unwrap());
    assert_eq!(kind(&app.call_as(Method::GET, "/api/v1/me", &sam, id, None).await.problem(403)), "impersonation-over");
    let session = app.post_as(path, &sam, begin(10, "ticket 9", &admin)).await.json(201);
    let mut conn = app.app.db.platform().await.unwrap();
    assert!(staff::remove(&mut conn, "sam").await.unwrap());
    conn.commit().await.unwrap();
    app.call_as(Method::GET, "/api/v1/me", &sam, session["id"].as_str().unwrap(), None).await.problem(403);
}

#[tokio::test]
async fn a_look_leaves_no_way_in_behind() {
    let app = TestApp::new().await;
    let here = app.agency("here").await;
    let sam = app.staff("sam").await;
    let invited = json!({"email": "a@example.org", "role": "AGENT"});
    let invitation = app.post("/api/v1/invitations", &here.admin, invited).await.json(201);
    let look = json!({"tenantId": here.tenant, "userId": here.admin.user.id, "reason": "ticket 7", "minutes": 10});
    let look = app.post_as("/api/v1/platform/impersonations", &sam, look).await.json(201);
    let id = look["id"].as_str().unwrap();
    let agent = format!("/api/v1/users/{}", here.agent.user.id);
    let mailbox = json!({"host": "imap.example.org", "username": "sam"});
    let before = app.dump().await;
    for (method, path, body) in [
        (Method::POST, "/api/v1/api-keys".to_owned(), json!({"label": "CRM", "scopes": ["leads:read"]})),
        (Method::POST, "/api/v1/invitations".to_owned(), json!({"email": "sam@example.org", "role": "ADMIN"})),
        (Method::POST, format!("/api/v1/invitations/{}/resend", invitation["id"].as_str().unwrap()), json!({})),
        (Method::POST, format!("{agent}/reinvite"), json!({})),
        (Method::POST, format!("{agent}/reactivate"), json!({})),
        (Method::PUT, format!("{agent}/role"), json!({"role": "ADMIN"})),
        (Method::PUT, format!("/api/v1/connections/{}", here.admin.user.id), mailbox),
        (Method::POST, "/api/v1/tenant/erasure".to_owned(), json!({"confirmation": "here"})),
    ] {
        let refused = app.call_as(method.clone(), &path, &sam, id, Some(body)).await;
        assert_eq!(kind(&refused.problem(403)), "not-while-impersonating", "{method} {path}");
    }
    let more = app.dump().await;
    let more = more.without(&before);
    let grown: Vec<&str> = more.keys().copied().filter(|table| table.starts_with("public.")).collect();
    assert_eq!(grown, ["public.audit_events"], "the refusals stand in the log, and nothing else happened");
    // Whoever it is really may.
    app.post("/api/v1/api-keys", &here.admin, json!({"label": "CRM", "scopes": ["leads:read"]})).await.json(201);
}

#[tokio::test]
async fn the_settings_history_tells_a_look_from_the_person_looked_through() {
    let app = TestApp::new().await;
    let here = app.agency("here").await;
    let sam = app.staff("sam").await;
    let look = json!({"tenantId": here.tenant, "userId": here.admin.user.id, "reason": "ticket 7", "minutes": 10});
    let look = app.post_as("/api/v1/platform/impersonations", &sam, look).await.json(201);
    app.change_settings(&here, |settings| settings["name"] = json!("By the administrator")).await.json(200);
    app.app.clock.set("2026-11-23T08:01:00Z".parse().unwrap());
    let fact = json!({"topic": "pets", "text": "No dogs."});
    app.call_as(Method::POST, "/api/v1/facts", &sam, look["id"].as_str().unwrap(), Some(fact)).await.json(201);
    let history = app.get("/api/v1/settings/history", &here.admin).await.json(200);
    let who = |change: &Value| [change["actor"].clone(), change["actorId"].clone(), change["userId"].clone()];
    let admin = json!(here.admin.user.id);
    assert_eq!(who(&history["items"][0]), [json!("STAFF"), json!("sam"), admin.clone()], "{history}");
    assert_eq!(who(&history["items"][1]), [json!("USER"), Value::Null, admin], "{history}");
}

#[tokio::test]
async fn the_platforms_log_tells_who_became_staff_and_who_listed_the_agencies() {
    let app = TestApp::new().await;
    app.agency("here").await;
    let sam = app.staff("sam").await;
    app.app.clock.set("2026-11-23T08:01:00Z".parse().unwrap());
    app.get_as("/api/v1/platform/tenants", &sam).await.json(200);
    app.app.clock.set("2026-11-23T08:02:00Z".parse().unwrap());
    let mut conn = app.app.db.platform().await.unwrap();
    assert!(staff::remove(&mut conn, "sam").await.unwrap());
    assert!(!staff::remove(&mut conn, "sam").await.unwrap(), "nobody was removed, so there is nothing to note");
    conn.commit().await.unwrap();
    app.get_as("/api/v1/platform/tenants", &sam).await.problem(403);

    let mut conn = app.app.db.platform().await.unwrap();
    let lines = staff::trail(&mut conn, 10).await.unwrap();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.action.as_str(), line.actor.as_deref(), line.subject.as_deref(), line.details.clone()))
        .collect();
    let expected = [
        ("staff-removed", None, Some("sam"), json!({})),
        ("tenants-listed", Some("sam"), None, json!({"shown": 1})),
        ("staff-added", None, Some("sam"), json!({"name": "Sam Support"})),
    ];
    assert_eq!(told, expected);
    assert!(lines[1].request_id.is_some());
    // Each in a transaction of its own, because the refusal ends it.
    for sql in ["UPDATE platform_events SET actor = 'x'", "DELETE FROM platform_events"] {
        let mut conn = app.app.db.platform().await.unwrap();
        let refused = sqlx::query(sql).execute(conn.sql()).await.unwrap_err();
        assert!(refused.to_string().contains("permission denied"), "{sql}: {refused}");
    }
    let mut conn = app.tenant_conn(&app.agency("there").await).await;
    let refused = sqlx::query("SELECT FROM platform_events").execute(conn.sql()).await.unwrap_err();
    assert!(refused.to_string().contains("permission denied"), "{refused}");
}
