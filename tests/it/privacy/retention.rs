//! Every night what its time has passed for is forgotten.

use axum::http::Method;
use immivo::domain::leads::LeadId;
use serde_json::{Value, json};
use sqlx::Connection as _;

use super::{enquiry, lead_of};
use crate::journey::Stage;
use crate::support::Person;

/// The night, begun as the queue's clock begins it.
async fn night(stage: &Stage) {
    let mut conn = sqlx::PgConnection::connect(&stage.test.url).await.unwrap();
    sqlx::query("SELECT graphile_worker.add_job('privacy.nightly', '{\"_cron\": {\"ts\": \"2027-01-01T01:30:00Z\", \"backfilled\": false}}'::json)")
        .execute(&mut conn)
        .await
        .unwrap();
    stage.test.run_all_jobs().await;
}

async fn keep_for(stage: &Stage, days: Option<i32>) {
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query("UPDATE tenants SET retention_days = $2 WHERE id = $1")
        .bind(stage.agency.tenant.0)
        .bind(days)
        .execute(conn.sql())
        .await
        .unwrap();
    conn.commit().await.unwrap();
}

impl Stage {
    /// How long a lead is kept, as the API shows it.
    async fn retention(&self, lead: LeadId) -> Value {
        let admin = Person { user: self.agency.admin.user.clone(), token: self.test.token("wien-admin") };
        self.test.get(&format!("/api/v1/leads/{lead}"), &admin).await.json(200)["retention"].clone()
    }
}

#[tokio::test]
async fn lost_leads_and_loose_mail_go_after_their_time_and_the_rest_stays() {
    let stage = Stage::new().await;
    let (app, agency) = (&stage.test, &stage.agency);
    stage.portal(&enquiry("Gibt es eine Sonnenuhr?")).await;
    stage.enquiry("Olga Andere", "olga@example.org", "Ist die Wohnung noch frei?").await;
    let newsletter = "From: news@portal.test\r\nTo: wien@intake.immivo.test\r\nSubject: Newsletter\r\nList-Unsubscribe: <mailto:x@portal.test>\r\nPrecedence: bulk\r\nMessage-ID: <n@portal.test>\r\n\r\nNeues vom Markt.\r\n";
    stage.post("news@portal.test", "wien@intake.immivo.test", newsletter.as_bytes()).await.unwrap();
    app.run_jobs().await;
    let lost = lead_of(&stage, "Quittenbaum").await;
    let close = json!({"reason": "let to somebody else"});
    app.post(&format!("/api/v1/leads/{lost}/close"), &agency.admin, close).await.json(200);
    app.run_jobs().await;

    // 100 days later.
    app.app.clock.set("2027-03-03T08:00:00Z".parse().unwrap());
    for days in [None, Some(101)] {
        keep_for(&stage, days).await;
        night(&stage).await;
        assert_eq!(stage.leads().await.len(), 2, "{days:?}");
    }
    keep_for(&stage, Some(99)).await;
    let shown = stage.retention(lost).await;
    assert_eq!(shown, json!({"days": 99, "dueAt": "2027-03-02T08:00:00Z"}), "a day ago");
    night(&stage).await;
    let left = stage.leads().await;
    assert_eq!(left.iter().map(|lead| lead.last_name.as_deref().unwrap()).collect::<Vec<_>>(), ["Andere"]);
    let dump = app.dump().await;
    assert!(dump.find("Quittenbaum").is_empty() && dump.find("Neues vom Markt").is_empty());
    assert!(!dump.find("noch frei").is_empty());

    let admin = Person { user: agency.admin.user.clone(), token: app.token("wien-admin") };
    let list = app.get("/api/v1/privacy/requests", &admin).await.json(200);
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "a night that finds nothing leaves no receipt: {list}");
    assert_eq!((items[0]["kind"].as_str(), items[0]["state"].as_str()), (Some("RETENTION"), Some("DONE")));
    assert_eq!(
        (items[0]["receipt"]["leads"].as_i64(), items[0]["receipt"]["intake_messages"].as_i64()),
        (Some(1), Some(2)),
        "{list}"
    );
    assert_eq!(items[0]["requestedBy"], json!(null));
    night(&stage).await;
    assert_eq!(app.send(Method::GET, "/api/v1/privacy/requests", Some(&admin.token), None).await.json(200), list);
}

