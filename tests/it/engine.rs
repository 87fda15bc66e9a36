//! The configured language engine and the built-in one behind it, from a portal mail to what is sent: what a model says
//! is checked before anybody reads it, and nobody waits because a service is down.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Json, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use immivo::domain::leads::{Automation, Status};
use serde_json::{Value, json};
use sqlx::Connection as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::journey::Stage;

/// How OpenAI answers, or does not.
#[derive(Debug, Clone)]
pub(crate) enum Mood {
    /// Words the facts like this.
    Says(Value),
    /// Every request ends with this status.
    Down(u16),
}

/// A local OpenAI.
pub(crate) struct Fake {
    pub(crate) url: String,
    pub(crate) mood: Arc<Mutex<Mood>>,
    /// Paths asked for, and what was asked.
    calls: Arc<Mutex<Vec<(String, Value)>>>,
    server: JoinHandle<()>,
}

type Shared = (Arc<Mutex<Mood>>, Arc<Mutex<Vec<(String, Value)>>>);

impl Fake {
    #[allow(clippy::disallowed_methods, reason = "a server beside the test, ended by it")]
    pub(crate) async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let (mood, calls) = (Arc::new(Mutex::new(mood)), Arc::default());
        let shared: Shared = (mood.clone(), Arc::clone(&calls));
        let router = Router::new().fallback(answer).with_state(shared);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, mood, calls, server }
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().iter().map(|(path, _)| path.clone()).collect()
    }

    /// The newest request.
    pub(crate) fn newest(&self) -> Value {
        self.calls.lock().unwrap().last().unwrap().1.clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State((mood, calls)): State<Shared>, uri: Uri, Json(request): Json<Value>) -> Response {
    calls.lock().unwrap().push((uri.path().to_owned(), request.clone()));
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

pub(crate) const QUESTION: &str = "Sind Haustiere erlaubt?";

/// The words in which only the model says it.
pub(crate) const WORDED: &str = "Haustiere sind in dieser Wohnung erlaubt.";

pub(crate) fn says(statements: Value) -> Value {
    json!({"statements": statements, "unanswered": [], "confidence": 0.95})
}

pub(crate) async fn stage(url: &str) -> Stage {
    Stage::with(&[
        ("IMMIVO__AI__ENGINE", "openai"),
        ("OPENAI_API_KEY", "test-key"),
        ("IMMIVO__AI__OPENAI__BASE_URL", url),
    ])
    .await
}

/// What was asked of whom and what came of it, in order.
pub(crate) async fn calls(stage: &Stage) -> Vec<(String, String, String)> {
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query_as("SELECT purpose, engine, outcome FROM ai_calls ORDER BY id").fetch_all(conn.sql()).await.unwrap()
}

pub(crate) fn shown(calls: &[(String, String, String)]) -> Vec<String> {
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
    assert_eq!(shown(&calls(&stage).await), ["understand openai ok", "embed openai ok", "answer openai ok"]);
    let answer = stage.messages().await.remove(1);
    assert!(answer.citations.as_array().unwrap().iter().any(|said| said["text"] == WORDED), "{}", answer.citations);
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    let spent: (i64, i64, i64) =
        sqlx::query_as("SELECT sum(input_tokens), sum(output_tokens), sum(cost_micro_cents)::bigint FROM ai_calls")
            .fetch_one(conn.sql())
            .await
            .unwrap();
    assert_eq!(spent, (642 + 7, 90, 642 * 25 + 90 * 200 + 7 * 2), "what it cost is written down");
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
        let mail = stage.got("ida@example.org").await.remove(0);
        assert!(mail.text.contains(WORDED), "what is true is sent: {}", mail.text);
        assert!(!mail.text.contains("1.234") && !mail.text.contains(text), "{}", mail.text);
        let expected = ["understand openai ok", "embed openai ok", "answer openai partly not grounded"];
        assert_eq!(shown(&calls(&stage).await), expected, "{text}");
    }
}

#[tokio::test]
async fn what_the_model_gets_wrong_the_templates_say() {
    let wrong = json!([{"text": "Haustiere sind leider nicht erlaubt.", "sources": ["property.petsAllowed"]}]);
    let fake = Fake::start(Mood::Says(says(wrong))).await;
    let stage = stage(&fake.url).await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", QUESTION).await;
    assert_answered_by_the_built_in_engine(&stage).await;
}

