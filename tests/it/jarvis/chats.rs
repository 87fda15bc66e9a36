//! Asking, and what is kept of it.

use axum::http::Method;
use llm::{ChatMessage, Cue, LlmError};
use serde_json::json;

use super::{names, said, text};
use crate::support::TestApp;

#[tokio::test]
async fn an_answer_uses_tools_in_rounds_and_is_kept_with_its_steps() {
    let replies = vec![
        vec![
            text("Einen Mo"),
            text("ment. "),
            Cue::Call("search_leads", json!({"query": "ida"})),
            Cue::Call("list_tasks", json!({})),
        ],
        vec![text("Ida hat "), text("eine Aufgabe.")],
    ];
    let (app, script) = TestApp::talking(replies, &[]).await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, None).await;
    app.task(&agency, lead.id).await;
    let chat = app.chat(&agency.admin).await;
    let events = app.ask(&chat, &agency.admin, "Was ist mit Ida?").await;
    let mut kinds = names(&events);
    assert_eq!((kinds.remove(0), kinds.pop().unwrap()), ("begun".to_owned(), "final".to_owned()));
    assert_eq!(said(&events), "Einen Moment. Ida hat eine Aufgabe.");
    assert_eq!(kinds.iter().filter(|kind| *kind == "TOOL_STARTED").count(), 2);
    assert_eq!(kinds.iter().filter(|kind| *kind == "TOOL_FINISHED").count(), 2);
    let whole = &events.last().unwrap().data;
    assert_eq!((&whole["state"], &whole["text"]), (&json!("DONE"), &json!("Einen Moment.\n\nIda hat eine Aufgabe.")));

    // Both results came back in the order they were asked for, fenced as data.
    let heard = script.heard();
    let [
        ..,
        ChatMessage::Assistant { calls, .. },
        ChatMessage::Tool { content: leads, .. },
        ChatMessage::Tool { content: tasks, .. },
    ] = heard[1].messages.as_slice()
    else {
        panic!("{:?}", heard[1].messages)
    };
    assert_eq!(calls.len(), 2);
    assert!(leads.starts_with("<data from=\"search_leads\">") && leads.contains(&lead.id.to_string()), "{leads}");
    assert!(tasks.contains("Gibt es einen Keller?"), "{tasks}");
    assert!(heard[0].instructions.contains("Monday 2026-11-23T09:00 (Europe/Vienna)"), "{}", heard[0].instructions);
    assert!(heard[0].tools.iter().any(|tool| tool.name == "send_mail"));

    let page = app.get(&format!("/api/v1/assistant/chats/{chat}/messages"), &agency.admin).await.json(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert_eq!(page["items"][0]["steps"].as_array().unwrap().len(), 6);
    let title = app.get(&format!("/api/v1/assistant/chats/{chat}"), &agency.admin).await.json(200)["title"].clone();
    assert_eq!(title, "Was ist mit Ida?");
    let mut conn = app.tenant_conn(&agency).await;
    let calls: i64 = sqlx::query_scalar("SELECT count(*) FROM ai_calls WHERE purpose = 'chat' AND input_tokens > 0")
        .fetch_one(conn.sql())
        .await
        .unwrap();
    assert_eq!(calls, 2, "each call is written down");
}

#[tokio::test]
async fn the_next_question_knows_what_was_found_before() {
    let replies = vec![vec![Cue::Call("search_leads", json!({}))], vec![text("Einer.")], vec![text("Ida.")]];
    let (app, script) = TestApp::talking(replies, &[]).await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, None).await;
    let chat = app.chat(&agency.admin).await;
    app.ask(&chat, &agency.admin, "Welche Leads?").await;
    app.ask(&chat, &agency.admin, "Wie heißt der?").await;
    let heard = script.heard();
    let told = format!("{:?}", heard[2].messages);
    assert!(told.contains(&lead.id.to_string()) && told.contains("Welche Leads?") && told.contains("Einer."), "{told}");
    assert_eq!(heard[2].messages.last(), Some(&ChatMessage::User("Wie heißt der?".to_owned())));
}

