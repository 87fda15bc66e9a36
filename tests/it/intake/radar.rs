//! The portal radar and its alarms.

use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::journey::{Stage, willhaben};
use crate::support::{Agency, Person, TestApp};

/// Mails of a portal as rows: `count`, one every `hours`, the last one `ago` hours before now.
async fn rows(app: &TestApp, agency: &Agency, portal: &str, filled: &str, (count, hours, ago): (i32, i32, i32)) {
    let mut conn = app.tenant_conn(agency).await;
    let now = conn.now();
    sqlx::query(
        "INSERT INTO intake_messages (id, tenant_id, received_at, door, peer, envelope_from, envelope_to, raw, raw_sha256, state, class, portal, adapter, filled, parsed, processed_at)
         SELECT gen_random_uuid(), $1, $2::timestamptz - make_interval(hours => $6 + n * $5), 'SMTP', '127.0.0.1', '', '', '', sha256(gen_random_uuid()::text::bytea),
                CASE WHEN n % 10 = 9 THEN 'TRAY' ELSE 'DONE' END, 'lead', $3, CASE WHEN n % 2 = 0 THEN 'openimmo_feedback@1.2.5' ELSE 'x.text@1' END, $7, '[]',
                $2::timestamptz - make_interval(hours => $6 + n * $5) + make_interval(secs => 1 + n % 100)
         FROM generate_series(0, $4 - 1) AS n",
    )
    .bind(agency.tenant.0)
    .bind(now)
    .bind(portal)
    .bind(count)
    .bind(hours)
    .bind(ago)
    .bind(filled)
    .execute(conn.sql())
    .await
    .unwrap();
    conn.commit().await.unwrap();
}

/// The night, begun as the queue's clock begins it.
async fn night(app: &TestApp) {
    let mut conn = sqlx::PgConnection::connect(&app.url).await.unwrap();
    sqlx::query("SELECT graphile_worker.add_job('intake.radar', '{\"_cron\": {\"ts\": \"2027-01-01T04:30:00Z\", \"backfilled\": false}}'::json)")
        .execute(&mut conn)
        .await
        .unwrap();
    app.run_jobs().await;
}

