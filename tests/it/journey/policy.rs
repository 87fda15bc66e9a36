//! What an agency's policy changes: who sends, how often, and whether viewings are offered.

use immivo::domain::leads::{Automation, Status};
use serde_json::{Value, json};

use super::Stage;

async fn with(change: impl FnOnce(&mut Value)) -> Stage {
    let stage = Stage::new().await;
    stage.test.change_settings(&stage.agency, |settings| change(&mut settings["automation"])).await.json(200);
    stage
}

/// The newest decision on the newest lead's timeline.
async fn decided(stage: &Stage) -> Value {
    let lead = stage.leads().await.remove(0);
    let timeline = stage.api(&format!("/api/v1/leads/{}/timeline", lead.id)).await;
    let items = timeline["items"].as_array().unwrap();
    let newest = items.iter().filter(|event| event["kind"] == "DECIDED").max_by_key(|event| event["id"].to_string());
    newest.unwrap()["data"].clone()
}

#[tokio::test]
async fn only_first_answers_go_out_where_the_agency_wants_to_read_the_rest() {
    let stage = with(|automation| automation["mode"] = json!("FIRST_ANSWER")).await;
    stage.enquiry("Ida Probe", "ida@example.org", "Sind Haustiere erlaubt?").await;
    assert_eq!(stage.got("ida@example.org").await.len(), 1);
    assert_eq!(decided(&stage).await["voice"], "system");
    stage.reply("ida@example.org", "Danke! Ich möchte die Wohnung am Donnerstag um 15 Uhr besichtigen.").await;
    assert_eq!(stage.got("ida@example.org").await.len(), 1, "the second waits");
    let lead = stage.lead().await;
    assert_eq!((lead.status, lead.automation), (Status::Conversation, Automation::Draft), "and nothing is booked");
    let draft = stage.api("/api/v1/drafts?state=OPEN").await["items"][0].clone();
    assert_eq!(draft["reason"], "nur die erste Antwort wird automatisch versendet");
}

#[tokio::test]
async fn an_agency_that_switched_the_system_off_is_told_and_nobody_else() {
    let stage = with(|automation| automation["mode"] = json!("OFF")).await;
    stage.enquiry("Ida Probe", "ida@example.org", "Sind Haustiere erlaubt?").await;
    assert!(stage.got("ida@example.org").await.is_empty());
    assert!(stage.api("/api/v1/drafts").await["items"].as_array().unwrap().is_empty(), "nothing is written either");
    let task = stage.tasks().await.remove(0);
    assert_eq!(
        (&task["kind"], &task["details"]["questions"][0]),
        (&json!("ANSWER_QUESTION"), &json!("Sind Haustiere erlaubt?"))
    );
    let decided = decided(&stage).await;
    assert_eq!((&decided["voice"], &decided["reasons"]), (&json!("nobody"), &json!(["asked", "switched_off"])));
    stage.enquiry("Eva Probe", "eva@example.org", "Das ist Betrug, ich schalte meinen Anwalt ein!").await;
    assert_eq!(stage.leads().await[0].automation, Automation::Escalated, "anger is told as ever");
}

#[tokio::test]
async fn after_so_many_answers_a_day_a_person_reads_and_the_next_day_begins_anew() {
    let stage = with(|automation| automation["dailyAnswersPerLead"] = json!(2)).await;
    stage.enquiry("Ida Probe", "ida@example.org", "Sind Haustiere erlaubt?").await;
    stage.reply("ida@example.org", "Wie groß ist die Wohnung?").await;
    stage.reply("ida@example.org", "Und wie hoch ist die Miete?").await;
    assert_eq!(stage.got("ida@example.org").await.len(), 2);
    assert_eq!(decided(&stage).await["reasons"], json!(["asked", "daily_answers"]));
    // Midnight in Vienna.
    stage.test.app.clock.set("2026-11-23T23:00:00Z".parse().unwrap());
    stage.reply("ida@example.org", "Hallo? Wie hoch ist die Miete?").await;
    assert_eq!(stage.got("ida@example.org").await.len(), 3);
}

#[tokio::test]
async fn with_too_many_enquiries_for_a_listing_whoever_comes_late_reads_so_and_is_offered_nothing() {
    let stage = with(|automation| automation["dailyEnquiriesPerProperty"] = json!(2)).await;
    let wish = "Ich möchte die Wohnung am Donnerstag um 15 Uhr besichtigen. Sind Haustiere erlaubt?";
    for (minute, name) in ["ida", "udo", "eva"].into_iter().enumerate() {
        stage.test.app.clock.set(format!("2026-11-23T08:0{minute}:00Z").parse().unwrap());
        stage.enquiry(&format!("{name} Probe"), &format!("{name}@example.org"), wish).await;
    }
    let late = stage.leads().await.remove(0);
    assert_eq!(late.status, Status::Contacted, "the time that was named is not booked");
    let mail = stage.got("eva@example.org").await.remove(0);
    assert!(mail.text.contains("keine weiteren Besichtigungstermine"), "{}", mail.text);
    assert!(mail.text.contains("Haustiere sind erlaubt") && !mail.text.contains("/p/viewing/"), "{}", mail.text);
    assert_eq!(decided(&stage).await["reasons"], json!(["time_named", "daily_enquiries"]));
    // Who came before the crowd is offered times as before.
    stage.reply("udo@example.org", "Gibt es auch am Freitag Besichtigungstermine?").await;
    assert!(stage.got("udo@example.org").await.last().unwrap().text.contains("/p/viewing/"));
    // And so is the latecomer on another day.
    stage.test.app.clock.set("2026-11-24T08:00:00Z".parse().unwrap());
    stage.reply("eva@example.org", "Gibt es jetzt Besichtigungstermine?").await;
    assert!(stage.got("eva@example.org").await.last().unwrap().text.contains("/p/viewing/"));
}

#[tokio::test]
async fn a_call_a_viewing_and_a_question_in_one_mail_are_all_served() {
    let stage = Stage::new().await;
    stage
        .enquiry(
            "Ida Probe",
            "ida@example.org",
            "Ich möchte die Wohnung gerne besichtigen. Sind Haustiere erlaubt? Bitte rufen Sie mich auch an.",
        )
        .await;
    let mail = stage.got("ida@example.org").await.remove(0);
    for served in ["ruft Sie an", "Haustiere sind erlaubt", "/p/viewing/"] {
        assert!(mail.text.contains(served), "{served}: {}", mail.text);
    }
    assert_eq!(stage.lead().await.automation, Automation::CallScheduled);
    assert_eq!(stage.tasks().await[0]["kind"], "CALL_BACK");
}