#[tokio::test]
async fn the_page_the_user_looks_at_is_told_if_they_may_see_it() {
    let (app, script) = TestApp::talking(vec![vec![text("Ida.")]], &[]).await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, Some(agency.admin.user.id)).await;
    let body = json!({"text": "Wer ist das?", "context": {"kind": "LEAD", "id": lead.id}});
    let chat = app.chat(&agency.agent).await;
    let refused = app.post(&format!("/api/v1/assistant/chats/{chat}/messages"), &agency.agent, body.clone()).await;
    assert_eq!(refused.fields(422), ["context.id"], "somebody else's lead");
    let chat = app.chat(&agency.admin).await;
    app.ask_with(&chat, &agency.admin, body).await;
    let told = &script.heard()[0].instructions;
    assert!(told.contains("<data from=\"LEAD\">") && told.contains("Ist die Wohnung noch frei?"), "{told}");
}

#[tokio::test]
async fn there_are_so_many_rounds_and_the_last_has_no_tools() {
    let mut replies: Vec<_> = (0..3).map(|_| vec![Cue::Call("read_team", json!({}))]).collect();
    replies.push(vec![text("Genug.")]);
    let (app, script) = TestApp::talking(replies, &[("IMMIVO__ASSISTANT__MAX_ROUNDS", "4")]).await;
    let agency = app.agency("here").await;
    let chat = app.chat(&agency.agent).await;
    let events = app.ask(&chat, &agency.agent, "Wer?").await;
    assert_eq!(said(&events), "Genug.");
    let heard = script.heard();
    assert_eq!(heard.len(), 4);
    assert!(heard[2].tools.len() > 20 && heard[3].tools.is_empty());
}

#[tokio::test]
async fn one_answer_uses_so_many_tokens_and_no_more() {
    let replies = vec![vec![Cue::Call("read_team", json!({}))]];
    let (app, script) = TestApp::talking(replies, &[("IMMIVO__ASSISTANT__MAX_TOKENS_PER_ANSWER", "50")]).await;
    let agency = app.agency("here").await;
    let chat = app.chat(&agency.agent).await;
    let events = app.ask(&chat, &agency.agent, "Wer?").await;
    assert!(events.iter().any(|event| event.data["notice"] == "ANSWER_LIMIT"), "{events:?}");
    assert_eq!(script.heard().len(), 1);
}

#[tokio::test]
async fn the_built_in_engine_steps_in_for_one_that_is_down_or_too_dear() {
    let down = vec![vec![Cue::Fail(LlmError::Timeout)]];
    let (app, _) = TestApp::talking(down, &[]).await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, None).await;
    app.task(&agency, lead.id).await;
    let chat = app.chat(&agency.admin).await;
    let events = app.ask(&chat, &agency.admin, "Welche Aufgaben sind offen?").await;
    assert!(events.iter().any(|event| event.data["notice"] == "ENGINE_DOWN"), "{events:?}");
    assert!(said(&events).contains("• Gibt es einen Keller?"), "{}", said(&events));

    let changed =
        app.change_settings(&agency, |settings| settings["aiBudget"] = json!({"cents": 0, "currency": "EUR"})).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let events = app.ask(&chat, &agency.admin, "Schick Ida eine Mail").await;
    assert!(events.iter().any(|event| event.data["notice"] == "BUDGET_SPENT"), "{events:?}");
    assert!(said(&events).contains("nichts ausführen"), "{}", said(&events));
}

#[tokio::test]
async fn an_engine_that_fails_in_the_middle_leaves_what_it_said_and_a_retry() {
    let replies = vec![
        vec![text("Ich den"), Cue::Fail(LlmError::Unavailable("broken".to_owned()))],
        vec![text("Ich denke: ja.")],
    ];
    let (app, _) = TestApp::talking(replies, &[]).await;
    let agency = app.agency("here").await;
    let chat = app.chat(&agency.agent).await;
    let events = app.ask(&chat, &agency.agent, "Ist das gut?").await;
    let last = events.last().unwrap();
    assert_eq!(
        (last.name.as_str(), &last.data["state"], &last.data["error"]),
        ("error", &json!("FAILED"), &json!("engine-unavailable"))
    );
    assert_eq!(last.data["text"], "Ich den");
    let path = format!("{chat}/messages/{}/retry", last.data["id"].as_str().unwrap());
    let again = app.open(Method::POST, &path, &agency.agent, None, None).await.rest().await;
    assert_eq!(said(&again), "Ich denke: ja.");
    let first = app.post(&format!("/api/v1/assistant/chats/{path}"), &agency.agent, json!(null)).await;
    first.problem(409);
}

