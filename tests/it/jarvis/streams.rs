//! Coming back, stopping, and what happens when a process dies.

use std::time::Duration;

use axum::http::Method;
use llm::Cue;
use serde_json::json;

use super::{said, text};
use crate::support::TestApp;

fn slow(pieces: &[&str]) -> Vec<Cue> {
    pieces.iter().flat_map(|piece| [text(piece), Cue::Wait(Duration::from_millis(150))]).collect()
}

#[tokio::test]
async fn a_client_that_comes_back_gets_the_rest_here_and_at_another_process() {
    let (app, _) = TestApp::talking(vec![slow(&["Eins, ", "zwei, ", "drei, ", "vier, ", "fünf."])], &[]).await;
    let agency = app.agency("here").await;
    let chat = app.chat(&agency.agent).await;
    let question = json!({"text": "Zähl!"});
    let mut stream = app.open(Method::POST, &format!("{chat}/messages"), &agency.agent, None, Some(question)).await;
    let begun = stream.next().await.unwrap();
    let answer = begun.data["messageId"].as_str().unwrap().to_owned();
    let first = stream.next().await.unwrap();
    assert_eq!((first.name.as_str(), first.data["text"].as_str().unwrap()), ("text", "Eins, "));
    // The client leaves; the answer goes on.
    drop(stream);
    let path = format!("{chat}/messages/{answer}/events");
    let rest = app.open(Method::GET, &path, &agency.agent, Some(&first.id), None).await.rest().await;
    assert_eq!(said(&rest), "zwei, drei, vier, fünf.");
    assert_eq!(rest.last().unwrap().name, "final");
    // Once it has ended, the database tells it, from any place and to any process.
    let again = app.open(Method::GET, &path, &agency.agent, Some(&first.id), None).await.rest().await;
    assert_eq!(said(&again), "zwei, drei, vier, fünf.");
    let (_, router) = app.another_process();
    let request = axum::http::Request::get(format!("/api/v1/assistant/chats/{path}"))
        .header("authorization", format!("Bearer {}", agency.agent.token))
        .body(axum::body::Body::empty())
        .unwrap();
    let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
    let whole = super::Stream { body: response.into_body().into_data_stream(), buffer: String::new() }.rest().await;
    assert_eq!(said(&whole), "Eins, zwei, drei, vier, fünf.");
}

#[tokio::test]
async fn an_answer_can_be_stopped_and_one_is_made_at_a_time() {
    let (app, _) =
        TestApp::talking(vec![vec![text("Ich "), Cue::Wait(Duration::from_secs(60)), text("nie")]], &[]).await;
    let agency = app.agency("here").await;
    let chat = app.chat(&agency.agent).await;
    let question = json!({"text": "Rede!"});
    let mut stream =
        app.open(Method::POST, &format!("{chat}/messages"), &agency.agent, None, Some(question.clone())).await;
    let answer = stream.next().await.unwrap().data["messageId"].as_str().unwrap().to_owned();
    stream.next().await.unwrap();
    app.post(&format!("/api/v1/assistant/chats/{chat}/messages"), &agency.agent, question).await.problem(409);
    let cancel = format!("/api/v1/assistant/chats/{chat}/messages/{answer}/cancel");
    assert_eq!(app.send(Method::POST, &cancel, Some(&agency.agent.token), None).await.status, 202);
    let end = stream.rest().await.pop().unwrap();
    assert_eq!(
        (end.name.as_str(), &end.data["state"], &end.data["text"]),
        ("error", &json!("CANCELLED"), &json!("Ich"))
    );
    app.send(Method::POST, &cancel, Some(&agency.agent.token), None).await.problem(409);
}

#[tokio::test]
async fn an_answer_whose_process_died_is_interrupted_and_can_be_tried_again() {
    let (app, script) = TestApp::talking(vec![vec![text("Ich "), Cue::Wait(Duration::from_secs(600))]], &[]).await;
    let agency = app.agency("here").await;
    let chat = app.chat(&agency.agent).await;
    let mut stream =
        app.open(Method::POST, &format!("{chat}/messages"), &agency.agent, None, Some(json!({"text": "Und?"}))).await;
    let answer = stream.next().await.unwrap().data["messageId"].as_str().unwrap().to_owned();
    stream.next().await.unwrap();
    // Long enough for what was said to be kept, then the process gives no sign of life any more.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    app.app.jarvis.cancel("00000000-0000-0000-0000-000000000000".parse::<uuid::Uuid>().unwrap().into());
    let mut conn = app.tenant_conn(&agency).await;
    sqlx::query("UPDATE chat_messages SET beat_at = beat_at - interval '31 seconds' WHERE state = 'RUNNING'")
        .execute(conn.sql())
        .await
        .unwrap();
    conn.commit().await.unwrap();
    let path = format!("/api/v1/assistant/chats/{chat}/messages/{answer}");
    let found = app.get(&path, &agency.agent).await.json(200);
    assert_eq!((&found["state"], &found["text"]), (&json!("INTERRUPTED"), &json!("Ich ")));
    script.push(vec![text("Ja.")]);
    let again = app.open(Method::POST, &format!("{chat}/messages/{answer}/retry"), &agency.agent, None, None).await;
    assert_eq!(said(&again.rest().await), "Ja.");
}
