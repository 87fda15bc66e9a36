//! A person is erased: no trace is left anywhere, and nobody else misses anything.

use axum::body::Body;
use axum::http::{Method, Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use immivo::domain::privacy::HELD;
use serde_json::json;
use sqlx::Connection as _;

use super::{EMAIL, TRACES, enquiry, erase, lead_of, many_mails, post, request};
use crate::journey::Stage;
use crate::support::TestApp;

/// Everything there can be of a person. Returns the lead they are erased by.
pub(super) async fn a_long_story(stage: &Stage, mails: usize) -> immivo::domain::leads::LeadId {
    let (app, agency) = (&stage.test, &stage.agency);
    stage.portal(&enquiry("Gibt es im Garten eine Sonnenuhr?")).await;
    let lead = lead_of(stage, "Quittenbaum").await;
    // The same once more by another way, and with a file.
    stage.portal(&enquiry("Gibt es im Garten eine Sonnenuhr?")).await;
    stage.reply(EMAIL, "Wie groß ist die Sonnenuhr? Zacharias").await;
    let picture = STANDARD.encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR quitte-selfie");
    let with_file = format!(
        "From: Zacharias Quittenbaum <{EMAIL}>\nTo: wien@intake.immivo.test\nSubject: Re: Anfrage\nMessage-ID: <file-1@example.org>\n\
         MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nMein Bild von der Sonnenuhr.\n\
         --b\nContent-Type: image/png; name=quitte-selfie.png\nContent-Disposition: attachment; filename=quitte-selfie.png\n\
         Content-Transfer-Encoding: base64\n\n{picture}\n--b--\n"
    );
    post(stage, EMAIL, &with_file).await;
    // What no conversation has: an out-of-office note, and somebody who passes the address on, encoded.
    let away = format!(
        "From: {EMAIL}\nTo: wien@intake.immivo.test\nSubject: Abwesend\nAuto-Submitted: auto-replied\nMessage-ID: <away@example.org>\n\nBin bei der Sonnenuhr.\n"
    );
    post(stage, EMAIL, &away).await;
    let passed_on = format!(
        "From: hausverwaltung@nachbar.test\nTo: wien@intake.immivo.test\nSubject: Notiz\nMessage-ID: <note@nachbar.test>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{}\n",
        STANDARD.encode("Herr Quittenbaum ist unter 0664/555 98 76 zu erreichen.")
    );
    post(stage, "hausverwaltung@nachbar.test", &passed_on).await;
    // A second lead, typed in by hand, known by the telephone only; the answer is kept under a key.
    let by_hand = Request::post("/api/v1/leads")
        .header(header::AUTHORIZATION, format!("Bearer {}", agency.admin.token))
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", "by-hand")
        .body(Body::from(
            json!({"firstName": "Zacharias", "lastName": "Quittenbaum", "email": "zq@privat.example.org", "phone": "+436645559876"}).to_string(),
        ))
        .unwrap();
    let second = app.call(by_hand).await.json(201);
    // People of the agency change it, which the audit log notes.
    let path = format!("/api/v1/leads/{}", second["id"].as_str().unwrap());
    let change = json!({"firstName": "Zacharias Maria"});
    app.send(Method::PATCH, &path, Some(&agency.admin.token), Some(change)).await.json(200);
    let property = stage.leads().await.into_iter().find_map(|lead| lead.property_id).unwrap();
    app.task(agency, lead).await;
    app.draft(agency, lead).await;
    app.viewing(agency, lead, property).await;
    app.run_jobs().await;
    many_mails(app, agency, lead, mails).await;
    app.post(&format!("/api/v1/leads/{lead}/export"), &agency.admin, json!({})).await.json(202);
    app.run_all_jobs().await;
    lead
}

/// Nothing is left of the person, and of the rest nothing is missing.
pub(super) async fn assert_forgotten(stage: &Stage, before: &crate::support::Dump) {
    let after = stage.test.dump().await;
    for trace in TRACES {
        assert!(after.find(trace).is_empty(), "{trace} stands in {:#?}", after.places(trace));
    }
    assert!(
        before.without(&after).keys().all(|table| table.starts_with("graphile_worker.")),
        "{:#?}",
        before.without(&after)
    );
    let more = after.without(before);
    // What stays says nothing of anybody: receipts, redacted lines of the audit log, an empty appointment, costs, and for a
    // day the ids of what changed; a rate limit's key is a keyed hash.
    let stays = [
        "public.ai_calls",
        "public.audit_events",
        "public.events",
        "public.privacy_requests",
        "public.rate_limits",
        "public.viewings",
    ];
    for (table, rows) in more.iter().filter(|(table, _)| !table.starts_with("graphile_worker.")) {
        assert!(stays.contains(table), "{table}: {rows:#?}");
    }
}

#[tokio::test]
async fn a_person_with_500_mails_leaves_no_trace_and_nobody_else_misses_anything() {
    let stage = Stage::new().await;
    let (app, agency) = (&stage.test, &stage.agency);
    let there = app.agency("there").await;
    let theirs = app.lead(&there, "Ida", None, None).await;
    app.task(&there, theirs.id).await;
    app.draft(&there, theirs.id).await;
    stage.enquiry("Olga Andere", "olga@example.org", "Ist die Wohnung noch frei?").await;
    stage.reply("olga@example.org", "Darf ich einen Hund halten?").await;
    // What is counted and indexed of the others a little later.
    app.run_all_jobs().await;
    let before = app.dump().await;

    let lead = a_long_story(&stage, 500).await;
    let found = app.dump().await;
    for trace in TRACES {
        assert!(!found.find(trace).is_empty(), "{trace} was never there, so this test says nothing of it");
    }
    for table in [
        "attachments",
        "audit_events",
        "drafts",
        "idempotency_keys",
        "intake_messages",
        "lead_events",
        "leads",
        "messages",
        "outbox",
        "tasks",
    ] {
        let named =
            TRACES.iter().flat_map(|trace| found.find(trace)).any(|(name, _)| name == format!("public.{table}"));
        assert!(named || table == "drafts" || table == "lead_events", "{table} does not name the person");
    }

    let path = format!("/api/v1/leads/{lead}/erasure");
    let body = |confirmation: &str| json!({"reason": "PERSON_ASKED", "confirmation": confirmation});
    app.post(&path, &agency.agent, body(EMAIL)).await.problem(403);
    assert_eq!(app.post(&path, &agency.admin, body("olga@example.org")).await.fields(422), ["confirmation"]);
    let asked = erase(&stage, lead, "Quitte@Example.org ").await;
    assert_eq!((asked["state"].as_str(), asked["stepsDone"].as_u64()), (Some("QUEUED"), Some(0)));
    let again = app.post(&path, &agency.admin, body(EMAIL)).await.problem(409);
    assert!(again["detail"].as_str().unwrap().contains(asked["id"].as_str().unwrap()), "{again}");
    app.run_all_jobs().await;

    let done = request(&stage, &asked).await;
    assert_eq!(
        (done["state"].as_str(), done["stepsDone"].as_u64(), done["stepsTotal"].as_u64()),
        (Some("DONE"), Some(4), Some(4)),
        "{done}"
    );
    assert_eq!(done["requestedBy"], json!(agency.admin.user.id));
    let receipt = &done["receipt"];
    assert_eq!(receipt["leads"], 2, "{receipt}");
    assert!(
        receipt["messages"].as_i64().unwrap() > 502 && receipt["intake_messages"].as_i64().unwrap() >= 505,
        "{receipt}"
    );
    assert_eq!((receipt["exports"].as_i64(), receipt["idempotency_keys"].as_i64()), (Some(1), Some(1)), "{receipt}");
    assert_forgotten(&stage, &before).await;

    // The calendar is right.
    let viewings = stage.api("/api/v1/viewings").await;
    assert_eq!(
        (viewings["items"][0]["state"].as_str(), viewings["items"].as_array().unwrap().len()),
        (Some("CANCELLED"), 1)
    );
    // Who changed something when is still known, what stood there is not.
    let log = stage.api("/api/v1/audit?entity=leads&action=update").await;
    assert_eq!(
        (&log["items"][0]["before"], &log["items"][0]["after"]),
        (&json!({"first_name": "(erased)"}), &json!({"first_name": "(erased)"}))
    );
    // Who had somebody erased is known, too.
    let log = stage.api("/api/v1/audit?entity=privacy_requests&action=insert").await;
    let noted = log["items"].as_array().unwrap().iter().find(|event| event["after"]["kind"] == "ERASURE").unwrap();
    assert_eq!(noted["userId"], json!(agency.admin.user.id));
    // Whoever writes again is somebody new.
    stage.portal(&enquiry("Ich bin es wieder, wegen der Sonnenuhr.")).await;
    let lead = lead_of(&stage, "Quittenbaum").await;
    let messages = stage.api(&format!("/api/v1/leads/{lead}/messages")).await;
    assert!(messages["items"][0]["text"].as_str().unwrap().contains("Ich bin es wieder"), "{messages}");
}

#[tokio::test]
async fn what_was_set_up_about_an_address_goes_with_the_person() {
    let stage = Stage::new().await;
    stage.enquiry("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    let admin = &stage.agency.admin;
    let asked = json!({"states": ["DISCARDED"], "sender": "Ida@example.org"});
    stage.test.post("/api/v1/intake/reprocess", admin, asked).await.json(202);
    stage.test.post("/api/v1/intake/blocked-senders", admin, json!({"address": "ida@example.org"})).await.json(201);
    stage.test.run_all_jobs().await;
    let lead = stage.lead().await.id;
    erase(&stage, lead, "ida@example.org").await;
    stage.test.run_all_jobs().await;
    let dump = stage.test.dump().await;
    assert!(dump.find("ida@example.org").is_empty(), "{:#?}", dump.places("ida@example.org"));
}

#[tokio::test]
async fn a_mail_with_several_people_loses_its_bytes_and_keeps_the_others() {
    let stage = Stage::new().await;
    let (app, agency) = (&stage.test, &stage.agency);
    stage.portal(&enquiry("Gibt es eine Sonnenuhr?")).await;
    let gone = lead_of(&stage, "Quittenbaum").await;
    stage.enquiry("Olga Andere", "olga@example.org", "Ist die Wohnung noch frei?").await;
    let stays = lead_of(&stage, "Andere").await;
    // As if Olga's words had come in the same mail.
    let mut conn = sqlx::PgConnection::connect(&app.url).await.unwrap();
    sqlx::query(
        "UPDATE messages SET intake_message_id = (SELECT intake_message_id FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.lead_id = $1 AND m.direction = 'INBOUND')
         WHERE direction = 'INBOUND' AND conversation_id = (SELECT id FROM conversations WHERE lead_id = $2)",
    )
    .bind(gone.0)
    .bind(stays.0)
    .execute(&mut conn)
    .await
    .unwrap();
    sqlx::query("UPDATE intake_messages SET parsed = parsed || '[{\"email\": \"olga@example.org\", \"lastName\": \"Andere\"}]' WHERE parsed::text LIKE '%quitte@%'")
        .execute(&mut conn)
        .await
        .unwrap();
    let asked = erase(&stage, gone, EMAIL).await;
    app.run_all_jobs().await;
    assert_eq!(request(&stage, &asked).await["state"], "DONE");
    let dump = app.dump().await;
    for trace in ["Quittenbaum", EMAIL, "Sonnenuhr", "6645559876"] {
        assert!(dump.find(trace).is_empty(), "{trace}: {:#?}", dump.places(trace));
    }
    let messages = app.get(&format!("/api/v1/leads/{stays}/messages"), &agency.admin).await.json(200);
    assert!(messages.to_string().contains("noch frei"), "{messages}");
    assert!(dump.find("olga@example.org").iter().any(|(table, _)| *table == "public.intake_messages"));
}

#[tokio::test]
async fn households_share_a_telephone_and_are_not_one_person() {
    let stage = Stage::new().await;
    // Both by the same number (the helper's).
    stage.enquiry("Olga Andere", "olga@example.org", "Ist die Wohnung noch frei?").await;
    stage.enquiry("Otto Anders", "otto@example.org", "Ist die Wohnung noch zu haben?").await;
    let lead = lead_of(&stage, "Andere").await;
    erase(&stage, lead, "olga@example.org").await;
    stage.test.run_all_jobs().await;
    let left = stage.leads().await;
    assert_eq!(left.iter().map(|lead| lead.last_name.as_deref().unwrap()).collect::<Vec<_>>(), ["Anders"]);
    assert_eq!(stage.messages().await.len(), 2);
}

#[tokio::test]
async fn a_number_that_was_replaced_is_looked_for_as_well() {
    let stage = Stage::new().await;
    stage.enquiry("Olga Andere", "olga@example.org", "Ist die Wohnung noch frei?").await;
    let lead = lead_of(&stage, "Andere").await;
    let (path, token) = (format!("/api/v1/leads/{lead}"), Some(stage.agency.admin.token.as_str()));
    for phone in ["+436645551111", "+436645552222"] {
        stage.test.send(Method::PATCH, &path, token, Some(json!({"phone": phone}))).await.json(200);
    }
    let note = "From: hausverwaltung@nachbar.test\nTo: wien@intake.immivo.test\nSubject: Notiz\nMessage-ID: <note@nachbar.test>\n\n\
                Frau A. ist unter 0664/555 11 11 zu erreichen.\n";
    post(&stage, "hausverwaltung@nachbar.test", note).await;
    assert!(!stage.test.dump().await.find("555 11 11").is_empty());
    erase(&stage, lead, "olga@example.org").await;
    stage.test.run_all_jobs().await;
    assert!(stage.test.dump().await.find("555 11 11").is_empty());
}

#[tokio::test]
async fn without_a_running_erasure_the_application_erases_nothing() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, None).await;
    for call in ["erase_rows($1, 'leads', ARRAY[$1])", "redact_audit($1, ARRAY[$1])", "forget_jobs($1, ARRAY[$1])"] {
        let mut conn = app.tenant_conn(&agency).await;
        let sql = sqlx::AssertSqlSafe(format!("SELECT {call}::text"));
        let refused = sqlx::query(sql).bind(lead.id.0).execute(conn.sql()).await.unwrap_err();
        assert!(refused.to_string().contains("no erasure"), "{call}: {refused}");
    }
    for call in ["erase_tenant_rows(1)", "other_jobs_of_tenant('')", "erase_tenant_row(now())"] {
        let mut conn = app.tenant_conn(&agency).await;
        let sql = sqlx::AssertSqlSafe(format!("SELECT {call}::text"));
        let refused = sqlx::query(sql).execute(conn.sql()).await.unwrap_err();
        assert!(refused.to_string().contains("no erasure"), "{call}: {refused}");
    }
    let mut conn = app.tenant_conn(&agency).await;
    let refused = sqlx::query("DELETE FROM leads").execute(conn.sql()).await.unwrap_err();
    assert!(refused.to_string().contains("permission denied"), "{refused}");
}

/// A ratchet: whatever a migration hangs on leads is exported, counted and goes with them.
#[tokio::test]
async fn every_table_with_rows_of_leads_is_known_to_exports_and_erasures() {
    let app = TestApp::new().await;
    let mut conn = sqlx::PgConnection::connect(&app.url).await.unwrap();
    let with_leads: Vec<String> = sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'lead_id'",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    assert!(with_leads.len() >= 8, "{with_leads:?}");
    let known: Vec<&str> = HELD.iter().map(|(table, _)| *table).chain(["events", "privacy_requests"]).collect();
    let unknown: Vec<_> = with_leads.iter().filter(|table| !known.contains(&table.as_str())).collect();
    assert!(unknown.is_empty(), "add {unknown:?} to HELD in domain/privacy/held.rs");
    let staying: Vec<String> = sqlx::query_scalar(
        "SELECT conrelid::regclass::text FROM pg_constraint
         WHERE contype = 'f' AND confrelid = 'leads'::regclass AND confdeltype <> 'c' ORDER BY 1",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    assert_eq!(staying, ["outbox"], "rows that name a lead go with it, or domain/privacy/erase.rs removes them");
}
