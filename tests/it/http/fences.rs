//! A ratchet: every operation of the document has its anonymous, its other-tenant and its other-agent case, without
//! anybody writing one. A new operation with a body fails here until [`body`] knows a valid one.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Agency, Person, Reply, TestApp};

/// Operations whose rows belong to the whole agency, so that every agent reaches them. May only shrink.
const FOR_EVERY_AGENT: [&str; 6] =
    ["getProperty", "replaceProperty", "getUser", "getDocument", "getDocumentContent", "listPropertyFacts"];

/// Operations that need no sign-in. May only shrink.
const PUBLIC: [&str; 2] = ["getHealth", "getReadiness"];

/// The platform's own people alone may do these; everybody else gets 403, whatever id they name.
fn is_platforms(operation: &Operation) -> bool {
    operation.path.starts_with("/api/v1/platform/")
}

struct Operation {
    id: String,
    method: Method,
    path: String,
    has_body: bool,
}

impl Operation {
    fn has_ids(&self) -> bool {
        // A name in a path is the caller's own choice; tests/it/http/secrets.rs looks after those.
        self.path.contains("Id}")
    }
    fn with(&self, ids: &BTreeMap<&str, String>) -> String {
        ids.iter().fold(self.path.clone(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id))
    }
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(immivo::ingress::http::openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        // What web pages ask has no caller; tests/it/http/widget.rs and tests/it/website look after it.
        if path.starts_with("/public/") {
            continue;
        }
        for (method, operation) in item.as_object().unwrap() {
            all.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                has_body: operation.get("requestBody").is_some(),
            });
        }
    }
    assert!(all.len() >= 30, "the document lost operations");
    // What removes a row comes after what else is done to it.
    all.sort_by_key(|operation| operation.method == Method::DELETE);
    all
}

/// A body with which each operation would succeed for whoever may do it.
fn body(operation: &str, ids: &BTreeMap<&str, String>) -> Value {
    match operation {
        "createProperty" | "replaceProperty" => {
            json!({"title": "Neu", "type": "HOUSE", "marketing": "SALE", "country": "AT", "status": "ACTIVE"})
        }
        "createLead" => json!({"lastName": "Probe"}),
        "editLead" => json!({"firstName": "Anna"}),
        "closeLead" => json!({"reason": "let to somebody else"}),
        "sendLeadMessage" => json!({"text": "Guten Tag"}),
        "resolveTask" => json!({"answer": "Ja, es gibt einen Keller."}),
        "changeTask" => json!({"dueAt": "2026-12-01T08:00:00Z"}),
        "editFactProposal" => json!({"text": "Im Keller ist Platz."}),
        "acceptFactProposal" => json!({"scope": "TENANT"}),
        "createPropertyFact" => json!({"topic": "parking", "text": "Vor dem Haus kann man parken."}),
        "editDraft" => json!({"text": "Sie ist frei."}),
        "createViewing" => {
            json!({"leadId": ids["leadId"], "propertyId": ids["propertyId"], "startsAt": "2026-11-26T09:00:00Z"})
        }
        // Refused as JSON; tests/it/http/intake_raw.rs sends mails.
        "handInMail" => json!({}),
        // Refused as JSON; tests/it/knowledge sends files.
        "uploadDocument" => json!({}),
        // Not JSON either; tests/it/imports.rs sends files.
        "beginImport" => json!({}),
        "mapImport" => json!({"columns": ["title", "marketing"]}),
        "createTestAddress" => json!({"hours": 1}),
        "onboard" => json!({"firstName": "Ida", "lastName": "Probe"}),
        "acceptInvitation" => json!({"secret": "none"}),
        "replaceMe" | "replaceUserOwn" => json!({"firstName": "Vera", "lastName": "Probe"}),
        "createInvitation" => json!({"email": "neu@example.org", "role": "AGENT"}),
        "changeUserRole" => json!({"role": "AGENT"}),
        "deactivateUser" => json!({}),
        "suspendTenant" => json!({"reason": "unpaid"}),
        "startImpersonation" => {
            json!({"tenantId": ids["tenantId"], "userId": ids["userId"], "reason": "ticket", "minutes": 5})
        }
        "createFact" | "replaceFact" => json!({"topic": "pets", "text": "Haustiere sind bei uns willkommen."}),
        "createAbsence" => json!({"from": "2026-12-24", "to": "2026-12-31"}),
        "replaceRoutingRules" | "dryRunRouting" => json!({"rules": [{"kind": "PROPERTY_AGENT"}]}),
        "replaceSettings" => json!({
            "name": "Neu", "timeZone": "Europe/Vienna", "languages": ["de"], "formalAddress": true, "branding": {},
            "sender": {"name": "Neu", "address": "buero@here.test"},
            "automation": {"mode": "FULL", "delaySeconds": 0, "confidenceThreshold": 0.8},
            "viewings": {"weekdays": [1], "from": "09:00", "to": "18:00", "slotMinutes": 30, "bufferMinutes": 15,
                         "horizonDays": 14, "leadTimeMinutes": 60},
        }),
        "eraseLead" => json!({"reason": "PERSON_ASKED", "confirmation": "ida@example.org"}),
        "eraseTenant" => json!({"confirmation": "here"}),
        "assignIntakeMessage" => json!({"email": "udo@example.org", "lastName": "Probe"}),
        "createConnection" | "replaceConnection" => {
            json!({"host": "localhost", "port": 9, "tls": "NONE", "username": "info", "secret": "geheim"})
        }
        "rememberIntakeLayout" => json!({"email": "udo@example.org"}),
        "createBlockedSender" => json!({"address": "laestig@example.org"}),
        "reprocessIntakeMessages" => json!({"states": ["DISCARDED"]}),
        "putSecret" => json!({"value": "geheim"}),
        "createApiKey" => json!({"label": "CRM", "scopes": ["leads:read"]}),
        "replaceWidgetConsent" => json!({"texts": {"de": "Ich stimme zu."}}),
        "createWidgetKey" | "replaceWidgetKey" => json!({"label": "Web", "origins": ["https://www.here.test"]}),
        "createChat" => json!({}),
        "renameChat" => json!({"title": "Nachfragen"}),
        "askAssistant" => json!({"text": "Welche Aufgaben sind offen?"}),
        "decideConfirmation" => json!({"decision": "DECLINE"}),
        other => panic!("{other} takes a body: write a valid one here"),
    }
}

