//! Everything held of an agency is given out, whole, and nothing of another one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use immivo::domain::privacy::{GIVEN, Run, WITHHELD};
use immivo::jobs::Job as _;
use serde_json::{Value, json};
use sqlx::Connection as _;

use super::export::unzip;
use super::{EMAIL, enquiry, erase, lead_of, many_mails, request};
use crate::journey::Stage;

async fn ask(stage: &Stage) -> Value {
    stage.test.post("/api/v1/tenant/export", &stage.agency.admin, json!({})).await.json(202)
}

/// All files of an export; no two parts have one of the same name.
async fn files(stage: &Stage, asked: &Value) -> BTreeMap<String, Vec<u8>> {
    let done = request(stage, asked).await;
    assert_eq!(done["state"], "DONE", "{done}");
    let mut all = BTreeMap::new();
    for part in 1..=done["parts"].as_i64().unwrap() {
        let path = format!("/api/v1/privacy/requests/{}/download?part={part}", asked["id"].as_str().unwrap());
        for (name, bytes) in unzip(&stage.test.get(&path, &stage.agency.admin).await) {
            assert_eq!(all.insert(name.clone(), bytes), None, "{name}");
        }
    }
    all
}

/// The rows of a table.
fn rows(files: &BTreeMap<String, Vec<u8>>, table: &str) -> Vec<Value> {
    let texts = files.iter().filter(|(name, _)| name.starts_with(&format!("tables/{table}.")));
    let lines = texts.flat_map(|(_, bytes)| std::str::from_utf8(bytes).unwrap().lines());
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every table has the rows that the database has.
async fn assert_whole(stage: &Stage, files: &BTreeMap<String, Vec<u8>>) {
    let mut conn = sqlx::PgConnection::connect(&stage.test.url).await.unwrap();
    for (table, _) in GIVEN {
        let column = if table == "tenants" { "id" } else { "tenant_id" };
        let sql = format!("SELECT count(*) FROM {table} WHERE {column} = $1");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(stage.agency.tenant.0)
            .fetch_one(&mut conn)
            .await
            .unwrap();
        let rows = rows(files, table);
        let different: BTreeSet<String> = rows.iter().map(Value::to_string).collect();
        assert_eq!((rows.len(), different.len()), (usize::try_from(count).unwrap(), rows.len()), "{table}");
    }
}

#[tokio::test]
async fn every_table_of_an_agency_is_given_out_or_withheld_for_a_reason() {
    let stage = Stage::new().await;
    let mut conn = sqlx::PgConnection::connect(&stage.test.url).await.unwrap();
    let columns: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns WHERE table_schema = 'public'",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    let mut of_agencies: BTreeSet<&str> =
        columns.iter().filter(|column| column.1 == "tenant_id").map(|column| column.0.as_str()).collect();
    of_agencies.insert("tenants");
    let given: BTreeSet<&str> = GIVEN.iter().map(|(table, _)| *table).collect();
    let withheld: BTreeSet<&str> =
        WITHHELD.iter().filter(|held| held.columns.is_empty()).map(|held| held.table).collect();
    assert_eq!(given.intersection(&withheld).count(), 0);
    assert_eq!(given.union(&withheld).copied().collect::<BTreeSet<_>>(), of_agencies);

    // Whatever is bytes is a hash, sealed, or the mail itself.
    for (table, column, kind) in &columns {
        let is_withheld = WITHHELD.iter().any(|held| held.table == table && held.columns.contains(&column.as_str()));
        assert!(kind != "bytea" || !given.contains(table.as_str()) || is_withheld, "{table}.{column}");
    }
    for held in WITHHELD {
        for name in held.columns {
            assert!(columns.iter().any(|(table, column, _)| table == held.table && column == name), "{name}");
        }
    }
}

#[tokio::test]
async fn an_export_of_an_agency_holds_all_of_it_and_nothing_of_another() {
    let stage = Stage::new().await;
    let (app, agency) = (&stage.test, &stage.agency);
    let there = app.agency("there").await;
    let house = app.property(&there).await;
    app.lead(&there, "Fremdling", Some(house.id), None).await;
    app.intake(&there, "From: fremd@example.org\r\nSubject: Fremdling\r\n\r\nHallo\r\n").await;
    stage.portal(&enquiry("Gibt es eine Sonnenuhr?")).await;
    let lead = lead_of(&stage, "Quittenbaum").await;
    many_mails(app, agency, lead, 250).await;
    app.task(agency, lead).await;
    app.draft(agency, lead).await;
    let file = "From: quitte@example.org\r\nSubject: Plan\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\nAnbei.\r\n--b\r\nContent-Type: application/pdf\r\n\
        Content-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF-1.7 Grundriss\r\n--b--\r\n";
    app.intake(agency, file).await;
    let secret = app.send(
        axum::http::Method::PUT,
        "/api/v1/secrets/mailbox",
        Some(&agency.admin.token),
        Some(json!({"value": "tresor"})),
    );
    assert!(secret.await.status.is_success());
    let key = json!({"label": "CRM", "scopes": ["leads:read"]});
    app.post("/api/v1/api-keys", &agency.admin, key).await.json(201);
    app.run_all_jobs().await;

    app.post("/api/v1/tenant/export", &agency.agent, json!({})).await.problem(403);
    let asked = ask(&stage).await;
    assert_eq!((asked["kind"].as_str(), asked["state"].as_str()), (Some("TENANT_EXPORT"), Some("QUEUED")));
    assert_eq!(ask(&stage).await["id"], asked["id"], "asked for twice it is done once");
    app.run_all_jobs().await;

    let files = files(&stage, &asked).await;
    assert_whole(&stage, &files).await;
    let about: Value = serde_json::from_slice(&files["about.json"]).unwrap();
    assert_eq!(about["withheld"].as_array().unwrap().len(), WITHHELD.len());
    for withheld in WITHHELD.iter().flat_map(|held| held.columns.iter().map(|column| (held.table, *column))) {
        let rows = rows(&files, withheld.0);
        assert!(rows.iter().all(|row| row.get(withheld.1).is_none()), "{withheld:?}");
    }
    assert_eq!((rows(&files, "secrets").len(), rows(&files, "api_keys").len()), (1, 1));
    for mail in rows(&files, "intake_messages") {
        assert!(files.contains_key(&format!("mails/{}.eml", mail["id"].as_str().unwrap())), "{mail}");
    }
    let kept = rows(&files, "attachments").into_iter().find(|file| file["name"] == "a.pdf").unwrap();
    let kept = &files[&format!("files/{}", kept["id"].as_str().unwrap())];
    assert!(kept.starts_with(b"%PDF-1.7 Grundriss"));
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        for theirs in [&there.tenant.to_string(), "Fremdling", "fremd@example.org", "there-admin"] {
            assert!(!text.contains(theirs), "{theirs} in {name}");
        }
    }
    let receipt = request(&stage, &asked).await["receipt"].clone();
    assert_eq!((receipt["leads"].as_i64(), receipt["files"].as_i64()), (Some(1), Some(1)), "{receipt}");

    // Who asked is in the log.
    let log = stage.api(&format!("/api/v1/audit?entityId={}&action=insert", asked["id"].as_str().unwrap())).await;
    assert_eq!(log["items"][0]["after"]["kind"], "TENANT_EXPORT", "{log}");
    assert_eq!(log["items"][0]["userId"], json!(agency.admin.user.id), "{log}");
}