#[tokio::test]
async fn a_lost_lead_that_something_happened_to_stays() {
    let stage = Stage::new().await;
    let (app, agency) = (&stage.test, &stage.agency);
    stage.portal(&enquiry("Gibt es eine Sonnenuhr?")).await;
    let lost = lead_of(&stage, "Quittenbaum").await;
    app.post(&format!("/api/v1/leads/{lost}/close"), &agency.admin, json!({"reason": "silent"})).await.json(200);
    keep_for(&stage, Some(30)).await;
    app.app.clock.set("2027-03-03T08:00:00Z".parse().unwrap());
    let mut conn = app.tenant_conn(agency).await;
    let by = (immivo::domain::leads::Actor::System, None);
    immivo::domain::leads::note(&mut conn, lost, immivo::domain::leads::EventKind::Edited, by, json!({}))
        .await
        .unwrap();
    conn.commit().await.unwrap();
    night(&stage).await;
    assert_eq!(stage.leads().await.len(), 1);
}

#[tokio::test]
async fn a_lead_shows_until_when_it_is_kept() {
    let stage = Stage::new().await;
    let (app, agency) = (&stage.test, &stage.agency);
    stage.portal(&enquiry("Gibt es eine Sonnenuhr?")).await;
    let lead = lead_of(&stage, "Quittenbaum").await;
    keep_for(&stage, Some(30)).await;
    let kept = stage.retention(lead).await;
    assert_eq!(kept, json!({"days": 30, "dueAt": null}), "it is not lost");

    app.app.clock.set("2026-12-01T10:00:00Z".parse().unwrap());
    let admin = Person { user: agency.admin.user.clone(), token: app.token("wien-admin") };
    app.post(&format!("/api/v1/leads/{lead}/close"), &admin, json!({"reason": "silent"})).await.json(200);
    app.run_jobs().await;
    assert_eq!(stage.retention(lead).await, json!({"days": 30, "dueAt": "2026-12-31T10:00:00Z"}));
    keep_for(&stage, None).await;
    assert_eq!(stage.retention(lead).await, json!({"days": null, "dueAt": null}));

    // What is shown is what the night does: a second before, it stays.
    keep_for(&stage, Some(30)).await;
    for (at, left) in [("2026-12-31T09:59:59Z", 1), ("2026-12-31T10:00:01Z", 0)] {
        app.app.clock.set(at.parse().unwrap());
        night(&stage).await;
        assert_eq!(stage.leads().await.len(), left, "{at}");
    }
}

#[tokio::test]
async fn the_platforms_log_is_forgotten_after_three_years_and_no_sooner() {
    let stage = Stage::new().await;
    let mut conn = sqlx::PgConnection::connect(&stage.test.url).await.unwrap();
    for age in ["3 years 1 day", "2 years 364 days"] {
        sqlx::query(
            "INSERT INTO platform_events (id, at, action, subject) VALUES (gen_random_uuid(), now() - $1::interval, 'staff-added', $1)",
        )
        .bind(age)
        .execute(&mut conn)
        .await
        .unwrap();
    }
    // The clock of the application says that both are old; that of the database decides.
    stage.test.app.clock.set("2032-01-01T08:00:00Z".parse().unwrap());
    night(&stage).await;
    let left: Vec<String> =
        sqlx::query_scalar("SELECT subject FROM platform_events").fetch_all(&mut conn).await.unwrap();
    assert_eq!(left, ["2 years 364 days"]);
}