async fn alarms(app: &TestApp, admin: &Person) -> Vec<Value> {
    app.get("/api/v1/tasks?state=OPEN", admin).await.json(200)["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_radar_counts_days_fields_xml_tray_and_time() {
    let stage = Stage::new().await;
    let none = stage.api("/api/v1/intake/radar").await;
    assert_eq!(
        (&none["portals"], &none["from"], &none["to"]),
        (&json!([]), &json!("2026-10-25"), &json!("2026-11-23"))
    );
    rows(&stage.test, &stage.agency, "immowelt", "epl", (20, 1, 1)).await;
    rows(&stage.test, &stage.agency, "immowelt", "e", (20, 1, 1)).await;
    rows(&stage.test, &stage.agency, "immowelt", "", (5, 1, 24 * 31)).await;
    stage.enquiry("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    let theirs = stage.test.agency("linz").await;
    rows(&stage.test, &theirs, "flatfox", "e", (3, 1, 1)).await;

    let radar = stage.api("/api/v1/intake/radar").await;
    let portals = radar["portals"].as_array().unwrap();
    assert_eq!(
        portals.iter().map(|portal| portal["portal"].as_str().unwrap()).collect::<Vec<_>>(),
        ["immowelt", "willhaben"]
    );
    let (immowelt, willhaben) = (&portals[0], &portals[1]);
    assert_eq!(
        (&immowelt["mails"], &immowelt["withoutXmlShare"], &immowelt["trayShare"]),
        (&json!(40), &json!(0.5), &json!(0.1))
    );
    let rate = |portal: &Value, field: &str| {
        portal["fields"].as_array().unwrap().iter().find(|rate| rate["field"] == field).unwrap()["rate"]
            .as_f64()
            .unwrap()
    };
    assert_eq!((rate(immowelt, "email"), rate(immowelt, "phone"), rate(immowelt, "message")), (1.0, 0.5, 0.0));
    // 1, 1, 2, 2 … 20, 20 seconds without the 10th and 20th.
    assert_eq!(immowelt["timeToLead"]["medianSeconds"], json!(10.0), "{immowelt}");
    assert_eq!(immowelt["timeToLead"]["p95Seconds"], json!(18.25), "between the second-last two: {immowelt}");
    assert_eq!((rate(willhaben, "email"), rate(willhaben, "reference"), rate(willhaben, "message")), (1.0, 1.0, 1.0));
    let days = willhaben["leadsPerDay"].as_array().unwrap();
    assert_eq!((days.len(), &days[29]), (30, &json!({"day": "2026-11-23", "leads": 1})));
    assert!(immowelt["leadsPerDay"].as_array().unwrap().iter().all(|day| day["leads"] == 0), "rows without leads");
}

#[tokio::test]
async fn a_portal_that_goes_quiet_raises_one_alarm_which_goes_when_it_is_heard_again() {
    let stage = Stage::new().await;
    let (app, admin) = (&stage.test, &stage.agency.admin);
    // One in six hours until four days ago; one that is slower is not quiet yet; one was never a habit.
    rows(app, &stage.agency, "willhaben", "eplmr", (100, 6, 24 * 4)).await;
    rows(app, &stage.agency, "immowelt", "eplmr", (12, 48, 24 * 4)).await;
    rows(app, &stage.agency, "flatfox", "eplmr", (3, 6, 24 * 20)).await;
    night(app).await;
    let open = alarms(app, admin).await;
    assert_eq!(open.len(), 1, "{open:?}");
    let task = &open[0];
    assert_eq!(
        (&task["kind"], &task["leadId"], &task["ownerId"]),
        (&json!("PORTAL_QUIET"), &Value::Null, &Value::Null)
    );
    assert_eq!(task["title"], "willhaben: seit 4 Tagen keine Anfrage");
    assert!(task["details"]["en"].as_str().unwrap().contains("none for 4 days"), "{task}");
    assert!(alarms(app, &stage.agency.agent).await.is_empty(), "an administrator's");
    night(app).await;
    assert_eq!(alarms(app, admin).await.len(), 1, "once");

    // Somebody looks after it: the same silence is not told again.
    let path = format!("/api/v1/tasks/{}/resolve", task["id"].as_str().unwrap());
    app.post(&path, &stage.agency.agent, json!({"note": "x"})).await.problem(404);
    assert_eq!(app.post(&path, admin, json!({"answer": "x"})).await.fields(422), ["answer"]);
    let resolved = app.post(&path, admin, json!({"note": "Weiterleitung repariert"})).await.json(200);
    assert_eq!(
        (&resolved["state"], &resolved["resolution"]["note"]),
        (&json!("RESOLVED"), &json!("Weiterleitung repariert"))
    );
    app.post(&path, admin, json!({"note": "x"})).await.problem(409);
    night(app).await;
    assert!(alarms(app, admin).await.is_empty());

    // It comes again, and goes quiet again: another silence.
    stage.portal(&willhaben("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?")).await;
    app.app.clock.set("2026-11-30T08:00:00Z".parse().unwrap());
    let admin = &Person { user: admin.user.clone(), token: app.token("wien-admin") };
    night(app).await;
    let open = alarms(app, admin).await;
    assert!(open.iter().any(|task| task["details"]["portal"] == "willhaben"), "{open:?}");
    stage.portal(&willhaben("Udo Muster", "udo@example.org", "Darf ich kommen?")).await;
    let open = alarms(app, admin).await;
    assert!(open.iter().all(|task| task["details"]["portal"] != "willhaben"), "settled by the mail itself: {open:?}");
}

#[tokio::test]
async fn a_field_that_is_told_no_more_raises_one_alarm_which_goes_when_it_is_back() {
    let app = TestApp::new().await;
    let agency = app.agency("wien").await;
    rows(&app, &agency, "immowelt", "epl", (100, 6, 24 * 8)).await;
    rows(&app, &agency, "immowelt", "el", (20, 6, 6)).await;
    night(&app).await;
    night(&app).await;
    let open = alarms(&app, &agency.admin).await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(
        (&open[0]["kind"], &open[0]["title"]),
        (&json!("PORTAL_FIELD_MISSING"), &json!("immowelt: Telefonnummer fehlt immer öfter"))
    );
    assert!(open[0]["details"]["de"].as_str().unwrap().contains("in 100 % der Mails"), "{open:?}");
    rows(&app, &agency, "immowelt", "epl", (150, 1, 1)).await;
    night(&app).await;
    assert!(alarms(&app, &agency.admin).await.is_empty());
}
