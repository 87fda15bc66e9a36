//! The assistant sees what its user sees, and a chat is nobody else's.

use axum::http::Method;
use llm::Cue;
use serde_json::{Value, json};

use super::text;
use crate::support::TestApp;

/// What a tool told the model in the last round.
fn result(script: &llm::Scripted) -> String {
    let heard = script.heard();
    let Some(llm::ChatMessage::Tool { content, .. }) = heard.last().unwrap().messages.last().cloned() else {
        panic!("no result: {heard:?}")
    };
    content
}

#[tokio::test]
async fn an_agents_assistant_sees_only_what_the_agent_sees() {
    let (app, script) = TestApp::talking(Vec::new(), &[]).await;
    let (agency, foreign) = (app.agency("here").await, app.agency("there").await);
    let property = app.property(&agency).await;
    let hers = app.lead(&agency, "Ida", Some(property.id), Some(agency.agent.user.id)).await;
    let other = app.lead(&agency, "Udo", Some(property.id), Some(agency.admin.user.id)).await;
    let strangers = app.lead(&foreign, "Eva", None, None).await;
    let (task, draft) = (app.task(&agency, other.id).await, app.draft(&agency, other.id).await);
    let chat = app.chat(&agency.agent).await;
    let mut told = Vec::new();
    let calls: Vec<(&'static str, Value)> = vec![
        ("search_leads", json!({})),
        ("read_lead", json!({"leadId": other.id})),
        ("read_lead", json!({"leadId": strangers.id})),
        ("read_prospect", json!({"leadId": other.id})),
        ("list_tasks", json!({})),
        ("resolve_task", json!({"taskId": task, "answer": "Ja."})),
        ("list_drafts", json!({})),
        ("edit_draft", json!({"draftId": draft, "text": "Nein."})),
        ("approve_draft", json!({"draftId": draft})),
        ("draft_mail", json!({"leadId": other.id, "text": "Hallo"})),
        ("send_mail", json!({"leadId": other.id, "text": "Hallo"})),
        ("note_on_lead", json!({"leadId": other.id, "text": "Hallo"})),
        ("change_lead_state", json!({"leadId": other.id, "action": "PAUSE"})),
        ("assign_lead", json!({"leadId": hers.id, "assigneeId": agency.admin.user.id})),
        ("search_conversations", json!({"query": "noch frei"})),
        ("list_viewings", json!({"leadId": other.id})),
        ("book_viewing", json!({"leadId": other.id, "propertyId": property.id, "startsAt": "2026-11-26T10:00"})),
        ("move_viewing", json!({"leadId": other.id, "startsAt": "2026-11-26T10:00"})),
        ("count_leads", json!({})),
        ("read_routing", json!({})),
    ];
    for (tool, arguments) in calls {
        script.push(vec![Cue::Call(tool, arguments)]);
        script.push(vec![text("Gut.")]);
        let events = app.ask(&chat, &agency.agent, tool).await;
        assert!(events.iter().all(|event| event.data["kind"] != "CONFIRMATION"), "{tool} made a card: {events:?}");
        told.push((tool, result(&script)));
    }
    for (tool, told) in &told {
        assert!(!told.contains("Udo") && !told.contains("udo@") && !told.contains("Eva"), "{tool}: {told}");
    }
    let of = |name: &str| told.iter().find(|(tool, _)| *tool == name).map(|(_, told)| told.as_str()).unwrap();
    assert!(of("search_leads").contains("Ida Probe"), "{}", of("search_leads"));
    assert!(of("search_conversations").contains(&hers.id.to_string()));
    assert!(of("read_lead").contains("no such lead"));
    assert!(of("count_leads").contains("\"total\":1"));
    for admins in ["assign_lead", "read_routing"] {
        assert!(of(admins).contains("Only administrators"), "{}", of(admins));
    }
    assert_eq!(app.outward(&agency).await, 0);
}

