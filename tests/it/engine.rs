//! The configured language engine and the built-in one behind it, from a portal mail to what is sent: what a model says
//! is checked before anybody reads it, and nobody waits because a service is down.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Json, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use immivo::domain::leads::{Automation, Status};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::journey::Stage;

/// How OpenAI answers, or does not.
#[derive(Debug, Clone)]
enum Mood {
    /// Words the facts like this.
    Says(Value),
    /// Every request ends with this status.
    Down(u16),
}

/// A local OpenAI.
struct Fake {
    url: String,
    mood: Arc<Mutex<Mood>>,
    /// Paths asked for.
    calls: Arc<Mutex<Vec<String>>>,
    server: JoinHandle<()>,
}

type Shared = (Arc<Mutex<Mood>>, Arc<Mutex<Vec<String>>>);

impl Fake {
    #[allow(clippy::disallowed_methods, reason = "a server beside the test, ended by it")]
    async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let (mood, calls) = (Arc::new(Mutex::new(mood)), Arc::default());
        let shared: Shared = (mood.clone(), Arc::clone(&calls));
        let router = Router::new().fallback(answer).with_state(shared);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, mood, calls, server }
    }

    fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State((mood, calls)): State<Shared>, uri: Uri, Json(request): Json<Value>) -> Response {
    calls.lock().unwrap().push(uri.path().to_owned());
    let says = match mood.lock().unwrap().clone() {
        Mood::Says(says) => says,
        Mood::Down(status) => return StatusCode::from_u16(status).unwrap().into_response(),
    };
    if uri.path() == "/v1/embeddings" {
        let vectors: Vec<Value> = (0..request["input"].as_array().unwrap().len())
            .map(|index| json!({"object": "embedding", "index": index, "embedding": vec![1.0; 1536]}))
            .collect();
        let usage = json!({"prompt_tokens": 7, "total_tokens": 7});
        return axum::Json(json!({"object": "list", "model": "m", "data": vectors, "usage": usage})).into_response();
    }
    let understanding = json!({
        "language": "de", "formal": true, "intents": ["question"],
        "questions": [{"topic": "pets", "excerpt": QUESTION}], "wished_times": [], "confidence": 0.95,
    });
    let is_reading = request["response_format"]["json_schema"]["name"] == "mail";
    let content = if is_reading { understanding } else { says };
    axum::Json(json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_795_000_000, "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content.to_string(), "refusal": null},
                     "logprobs": null, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366},
    }))
    .into_response()
}

const QUESTION: &str = "Sind Haustiere erlaubt?";

/// The words in which only the model says it.
const WORDED: &str = "Haustiere sind in dieser Wohnung erlaubt.";

fn says(statements: Value) -> Value {
    json!({"statements": statements, "unanswered": [], "confidence": 0.95})
}

async fn stage(url: &str) -> Stage {
    Stage::with(&[
        ("IMMIVO__AI__ENGINE", "openai"),
        ("OPENAI_API_KEY", "test-key"),
        ("IMMIVO__AI__OPENAI__BASE_URL", url),
    ])
    .await
}

/// What was asked of whom and what came of it, in order.
async fn calls(stage: &Stage) -> Vec<(String, String, String)> {
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query_as("SELECT purpose, engine, outcome FROM ai_calls ORDER BY id").fetch_all(conn.sql()).await.unwrap()
}

fn shown(calls: &[(String, String, String)]) -> Vec<String> {
    calls.iter().map(|(purpose, engine, outcome)| format!("{purpose} {engine} {outcome}")).collect()
}

/// One answer, by the built-in engine, and a lead that goes on as usual.
async fn assert_answered_by_the_built_in_engine(stage: &Stage) {
    let mails = stage.got("ida@example.org").await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].text.contains("Haustiere sind erlaubt"), "{}", mails[0].text);
    assert!(!mails[0].text.contains(WORDED) && !mails[0].text.contains("1.234"), "{}", mails[0].text);
    let lead = stage.lead().await;
    assert_eq!((lead.status, lead.automation), (Status::Contacted, Automation::Active));
    let answer = stage.messages().await.remove(1);
    let citations = answer.citations.as_array().unwrap();
    assert!(citations.iter().any(|said| said["sources"][0] == "property.petsAllowed"), "{citations:?}");
}