#[tokio::test]
async fn an_export_of_an_agency_that_dies_anywhere_goes_on_and_ends() {
    let stage = Stage::new().await;
    let (app, agency) = (&stage.test, &stage.agency);
    stage.portal(&enquiry("Gibt es eine Sonnenuhr?")).await;
    let lead = lead_of(&stage, "Quittenbaum").await;
    many_mails(app, agency, lead, 4).await;
    let mut conn = app.tenant_conn(agency).await;
    sqlx::query("UPDATE intake_messages SET raw = raw || convert_to(repeat('x', 9 << 20), 'UTF8') WHERE tenant_id = $1 AND subject = 'Sonnenuhr'")
        .bind(agency.tenant.0)
        .execute(conn.sql())
        .await
        .unwrap();
    conn.commit().await.unwrap();
    app.run_all_jobs().await;
    let asked = ask(&stage).await;
    let id = asked["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap();
    let job = Run { tenant_id: agency.tenant, request_id: id.into() };
    let mut died_with = BTreeSet::new();
    for milliseconds in (1..60).map(|round| round * 20) {
        let attempt = Box::pin(job.run(&app.app));
        if tokio::time::timeout(Duration::from_millis(milliseconds), attempt).await.is_ok() {
            break;
        }
        died_with.insert(request(&stage, &asked).await["parts"].as_i64());
    }
    assert!(died_with.len() > 1, "it never died half way: {died_with:?}");
    app.run_all_jobs().await;
    // The rows, then twice two large mails.
    assert_eq!(request(&stage, &asked).await["parts"], 3);
    let files = files(&stage, &asked).await;
    assert_whole(&stage, &files).await;
    assert_eq!(files.keys().filter(|name| name.starts_with("mails/")).count(), 5);
}

#[tokio::test]
async fn whoever_is_erased_takes_the_exports_of_the_agency_along() {
    let stage = Stage::new().await;
    let app = &stage.test;
    stage.portal(&enquiry("Gibt es eine Sonnenuhr?")).await;
    let lead = lead_of(&stage, "Quittenbaum").await;
    let done = ask(&stage).await;
    app.run_all_jobs().await;
    assert_eq!(request(&stage, &done).await["state"], "DONE");
    let erasure = erase(&stage, lead, EMAIL).await;
    app.run_all_jobs().await;
    assert_eq!(request(&stage, &erasure).await["state"], "DONE");
    let download = format!("/api/v1/privacy/requests/{}/download", done["id"].as_str().unwrap());
    app.get(&download, &stage.agency.admin).await.problem(409);
    assert_eq!(request(&stage, &done).await["state"], "EXPIRED");
    let dump = app.dump().await;
    let held = dump.0["files"].iter().filter(|file| file.contains(done["id"].as_str().unwrap())).count();
    assert_eq!(held, 0);
}