#[tokio::test]
async fn an_answer_that_cannot_be_mended_is_written_by_the_built_in_engine() {
    let endless = json!([{"text": "Haustiere sind erlaubt. ".repeat(300), "sources": ["property.petsAllowed"]}]);
    let fake = Fake::start(Mood::Says(says(endless))).await;
    let stage = stage(&fake.url).await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", QUESTION).await;
    assert_answered_by_the_built_in_engine(&stage).await;
    let expected = ["understand openai ok", "embed openai ok", "answer openai not grounded", "answer builtin ok"];
    assert_eq!(shown(&calls(&stage).await), expected);
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
    stage.reply("ida@example.org", &format!("Danke! Noch einmal gefragt: {QUESTION}")).await;
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

/// Writes down what was spent at some time, in cents.
pub(crate) async fn spend(stage: &Stage, at: &str, cents: i64) {
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query(
        "INSERT INTO ai_calls (id, tenant_id, purpose, engine, model, input_tokens, output_tokens, duration_ms, outcome, at, cost_micro_cents)
         VALUES (gen_random_uuid(), $1, 'answer', 'openai', 'm', 0, 0, 0, 'ok', $2::timestamptz, $3)",
    )
    .bind(stage.agency.tenant.0)
    .bind(immivo::clock::Timestamp(at.parse().unwrap()))
    .bind(cents * 1_000_000)
    .execute(conn.sql())
    .await
    .unwrap();
    conn.commit().await.unwrap();
}

#[tokio::test]
async fn a_budget_that_is_spent_leaves_the_word_to_the_built_in_engine_until_the_month_is_over() {
    let fake = Fake::start(Mood::Says(says(json!([{"text": WORDED, "sources": ["property.petsAllowed"]}])))).await;
    let stage = stage(&fake.url).await;
    let budget = json!({"cents": 10, "currency": "EUR"});
    stage.test.change_settings(&stage.agency, |settings| settings["aiBudget"] = budget).await.json(200);
    // The agency's month begins an hour before that of Greenwich.
    spend(&stage, "2026-10-31T22:59:59Z", 10).await;
    spend(&stage, "2026-10-31T23:00:00Z", 9).await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", QUESTION).await;
    assert!(stage.got("ida@example.org").await[0].text.contains(WORDED));

    spend(&stage, "2026-11-23T08:00:00Z", 1).await;
    let asked = fake.calls().len();
    stage.enquiry("Frau Anna Probe", "anna@example.org", QUESTION).await;
    assert_eq!(fake.calls().len(), asked, "nobody asked the service");
    let mail = stage.got("anna@example.org").await.remove(0);
    assert!(mail.text.contains("Haustiere sind erlaubt") && !mail.text.contains(WORDED), "{}", mail.text);
    let made = shown(&calls(&stage).await);
    assert_eq!(made[3..6], ["understand builtin ok", "embed builtin ok", "answer builtin ok"], "{made:?}");
    let lead = stage.leads().await.remove(0);
    let timeline = stage.api(&format!("/api/v1/leads/{}/timeline", lead.id)).await;
    let decided = timeline["items"].as_array().unwrap().iter().find(|event| event["kind"] == "DECIDED").unwrap();
    assert_eq!(decided["data"]["budgetSpent"], true, "{decided}");

    stage.test.app.clock.set("2026-11-30T23:00:00Z".parse().unwrap());
    stage.enquiry("Frau Eva Probe", "eva@example.org", QUESTION).await;
    assert!(stage.got("eva@example.org").await[0].text.contains(WORDED));
}

/// Pieces indexed by one engine cannot be found by the other, and text that is out of date must not be found at all.
#[tokio::test]
async fn a_listing_changed_without_a_budget_is_indexed_at_home_and_again_when_there_is_one() {
    let fake = Fake::start(Mood::Down(500)).await;
    let stage = stage(&fake.url).await;
    let budget = json!({"cents": 0, "currency": "EUR"});
    stage.test.change_settings(&stage.agency, |settings| settings["aiBudget"] = budget).await.json(200);
    let mut listing = stage.api("/api/v1/properties").await["items"][0].clone();
    let path = format!("/api/v1/properties/{}", listing["id"].as_str().unwrap());
    listing["description"] = json!("Im Hof steht ein alter Nussbaum.");
    for shown in ["id", "version", "createdAt", "updatedAt"] {
        listing.as_object_mut().unwrap().remove(shown);
    }
    stage.test.put(&path, &stage.agency.admin, None, listing).await.json(200);
    stage.test.run_jobs().await;
    assert!(fake.calls().is_empty(), "{:?}", fake.calls());
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    let pieces: Vec<(String, String)> =
        sqlx::query_as("SELECT model, text FROM knowledge_chunks WHERE source = 'PROPERTY'")
            .fetch_all(conn.sql())
            .await
            .unwrap();
    assert_eq!(pieces, [("builtin-embed-2".to_owned(), "Im Hof steht ein alter Nussbaum.".to_owned())]);
    let mut all = sqlx::PgConnection::connect(&stage.test.url).await.unwrap();
    let days: i64 = sqlx::query_scalar(
        "SELECT round(extract(epoch FROM run_at - now()) / 86400)::bigint FROM graphile_worker._private_jobs
         WHERE key LIKE 'knowledge.index.again:%'",
    )
    .fetch_one(&mut all)
    .await
    .unwrap();
    assert_eq!(days, 8, "from the 23rd to the end of November");
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
