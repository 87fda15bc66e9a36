//! Roles, profiles, and the last administrator.

use axum::body::Body;
use axum::http::{Method, Request, header};
use immivo::domain::users::Role;
use serde_json::{Value, json};

use crate::support::{Person, Reply, TestApp};

async fn put_role(app: &TestApp, who: &Person, id: impl std::fmt::Display, role: &str) -> Reply {
    app.send(Method::PUT, &format!("/api/v1/users/{id}/role"), Some(&who.token), Some(json!({"role": role}))).await
}

#[tokio::test]
async fn a_changed_role_counts_with_the_next_request() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let id = agency.agent.user.id;
    app.get("/api/v1/intake/messages", &agency.agent).await.problem(403);
    put_role(&app, &agency.agent, id, "ADMIN").await.problem(403);
    let user = put_role(&app, &agency.admin, id, "ADMIN").await.json(200);
    assert_eq!((&user["role"], &user["version"]), (&json!("ADMIN"), &json!(2)));
    app.get("/api/v1/intake/messages", &agency.agent).await.json(200);
    // With two administrators one may step down, and then the other stays.
    assert_eq!(put_role(&app, &agency.admin, agency.admin.user.id, "AGENT").await.status, 200);
    let problem = put_role(&app, &agency.agent, id, "AGENT").await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("administrator"), "{problem}");
    let leave = format!("/api/v1/users/{id}/deactivate");
    app.post(&leave, &agency.agent, json!({"successorId": agency.admin.user.id})).await.problem(409);
    app.get("/api/v1/intake/messages", &agency.agent).await.json(200);
}

#[tokio::test]
async fn of_two_administrators_who_go_at_once_one_stays() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let other = app.colleague(&agency, "zweite", Role::Admin).await;
    for round in 0..5 {
        let (one, two) = futures::future::join(
            put_role(&app, &agency.admin, agency.admin.user.id, "AGENT"),
            app.post(&format!("/api/v1/users/{}/deactivate", other.user.id), &other, json!({})),
        )
        .await;
        let statuses = [one.status.as_u16(), two.status.as_u16()];
        assert!(
            statuses.contains(&200) && statuses.contains(&409),
            "{round}: {statuses:?} {} {}",
            one.text(),
            two.text()
        );
        let mut conn = app.tenant_conn(&agency).await;
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM users WHERE active AND role = 'ADMIN'")
            .fetch_one(conn.sql())
            .await
            .unwrap();
        assert_eq!(left, 1);
        sqlx::query("UPDATE users SET active = true, role = 'ADMIN' WHERE id = ANY($1)")
            .bind([agency.admin.user.id.0, other.user.id.0].as_slice())
            .execute(conn.sql())
            .await
            .unwrap();
        conn.commit().await.unwrap();
    }
}

#[tokio::test]
async fn everybody_writes_their_own_profile() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let put = async |tag: &str, body: Value| {
        let request = Request::put("/api/v1/me")
            .header(header::AUTHORIZATION, format!("Bearer {}", agency.agent.token))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::IF_MATCH, tag)
            .body(Body::from(body.to_string()))
            .unwrap();
        app.call(request).await
    };
    let seen = app.get("/api/v1/me", &agency.agent).await;
    let tag = seen.header("etag").to_owned();
    let profile = json!({"firstName": "Vera", "lastName": "Neu", "phone": "+43 664 1234567"});
    let me = put(&tag, profile.clone()).await.json(200);
    assert_eq!((&me["lastName"], &me["phone"]), (&json!("Neu"), &json!("+436641234567")));
    assert_eq!(put(&tag, profile).await.problem(412)["status"], 412);
    assert_eq!(
        put("*", json!({"firstName": " ", "lastName": "Neu", "phone": "1"})).await.fields(422),
        ["firstName", "phone"]
    );
    // The colleagues see it, page by page.
    let page = app.get("/api/v1/users?limit=1", &agency.admin).await.json(200);
    let next = page["nextCursor"].as_str().unwrap();
    let page = app.get(&format!("/api/v1/users?limit=1&cursor={next}"), &agency.admin).await.json(200);
    assert_eq!((&page["items"][0]["lastName"], &page["nextCursor"]), (&json!("Neu"), &Value::Null));
    let one = app.get(&format!("/api/v1/users/{}", agency.agent.user.id), &agency.admin).await;
    assert_eq!(one.json(200), page["items"][0]);
    assert_eq!(one.header("etag"), "\"2\"");
}