#[tokio::test]
async fn a_long_chat_is_summed_up_once_and_the_prompt_stays_small() {
    let long = "Wort ".repeat(1_000);
    let mut replies: Vec<_> = (0..4).map(|_| vec![text(&long)]).collect();
    replies.extend([vec![text("KURZFASSUNG")], vec![text("Ja.")], vec![text("Nein.")], vec![text("Doch.")]]);
    let (app, script) = TestApp::talking(replies, &[]).await;
    let agency = app.agency("here").await;
    let chat = app.chat(&agency.agent).await;
    for number in 0..7 {
        app.ask(&chat, &agency.agent, &format!("Frage {number}")).await;
    }
    let heard = script.heard();
    assert_eq!(heard.len(), 8, "one summary");
    let asked: Vec<bool> = heard.iter().map(|request| request.tools.is_empty()).collect();
    assert_eq!(asked.iter().position(|quiet| *quiet), Some(4));
    let last = heard.last().unwrap();
    assert!(last.instructions.contains("KURZFASSUNG"));
    let told = format!("{:?}", last.messages);
    assert!(!told.contains("Frage 0") && told.contains("Frage 5") && told.len() < 40_000, "{}", told.len());
}

#[tokio::test]
async fn a_question_asked_twice_with_one_key_is_one_question_and_questions_are_counted() {
    let (app, script) =
        TestApp::talking(vec![vec![text("Ja.")], vec![text("Ja.")]], &[("IMMIVO__LIMITS__QUESTION__BURST", "3")]).await;
    let agency = app.agency("here").await;
    let chat = app.chat(&agency.agent).await;
    let mut answers = Vec::new();
    for _ in 0..2 {
        let request = axum::http::Request::post(format!("/api/v1/assistant/chats/{chat}/messages"))
            .header("authorization", format!("Bearer {}", agency.agent.token))
            .header("content-type", "application/json")
            .header("idempotency-key", "one")
            .body(axum::body::Body::from(json!({"text": "Ja?"}).to_string()))
            .unwrap();
        let response = tower::ServiceExt::oneshot(app.router.clone(), request).await.unwrap();
        let stream = super::Stream { body: response.into_body().into_data_stream(), buffer: String::new() };
        answers.push(stream.rest().await.last().unwrap().data["id"].clone());
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(script.heard().len(), 1);
    app.ask(&chat, &agency.agent, "Und?").await;
    let one_too_many =
        app.post(&format!("/api/v1/assistant/chats/{chat}/messages"), &agency.agent, json!({"text": "Und?"})).await;
    one_too_many.problem(429);
}

#[tokio::test]
async fn chats_are_listed_renamed_and_removed_with_all_that_was_said() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let chat = app.chat(&agency.agent).await;
    let events = app.ask(&chat, &agency.agent, "Hilfe").await;
    assert!(said(&events).contains("Welche Aufgaben sind offen?"), "the built-in engine says what it can");
    let path = format!("/api/v1/assistant/chats/{chat}");
    let renamed =
        app.send(Method::PATCH, &path, Some(&agency.agent.token), Some(json!({"title": "Fragen"}))).await.json(200);
    assert_eq!(renamed["title"], "Fragen");
    assert_eq!(app.get("/api/v1/assistant/chats", &agency.agent).await.json(200)["items"][0]["title"], "Fragen");
    let gone = app.send(Method::DELETE, &path, Some(&agency.agent.token), None).await;
    assert_eq!(gone.status, 204);
    app.get(&path, &agency.agent).await.problem(404);
    let mut conn = app.tenant_conn(&agency).await;
    let left: i64 =
        sqlx::query_scalar("SELECT (SELECT count(*) FROM chat_messages) + (SELECT count(*) FROM chat_steps)")
            .fetch_one(conn.sql())
            .await
            .unwrap();
    assert_eq!(left, 0);
}
