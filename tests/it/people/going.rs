//! Leaving: out at once, and nothing left behind.

use immivo::domain::users::Role;
use serde_json::{Value, json};

use super::kind;
use crate::support::TestApp;

#[tokio::test]
async fn whoever_leaves_is_out_at_once_and_hands_everything_over() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let heir = app.colleague(&agency, "erbe", Role::Agent).await;
    let leaver = &agency.agent;
    let property = app.property(&agency).await;
    let lead = app.lead(&agency, "Ida", Some(property.id), Some(leaver.user.id)).await;
    let visitor = app.lead(&agency, "Udo", Some(property.id), Some(leaver.user.id)).await;
    let task = app.task(&agency, lead.id).await;
    let viewing = app.viewing(&agency, visitor.id, property.id).await;
    {
        let mut conn = app.tenant_conn(&agency).await;
        sqlx::query("UPDATE tasks SET owner_id = $1").bind(leaver.user.id.0).execute(conn.sql()).await.unwrap();
        conn.commit().await.unwrap();
    }
    app.run_jobs().await;
    let path = format!("/api/v1/users/{}/deactivate", leaver.user.id);
    app.post(&path, leaver, json!({"successorId": heir.user.id})).await.problem(403);

    // Viewings to come need somebody.
    let problem = app.post(&path, &agency.admin, json!({})).await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("successorId"), "{problem}");
    for nobody in [leaver.user.id.0, immivo::ids::new_id()] {
        assert_eq!(app.post(&path, &agency.admin, json!({"successorId": nobody})).await.fields(422), ["successorId"]);
    }
    app.get("/api/v1/me", leaver).await.json(200);

    let gone = app.post(&path, &agency.admin, json!({"successorId": heir.user.id})).await.json(200);
    assert_eq!(gone["active"], false);
    let problem = app.get("/api/v1/me", leaver).await.problem(403);
    assert_eq!(kind(&problem), "deactivated");
    let heir_id = json!(heir.user.id);
    for (path, field) in [
        (format!("/api/v1/leads/{}", lead.id), "assigneeId"),
        (format!("/api/v1/leads/{}", visitor.id), "assigneeId"),
        (format!("/api/v1/properties/{}", property.id), "agentId"),
        (format!("/api/v1/tasks/{task}"), "ownerId"),
        (format!("/api/v1/viewings/{viewing}"), "agentId"),
    ] {
        let row = app.get(&path, &heir).await.json(200);
        assert_eq!(row[field], heir_id, "{path}: {row}");
    }
    // The colleague and the visitor learn of it, the leaver does not.
    let before = app.mails_to(&leaver.user.email).await.len();
    let heirs = app.mails_to(&heir.user.email).await;
    assert!(heirs.iter().any(|mail| mail.contains("Eine Besichtigung wurde Ihnen übergeben.")), "{heirs:?}");
    let visitors = app.mails_to("udo@example.org").await;
    assert!(visitors[0].contains("Ansprechperson gewechselt") && visitors[0].contains("Kim erbe"), "{visitors:?}");
    assert_eq!(app.mails_to(&leaver.user.email).await.len(), before);

    // Nobody gives them anything any more.
    let edit = json!({"assigneeId": leaver.user.id});
    let lead_path = format!("/api/v1/leads/{}", lead.id);
    let reply = app.send(axum::http::Method::PATCH, &lead_path, Some(&agency.admin.token), Some(edit)).await;
    assert_eq!(reply.fields(422), ["assigneeId"]);
    let new = app.lead(&agency, "Eva", Some(property.id), Some(leaver.user.id)).await;
    assert_eq!(new.assignee_id, None, "an enquiry that still names them is nobody's");

    // Back again, with nothing in hand.
    let back = format!("/api/v1/users/{}/reactivate", leaver.user.id);
    app.post(&back, &agency.admin, json!({})).await.json(200);
    assert_eq!(app.get("/api/v1/leads", leaver).await.json(200)["items"], json!([]));
    // Who has nothing to come can go without anybody taking over.
    app.post(&path, &agency.admin, json!({})).await.json(200);
}

#[tokio::test]
async fn without_a_successor_leads_are_nobodys() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    let lead = app.lead(&agency, "Ida", Some(property.id), Some(agency.agent.user.id)).await;
    let path = format!("/api/v1/users/{}/deactivate", agency.agent.user.id);
    app.post(&path, &agency.admin, json!({})).await.json(200);
    let row = app.get(&format!("/api/v1/leads/{}", lead.id), &agency.admin).await.json(200);
    assert_eq!(row["assigneeId"], Value::Null);
    let row = app.get(&format!("/api/v1/properties/{}", property.id), &agency.admin).await.json(200);
    assert_eq!(row["agentId"], Value::Null);
    // It stands on the timeline, by whom, and in the audit log.
    let timeline = app.get(&format!("/api/v1/leads/{}/timeline", lead.id), &agency.admin).await.json(200);
    let last = timeline["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["kind"], &last["userId"]), (&json!("EDITED"), &json!(agency.admin.user.id)), "{last}");
}

#[tokio::test]
async fn a_busy_colleague_cannot_take_a_viewing() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let heir = app.colleague(&agency, "erbe", Role::Agent).await;
    let property = app.property(&agency).await;
    let visitor = app.lead(&agency, "Udo", Some(property.id), None).await;
    app.viewing(&agency, visitor.id, property.id).await;
    // The heir shows another house at the same time.
    let house = json!({"title": "Haus", "type": "HOUSE", "marketing": "SALE", "country": "AT", "status": "ACTIVE", "agentId": heir.user.id});
    let house = app.post("/api/v1/properties", &agency.admin, house).await.json(201);
    let other = app.lead(&agency, "Eva", None, None).await;
    let booking = json!({"leadId": other.id, "propertyId": house["id"], "startsAt": "2026-11-25T09:00:00Z"});
    app.post("/api/v1/viewings", &agency.admin, booking).await.json(201);
    let path = format!("/api/v1/users/{}/deactivate", agency.agent.user.id);
    let problem = app.post(&path, &agency.admin, json!({"successorId": heir.user.id})).await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("busy"), "{problem}");
    app.get("/api/v1/me", &agency.agent).await.json(200);
    app.run_jobs().await;
}

#[tokio::test]
async fn what_is_given_at_the_same_moment_is_not_left_behind() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    for round in 0..5 {
        let leaver = app.colleague(&agency, &format!("k{round}"), Role::Agent).await;
        let mut given = Vec::new();
        for number in 0..6 {
            given.push(app.lead(&agency, &format!("L{round}x{number}"), None, None).await);
        }
        let path = format!("/api/v1/users/{}/deactivate", leaver.user.id);
        let giving = given.iter().map(|lead| {
            let body = json!({"assigneeId": leaver.user.id});
            let path = format!("/api/v1/leads/{}", lead.id);
            let app = &app;
            let token = &agency.admin.token;
            async move { app.send(axum::http::Method::PATCH, &path, Some(token), Some(body)).await.status.as_u16() }
        });
        let (gone, given) =
            futures::future::join(app.post(&path, &agency.admin, json!({})), futures::future::join_all(giving)).await;
        gone.json(200);
        assert!(given.iter().all(|status| [200, 422].contains(status)), "{given:?}");
        let mut conn = app.tenant_conn(&agency).await;
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM leads WHERE assignee_id = $1")
            .bind(leaver.user.id.0)
            .fetch_one(conn.sql())
            .await
            .unwrap();
        assert_eq!(left, 0);
    }
}