const WITH_A_FILE: &str = "From: x@example.org\r\nSubject: Hallo\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHallo\r\nPostfach: udo@example.org\r\n\
    --b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF-1.7\r\n--b--\r\n";

/// One row of everything, nobody's lead among it.
pub(crate) async fn rows(app: &TestApp, agency: &Agency) -> BTreeMap<&'static str, String> {
    let property = app.property(agency).await;
    let lead = app.lead(agency, "Ida", Some(property.id), None).await;
    let visitor = app.lead(agency, "Udo", Some(property.id), None).await;
    let intake = app.intake(agency, WITH_A_FILE).await;
    app.run_jobs().await;
    let files = immivo::domain::intake::attachments(&mut app.tenant_conn(agency).await, intake).await.unwrap();
    let ids = BTreeMap::from([
        ("propertyId", property.id.to_string()),
        ("leadId", lead.id.to_string()),
        ("taskId", app.task(agency, lead.id).await.to_string()),
        ("draftId", app.draft(agency, lead.id).await.to_string()),
        ("viewingId", app.viewing(agency, visitor.id, property.id).await.to_string()),
        ("intakeMessageId", intake.to_string()),
        ("attachmentId", files[0].id.to_string()),
        ("userId", colleague(app, agency).await.to_string()),
        ("invitationId", made(app, agency, "invitations", "createInvitation").await),
        ("tenantId", agency.tenant.to_string()),
        ("impersonationId", immivo::ids::new_id().to_string()),
        ("privacyRequestId", privacy_request(app, agency, lead.id).await),
        ("apiKeyId", made(app, agency, "api-keys", "createApiKey").await),
        ("widgetKeyId", made(app, agency, "widget-keys", "createWidgetKey").await),
        ("testAddressId", made(app, agency, "intake/test-address", "createTestAddress").await),
        ("connectionId", made(app, agency, "connections", "createConnection").await),
        ("blockedSenderId", made(app, agency, "intake/blocked-senders", "createBlockedSender").await),
        ("layoutId", made(app, agency, &format!("intake/messages/{intake}/layout"), "rememberIntakeLayout").await),
        ("reprocessId", reprocessing(app, agency).await),
        ("importId", import(app, agency).await),
        ("secretName", "mailbox".to_owned()),
        ("factId", app.fact(agency).await.to_string()),
        ("absenceId", app.absence(agency).await.to_string()),
        ("propertyFactId", made(app, agency, &format!("properties/{}/facts", property.id), "createPropertyFact").await),
        ("factProposalId", proposal(app, agency, visitor.id).await),
        ("documentId", document(app, agency).await),
    ]);
    let ids: BTreeMap<&str, String> = ids.into_iter().chain(chat(app, agency).await).collect();
    app.run_jobs().await;
    ids
}

