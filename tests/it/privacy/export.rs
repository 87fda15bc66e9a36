//! Everything held of a person is given out, whole, and not for ever.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use immivo::domain::privacy::Nightly;
use immivo::jobs::NightlyJob as _;
use serde_json::{Value, json};

use super::{EMAIL, enquiry, lead_of, many_mails, request};
use crate::journey::Stage;
use crate::support::Reply;

pub(super) fn unzip(reply: &Reply) -> BTreeMap<String, Vec<u8>> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), "application/zip");
    let mut archive = zip::ZipArchive::new(Cursor::new(&reply.body)).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(file.name().unwrap().into_owned(), bytes);
    }
    files
}

async fn export(stage: &Stage, lead: immivo::domain::leads::LeadId) -> Value {
    let path = format!("/api/v1/leads/{lead}/export");
    let asked = stage.test.post(&path, &stage.agency.admin, json!({})).await.json(202);
    assert_eq!((asked["kind"].as_str(), asked["state"].as_str()), (Some("EXPORT"), Some("QUEUED")));
    asked
}

#[tokio::test]
async fn an_export_holds_everything_of_the_person_and_nothing_of_others() {
    let stage = Stage::new().await;
    let (app, agency) = (&stage.test, &stage.agency);
    stage.enquiry("Olga Andere", "olga@example.org", "Ist die Wohnung noch frei?").await;
    stage.portal(&enquiry("Gibt es eine Sonnenuhr?")).await;
    let lead = lead_of(&stage, "Quittenbaum").await;
    many_mails(app, agency, lead, 3).await;
    let away = format!(
        "From: {EMAIL}\r\nTo: wien@intake.immivo.test\r\nSubject: Abwesend\r\nAuto-Submitted: auto-replied\r\nMessage-ID: <away@example.org>\r\n\r\nBin weg.\r\n"
    );
    stage.post(EMAIL, "wien@intake.immivo.test", away.as_bytes()).await.unwrap();
    app.run_jobs().await;
    let other = json!({"firstName": "Zacharias", "lastName": "Quittenbaum", "email": "zq@privat.example.org", "phone": "+436645559876"});
    app.post("/api/v1/leads", &agency.admin, other).await.json(201);

    app.post(&format!("/api/v1/leads/{lead}/export"), &agency.agent, json!({})).await.problem(403);
    let asked = export(&stage, lead).await;
    assert_eq!(export(&stage, lead).await["id"], asked["id"], "asked for twice it is done once");
    let download = format!("/api/v1/privacy/requests/{}/download", asked["id"].as_str().unwrap());
    app.get(&download, &agency.admin).await.problem(409);
    app.run_all_jobs().await;

    let done = request(&stage, &asked).await;
    assert_eq!(
        (done["state"].as_str(), done["parts"].as_i64(), done["stepsDone"].as_u64()),
        (Some("DONE"), Some(1), Some(3)),
        "{done}"
    );
    let files = unzip(&app.get(&download, &agency.admin).await);
    let person: Value = serde_json::from_slice(&files["person.json"]).unwrap();
    let held = &person["held"];
    let count = |table: &str| held[table].as_array().unwrap().len();
    assert_eq!((count("leads"), count("messages"), count("intake_messages")), (2, 5, 5), "{held:#}");
    assert!(count("lead_events") > 5 && count("outbox") > 0 && count("ai_calls") > 0, "{held:#}");
    assert_eq!(files.keys().filter(|name| name.starts_with("mails/")).count(), 5, "{:?}", files.keys());
    let all = files.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect::<String>();
    for said in ["Sonnenuhr", "Bin weg.", "zq@privat.example.org", "+436645559876"] {
        assert!(all.contains(said), "{said}");
    }
    assert!(!all.contains("olga@example.org"));

    app.get(&format!("{download}?part=2"), &agency.admin).await.problem(404);
    app.get(&download, &agency.agent).await.problem(403);
    let list = stage.api("/api/v1/privacy/requests?kind=EXPORT&limit=1").await;
    assert_eq!((&list["items"][0]["id"], &list["nextCursor"]), (&asked["id"], &Value::Null));

    // After its time it is gone.
    app.app.clock.set("2026-12-23T08:00:00Z".parse().unwrap());
    Nightly::run(&app.app).await.unwrap();
    app.run_jobs().await;
    let admin = crate::support::Person { user: agency.admin.user.clone(), token: app.token("wien-admin") };
    app.get(&download, &admin).await.problem(409);
    assert!(app.dump().await.0["files"].iter().all(|file| !file.contains("/exports/")));
}

#[tokio::test]
async fn large_mails_make_several_files() {
    let stage = Stage::new().await;
    let (app, agency) = (&stage.test, &stage.agency);
    stage.portal(&enquiry("Gibt es eine Sonnenuhr?")).await;
    let lead = lead_of(&stage, "Quittenbaum").await;
    many_mails(app, agency, lead, 3).await;
    let mut conn = app.tenant_conn(agency).await;
    sqlx::query("UPDATE intake_messages SET raw = raw || convert_to(repeat('x', 9 << 20), 'UTF8') WHERE tenant_id = $1 AND subject = 'Sonnenuhr'")
        .bind(agency.tenant.0)
        .execute(conn.sql())
        .await
        .unwrap();
    conn.commit().await.unwrap();
    let asked = export(&stage, lead).await;
    app.run_all_jobs().await;
    assert_eq!(request(&stage, &asked).await["parts"], 2);
    let mut mails = 0;
    for part in 1..=2 {
        let path = format!("/api/v1/privacy/requests/{}/download?part={part}", asked["id"].as_str().unwrap());
        let files = unzip(&app.get(&path, &agency.admin).await);
        assert_eq!(files.contains_key("person.json"), part == 1);
        mails += files.keys().filter(|name| name.starts_with("mails/")).count();
    }
    assert_eq!(mails, 4);
}
