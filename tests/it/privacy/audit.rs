//! Reading the audit log.

use axum::http::Method;
use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::support::{Agency, TestApp};

/// Four changes an hour apart: three of one lead, one of another.
async fn changes(app: &TestApp, agency: &Agency) -> (String, String) {
    let ida = app.lead(agency, "Ida", None, None).await.id.to_string();
    let udo = app.lead(agency, "Udo", None, None).await.id.to_string();
    for (hour, (lead, name)) in
        [(&ida, "Anna"), (&ida, "Berta"), (&udo, "Uwe"), (&ida, "Clara")].into_iter().enumerate()
    {
        app.app.clock.set(format!("2026-11-23T1{hour}:00:00Z").parse().unwrap());
        let admin = app.token(&agency.admin.user.subject);
        let path = format!("/api/v1/leads/{lead}");
        app.send(Method::PATCH, &path, Some(&admin), Some(json!({"firstName": name}))).await.json(200);
    }
    (ida, udo)
}

async fn names(app: &TestApp, agency: &Agency, query: &str) -> Vec<String> {
    let token = app.token(&agency.admin.user.subject);
    let page = app.send(Method::GET, &format!("/api/v1/audit?{query}"), Some(&token), None).await.json(200);
    let items = page["items"].as_array().unwrap();
    items.iter().map(|event| event["after"]["first_name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_log_is_listed_by_what_who_and_when() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let (ida, udo) = changes(&app, &here).await;
    let admin = here.admin.user.id;
    for (query, expected) in [
        (String::new(), vec!["Clara", "Uwe", "Berta", "Anna"]),
        ("entity=leads".to_owned(), vec!["Clara", "Uwe", "Berta", "Anna"]),
        ("entity=users".to_owned(), vec![]),
        (format!("entityId={ida}"), vec!["Clara", "Berta", "Anna"]),
        (format!("entityId={udo}&userId={admin}"), vec!["Uwe"]),
        (format!("userId={}", here.agent.user.id), vec![]),
        ("action=insert".to_owned(), vec![]),
        ("from=2026-11-23T11:00:00Z&to=2026-11-23T13:00:00Z".to_owned(), vec!["Uwe", "Berta"]),
    ] {
        assert_eq!(names(&app, &here, &query).await, expected, "{query}");
    }
    assert_eq!(names(&app, &there, "").await, Vec::<String>::new(), "another agency's log is its own");
    let token = app.token(&here.admin.user.subject);
    let first = app.send(Method::GET, "/api/v1/audit?limit=3", Some(&token), None).await.json(200);
    assert_eq!(first["items"][0]["actor"], "USER");
    assert_eq!(names(&app, &here, &format!("cursor={}", first["nextCursor"].as_str().unwrap())).await, ["Anna"]);
    let agent = app.token(&here.agent.user.subject);
    for path in ["/api/v1/audit", "/api/v1/audit/export"] {
        app.send(Method::GET, path, Some(&agent), None).await.problem(403);
    }
}

#[tokio::test]
async fn the_whole_log_can_be_downloaded() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (_, udo) = changes(&app, &agency).await;
    // More than is fetched at once.
    let mut conn = app.tenant_conn(&agency).await;
    sqlx::query(
        "INSERT INTO audit_events (id, tenant_id, at, user_id, action, entity, entity_id)
         SELECT gen_random_uuid(), $1, '2026-11-20T08:00:00Z', $2, 'look', 'tenants', $1 FROM generate_series(1, 1200)",
    )
    .bind(agency.tenant.0)
    .bind(agency.admin.user.id.0)
    .execute(conn.sql())
    .await
    .unwrap();
    conn.commit().await.unwrap();
    let token = app.token(&agency.admin.user.subject);
    let reply = app.send(Method::GET, "/api/v1/audit/export", Some(&token), None).await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "application/x-ndjson"));
    assert!(reply.header("content-disposition").contains("audit-2026-11-23.ndjson"));
    let lines: Vec<Value> = reply.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1204);
    let mut ids: Vec<&str> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 1204, "each once");
    let path = format!("/api/v1/audit/export?entityId={udo}");
    let some = app.send(Method::GET, &path, Some(&token), None).await.text();
    assert_eq!(serde_json::from_str::<Value>(some.trim()).unwrap()["after"], json!({"first_name": "Uwe"}));
}

