//! What a human does with mail the system could not place.

use immivo::domain::leads::Status;
use serde_json::{Value, json};

use super::Stage;

/// A mail that nobody can be answered from, and its path in the API.
async fn in_tray(stage: &Stage, text: &str) -> String {
    let id = immivo::ids::new_id();
    let raw = format!(
        "From: lost@example.org\r\nTo: wien@intake.immivo.test\r\nSubject: Re: Wohnung\r\nMessage-ID: <{id}@example.org>\r\n\
         In-Reply-To: <nobody@example.net>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    );
    stage.post("lost@example.org", "wien@intake.immivo.test", raw.as_bytes()).await.unwrap();
    stage.test.run_jobs().await;
    let tray = stage.api("/api/v1/intake/messages?state=TRAY").await;
    format!("/api/v1/intake/messages/{}/assign", tray["items"][0]["id"].as_str().unwrap())
}

async fn assign(stage: &Stage, path: &str, body: Value) -> Value {
    let assigned = stage.test.post(path, &stage.agency.admin, body).await.json(200);
    stage.test.run_jobs().await;
    assigned
}

#[tokio::test]
async fn a_mail_that_lost_its_thread_joins_the_lead_it_belongs_to() {
    let stage = Stage::new().await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    let lead = stage.lead().await;
    let path = in_tray(&stage, "Wie groß ist die Wohnung?").await;
    let refused =
        stage.test.post(&path, &stage.agency.admin, json!({"leadId": lead.id, "phone": "+436645550777"})).await;
    assert_eq!(refused.fields(422), ["phone"], "nothing is taken and then ignored");
    let nobody = stage.test.post(&path, &stage.agency.admin, json!({"leadId": immivo::ids::new_id()})).await;
    assert_eq!(nobody.fields(422), ["leadId"]);
    assert_eq!(assign(&stage, &path, json!({"leadId": lead.id})).await["leadId"], json!(lead.id));
    assert_eq!(stage.lead().await.status, Status::Conversation);
    let mails = stage.got("ida@example.org").await;
    assert!(mails.len() == 2 && mails[1].text.contains("72,5"), "{mails:?}");
}

#[tokio::test]
async fn the_same_person_read_out_of_a_mail_is_the_same_lead() {
    let stage = Stage::new().await;
    stage.enquiry("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    let lead = stage.lead().await;
    let path = in_tray(&stage, "Wie groß ist die Wohnung?").await;
    let by_hand = json!({"email": "Ida@example.org", "propertyId": lead.property_id, "salutation": "MS"});
    assert_eq!(assign(&stage, &path, by_hand).await["leadId"], json!(lead.id));
    let path = in_tray(&stage, "Und sind Haustiere erlaubt?").await;
    assert_eq!(assign(&stage, &path, json!({"email": "ida@example.org"})).await["leadId"], json!(lead.id));
    let joined = stage.lead().await;
    assert!(joined.salutation.is_some() && joined.phone == lead.phone, "what was missing was filled in, and no more");
    let path = in_tray(&stage, "Ist noch etwas frei?").await;
    assign(&stage, &path, json!({"email": "udo@example.org", "propertyId": lead.property_id})).await;
    assert_eq!(stage.leads().await.len(), 2, "somebody else is another lead");
}

#[tokio::test]
async fn a_rejected_draft_leaves_a_task_whose_answer_is_sent() {
    let stage = Stage::new().await;
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query("UPDATE tenants SET automation_mode = 'DRAFTS'").execute(conn.sql()).await.unwrap();
    conn.commit().await.unwrap();
    stage.enquiry("Ida Probe", "ida@example.org", "Sind Haustiere erlaubt?").await;
    let draft = stage.api("/api/v1/drafts?state=OPEN").await["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/drafts/{draft}/reject");
    assert_eq!(stage.test.post(&path, &stage.agency.agent, json!({})).await.status, 204);
    assert_eq!(stage.lead().await.automation, immivo::domain::leads::Automation::NeedsReview);
    let task = stage.tasks().await.remove(0);
    assert_eq!(task["kind"], "ANSWER_QUESTION");
    assert!(task["details"]["questions"][0].as_str().unwrap().contains("Haustiere"), "{task}");
    let path = format!("/api/v1/tasks/{}/resolve", task["id"].as_str().unwrap());
    stage.test.post(&path, &stage.agency.agent, json!({"answer": "Nur nach Absprache."})).await.json(200);
    stage.test.run_jobs().await;
    assert!(stage.got("ida@example.org").await.remove(0).text.contains("Nur nach Absprache."));
}