/// A question that was answered, and may be a fact.
async fn proposal(app: &TestApp, agency: &Agency, lead: immivo::domain::leads::LeadId) -> String {
    let task = app.task(agency, lead).await;
    let answer = json!({"answer": "Ja, es gibt einen Keller."});
    app.post(&format!("/api/v1/tasks/{task}/resolve"), &agency.admin, answer).await.json(200);
    let page = app.get("/api/v1/fact-proposals", &agency.admin).await.json(200);
    page["items"][0]["id"].as_str().unwrap().to_owned()
}

/// A document of the agency that could not be made searchable.
async fn document(app: &TestApp, agency: &Agency) -> String {
    let id =
        crate::knowledge::upload(app, &agency.admin, "name=a.txt", "text/plain", "Zum Haus gehört ein Garten.").await;
    let id = id.json(201)["id"].as_str().unwrap().to_owned();
    app.run_jobs().await;
    let mut conn = app.tenant_conn(agency).await;
    sqlx::query("UPDATE documents SET state = 'FAILED' WHERE id = $1::uuid")
        .bind(&id)
        .execute(conn.sql())
        .await
        .unwrap();
    conn.commit().await.unwrap();
    id
}

/// An import that was not started.
async fn import(app: &TestApp, agency: &Agency) -> String {
    let file = "Titel;Vermarktung\nHaus;Kauf\n";
    let import = crate::imports::begin(app, &agency.admin, "PROPERTIES", file).await.json(201);
    import["id"].as_str().unwrap().to_owned()
}

/// Somebody who has nothing, so that they may go.
async fn colleague(app: &TestApp, agency: &Agency) -> immivo::domain::users::UserId {
    let new = immivo::domain::users::NewUser {
        subject: format!("{}-colleague", agency.tenant),
        email: "colleague@colleagues.test".to_owned(),
        first_name: "Kim".to_owned(),
        last_name: "Colleague".to_owned(),
        phone: None,
        role: immivo::domain::users::Role::Agent,
    };
    let mut conn = app.tenant_conn(agency).await;
    let id = immivo::domain::users::create(&mut conn, &new).await.unwrap();
    conn.commit().await.unwrap();
    id
}

/// An export and an erasure that nobody works on, so that the other rows stay where they are. Gives the export.
async fn privacy_request(app: &TestApp, agency: &Agency, lead: immivo::domain::leads::LeadId) -> String {
    let mut conn = app.tenant_conn(agency).await;
    let mut export = String::new();
    for (kind, step, reason) in [("ERASURE", "STOP", Some("PERSON_ASKED")), ("EXPORT", "FIND", None)] {
        export = immivo::ids::new_id().to_string();
        sqlx::query(
            "INSERT INTO privacy_requests (id, tenant_id, kind, step, reason, lead_id, requested_at) VALUES ($1::uuid, $2, $3, $4, $5, $6, now())",
        )
        .bind(&export)
        .bind(agency.tenant.0)
        .bind(kind)
        .bind(step)
        .bind(reason)
        .bind(lead.0)
        .execute(conn.sql())
        .await
        .unwrap();
    }
    conn.commit().await.unwrap();
    export
}

/// The id of something made through the front door.
async fn made(app: &TestApp, agency: &Agency, path: &str, operation: &str) -> String {
    let body = body(operation, &BTreeMap::new());
    let made = app.post(&format!("/api/v1/{path}"), &agency.admin, body).await.json(201);
    made["id"].as_str().unwrap().to_owned()
}

