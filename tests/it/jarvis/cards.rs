//! What cannot be undone or leaves the house waits for its user.

use axum::http::Method;
use llm::Cue;
use serde_json::{Value, json};

use super::{card, text};
use crate::support::TestApp;

#[tokio::test]
async fn a_mail_is_sent_once_confirmed_and_exactly_as_shown() {
    let (app, script) = TestApp::talking(Vec::new(), &[]).await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, Some(agency.agent.user.id)).await;
    let chat = app.chat(&agency.agent).await;
    script
        .push(vec![text("Soll ich?"), Cue::Call("send_mail", json!({"leadId": lead.id, "text": "Ja, sie ist frei."}))]);
    let events = app.ask(&chat, &agency.agent, "Sag Ida, dass sie frei ist").await;
    let shown = card(&events);
    assert_eq!(script.heard().len(), 1, "the card is the user's turn");
    assert_eq!((&shown["state"], &shown["card"]["title"]), (&json!("OPEN"), &json!("E-Mail senden")));
    assert_eq!(shown["card"]["lines"], json!(["An: Ida Probe <ida@example.org>", "Ja, sie ist frei."]));
    assert_eq!(app.outward(&agency).await, 0);
    assert!(!format!("{:?}", script.heard()).contains(shown["token"].as_str().unwrap()));

    let path = format!("/api/v1/assistant/chats/{chat}/confirmations/{}", shown["id"].as_str().unwrap());
    for token in [json!(null), json!("x"), json!("0".repeat(64))] {
        let reply = app.post(&path, &agency.agent, json!({"decision": "CONFIRM", "token": token})).await;
        assert_eq!(reply.fields(422), ["token"]);
    }
    app.post(&path, &agency.admin, json!({"decision": "CONFIRM", "token": shown["token"]})).await.problem(404);
    let elsewhere = path.replace(&chat, &app.chat(&agency.agent).await);
    app.post(&elsewhere, &agency.agent, json!({"decision": "CONFIRM", "token": shown["token"]})).await.problem(404);
    assert_eq!(app.outward(&agency).await, 0);

    let done = app.confirm(&chat, &agency.agent, &shown).await.json(200);
    assert_eq!((&done["state"], &done["token"]), (&json!("CONFIRMED"), &Value::Null));
    assert_eq!(app.outward(&agency).await, 2, "one message, one mail");
    app.confirm(&chat, &agency.agent, &shown).await.problem(409);
    app.run_jobs().await;
    assert_eq!(app.outward(&agency).await, 2);

    // The model learns what came of it.
    script.push(vec![text("Ist gesendet.")]);
    app.ask(&chat, &agency.agent, "Und?").await;
    assert!(format!("{:?}", script.heard()[1].messages).contains("The user confirmed, and it was done."));
}

#[tokio::test]
async fn a_card_expires_can_be_declined_and_is_decided_once() {
    let (app, script) = TestApp::talking(Vec::new(), &[]).await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, None).await;
    let chat = app.chat(&agency.admin).await;
    let mut cards = Vec::new();
    for _ in 0..3 {
        script.push(vec![Cue::Call(
            "change_lead_state",
            json!({"leadId": lead.id, "action": "CLOSE", "reason": "vermietet"}),
        )]);
        cards.push(card(&app.ask(&chat, &agency.admin, "Schließ den").await));
    }
    let path = format!("/api/v1/assistant/chats/{chat}/confirmations/{}", cards[0]["id"].as_str().unwrap());
    assert_eq!(app.post(&path, &agency.admin, json!({"decision": "DECLINE"})).await.json(200)["state"], "DECLINED");
    app.confirm(&chat, &agency.admin, &cards[0]).await.problem(409);
    // Another card's token, or arguments that somebody changed since.
    let mut mixed = cards[1].clone();
    mixed["token"] = cards[2]["token"].clone();
    assert_eq!(app.confirm(&chat, &agency.admin, &mixed).await.fields(422), ["token"]);
    let mut conn = app.tenant_conn(&agency).await;
    sqlx::query(
        "UPDATE chat_confirmations SET arguments = replace(arguments, 'vermietet', 'verkauft') WHERE id = $1::uuid",
    )
    .bind(cards[2]["id"].as_str().unwrap())
    .execute(conn.sql())
    .await
    .unwrap();
    conn.commit().await.unwrap();
    assert_eq!(app.confirm(&chat, &agency.admin, &cards[2]).await.fields(422), ["token"]);
    app.app.clock.set("2026-11-23T08:16:00Z".parse().unwrap());
    app.confirm(&chat, &agency.admin, &cards[1]).await.problem(409);
    assert_eq!(app.get(&format!("/api/v1/leads/{}", lead.id), &agency.admin).await.json(200)["status"], "NEW");
}

