//! Where the system steps back.

use immivo::domain::leads::{Automation, Status};
use serde_json::json;

use super::Stage;

async fn contacted() -> Stage {
    let stage = Stage::new().await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    stage
}

#[tokio::test]
async fn the_wish_for_a_call_is_confirmed_and_becomes_a_task() {
    let stage = contacted().await;
    stage.reply("ida@example.org", "Bitte rufen Sie mich zurück, ich möchte mit einem Menschen sprechen.").await;
    assert_eq!(stage.lead().await.automation, Automation::CallScheduled);
    let task = stage.tasks().await.remove(0);
    assert_eq!((task["kind"].as_str(), task["details"]["phone"].as_str()), (Some("CALL_BACK"), Some("+436645550123")));
    assert_eq!(stage.got("ida@example.org").await.len(), 2);
    stage.reply("ida@example.org", "Wie groß ist die Wohnung?").await;
    assert_eq!(stage.got("ida@example.org").await.len(), 2, "a person answers now");

    let path = format!("/api/v1/tasks/{}/resolve", task["id"].as_str().unwrap());
    let reply = stage.test.post(&path, &stage.agency.agent, json!({"note": "Angerufen, alles geklärt."})).await;
    assert!(reply.status.is_success(), "{}", reply.text());
    assert_eq!(stage.lead().await.automation, Automation::Active);
}

#[tokio::test]
async fn anger_gets_no_answer_and_a_human_at_once() {
    let stage = contacted().await;
    stage
        .reply("ida@example.org", "Das ist eine Frechheit! Ich werde mich beschweren und meinen Anwalt einschalten.")
        .await;
    assert_eq!(stage.lead().await.automation, Automation::Escalated);
    assert_eq!(stage.got("ida@example.org").await.len(), 1);
    assert_eq!(stage.tasks().await[0]["kind"], "COMPLAINT");
    assert_eq!(stage.got("agent@wien.test").await.len(), 1);
}

#[tokio::test]
async fn when_the_agent_writes_the_system_is_silent_until_resumed() {
    let stage = contacted().await;
    let lead = stage.lead().await;
    let path = format!("/api/v1/leads/{}/messages", lead.id);
    let reply = stage
        .test
        .post(&path, &stage.agency.agent, json!({"text": "Liebe Frau Probe, ich melde mich persönlich."}))
        .await;
    assert!(reply.status.is_success(), "{}", reply.text());
    stage.test.run_jobs().await;
    let mails = stage.got("ida@example.org").await;
    assert!(mails[1].text.contains("persönlich") && !mails[1].raw.contains("Auto-Submitted"), "{}", mails[1].raw);
    assert_eq!(stage.lead().await.automation, Automation::Paused);
    stage.reply("ida@example.org", "Sind Haustiere erlaubt?").await;
    assert_eq!(stage.got("ida@example.org").await.len(), 2);

    let resumed = stage.test.post(&format!("/api/v1/leads/{}/resume", lead.id), &stage.agency.agent, json!({})).await;
    assert!(resumed.status.is_success(), "{}", resumed.text());
    stage.test.run_jobs().await;
    assert_eq!(stage.lead().await.automation, Automation::Active);
    assert_eq!(stage.got("ida@example.org").await.len(), 3, "what was asked meanwhile is answered");
}

#[tokio::test]
async fn a_lead_closed_by_hand_says_why_and_can_be_opened_again() {
    let stage = contacted().await;
    let lead = stage.lead().await;
    let path = |verb: &str| format!("/api/v1/leads/{}/{verb}", lead.id);
    let closed = stage.test.post(&path("close"), &stage.agency.admin, json!({"reason": "vermietet"})).await;
    assert!(closed.status.is_success(), "{}", closed.text());
    assert_eq!(
        (stage.lead().await.status, stage.lead().await.lost_reason.as_deref()),
        (Status::Lost, Some("vermietet"))
    );
    assert_eq!(stage.test.post(&path("close"), &stage.agency.admin, json!({"reason": "x"})).await.status, 409);
    assert!(stage.test.post(&path("reopen"), &stage.agency.admin, json!({})).await.status.is_success());
    assert_eq!(stage.lead().await.status, Status::Conversation);
    stage.test.run_jobs().await;
    let timeline = stage.api(&path("timeline")).await;
    let kinds: Vec<_> =
        timeline["items"].as_array().unwrap().iter().filter_map(|event| event["kind"].as_str()).collect();
    for kind in ["LEAD_CREATED", "MESSAGE_RECEIVED", "DECIDED", "ANSWER_QUEUED", "MESSAGE_SENT", "STATE_CHANGED"] {
        assert!(kinds.contains(&kind), "{kind} missing in {kinds:?}");
    }
}

#[tokio::test]
async fn a_question_beside_the_wish_for_a_call_is_answered_in_the_same_mail() {
    let stage = contacted().await;
    let words = "Bitte rufen Sie mich zurück. Wie groß ist die Wohnung? Gibt es im Haus einen Kinderwagenraum?";
    stage.reply("ida@example.org", words).await;
    assert_eq!(stage.lead().await.automation, Automation::CallScheduled);
    let mails = stage.got("ida@example.org").await;
    assert_eq!(mails.len(), 2);
    assert!(mails[1].text.contains("72,5") && mails[1].text.contains("ruf"), "{}", mails[1].text);
    let task = stage.tasks().await.remove(0);
    assert_eq!(task["kind"], "CALL_BACK");
    let open = task["details"]["questions"].to_string();
    assert!(open.contains("Kinderwagenraum") && !open.contains("groß"), "the caller answers the rest: {task}");
}

#[tokio::test]
async fn a_phone_number_in_a_reply_reaches_the_lead_and_who_calls() {
    let stage = Stage::new().await;
    let mail = super::willhaben("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?");
    stage.portal(&mail.replace("Telefon: 0664 5550123\n", "")).await;
    assert_eq!(stage.lead().await.phone, None);
    stage.reply("ida@example.org", "Bitte rufen Sie mich zurück, unter 0664 5550777, am besten um 15 Uhr.").await;
    assert_eq!(stage.lead().await.phone.as_deref(), Some("+436645550777"));
    assert_eq!(stage.tasks().await[0]["details"]["phone"], "+436645550777");
    let told = stage.got("agent@wien.test").await.remove(0);
    assert!(told.text.contains("+436645550777"), "{}", told.text);
}

#[tokio::test]
async fn another_number_to_call_is_the_tasks_and_the_lead_keeps_its_own() {
    let stage = contacted().await;
    stage.reply("ida@example.org", "Bitte rufen Sie mich zurück, im Büro unter 01 505 12 34.").await;
    assert_eq!(stage.lead().await.phone.as_deref(), Some("+436645550123"));
    assert_eq!(stage.tasks().await[0]["details"]["phone"], "+4315051234");
}