/// A chat of the administrator's with a question, an answer that was interrupted, a card and a memory.
async fn chat(app: &TestApp, agency: &Agency) -> [(&'static str, String); 4] {
    let chat = made(app, agency, "assistant/chats", "createChat").await;
    let mut conn = app.tenant_conn(agency).await;
    let [question, answer, card, memory] = std::array::from_fn(|_| immivo::ids::new_id());
    let user = agency.admin.user.id.0;
    for statement in [
        "INSERT INTO chat_messages (id, tenant_id, chat_id, number, role, text, state, created_at, ended_at)
         VALUES ($3, $1, $2::uuid, 1, 'USER', 'Hallo', 'DONE', now(), now()) RETURNING $4::uuid, $5::uuid, $6::uuid, $7::uuid",
        "INSERT INTO chat_messages (id, tenant_id, chat_id, number, role, text, state, answers, created_at, ended_at)
         VALUES ($4, $1, $2::uuid, 2, 'ASSISTANT', '', 'INTERRUPTED', $3, now(), now()) RETURNING $5::uuid, $6::uuid, $7::uuid",
        "INSERT INTO chat_confirmations (id, tenant_id, message_id, user_id, tool, arguments, card, created_at, expires_at)
         VALUES ($5, $1, $4, $7, 'remember', '{}', '{\"title\": \"Merken\", \"lines\": []}', now(), '2030-01-01') RETURNING $2::text, $3::uuid, $6::uuid",
        "INSERT INTO chat_memories (id, tenant_id, user_id, text, created_at)
         VALUES ($6, $1, $7, 'Freitags nie', now()) RETURNING $2::text, $3::uuid, $4::uuid, $5::uuid",
    ] {
        sqlx::query(statement)
            .bind(agency.tenant.0)
            .bind(&chat)
            .bind(question)
            .bind(answer)
            .bind(card)
            .bind(memory)
            .bind(user)
            .execute(conn.sql())
            .await
            .unwrap();
    }
    conn.commit().await.unwrap();
    [
        ("chatId", chat),
        ("chatMessageId", answer.to_string()),
        ("confirmationId", card.to_string()),
        ("memoryId", memory.to_string()),
    ]
}

async fn reprocessing(app: &TestApp, agency: &Agency) -> String {
    let body = body("reprocessIntakeMessages", &BTreeMap::new());
    let asked = app.post("/api/v1/intake/reprocess", &agency.admin, body).await.json(202);
    asked["id"].as_str().unwrap().to_owned()
}

async fn send(app: &TestApp, operation: &Operation, who: Option<&Person>, ids: &BTreeMap<&str, String>) -> Reply {
    let body = operation.has_body.then(|| body(&operation.id, ids));
    let token = who.map(|person| person.token.as_str());
    app.send(operation.method.clone(), &operation.with(ids), token, body).await
}

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    let app = TestApp::new().await;
    let nil = uuid::Uuid::nil().to_string();
    let names = [
        "propertyId",
        "leadId",
        "taskId",
        "draftId",
        "viewingId",
        "intakeMessageId",
        "attachmentId",
        "userId",
        "invitationId",
        "tenantId",
        "impersonationId",
        "privacyRequestId",
        "apiKeyId",
        "widgetKeyId",
        "testAddressId",
        "connectionId",
        "blockedSenderId",
        "layoutId",
        "reprocessId",
        "importId",
        "secretName",
        "factId",
        "absenceId",
        "propertyFactId",
        "factProposalId",
        "documentId",
        "chatId",
        "chatMessageId",
        "confirmationId",
        "memoryId",
    ];
    let ids: BTreeMap<&str, String> = names.into_iter().map(|name| (name, nil.clone())).collect();
    for operation in operations() {
        let reply = send(&app, &operation, None, &ids).await;
        if PUBLIC.contains(&operation.id.as_str()) {
            assert_eq!(reply.status, 200, "{}", operation.id);
            continue;
        }
        reply.problem(401);
        assert!(reply.header("www-authenticate").starts_with("Bearer"), "{}", operation.id);
        assert!(!operation.with(&ids).contains('{'), "{}: this test does not know a parameter", operation.path);
    }
}