/// Tables of tenants that are not under audit, and why nothing is missing.
const WITHOUT_TRAIL: &[(&str, &str)] = &[
    ("ai_calls", "written by the program alone"),
    ("attachments", "come with a mail, which is under audit, and never change"),
    ("audit_events", "the log itself"),
    ("catch_ups", "written by the program alone"),
    ("chat_leads", "written by the program alone"),
    (
        "chat_messages",
        "what a user and their assistant say to each other; what it does is under audit where it is done",
    ),
    ("chat_steps", "written by the program alone"),
    ("conversations", "a frame around messages, which are under audit"),
    ("draft_edits", "how a draft was changed, which is under audit with the draft"),
    ("events", "says that something under audit changed, for a day"),
    ("follow_ups", "written by the program; what people decide is a setting, which is under audit"),
    ("idempotency_keys", "bookkeeping of requests whose effects are under audit"),
    ("imap_cursors", "written by the program alone"),
    ("import_rows", "what stands in a file; the import and what is made of it are under audit"),
    ("knowledge_chunks", "made from listings, documents, facts and messages, which are under audit"),
    ("lead_disclosures", "what a mail told, written by the program alone"),
    ("lead_events", "a log of its own, on the lead"),
    ("outbox", "follows from messages, which are under audit; what people do about a failed one is the end of a task"),
    ("prospect_contacts", "follows from leads and mails, which are under audit"),
    ("prospects", "follows from leads, which are under audit"),
    ("routing_lists", "a version; the rules are under audit"),
    ("routing_turns", "written by the program alone"),
    ("tenant_erasures", "a receipt of its own, which outlives the log"),
    ("widget_enquiries", "written by visitors of web pages"),
];

#[tokio::test]
async fn every_table_of_tenants_is_under_audit_or_says_why_not() {
    let app = TestApp::new().await;
    let mut conn = sqlx::PgConnection::connect(&app.url).await.unwrap();
    let bare: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
                           WHERE t.tgrelid = c.oid AND f.proname = 'note_audit' AND t.tgenabled = 'O')",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    let mut bare: Vec<&str> = bare.iter().map(String::as_str).collect();
    bare.sort_unstable();
    let listed: Vec<&str> = WITHOUT_TRAIL.iter().map(|(table, _)| *table).collect();
    assert_eq!(bare, listed, "put a new table under audit (`audit_table`), or say here why it needs none");
}

#[tokio::test]
async fn trying_mail_out_and_reading_it_again_leave_a_trail() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    app.post("/api/v1/intake/test-address", &agency.admin, json!({})).await.json(201);
    app.intake(&agency, "From: x@example.org\r\nSubject: Hallo\r\n\r\nHallo").await;
    app.run_jobs().await;
    let wanted = json!({"states": ["TRAY", "IGNORED"], "sender": "x@example.org"});
    let reply = app.post("/api/v1/intake/reprocess", &agency.admin, wanted).await;
    assert!(reply.status.is_success(), "{}", reply.text());
    app.run_jobs().await;
    for (entity, column, secret) in
        [("test_addresses", "created_by", "mark"), ("intake_reprocesses", "requested_by", "sender")]
    {
        let page = app.get(&format!("/api/v1/audit?entity={entity}"), &agency.admin).await.json(200);
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{page}");
        assert_eq!((&items[0]["action"], &items[0]["userId"]), (&json!("insert"), &json!(agency.admin.user.id)));
        assert_eq!(items[0]["after"][column], json!(agency.admin.user.id), "{page}");
        assert_eq!(items[0]["after"][secret], "***", "{page}");
    }
}
