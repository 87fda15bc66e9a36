//! Figures over HTTP.

use serde_json::{Value, json};

use crate::support::{Agency, TestApp};

/// A lead that came and was answered as said.
async fn came(app: &TestApp, agency: &Agency, name: &str, at: &str, answered: Option<(&str, &str)>, is_agents: bool) {
    let assignee = is_agents.then_some(agency.agent.user.id);
    let lead = app.lead(agency, name, None, assignee).await;
    let mut conn = app.tenant_conn(agency).await;
    sqlx::query("UPDATE leads SET created_at = $2::timestamptz, first_response_at = $3::timestamptz, portal = CASE WHEN $4 THEN portal END WHERE id = $1")
        .bind(lead.id.0)
        .bind(at)
        .bind(answered.map(|(at, _)| at))
        .bind(is_agents)
        .execute(conn.sql())
        .await
        .unwrap();
    if let Some((sent_at, origin)) = answered {
        sqlx::query(
            "INSERT INTO messages (id, tenant_id, conversation_id, direction, origin, subject, text, delivery, revision, settles, created_at, sent_at)
             SELECT gen_random_uuid(), tenant_id, id, 'OUTBOUND', $2, 'Re', 'Ja.', 'SENT', 1, true, now(), $3::timestamptz FROM conversations WHERE lead_id = $1",
        )
        .bind(lead.id.0)
        .bind(origin)
        .bind(sent_at)
        .execute(conn.sql())
        .await
        .unwrap();
    }
    conn.commit().await.unwrap();
}

fn count(list: &Value, name: &str) -> i64 {
    list.as_array().unwrap().iter().find(|item| item["name"] == name).map_or(0, |item| item["count"].as_i64().unwrap())
}

#[tokio::test]
async fn figures_count_what_came_on_days_of_the_agencys_zone() {
    let app = TestApp::new().await;
    let (agency, there) = (app.agency("here").await, app.agency("there").await);
    // Half past midnight of the 20th in Vienna.
    came(&app, &agency, "Ida", "2026-11-19T23:30:00Z", Some(("2026-11-19T23:31:00Z", "AI_AUTO")), true).await;
    came(&app, &agency, "Udo", "2026-11-20T10:00:00Z", Some(("2026-11-20T10:05:00Z", "AGENT")), true).await;
    came(&app, &agency, "Eva", "2026-11-21T10:00:00Z", Some(("2026-11-21T10:10:00Z", "AI_AUTO")), false).await;
    came(&app, &agency, "Uwe", "2026-11-21T11:00:00Z", None, false).await;
    came(&app, &agency, "Alt", "2026-11-19T22:59:00Z", Some(("2026-11-19T23:59:00Z", "AI_AUTO")), true).await;
    came(&app, &there, "Ina", "2026-11-21T11:00:00Z", None, false).await;
    let property = app.property(&agency).await;
    let booked = app.lead(&agency, "Kim", Some(property.id), None).await;
    app.viewing(&agency, booked.id, property.id).await;

    let all = app.get("/api/v1/statistics?from=2026-11-20&to=2026-11-22", &agency.admin).await.json(200);
    assert_eq!(all["leads"]["total"], 4, "{all}");
    assert_eq!((count(&all["leads"]["byPortal"], "willhaben"), count(&all["leads"]["byPortal"], "PORTAL")), (2, 2));
    assert_eq!(
        all["leads"]["byDay"],
        json!([{"name": "2026-11-20", "count": 2}, {"name": "2026-11-21", "count": 2}, {"name": "2026-11-22", "count": 0}])
    );
    assert_eq!(
        all["answers"],
        json!({"answered": 3, "medianSeconds": 300.0, "p90Seconds": 540.0, "withoutHuman": 2, "withoutHumanShare": 2.0 / 3.0})
    );
    let agent = json!(agency.agent.user.id);
    let of_agent = all["agents"].as_array().unwrap().iter().find(|row| row["userId"] == agent).unwrap();
    assert_eq!(
        (&of_agent["leads"], &of_agent["answered"], &of_agent["medianSeconds"]),
        (&json!(2), &json!(2), &json!(180.0))
    );

    // Made today, in a viewing the agent shows.
    let today = app.get("/api/v1/statistics?from=2026-11-23&to=2026-11-23", &agency.admin).await.json(200);
    assert_eq!((&today["viewings"]["booked"], &today["leads"]["total"]), (&json!(1), &json!(1)));
    let of_property =
        today["properties"].as_array().unwrap().iter().find(|row| row["propertyId"] == json!(property.id)).unwrap();
    assert_eq!((&of_property["leads"], &of_property["booked"]), (&json!(1), &json!(1)));

    let own = app.get("/api/v1/statistics?from=2026-11-20&to=2026-11-22", &agency.agent).await.json(200);
    assert_eq!((&own["leads"]["total"], &own["answers"]["answered"]), (&json!(2), &json!(2)), "only their own");
    assert_eq!(own["agents"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn days_are_bounded_and_have_a_default() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let usual = app.get("/api/v1/statistics", &agency.admin).await.json(200);
    assert_eq!(
        (&usual["from"], &usual["to"], &usual["timeZone"]),
        (&json!("2026-10-25"), &json!("2026-11-23"), &json!("Europe/Vienna"))
    );
    assert_eq!(usual["leads"]["byDay"].as_array().unwrap().len(), 30);
    assert_eq!(usual["answers"]["withoutHumanShare"], json!(null), "nothing to share");
    for query in ["from=2026-11-24&to=2026-11-23", "from=2025-01-01&to=2026-11-23"] {
        assert_eq!(app.get(&format!("/api/v1/statistics?{query}"), &agency.admin).await.fields(400), ["to"], "{query}");
    }
    assert_eq!(app.get("/api/v1/statistics?from=yesterday", &agency.admin).await.fields(400), ["from"]);
}
