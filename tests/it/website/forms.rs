//! From a form to the lead and its first answer.

use immivo::domain::leads::{Automation, LeadSource, Status};
use serde_json::{Value, json};

use super::Site;

#[tokio::test]
async fn a_form_becomes_a_lead_that_is_answered_by_mail() {
    let site = Site::new().await;
    let form = site.form(json!({"phone": "0664 555 01 23", "salutation": "MS"})).await;
    let reply = site.send(&form).await;
    assert!(reply.json(201)["id"].is_string());
    assert_eq!(reply.header("access-control-allow-origin"), super::PAGE);

    let lead = site.stage.lead().await;
    assert_eq!((lead.source, lead.status), (LeadSource::Widget, Status::New));
    assert_eq!(lead.email.as_deref(), Some("ida@example.org"));
    assert_eq!(lead.phone.as_deref(), Some("+436645550123"));
    assert_eq!((lead.name().as_deref(), lead.language.as_deref()), (Some("Ida Probe"), Some("de")));
    assert!(lead.property_id.is_some() && lead.assignee_id.is_some(), "{lead:?}");
    let shown = site.stage.api(&format!("/api/v1/leads/{}", lead.id)).await;
    assert_eq!((&shown["source"], &shown["legalBasis"]), (&json!("WIDGET"), &json!("CONSENT")));

    site.stage.test.run_jobs().await;
    let got = site.stage.got("ida@example.org").await;
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].subject, "Ihre Anfrage: Altbau am Park");
    assert!(got[0].text.contains("Frau Probe"), "{}", got[0].text);
    assert_eq!(site.stage.lead().await.status, Status::Contacted);

    // The answer to it goes on in the same thread.
    site.stage.reply("ida@example.org", "Ich möchte die Wohnung am Donnerstag um 15 Uhr besichtigen.").await;
    assert_eq!(site.stage.lead().await.status, Status::Booked);
}

#[tokio::test]
async fn the_same_form_sent_twice_is_one_enquiry() {
    let site = Site::new().await;
    let form = site.form(json!({})).await;
    let (one, other) = tokio::join!(site.send(&form), site.send(&form));
    assert_eq!(one.json(201), other.json(201));
    assert_eq!(site.send(&form).await.json(201), one.json(201), "and once more, later");
    assert_eq!(site.stage.messages().await.len(), 1);

    // The same words with a new challenge: a second tab, or the page loaded anew.
    let again = site.form(json!({})).await;
    site.send(&again).await.json(201);
    assert_eq!(site.stage.messages().await.len(), 1);
    let path = format!("/api/v1/leads/{}/consents", site.stage.lead().await.id);
    assert_eq!(site.stage.api(&path).await["items"].as_array().unwrap().len(), 2, "both were agreed to");

    // A challenge is good for one enquiry.
    let mut other = form.clone();
    other["message"] = json!("Und gibt es einen Keller?");
    assert_eq!(site.send(&other).await.problem(409)["type"], "urn:immivo:problem:challenge-needed");
    assert_eq!(site.stage.messages().await.len(), 1);
}

#[tokio::test]
async fn the_same_person_goes_on_with_their_conversation_and_a_second_listing_is_a_second_lead() {
    let site = Site::new().await;
    site.send(&site.form(json!({})).await).await.json(201);
    site.stage.test.run_jobs().await;
    site.send(&site.form(json!({"message": "Sind Hunde erlaubt?", "email": "IDA@example.org"})).await).await.json(201);
    site.stage.test.run_jobs().await;
    assert_eq!(site.stage.lead().await.status, Status::Conversation);
    assert_eq!(site.stage.got("ida@example.org").await.len(), 2);

    let second = site.stage.test.property(&site.stage.agency).await;
    site.send(&site.form(json!({"property": second.id.to_string()})).await).await.json(201);
    let leads = site.stage.leads().await;
    assert_eq!(leads.len(), 2);
    assert_eq!(leads[0].property_id, Some(second.id));
}

#[tokio::test]
async fn an_unknown_listing_loses_no_enquiry() {
    let site = Site::new().await;
    let theirs = site.stage.test.agency("there").await;
    let foreign = site.stage.test.property(&theirs).await;
    for (number, property) in
        [json!("Z-99"), json!(foreign.id.to_string()), json!("x".repeat(3000)), Value::Null].into_iter().enumerate()
    {
        let email = format!("ida{number}@example.org");
        let form = site.form(json!({"property": property, "email": email, "page": "https://www.agentur.test/z"})).await;
        site.send(&form).await.json(201);
    }
    let leads = site.stage.leads().await;
    assert_eq!(leads.len(), 4);
    assert!(leads.iter().all(|lead| lead.property_id.is_none()));
    let tasks = site.stage.tasks().await;
    assert_eq!(tasks.iter().filter(|task| task["kind"] == "ASSIGN_PROPERTY").count(), 4, "a human is asked");
    assert!(tasks.iter().any(|task| task["details"]["reference"]["externalNumber"] == "Z-99"));
    assert!(tasks.iter().all(|task| task["title"] == "Welches Objekt meint Ida Probe?"));
}