#[tokio::test]
async fn tokens_that_are_not_good_are_refused() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let good = &agency.admin.token;
    let tampered = format!("{}x", &good[..good.len() - 1]);
    let of_nobody = app.token("nobody");
    let a_booking_link = app.app.links.viewing(
        immivo::links::ViewingLink { tenant: agency.tenant, lead: uuid::Uuid::nil() },
        immivo::clock::Timestamp("2027-01-01T00:00:00Z".parse().unwrap()),
    );
    app.send(Method::GET, "/api/v1/me", Some(&of_nobody), None).await.problem(403);
    for token in ["", "x", &tampered, &a_booking_link] {
        app.send(Method::GET, "/api/v1/me", Some(token), None).await.problem(401);
    }
    assert_eq!(app.get("/api/v1/me", &agency.admin).await.status, 200);
    app.app.clock.set("2026-11-23T09:00:00Z".parse().unwrap());
    let problem = app.get("/api/v1/me", &agency.admin).await.problem(401);
    assert!(problem["detail"].as_str().unwrap().contains("expired"), "{problem}");
}

#[tokio::test]
async fn another_tenants_ids_are_not_there() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let ids = rows(&app, &there).await;
    let unknown: BTreeMap<&str, String> = ids.keys().map(|name| (*name, immivo::ids::new_id().to_string())).collect();
    let mut checked = 0;
    for operation in operations().into_iter().filter(Operation::has_ids) {
        if is_platforms(&operation) {
            send(&app, &operation, Some(&here.admin), &ids).await.problem(403);
            send(&app, &operation, Some(&there.admin), &ids).await.problem(403);
            continue;
        }
        let mut foreign = send(&app, &operation, Some(&here.admin), &ids).await.problem(404);
        let mut nowhere = send(&app, &operation, Some(&here.admin), &unknown).await.problem(404);
        foreign["requestId"].take();
        nowhere["requestId"].take();
        assert_eq!(foreign, nowhere, "{}: a foreign id and one that never was must look the same", operation.id);
        checked += 1;
    }
    assert!(checked >= 20, "{checked}");

    // The same requests reach the rows for whose they are, so the 404 above says something.
    for operation in operations().into_iter().filter(Operation::has_ids).filter(|operation| !is_platforms(operation)) {
        let reply = send(&app, &operation, Some(&there.admin), &ids).await;
        let status = reply.status.as_u16();
        assert!(status < 300 || status == 409, "{}: {status} {}", operation.id, reply.text());
    }
    app.run_jobs().await;
}

/// Operations whose answer does not end; tests/it/http/events.rs looks after them. May only shrink.
const NOT_READ: [&str; 1] = ["streamEvents"];

#[tokio::test]
async fn nothing_that_is_read_without_an_id_shows_another_tenants_rows() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    rows(&app, &there).await;
    let mut marks = ids_of(&app, &there).await;
    // Those of `rows`; nobody at this agency has one of them.
    marks.extend(
        ["there.test", "@colleagues.test", "ida@example.org", "udo@example.org", "laestig@example.org"]
            .map(str::to_owned),
    );
    let shown = |reply: &Reply| marks.iter().filter(|mark| reply.text().contains(mark.as_str())).count();
    let mut telling = Vec::new();
    for operation in operations() {
        if is_platforms(&operation) {
            let ids = BTreeMap::from([
                ("tenantId", there.tenant.to_string()),
                ("userId", there.admin.user.id.to_string()),
                ("impersonationId", there.tenant.to_string()),
            ]);
            for admin in [&here.admin, &there.admin] {
                send(&app, &operation, Some(admin), &ids).await.problem(403);
            }
            continue;
        }
        if operation.method != Method::GET || operation.path.contains('{') || NOT_READ.contains(&operation.id.as_str())
        {
            continue;
        }
        let reply = send(&app, &operation, Some(&here.admin), &BTreeMap::new()).await;
        // Nobody had their agency erased.
        let expected = if operation.id == "getTenantErasure" { 404 } else { 200 };
        assert_eq!(reply.status, expected, "{}: {}", operation.id, reply.text());
        assert_eq!(shown(&reply), 0, "{}: {}", operation.id, reply.text());
        // The same question shows the rows to whose they are, so the silence above says something.
        if shown(&send(&app, &operation, Some(&there.admin), &BTreeMap::new()).await) > 0 {
            telling.push(operation.id);
        }
    }
    assert!(telling.len() >= 15, "{telling:?}");
}

