//! A language service that is down is caught up with, without a second answer; and its budget is watched.

use immivo::domain::assistant::CatchUp;
use immivo::domain::leads::Automation;
use immivo::jobs::Job as _;
use serde_json::json;

use super::beat;
use crate::engine::{Fake, Mood, QUESTION, WORDED, calls, says, shown, spend, stage};
use crate::journey::Stage;

const IDA: &str = "ida@example.org";

fn answers() -> Mood {
    Mood::Says(says(json!([{"text": WORDED, "sources": ["property.petsAllowed"]}])))
}

/// The built-in engine could only confirm that the mail came, and asked a human.
async fn acknowledged() -> (Fake, Stage) {
    let fake = Fake::start(Mood::Down(500)).await;
    let stage = stage(&fake.url).await;
    stage.enquiry("Frau Ida Probe", IDA, "Gibt es im Haus einen Kinderwagenraum?").await;
    assert_eq!(stage.got(IDA).await.len(), 1);
    assert_eq!(stage.lead().await.automation, Automation::NeedsReview);
    (fake, stage)
}

async fn debts(stage: &Stage) -> Vec<(uuid::Uuid, String)> {
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query_as("SELECT id, state FROM catch_ups ORDER BY created_at").fetch_all(conn.sql()).await.unwrap()
}

#[tokio::test]
async fn what_was_only_acknowledged_is_answered_once_when_the_service_is_back() {
    let (fake, stage) = acknowledged().await;
    beat(&stage.test, "assistant.clock").await;
    assert_eq!((stage.got(IDA).await.len(), debts(&stage).await[0].1.as_str()), (1, "WAITING"), "still down");

    *fake.mood.lock().unwrap() = answers();
    let job = CatchUp { tenant_id: stage.agency.tenant, catch_up_id: debts(&stage).await[0].0 };
    let (other, _) = stage.test.another_process();
    let (one, two) = tokio::join!(job.run(&stage.test.app), job.run(&other));
    one.unwrap();
    two.unwrap();
    beat(&stage.test, "assistant.clock").await;
    let mails = stage.got(IDA).await;
    assert!(mails.len() == 2 && mails[1].text.contains(WORDED), "{mails:?}");
    assert_eq!(debts(&stage).await[0].1, "ANSWERED");
    assert_eq!(stage.lead().await.automation, Automation::Active);
    assert!(stage.tasks().await.iter().all(|task| task["kind"] != "ANSWER_QUESTION"), "nobody is asked any more");
    other.db.close().await;
}

#[tokio::test]
async fn whoever_answered_meanwhile_is_not_talked_over() {
    let (fake, stage) = acknowledged().await;
    let task = stage.tasks().await.into_iter().find(|task| task["kind"] == "ANSWER_QUESTION").unwrap();
    let path = format!("/api/v1/tasks/{}/resolve", task["id"].as_str().unwrap());
    stage.test.post(&path, &stage.agency.admin, json!({"answer": "Ja, im Erdgeschoss."})).await.json(200);
    stage.test.run_jobs().await;
    *fake.mood.lock().unwrap() = answers();
    beat(&stage.test, "assistant.clock").await;
    assert_eq!((stage.got(IDA).await.len(), debts(&stage).await[0].1.as_str()), (2, "OVERTAKEN"));

    // A newer mail of the prospect is answered by itself.
    let (fake, stage) = acknowledged().await;
    *fake.mood.lock().unwrap() = answers();
    stage.reply(IDA, QUESTION).await;
    beat(&stage.test, "assistant.clock").await;
    assert_eq!((stage.got(IDA).await.len(), debts(&stage).await[0].1.as_str()), (2, "OVERTAKEN"));
}

#[tokio::test]
async fn a_service_that_keeps_failing_is_left_alone_for_a_while() {
    let fake = Fake::start(Mood::Down(500)).await;
    let stage = stage(&fake.url).await;
    for name in ["ida", "eva", "udo", "ute", "max"] {
        stage.enquiry(&format!("{name} Probe"), &format!("{name}@example.org"), QUESTION).await;
        assert_eq!(stage.got(&format!("{name}@example.org")).await.len(), 1, "everybody has their answer");
    }
    assert_eq!(fake.calls().len(), 9, "three calls with two retries each, and then none");
    let made = shown(&calls(&stage).await);
    assert!(made.iter().any(|call| call.contains("not asked, because it failed just now")), "{made:?}");
}

#[tokio::test]
async fn administrators_are_told_once_at_four_fifths_and_once_when_it_is_spent() {
    let fake = Fake::start(answers()).await;
    let stage = stage(&fake.url).await;
    let budget = json!({"cents": 100, "currency": "EUR"});
    stage.test.change_settings(&stage.agency, |settings| settings["aiBudget"] = budget).await.json(200);
    let alarms = async || {
        let tasks = stage.tasks().await.into_iter().filter(|task| task["kind"] == "AI_BUDGET");
        let mails = stage.got("admin@wien.test").await.into_iter().filter(|mail| mail.subject.contains("KI-Budget"));
        (tasks.count(), mails.count())
    };
    stage.enquiry("Frau Ida Probe", IDA, QUESTION).await;
    assert_eq!(alarms().await, (0, 0));
    spend(&stage, "2026-11-23T08:00:00Z", 80).await;
    stage.enquiry("Frau Eva Probe", "eva@example.org", QUESTION).await;
    stage.enquiry("Frau Ute Probe", "ute@example.org", QUESTION).await;
    assert_eq!(alarms().await, (1, 1));
    let task = stage.tasks().await.into_iter().find(|task| task["kind"] == "AI_BUDGET").unwrap();
    let path = format!("/api/v1/tasks/{}/resolve", task["id"].as_str().unwrap());
    stage.test.post(&path, &stage.agency.admin, json!({"note": "gesehen"})).await.json(200);
    spend(&stage, "2026-11-23T08:00:00Z", 20).await;
    stage.enquiry("Herr Max Probe", "max@example.org", QUESTION).await;
    assert_eq!(alarms().await, (1, 2));

    let state = stage.api("/api/v1/ai/budget").await;
    assert_eq!((&state["isSpent"], &state["limit"]["cents"]), (&json!(true), &json!(100)), "{state}");
    assert_eq!((&state["from"], &state["to"]), (&json!("2026-10-31T23:00:00Z"), &json!("2026-11-30T23:00:00Z")));
    let lead = stage.leads().await.into_iter().find(|lead| lead.email.as_deref() == Some(IDA)).unwrap();
    let log = stage.api(&format!("/api/v1/ai/calls?leadId={}", lead.id)).await["items"].as_array().unwrap().clone();
    let answer = log.iter().find(|call| call["purpose"] == "answer").unwrap();
    assert_eq!((&answer["decision"], &answer["engine"]), (&json!("answer"), &json!("openai")), "{answer}");
    assert!(answer["sources"].as_array().unwrap().contains(&json!("property.petsAllowed")), "{answer}");
    let page = stage.api("/api/v1/ai/calls?limit=2").await;
    let next = format!("/api/v1/ai/calls?limit=200&cursor={}", page["nextCursor"].as_str().unwrap());
    let (rest, all) = (stage.api(&next).await, stage.api("/api/v1/ai/calls?limit=200").await);
    let count = |page: &serde_json::Value| page["items"].as_array().unwrap().len();
    assert_eq!(count(&rest) + 2, count(&all));
}