#[tokio::test]
async fn everything_that_is_confirmed_is_carried_out() {
    let (app, script) = TestApp::talking(Vec::new(), &[]).await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    let lead = app.lead(&agency, "Ida", Some(property.id), None).await;
    let asks = app.lead(&agency, "Udo", Some(property.id), None).await;
    let (task, draft) = (app.task(&agency, lead.id).await, app.draft(&agency, asks.id).await);
    let chat = app.chat(&agency.admin).await;
    let steps = [
        ("edit_property", json!({"propertyId": property.id, "coldRentCents": 99_000, "petsAllowed": true})),
        ("assign_lead", json!({"leadId": lead.id, "assigneeId": agency.agent.user.id})),
        ("resolve_task", json!({"taskId": task, "answer": "Ja, einen Keller."})),
        ("approve_draft", json!({"draftId": draft})),
        ("book_viewing", json!({"leadId": lead.id, "propertyId": property.id, "startsAt": "2026-11-26T10:00"})),
        ("move_viewing", json!({"leadId": lead.id, "startsAt": "2026-11-27T10:30"})),
        ("remember", json!({"text": "Freitags nie"})),
    ];
    for (tool, arguments) in steps {
        script.push(vec![Cue::Call(tool, arguments)]);
        let shown = card(&app.ask(&chat, &agency.admin, tool).await);
        let done = app.confirm(&chat, &agency.admin, &shown).await;
        assert_eq!(done.status, 200, "{tool}: {}", done.text());
    }
    let viewing = app.get("/api/v1/viewings?state=CONFIRMED", &agency.admin).await.json(200)["items"][0].clone();
    assert_eq!(viewing["startsAt"], "2026-11-27T09:30:00Z");
    script.push(vec![Cue::Call("cancel_viewing", json!({"viewingId": viewing["id"]}))]);
    let shown = card(&app.ask(&chat, &agency.admin, "Sag ab").await);
    app.confirm(&chat, &agency.admin, &shown).await.json(200);
    let changed = app.get(&format!("/api/v1/properties/{}", property.id), &agency.admin).await.json(200);
    assert_eq!(
        (&changed["coldRentCents"], &changed["petsAllowed"], &changed["title"]),
        (&json!(99_000), &json!(true), &json!("Altbau am Park"))
    );
    let lead = app.get(&format!("/api/v1/leads/{}", lead.id), &agency.admin).await.json(200);
    assert_eq!(lead["assigneeId"], json!(agency.agent.user.id));
    // What is remembered is told in every chat, shown, and forgotten on request.
    script.push(vec![text("Hallo.")]);
    let other = app.chat(&agency.admin).await;
    app.ask(&other, &agency.admin, "Hallo").await;
    assert!(script.heard().last().unwrap().instructions.contains("Freitags nie"));
    let memory = app.get("/api/v1/assistant/memories", &agency.admin).await.json(200)["items"][0].clone();
    assert_eq!(memory["text"], "Freitags nie");
    assert_eq!(app.get("/api/v1/assistant/memories", &agency.agent).await.json(200)["items"], json!([]));
    let path = format!("/api/v1/assistant/memories/{}", memory["id"].as_str().unwrap());
    assert_eq!(app.send(Method::DELETE, &path, Some(&agency.admin.token), None).await.status, 204);
    script.push(vec![text("Hallo.")]);
    app.ask(&other, &agency.admin, "Hallo").await;
    assert!(!script.heard().last().unwrap().instructions.contains("Freitags nie"));
    app.run_jobs().await;
}

#[tokio::test]
async fn whoever_lost_a_right_meanwhile_confirms_nothing() {
    let (app, script) = TestApp::talking(Vec::new(), &[]).await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, Some(agency.agent.user.id)).await;
    let chat = app.chat(&agency.agent).await;
    script.push(vec![Cue::Call("send_mail", json!({"leadId": lead.id, "text": "Hallo"}))]);
    let shown = card(&app.ask(&chat, &agency.agent, "Schreib").await);
    let patch = json!({"assigneeId": agency.admin.user.id});
    app.send(Method::PATCH, &format!("/api/v1/leads/{}", lead.id), Some(&agency.admin.token), Some(patch))
        .await
        .json(200);
    app.confirm(&chat, &agency.agent, &shown).await.problem(409);
    assert_eq!(app.outward(&agency).await, 0);
}
