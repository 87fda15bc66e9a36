//! The first answer.

use std::time::Duration;

use immivo::domain::leads::{Automation, Status};
use immivo::jobs;
use tokio_util::sync::CancellationToken;

use super::Stage;

#[tokio::test]
async fn a_portal_mail_is_answered_with_facts_slots_and_the_booking_link() {
    let stage = Stage::new().await;
    stage
        .enquiry(
            "Frau Ida Probe",
            "ida@example.org",
            "Guten Tag, ich möchte die Wohnung gerne besichtigen. Sind Haustiere erlaubt?",
        )
        .await;

    let lead = stage.lead().await;
    assert_eq!((lead.status, lead.automation), (Status::Contacted, Automation::Active));
    assert_eq!(lead.portal.as_deref(), Some("willhaben"));
    assert_eq!(lead.phone.as_deref(), Some("+436645550123"));
    assert!(lead.property_id.is_some() && lead.first_response_at.is_some());
    assert_eq!(lead.assignee_id, Some(stage.agency.agent.user.id), "the listing's agent gets the lead");

    let got = stage.got("ida@example.org").await;
    assert_eq!(got.len(), 1);
    let mail = &got[0];
    assert!(mail.text.contains("Frau Probe") && mail.text.contains("Haustiere sind erlaubt"), "{}", mail.text);
    assert!(mail.text.contains("/p/viewing/"), "{}", mail.text);
    assert!(mail.text.contains("künstlicher Intelligenz"), "who wrote it is disclosed: {}", mail.text);
    assert_eq!(mail.text.matches("Mit freundlichen Grüßen").count(), 1, "{}", mail.text);
    assert!(mail.raw.contains("Auto-Submitted: auto-generated") && mail.raw.contains("text/html"));
    assert!(mail.raw.contains("Reply-To:") && mail.raw.contains("wien@intake.immivo.test"), "answers come back to us");

    // Every sentence that says something about the listing names the field it rests on.
    let answer = stage.messages().await.remove(1);
    let citations = answer.citations.as_array().unwrap();
    assert!(citations.iter().any(|said| said["sources"][0] == "property.petsAllowed"), "{citations:?}");
    assert!(citations.iter().all(|said| !said["sources"].as_array().unwrap().is_empty()), "{citations:?}");
}

#[tokio::test]
async fn an_english_enquiry_gets_an_english_answer() {
    let stage = Stage::new().await;
    stage
        .enquiry(
            "Tom Sample",
            "tom@example.org",
            "Hello, I am interested in the flat. How large is it, and is it still available?",
        )
        .await;
    let mail = stage.got("tom@example.org").await.remove(0);
    assert!(mail.text.contains("72.5") && mail.text.contains("Kind regards"), "{}", mail.text);
    assert_eq!(stage.lead().await.language.as_deref(), Some("en"));
}

#[tokio::test]
async fn copies_of_one_enquiry_are_one_lead_and_one_answer() {
    let stage = Stage::new().await;
    let mail = super::willhaben("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?");
    stage.portal(&mail).await;
    stage.portal(&mail).await; // the very same bytes once more
    stage.portal(&format!("Received: from elsewhere\n{mail}")).await; // the same mail by another way
    let again = super::willhaben("Ida Probe", "ida@example.org", "Ist  die Wohnung\n noch frei?");
    stage.portal(&again).await; // the portal sent it twice, under another Message-ID
    assert_eq!(stage.leads().await.len(), 1);
    assert_eq!(stage.got("ida@example.org").await.len(), 1);
    assert_eq!(stage.messages().await.len(), 2);
}

#[tokio::test]
async fn a_reused_message_id_with_other_content_is_a_new_mail() {
    let stage = Stage::new().await;
    let first = super::willhaben("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?");
    let second = first.replace("Ida Probe", "Udo Probe").replace("ida@example.org", "udo@example.org");
    stage.portal(&first).await;
    stage.portal(&second).await;
    assert_eq!(stage.leads().await.len(), 2);
}

#[tokio::test]
async fn with_automatic_sending_off_the_answer_waits_as_a_draft_until_it_is_approved() {
    let stage = Stage::new().await;
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query("UPDATE tenants SET automation_mode = 'DRAFTS'").execute(conn.sql()).await.unwrap();
    conn.commit().await.unwrap();
    stage.enquiry("Ida Probe", "ida@example.org", "Sind Haustiere erlaubt?").await;
    assert!(stage.got("ida@example.org").await.is_empty());
    assert_eq!(stage.lead().await.automation, Automation::Draft);

    let draft = stage.api("/api/v1/drafts?state=OPEN").await["items"][0].clone();
    assert!(draft["text"].as_str().unwrap().contains("Haustiere"), "{draft}");
    let path = format!("/api/v1/drafts/{}/approve", draft["id"].as_str().unwrap());
    let reply = stage.test.post(&path, &stage.agency.admin, serde_json::json!({})).await;
    assert!(reply.status.is_success(), "{}", reply.text());
    stage.test.run_jobs().await;
    let mail = stage.got("ida@example.org").await.remove(0);
    assert!(!mail.text.contains("künstlicher Intelligenz"), "a human approved it: {}", mail.text);
    let lead = stage.lead().await;
    assert_eq!((lead.status, lead.automation), (Status::Contacted, Automation::Active));
}

#[tokio::test]
async fn an_enquiry_about_no_known_listing_asks_which_and_goes_on_once_a_human_says() {
    let stage = Stage::new().await;
    let mail =
        super::willhaben("Ida Probe", "ida@example.org", "Sind Haustiere erlaubt?").replace("1234567890", "9999999999");
    stage.portal(&mail).await;
    assert_eq!(stage.lead().await.automation, Automation::NeedsReview);
    let first = stage.got("ida@example.org").await;
    assert_eq!(first.len(), 1, "its arrival is confirmed");
    assert!(!first[0].text.contains("erlaubt."), "nothing is said about a listing nobody knows: {}", first[0].text);

    let task = stage.tasks().await.remove(0);
    assert_eq!(task["kind"], "ASSIGN_PROPERTY");
    let property = stage.api("/api/v1/properties").await["items"][0]["id"].clone();
    let path = format!("/api/v1/tasks/{}/resolve", task["id"].as_str().unwrap());
    let reply = stage.test.post(&path, &stage.agency.admin, serde_json::json!({"propertyId": property})).await;
    assert!(reply.status.is_success(), "{}", reply.text());
    stage.test.run_jobs().await;
    let mails = stage.got("ida@example.org").await;
    assert_eq!(mails.len(), 2);
    assert!(mails[1].text.contains("Haustiere sind erlaubt"), "{}", mails[1].text);
    assert_eq!(stage.lead().await.automation, Automation::Active);
}

/// Reading, answering and delivering are three jobs, each made by the one before. Where nothing else goes on, nobody but
/// the one before can announce them.
#[tokio::test]
async fn a_lone_mail_is_answered_though_nobody_looks_at_the_queue_by_the_clock() {
    let stage = Stage::with(&[("IMMIVO__JOBS__POLL_SECONDS", "3600")]).await;
    let soft = CancellationToken::new();
    let worker = jobs::worker(&stage.test.app, soft.clone()).await.unwrap();
    let answered = async {
        let mail = super::willhaben("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").replace('\n', "\r\n");
        stage.post("no-reply@willhaben.at", "wien@intake.immivo.test", mail.as_bytes()).await.unwrap();
        while stage.got("ida@example.org").await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let (ended, ()) = tokio::join!(worker.run(), async {
        tokio::time::timeout(Duration::from_secs(30), answered).await.unwrap();
        soft.cancel();
    });
    ended.unwrap();
}