#[tokio::test]
async fn the_pages_address_names_the_listing_where_the_tag_does_not() {
    let site = Site::new().await;
    let list = site.stage.api("/api/v1/properties").await;
    let property = list["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/properties/{property}");
    let mut body = site.stage.api(&path).await;
    body["exposeUrl"] = json!("https://www.agentur.test/objekte/altbau");
    let fields = body.as_object_mut().unwrap();
    for name in ["id", "version", "createdAt", "updatedAt"] {
        fields.remove(name);
    }
    let token = Some(site.stage.agency.admin.token.as_str());
    site.stage.test.send(axum::http::Method::PUT, &path, token, Some(body)).await.json(200);
    let form = site.form(json!({"property": null, "page": "https://www.agentur.test/objekte/altbau"})).await;
    site.send(&form).await.json(201);
    assert_eq!(site.stage.lead().await.property_id.map(|id| id.to_string()), Some(property));
}

#[tokio::test]
async fn nobody_cancels_somebody_elses_appointment_by_form() {
    let site = Site::new().await;
    site.send(&site.form(json!({})).await).await.json(201);
    site.stage.test.run_jobs().await;
    site.stage.reply("ida@example.org", "Ich möchte die Wohnung am Donnerstag um 15 Uhr besichtigen.").await;
    assert_eq!(site.stage.lead().await.status, Status::Booked);
    let mails = site.stage.got("ida@example.org").await.len();

    site.send(&site.form(json!({"message": "Ich sage den Termin ab."})).await).await.json(201);
    site.stage.test.run_jobs().await;
    let lead = site.stage.lead().await;
    assert_eq!((lead.status, lead.automation), (Status::Booked, Automation::CallScheduled));
    // Nor does whoever has the address by writing something else next.
    site.stage.reply("ida@example.org", "Danke, bis Donnerstag!").await;
    let lead = site.stage.lead().await;
    assert_eq!((lead.status, lead.automation), (Status::Booked, Automation::CallScheduled));
    assert_eq!(site.stage.got("ida@example.org").await.len(), mails, "a human decides what it gets");
    let tasks = site.stage.tasks().await;
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0]["title"], "Ida Probe hat über die Website geschrieben");
    assert_eq!(tasks[0]["details"]["questions"], json!(["Ich sage den Termin ab."]));
}

#[tokio::test]
async fn nobody_floods_a_strangers_mailbox_by_form() {
    let site = Site::new().await;
    for number in 0..12 {
        let form = site.form(json!({"message": format!("Frage Nummer {number}: Sind Hunde erlaubt?")})).await;
        site.send(&form).await.json(201);
        site.stage.test.run_jobs().await;
    }
    assert_eq!(site.stage.got("ida@example.org").await.len(), 8, "no lead gets more automatic mails in an hour");
    assert_eq!(site.stage.messages().await.iter().filter(|message| message.text.starts_with("Frage")).count(), 12);
    assert_eq!(site.stage.tasks().await.len(), 1, "the rest is a human's");
}

#[tokio::test]
async fn people_write_in_their_own_language_into_a_form_of_another_one() {
    let site = Site::new().await;
    let message = "Hello, is the apartment still available? I would like to see it next week.";
    site.send(&site.form(json!({"message": message})).await).await.json(201);
    assert_eq!(site.stage.lead().await.language.as_deref(), Some("en"));
    let form = site.form(json!({"message": "OK?", "language": "fr", "email": "luc@example.org"})).await;
    site.send(&form).await.json(201);
    assert_eq!(site.stage.leads().await[0].language.as_deref(), Some("fr"), "where the words do not tell");
}

#[tokio::test]
async fn what_a_form_says_of_somebody_is_not_known_of_them() {
    let site = Site::new().await;
    site.stage.enquiry("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    let ida = site.stage.lead().await;
    // Somebody else types in her address with a number of their own, then writes from their own address.
    let form = json!({"email": "ida@example.org", "firstName": "Mal", "lastName": "Lory", "phone": "+43664999", "property": "gibt-es-nicht"});
    site.send(&site.form(form).await).await.json(201);
    site.stage.enquiry("Mal Lory", "mallory@example.org", "Ist die Wohnung noch frei? Tel. +43 664 999").await;
    let leads = site.stage.leads().await;
    let others: Vec<_> = leads.iter().filter(|lead| lead.last_name.as_deref() == Some("Lory")).collect();
    assert!(!others.is_empty());
    assert!(others.iter().all(|lead| lead.prospect_id != ida.prospect_id), "{others:#?}");
}

#[tokio::test]
async fn a_blocked_address_is_kept_and_not_answered() {
    let site = Site::new().await;
    let body = json!({"address": "ida@example.org"});
    site.stage.test.post("/api/v1/intake/blocked-senders", &site.stage.agency.admin, body).await.json(201);
    site.send(&site.form(json!({})).await).await.json(201);
    site.stage.test.run_jobs().await;
    assert_eq!(site.stage.lead().await.automation, Automation::Paused);
    assert!(site.stage.got("ida@example.org").await.is_empty());
}
