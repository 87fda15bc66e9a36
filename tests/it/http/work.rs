//! What humans decide: tasks, drafts, viewings and the tray.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn resolving_a_task_sends_its_answer_once() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, Some(agency.agent.user.id)).await;
    let task = app.task(&agency, lead.id).await;
    let page = app.get(&format!("/api/v1/tasks?state=OPEN&leadId={}", lead.id), &agency.agent).await.json(200);
    assert_eq!(page["items"][0]["id"], json!(task));
    let path = format!("/api/v1/tasks/{task}");
    assert_eq!(app.post(&format!("{path}/resolve"), &agency.agent, json!({"note": "x"})).await.fields(422), ["answer"]);
    let body = json!({"answer": "Ja, es gibt einen Keller."});
    let resolved = app.post(&format!("{path}/resolve"), &agency.agent, body.clone()).await.json(200);
    assert_eq!((&resolved["state"], &resolved["resolvedBy"]), (&json!("RESOLVED"), &json!(agency.agent.user.id)));
    app.post(&format!("{path}/resolve"), &agency.agent, body).await.problem(409);
    app.run_jobs().await;
    let messages = app.get(&format!("/api/v1/leads/{}/messages", lead.id), &agency.agent).await.json(200);
    let sent: Vec<&Value> =
        messages["items"].as_array().unwrap().iter().filter(|message| message["delivery"] == "SENT").collect();
    assert_eq!(sent.len(), 1, "{messages}");
    assert!(sent[0]["text"].as_str().unwrap().contains("Keller"), "{messages}");
}

#[tokio::test]
async fn a_draft_is_edited_and_approved_or_rejected() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, Some(agency.agent.user.id)).await;
    let first = format!("/api/v1/drafts/{}", app.draft(&agency, lead.id).await);
    let edit =
        async |path: &str, body: Value| app.send(Method::PATCH, path, Some(&agency.agent.token), Some(body)).await;
    assert_eq!(edit(&first, json!({"text": ""})).await.fields(422), ["text"]);
    assert_eq!(edit(&first, json!({"body": "x"})).await.fields(422), ["body"]);
    let edited = edit(&first, json!({"text": "Sie ist leider vergeben."})).await.json(200);
    assert_eq!((&edited["version"], &edited["state"]), (&json!(2), &json!("OPEN")));
    let approved = app.post(&format!("{first}/approve"), &agency.agent, json!({})).await.json(202);
    app.post(&format!("{first}/approve"), &agency.agent, json!({})).await.problem(409);
    app.run_jobs().await;
    let messages = app.get(&format!("/api/v1/leads/{}/messages", lead.id), &agency.agent).await.json(200);
    let sent = &messages["items"][1];
    assert_eq!(
        (&sent["id"], &sent["origin"], &sent["delivery"]),
        (&approved["id"], &json!("AI_APPROVED"), &json!("SENT"))
    );
    assert!(sent["text"].as_str().unwrap().contains("leider vergeben"), "{sent}");

    let second = format!("/api/v1/drafts/{}", app.draft(&agency, lead.id).await);
    let rejected = app.post(&format!("{second}/reject"), &agency.agent, json!({})).await;
    assert_eq!(rejected.status, 204);
    assert_eq!(app.get(&second, &agency.agent).await.json(200)["state"], "REJECTED");
    edit(&second, json!({"text": "x"})).await.problem(409);
    let open = app.get("/api/v1/drafts?state=OPEN", &agency.agent).await.json(200);
    assert_eq!(open["items"], json!([]));
}