#[tokio::test]
async fn an_answer_of_the_model_that_rests_on_facts_is_sent() {
    let fake = Fake::start(Mood::Says(says(json!([{"text": WORDED, "sources": ["property.petsAllowed"]}])))).await;
    let stage = stage(&fake.url).await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", QUESTION).await;
    let mail = stage.got("ida@example.org").await.remove(0);
    assert!(mail.text.contains("Frau Probe") && mail.text.contains(WORDED), "{}", mail.text);
    assert_eq!(mail.text.matches("Mit freundlichen Grüßen").count(), 1, "{}", mail.text);
    assert_eq!(shown(&calls(&stage).await), ["understand openai ok", "answer openai ok"]);
    let answer = stage.messages().await.remove(1);
    assert!(answer.citations.as_array().unwrap().iter().any(|said| said["text"] == WORDED), "{}", answer.citations);
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    let tokens: (i64, i64) = sqlx::query_as("SELECT sum(input_tokens), sum(output_tokens) FROM ai_calls")
        .fetch_one(conn.sql())
        .await
        .unwrap();
    assert_eq!(tokens, (642, 90), "what it cost is written down");
}

#[tokio::test]
async fn an_invented_price_is_not_sent() {
    for (text, source) in [
        ("Die Kaltmiete beträgt 1.234 Euro im Monat.", "property.coldRent"), // another figure than the fact
        ("Die Kaution beträgt 1.234 Euro.", "property.petsAllowed"),         // a fact of something else
        ("Haustiere kosten 1.234 Euro im Jahr.", "property.deposit"),        // a source that was never given
    ] {
        let invented =
            json!([{"text": WORDED, "sources": ["property.petsAllowed"]}, {"text": text, "sources": [source]}]);
        let fake = Fake::start(Mood::Says(says(invented))).await;
        let stage = stage(&fake.url).await;
        stage.enquiry("Frau Ida Probe", "ida@example.org", QUESTION).await;
        assert_answered_by_the_built_in_engine(&stage).await;
        let expected = ["understand openai ok", "answer openai not grounded", "answer builtin ok"];
        assert_eq!(shown(&calls(&stage).await), expected, "{text}");
    }
}

#[tokio::test]
async fn a_service_that_is_down_is_not_waited_for() {
    let fake = Fake::start(Mood::Down(500)).await;
    let stage = stage(&fake.url).await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", QUESTION).await;
    assert_answered_by_the_built_in_engine(&stage).await;
    let calls_made = shown(&calls(&stage).await);
    assert_eq!(calls_made.len(), 3, "{calls_made:?}");
    assert!(calls_made[0].starts_with("understand openai the language service is unavailable (500"), "{calls_made:?}");
    assert_eq!(calls_made[1..], ["understand builtin ok", "answer builtin ok"]);
    assert_eq!(fake.calls(), ["/v1/chat/completions"; 3], "once with two retries, and not again for the same mail");

    // It is asked again for the next mail.
    *fake.mood.lock().unwrap() = Mood::Says(says(json!([{"text": WORDED, "sources": ["property.petsAllowed"]}])));
    stage.reply("ida@example.org", QUESTION).await;
    let mails = stage.got("ida@example.org").await;
    assert!(mails.len() == 2 && mails[1].text.contains(WORDED), "{mails:?}");
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_loses_no_lead() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port(); // free again at once
    let stage = stage(&format!("http://127.0.0.1:{port}/v1")).await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", QUESTION).await;
    assert_answered_by_the_built_in_engine(&stage).await;
    let calls = shown(&calls(&stage).await);
    let expected = "understand openai the language service is unavailable (no connection)";
    assert_eq!(calls, [expected, "understand builtin ok", "answer builtin ok"]);
}

#[tokio::test]
async fn what_the_model_leaves_unsaid_is_asked_of_a_human() {
    let mut silent = says(json!([]));
    silent["unanswered"] = json!([{"topic": "pets", "excerpt": QUESTION}]);
    let fake = Fake::start(Mood::Says(silent)).await;
    let stage = stage(&fake.url).await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", QUESTION).await;
    let mails = stage.got("ida@example.org").await;
    assert_eq!(mails.len(), 1, "receipt is confirmed");
    assert!(!mails[0].text.contains("erlaubt."), "{}", mails[0].text);
    let task = stage.tasks().await.remove(0);
    assert_eq!((&task["kind"], &task["details"]["questions"]), (&json!("ANSWER_QUESTION"), &json!([QUESTION])));
    assert_eq!(stage.lead().await.automation, Automation::NeedsReview);
}
