//! The audit log writes itself: who changed what, from what to what, in which request.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::support::{Agency, TestApp};

type Row = (String, Option<uuid::Uuid>, String, uuid::Uuid, Option<String>, Value, Value);

async fn events(app: &TestApp, agency: &Agency, entity: &str) -> Vec<Row> {
    let mut conn = app.tenant_conn(agency).await;
    sqlx::query_as(
        "SELECT actor, user_id, action, entity_id, request_id, before, after FROM audit_events
         WHERE tenant_id = $1 AND entity = $2 ORDER BY at, action",
    )
    .bind(agency.tenant.0)
    .bind(entity)
    .fetch_all(conn.sql())
    .await
    .unwrap()
}

#[tokio::test]
async fn a_change_is_noted_with_who_before_after_and_request() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, None).await;
    let request = Request::patch(format!("/api/v1/leads/{}", lead.id))
        .header(header::AUTHORIZATION, format!("Bearer {}", agency.admin.token))
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-request-id", "request-4711")
        .body(Body::from(json!({"firstName": "O'Hara \\ \"Ida\""}).to_string()))
        .unwrap();
    assert_eq!(app.call(request).await.status, 200);

    let mut events = events(&app, &agency, "leads").await;
    assert_eq!(events.len(), 1);
    let (actor, user, action, entity, request, before, after) = events.remove(0);
    assert_eq!((actor.as_str(), action.as_str()), ("USER", "update"));
    assert_eq!((user, entity), (Some(agency.admin.user.id.0), lead.id.0));
    assert_eq!(request.as_deref(), Some("request-4711"));
    assert_eq!(before, json!({"first_name": "Ida"}));
    assert_eq!(after, json!({"first_name": "O'Hara \\ \"Ida\""}));
}

#[tokio::test]
async fn what_the_program_does_by_itself_is_not_in_the_log() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    app.lead(&agency, "Ida", Some(property.id), None).await;
    app.run_jobs().await;
    for entity in ["leads", "properties", "users", "tenants"] {
        assert_eq!(events(&app, &agency, entity).await.len(), 0, "{entity}");
    }
}

#[tokio::test]
async fn nobody_of_the_application_can_change_or_remove_what_was_noted() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, None).await;
    app.send(
        axum::http::Method::PATCH,
        &format!("/api/v1/leads/{}", lead.id),
        Some(&agency.admin.token),
        Some(json!({"firstName": "Anna"})),
    )
    .await
    .json(200);
    for sql in ["UPDATE audit_events SET action = 'x'", "DELETE FROM audit_events", "TRUNCATE audit_events"] {
        let mut conn = sqlx::PgConnection::connect(&app.url).await.unwrap();
        let begin = format!("BEGIN; SET LOCAL ROLE immivo_app; SET LOCAL app.tenant_id = '{}'", agency.tenant);
        sqlx::raw_sql(sqlx::AssertSqlSafe(begin)).execute(&mut conn).await.unwrap();
        let error = sqlx::query(sql).execute(&mut conn).await.unwrap_err();
        assert!(error.to_string().contains("permission denied"), "{sql}: {error}");
    }
    assert_eq!(events(&app, &agency, "leads").await.len(), 1);
}