/// The ids of every row of an agency, and its own.
async fn ids_of(app: &TestApp, agency: &Agency) -> Vec<String> {
    let mut conn = app.tenant_conn(agency).await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT c.table_name::text FROM information_schema.columns c JOIN information_schema.columns t USING (table_schema, table_name)
         WHERE c.table_schema = 'public' AND c.column_name = 'id' AND c.data_type = 'uuid' AND t.column_name = 'tenant_id'",
    )
    .fetch_all(conn.sql())
    .await
    .unwrap();
    let mut ids = vec![agency.tenant.to_string()];
    for table in tables {
        let sql = format!("SELECT id::text FROM {table} WHERE tenant_id = $1");
        let some: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(agency.tenant.0).fetch_all(conn.sql()).await.unwrap();
        ids.extend(some);
    }
    ids
}

#[tokio::test]
async fn an_agent_reaches_nothing_of_leads_that_are_not_theirs() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let ids = rows(&app, &agency).await;
    // The viewing is shown by this agent, who may see it for that reason; let it be somebody else's.
    let mut conn = app.tenant_conn(&agency).await;
    let other = immivo::domain::users::NewUser {
        subject: "other".to_owned(),
        email: "other@here.test".to_owned(),
        first_name: "Otto".to_owned(),
        last_name: "Other".to_owned(),
        phone: None,
        role: immivo::domain::users::Role::Agent,
    };
    immivo::domain::users::create(&mut conn, &other).await.unwrap();
    conn.commit().await.unwrap();
    let other = Person { user: agency.agent.user.clone(), token: app.token("other") };

    for operation in operations().into_iter().filter(Operation::has_ids) {
        let reply = send(&app, &operation, Some(&other), &ids).await;
        if FOR_EVERY_AGENT.contains(&operation.id.as_str()) {
            assert_eq!(reply.status, 200, "{}: {}", operation.id, reply.text());
        } else {
            assert!([403, 404].contains(&reply.status.as_u16()), "{}: {} {}", operation.id, reply.status, reply.text());
        }
    }
    for list in ["leads", "tasks", "drafts", "viewings"] {
        let page = app.get(&format!("/api/v1/{list}"), &other).await.json(200);
        assert_eq!(page["items"], json!([]), "{list}");
        let all = app.get(&format!("/api/v1/{list}"), &agency.admin).await.json(200);
        assert_ne!(all["items"], json!([]), "{list}");
    }
    app.get("/api/v1/intake/messages", &other).await.problem(403);
}

