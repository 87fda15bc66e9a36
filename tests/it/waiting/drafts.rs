//! A draft asks for its approval by a task, which ends with it.

use immivo::domain::assistant;
use immivo::domain::conversations::{self, Inbound};
use immivo::domain::leads::{self, Automation, Viewer};
use serde_json::json;

use crate::journey::Stage;

async fn drafted() -> Stage {
    let stage = Stage::new().await;
    stage
        .test
        .change_settings(&stage.agency, |settings| settings["automation"]["mode"] = json!("DRAFTS"))
        .await
        .json(200);
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Sind Haustiere erlaubt?").await;
    stage
}

/// The prospect writes again.
async fn say(stage: &Stage, text: &str) {
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    let lead = stage.lead().await.id;
    let mut lead = leads::lock(&mut conn, lead, Viewer::SYSTEM).await.unwrap().unwrap();
    let message = Inbound { subject: "Noch etwas".to_owned(), text: text.to_owned(), ..Inbound::default() };
    let conversation = conversations::append_inbound(&mut conn, &mut lead, &message, false).await.unwrap();
    assistant::answer_soon(&mut conn, lead.id, conversation.id).await.unwrap();
    conn.commit().await.unwrap();
    stage.test.run_jobs().await;
}

async fn approval(stage: &Stage) -> Vec<serde_json::Value> {
    stage.tasks().await.into_iter().filter(|task| task["kind"] == "APPROVE_DRAFT").collect()
}

#[tokio::test]
async fn resolving_the_task_sends_the_draft_in_the_words_that_are_given() {
    let stage = drafted().await;
    let task = approval(&stage).await.remove(0);
    let path = format!("/api/v1/tasks/{}/resolve", task["id"].as_str().unwrap());
    let resolved =
        stage.test.post(&path, &stage.agency.admin, json!({"answer": "Ja, ein kleiner Hund ist willkommen."})).await;
    assert_eq!(resolved.json(200)["state"], "RESOLVED");
    stage.test.run_jobs().await;
    let mails = stage.got("ida@example.org").await;
    assert!(mails.len() == 1 && mails[0].text.contains("kleiner Hund"), "{mails:?}");
    assert_eq!(stage.lead().await.automation, Automation::Active);
    assert_eq!(stage.api("/api/v1/drafts?state=APPROVED").await["items"].as_array().unwrap().len(), 1);
    stage.test.post(&path, &stage.agency.admin, json!({})).await.problem(409);
}

#[tokio::test]
async fn a_new_mail_supersedes_the_draft_and_its_task() {
    let stage = drafted().await;
    let old = approval(&stage).await.remove(0);
    say(&stage, "Und wie groß ist die Wohnung?").await;
    let open = approval(&stage).await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_ne!((&open[0]["id"], &open[0]["details"]["draftId"]), (&old["id"], &old["details"]["draftId"]));
    let was = stage.api(&format!("/api/v1/tasks/{}", old["id"].as_str().unwrap())).await;
    assert_eq!((&was["state"], &was["resolution"]["draft"]), (&json!("CANCELLED"), &json!("SUPERSEDED")));
    let path = format!("/api/v1/tasks/{}/resolve", old["id"].as_str().unwrap());
    stage.test.post(&path, &stage.agency.admin, json!({})).await.problem(409);
    // Decided by its own door, the task ends as well.
    let path = format!("/api/v1/drafts/{}/reject", open[0]["details"]["draftId"].as_str().unwrap());
    assert!(stage.test.post(&path, &stage.agency.admin, json!({})).await.status.is_success());
    assert!(approval(&stage).await.is_empty());
}