#[tokio::test]
async fn a_viewing_is_booked_listed_and_cancelled() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    let lead = app.lead(&agency, "Ida", Some(property.id), Some(agency.agent.user.id)).await;
    let other = app.lead(&agency, "Udo", Some(property.id), Some(agency.agent.user.id)).await;
    let body = |lead, start: &str| json!({"leadId": lead, "propertyId": property.id, "startsAt": start});
    let made = app.post("/api/v1/viewings", &agency.agent, body(lead.id, "2026-11-25T09:00:00Z")).await;
    let view = made.json(201);
    assert_eq!((&view["endsAt"], &view["state"]), (&json!("2026-11-25T09:30:00Z"), &json!("CONFIRMED")));
    assert_eq!((&view["seats"][0]["leadId"], &view["seats"][0]["name"]), (&json!(lead.id), &json!("Ida Probe")));
    let lead_path = format!("/api/v1/leads/{}", lead.id);
    assert_eq!(app.get(&lead_path, &agency.agent).await.json(200)["status"], "BOOKED");
    // One agent is in one place at a time, and one lead holds one appointment.
    app.post("/api/v1/viewings", &agency.agent, body(other.id, "2026-11-25T09:00:00Z")).await.problem(409);
    app.post("/api/v1/viewings", &agency.agent, body(lead.id, "2026-11-26T09:00:00Z")).await.problem(409);
    let past = app.post("/api/v1/viewings", &agency.agent, body(other.id, "2026-11-20T09:00:00Z")).await;
    assert_eq!(past.fields(422), ["startsAt"]);
    for (query, count) in [("from=2026-11-25T00:00:00Z", 1), ("to=2026-11-25T09:00:00Z", 0), ("state=CANCELLED", 0)] {
        let page = app.get(&format!("/api/v1/viewings?{query}"), &agency.agent).await.json(200);
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{query}");
    }
    let cancel = format!("{}/cancel", made.header("location"));
    assert_eq!(app.post(&cancel, &agency.agent, json!({})).await.json(200)["state"], "CANCELLED");
    app.post(&cancel, &agency.agent, json!({})).await.problem(409);
    assert_eq!(app.get(&lead_path, &agency.agent).await.json(200)["status"], "CONVERSATION");
    app.run_jobs().await;
}

const UNCLEAR: &str = "From: Udo <udo@example.org>\r\nTo: here@intake.immivo.test\r\nSubject: Hallo\r\nMessage-ID: <1@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nWas kostet bei Ihnen eigentlich eine Bewertung? Danke\r\n";

#[tokio::test]
async fn a_mail_in_the_tray_is_read_discarded_read_again_and_made_a_lead() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let id = app.intake(&agency, UNCLEAR).await;
    app.run_jobs().await;
    let path = format!("/api/v1/intake/messages/{id}");
    let tray = app.get("/api/v1/intake/messages?state=TRAY", &agency.admin).await.json(200);
    assert_eq!(tray["items"][0]["id"], json!(id), "{tray}");
    let mail = app.get(&path, &agency.admin).await.json(200);
    assert!(!mail["reasons"].as_array().unwrap().is_empty(), "{mail}");
    let source = app.get(&format!("{path}/source"), &agency.admin).await;
    assert_eq!((source.text().as_str(), source.header("content-type")), (UNCLEAR, "message/rfc822"));

    assert_eq!(app.post(&format!("{path}/discard"), &agency.admin, json!({})).await.status, 204);
    app.post(&format!("{path}/discard"), &agency.admin, json!({})).await.problem(409);
    assert_eq!(app.post(&format!("{path}/reprocess"), &agency.admin, json!({})).await.json(202)["state"], "RECEIVED");
    app.run_jobs().await;
    assert_eq!(app.get(&path, &agency.admin).await.json(200)["state"], "TRAY");

    assert_eq!(
        app.post(&format!("{path}/assign"), &agency.admin, json!({"lastName": "X"})).await.fields(422),
        ["email"]
    );
    let body = json!({"email": "udo@example.org", "firstName": "Udo"});
    let assigned = app.post(&format!("{path}/assign"), &agency.admin, body.clone()).await.json(200);
    let lead =
        app.get(&format!("/api/v1/leads/{}", assigned["leadId"].as_str().unwrap()), &agency.admin).await.json(200);
    assert_eq!((&lead["firstName"], &lead["email"]), (&json!("Udo"), &json!("udo@example.org")));
    let done = app.get(&path, &agency.admin).await.json(200);
    assert_eq!((&done["state"], &done["leadIds"]), (&json!("DONE"), &json!([assigned["leadId"]])));
    app.post(&format!("{path}/assign"), &agency.admin, body).await.problem(409);
    app.run_jobs().await;
}