#[tokio::test]
async fn another_tenants_ids_in_bodies_and_filters_are_refused() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let theirs = rows(&app, &there).await;
    let ours = rows(&app, &here).await;
    let their_agent = there.agent.user.id.to_string();
    let our_lead = format!("/api/v1/leads/{}", ours["leadId"]);
    let start = "2026-11-26T09:00:00Z";
    let house =
        |agent: &str| json!({"title": "Neu", "type": "HOUSE", "marketing": "SALE", "country": "AT", "agentId": agent});
    let cases = [
        (Method::POST, "/api/v1/properties".to_owned(), house(&their_agent), "agentId"),
        (Method::PUT, format!("/api/v1/properties/{}", ours["propertyId"]), house(&their_agent), "agentId"),
        (
            Method::POST,
            "/api/v1/leads".to_owned(),
            json!({"lastName": "X", "propertyId": theirs["propertyId"]}),
            "propertyId",
        ),
        (Method::POST, "/api/v1/leads".to_owned(), json!({"lastName": "X", "assigneeId": their_agent}), "assigneeId"),
        (Method::PATCH, our_lead.clone(), json!({"propertyId": theirs["propertyId"]}), "propertyId"),
        (Method::PATCH, our_lead.clone(), json!({"assigneeId": their_agent}), "assigneeId"),
        (
            Method::POST,
            format!("/api/v1/tasks/{}/resolve", ours["taskId"]),
            json!({"answer": "Ja.", "propertyId": theirs["propertyId"]}),
            "propertyId",
        ),
        (
            Method::POST,
            "/api/v1/viewings".to_owned(),
            json!({"leadId": theirs["leadId"], "propertyId": ours["propertyId"], "startsAt": start}),
            "leadId",
        ),
        (
            Method::POST,
            "/api/v1/viewings".to_owned(),
            json!({"leadId": ours["leadId"], "propertyId": theirs["propertyId"], "startsAt": start}),
            "propertyId",
        ),
        (
            Method::POST,
            format!("/api/v1/intake/messages/{}/assign", ours["intakeMessageId"]),
            json!({"email": "udo@example.org", "propertyId": theirs["propertyId"]}),
            "propertyId",
        ),
        (
            Method::POST,
            format!("/api/v1/users/{}/deactivate", ours["userId"]),
            json!({"successorId": their_agent}),
            "successorId",
        ),
        (
            Method::POST,
            "/api/v1/absences".to_owned(),
            json!({"userId": their_agent, "from": "2026-12-24", "to": "2026-12-24"}),
            "userId",
        ),
        (
            Method::POST,
            "/api/v1/absences".to_owned(),
            json!({"from": "2026-12-24", "to": "2026-12-24", "substituteId": their_agent}),
            "substituteId",
        ),
        (
            Method::POST,
            "/api/v1/routing/dry-run".to_owned(),
            json!({"rules": [{"kind": "LANGUAGE", "language": "de", "userId": their_agent}]}),
            "rules[0].userId",
        ),
    ];
    for (method, path, body, field) in cases {
        let reply = app.send(method, &path, Some(&here.admin.token), Some(body)).await;
        assert_eq!(reply.fields(422), [field], "{path}");
    }
    for filter in [
        format!("leads?propertyId={}", theirs["propertyId"]),
        format!("leads?assigneeId={their_agent}"),
        format!("tasks?leadId={}", theirs["leadId"]),
        format!("viewings?propertyId={}", theirs["propertyId"]),
    ] {
        let page = app.get(&format!("/api/v1/{filter}"), &here.admin).await.json(200);
        assert_eq!(page["items"], json!([]), "{filter}");
    }
}

/// Operations that agents may use as well, on whatever is theirs. Every other one is an administrator's; may only shrink.
const FOR_AGENTS: [&str; 63] = [
    "acceptInvitation",
    "approveDraft",
    "askAssistant",
    "cancelChatMessage",
    "cancelViewing",
    "changeTask",
    "closeLead",
    "createAbsence",
    "createChat",
    "createLead",
    "createProperty",
    "createViewing",
    "decideConfirmation",
    "editDraft",
    "editLead",
    "getChat",
    "getChatMessage",
    "getDocument",
    "getDocumentContent",
    "getDraft",
    "getLead",
    "getLeadTimeline",
    "getMe",
    "getProperty",
    "getSettings",
    "getStatistics",
    "getTask",
    "getUser",
    "getViewing",
    "listAbsences",
    "listChatMessages",
    "listChats",
    "listDocuments",
    "listDrafts",
    "listFacts",
    "listLeadConsents",
    "listLeadMessages",
    "listLeads",
    "listMatchingProperties",
    "listMemories",
    "listProperties",
    "listPropertyFacts",
    "listTasks",
    "listUsers",
    "listViewings",
    "onboard",
    "pauseLead",
    "rejectDraft",
    "removeAbsence",
    "removeChat",
    "removeMemory",
    "renameChat",
    "reopenLead",
    "replaceMe",
    "replaceProperty",
    "resolveTask",
    "resumeLead",
    "retryChatMessage",
    "searchKnowledge",
    "sendLeadMessage",
    "streamChatMessage",
    "streamEvents",
    "uploadDocument",
];

#[tokio::test]
async fn what_is_an_administrators_is_refused_to_agents() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let ids = rows(&app, &agency).await;
    for operation in operations().into_iter().filter(|operation| !PUBLIC.contains(&operation.id.as_str())) {
        let reply = send(&app, &operation, Some(&agency.agent), &ids).await;
        if FOR_AGENTS.contains(&operation.id.as_str()) {
            assert_ne!(reply.status, 403, "{}: strike it off the list", operation.id);
        } else {
            assert_eq!(reply.status, 403, "{}: {}", operation.id, reply.text());
        }
    }
    app.run_jobs().await;
}