#[tokio::test]
async fn every_tool_works_for_whom_it_is() {
    let (app, script) = TestApp::talking(Vec::new(), &[]).await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    let lead = app.lead(&agency, "Ida", Some(property.id), None).await;
    let chat = app.chat(&agency.admin).await;
    for (tool, arguments, expected) in [
        ("search_leads", json!({"since": "2026-11-23", "status": "NEW", "limit": 5}), "Ida Probe"),
        ("read_lead", json!({"leadId": lead.id}), "Ist die Wohnung noch frei?"),
        ("read_prospect", json!({"leadId": lead.id}), "items"),
        ("count_leads", json!({"since": "2026-11-01"}), "\"total\":1"),
        ("search_properties", json!({"query": "Altbau"}), "Altbau am Park"),
        ("read_property", json!({"propertyId": property.id}), "coldRentCents"),
        ("search_conversations", json!({"query": "wohnung"}), "Ist die Wohnung"),
        ("free_slots", json!({"propertyId": property.id, "limit": 3}), "startsAt"),
        ("list_viewings", json!({"from": "2026-11-23", "to": "2026-12-24"}), "items"),
        ("read_team", json!({}), "Vera agent"),
        ("read_routing", json!({}), "items"),
        ("read_settings", json!({}), "Europe/Vienna"),
        ("note_on_lead", json!({"leadId": lead.id, "text": "Ruft morgen an"}), "leadId"),
        ("draft_mail", json!({"leadId": lead.id, "text": "Gerne."}), "draftId"),
        ("list_drafts", json!({}), "Gerne."),
    ] {
        script.push(vec![Cue::Call(tool, arguments)]);
        script.push(vec![text("Gut.")]);
        app.ask(&chat, &agency.admin, tool).await;
        let told = result(&script);
        assert!(told.contains(expected) && !told.contains("Error:"), "{tool}: {told}");
    }
    let timeline = app.get(&format!("/api/v1/leads/{}/timeline", lead.id), &agency.admin).await.text();
    assert!(timeline.contains("Ruft morgen an"), "{timeline}");
    assert_eq!(app.outward(&agency).await, 0, "a draft is not sent");
}

const WITH_A_PICTURE: &str = "From: ida@example.org\r\nSubject: Foto\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nMein Foto\r\n--b\r\n\
    Content-Type: image/png\r\nContent-Disposition: attachment; filename=foto.png\r\nContent-Transfer-Encoding: base64\r\n\r\n\
    iVBORw0KGgo=\r\n--b--\r\n";

#[tokio::test]
async fn pictures_of_mails_are_shown_to_administrators() {
    let (app, script) = TestApp::talking(Vec::new(), &[]).await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, Some(agency.agent.user.id)).await;
    let mail = app.intake(&agency, WITH_A_PICTURE).await;
    app.run_jobs().await;
    let mut conn = app.tenant_conn(&agency).await;
    sqlx::query("UPDATE messages SET intake_message_id = $1 WHERE direction = 'INBOUND'")
        .bind(mail.0)
        .execute(conn.sql())
        .await
        .unwrap();
    conn.commit().await.unwrap();
    for (person, shown) in [(&agency.admin, 1), (&agency.agent, 0)] {
        script.push(vec![Cue::Call("lead_files", json!({"leadId": lead.id}))]);
        script.push(vec![text("Bitte.")]);
        let chat = app.chat(person).await;
        let events = app.ask(&chat, person, "Zeig die Fotos").await;
        let images: Vec<_> = events.iter().filter(|event| event.data["kind"] == "IMAGE").collect();
        assert_eq!(images.len(), shown, "{events:?}");
        for image in images {
            let file = app.get(image.data["path"].as_str().unwrap(), person).await;
            assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "image/png"));
        }
    }
}

#[tokio::test]
async fn a_chat_is_its_users_alone() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let chat = app.chat(&agency.agent).await;
    let events = app.ask(&chat, &agency.agent, "Hilfe").await;
    let answer = events[0].data["messageId"].as_str().unwrap();
    let base = format!("/api/v1/assistant/chats/{chat}");
    for (method, path, body) in [
        (Method::GET, base.clone(), None),
        (Method::PATCH, base.clone(), Some(json!({"title": "Meins"}))),
        (Method::GET, format!("{base}/messages"), None),
        (Method::POST, format!("{base}/messages"), Some(json!({"text": "Hilfe"}))),
        (Method::GET, format!("{base}/messages/{answer}"), None),
        (Method::GET, format!("{base}/messages/{answer}/events"), None),
        (Method::POST, format!("{base}/messages/{answer}/cancel"), None),
        (Method::POST, format!("{base}/messages/{answer}/retry"), None),
        (Method::DELETE, base.clone(), None),
    ] {
        app.send(method.clone(), &path, Some(&agency.admin.token), body).await.problem(404);
    }
    assert_eq!(app.get("/api/v1/assistant/chats", &agency.admin).await.json(200)["items"], json!([]));
    assert_eq!(app.get(&base, &agency.agent).await.status, 200);
}
