//! Layouts a human explained once, candidates, and the one click.

use axum::http::Method;
use serde_json::{Value, json};

use super::{mails, post, second_listing};
use crate::journey::Stage;

fn form(person: &str, box_: &str, number: &str, text: &str) -> String {
    let id = immivo::ids::new_id();
    format!(
        "From: Formular <form@website.example.org>\nTo: wien@intake.immivo.test\nSubject: Neuer Eintrag\nMessage-ID: <{id}@website.example.org>\n\
         Content-Type: text/plain; charset=utf-8\n\nEintrag vom Webformular\nWer war es: {person}\nElektropost: {box_}\nUnsere Zahl: {number}\n\n\
         Sagte:\n{text}\n\nEnde des Eintrags\n"
    )
}

async fn explain(stage: &Stage, mail: &Value, values: Value) -> Value {
    let path = format!("/api/v1/intake/messages/{}/layout", mail["id"].as_str().unwrap());
    stage.test.post(&path, &stage.agency.admin, values).await.json(201)
}

#[tokio::test]
async fn a_layout_explained_once_is_read_from_then_on_and_forgotten_on_demand() {
    let stage = Stage::new().await;
    post(&stage, "form@website.example.org", &form("Ida Probe", "ida@example.org", "W-17", "Sind Haustiere erlaubt?"))
        .await;
    let mail = mails(&stage, "TRAY").await.remove(0);
    let path = format!("/api/v1/intake/messages/{}/layout", mail["id"].as_str().unwrap());
    let refused = stage.test.post(&path, &stage.agency.admin, json!({"lastName": "Probe"})).await;
    assert_eq!(refused.fields(422), ["email"]);
    let refused = stage
        .test
        .post(&path, &stage.agency.admin, json!({"email": "udo@example.org", "externalNumber": "W-18"}))
        .await;
    assert_eq!(refused.fields(422), ["email", "externalNumber"]);
    let layout = explain(&stage, &mail, json!({"firstName": "Ida", "lastName": "Probe", "email": "ida@example.org", "externalNumber": "W-17", "message": "Sind Haustiere erlaubt?"})).await;
    assert_eq!(layout["sender"], "form@website.example.org");
    assert!(!layout.to_string().contains("Ida") && !layout.to_string().contains("ida@"), "{layout}");

    post(&stage, "form@website.example.org", &form("Udo Muster", "udo@example.org", "w - 17", "Wie groß ist sie?"))
        .await;
    let lead = stage.lead().await;
    assert_eq!((lead.last_name.as_deref(), lead.email.as_deref()), (Some("Muster"), Some("udo@example.org")));
    assert!(lead.property_id.is_some());
    assert_eq!(stage.messages().await[0].text, "Wie groß ist sie?");
    assert!(stage.got("udo@example.org").await[0].text.contains("72,5"));
    let read = mails(&stage, "DONE").await.remove(0);
    assert_eq!(read["adapter"], format!("remembered/{}", layout["id"].as_str().unwrap()));

    // The form was changed.
    let changed = form("Eva Neu", "eva@example.org", "W-17", "Hallo")
        .replace("Elektropost", "Brieftaube")
        .replace("Wer war es", "Person")
        .replace("Unsere Zahl", "Zahl");
    post(&stage, "form@website.example.org", &changed).await;
    let mail = mails(&stage, "TRAY").await.remove(0);
    assert_eq!(mail["why"]["code"], "LAYOUT_NO_LONGER_FITS", "{mail}");
    assert!(mail["why"]["de"].as_str().unwrap().contains("passt nicht mehr"));

    let list = stage.api("/api/v1/intake/layouts").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let path = format!("/api/v1/intake/layouts/{}", layout["id"].as_str().unwrap());
    let token = Some(stage.agency.admin.token.as_str());
    assert_eq!(stage.test.send(Method::DELETE, &path, token, None).await.status, 204);
    stage.test.send(Method::DELETE, &path, token, None).await.problem(404);
    post(&stage, "form@website.example.org", &form("Otto Spät", "otto@example.org", "W-17", "Noch frei?")).await;
    assert_eq!(mails(&stage, "TRAY").await[0]["why"]["code"], "NOT_UNDERSTOOD");
}

#[tokio::test]
async fn of_one_sender_the_newest_layouts_are_kept() {
    let stage = Stage::new().await;
    post(&stage, "form@website.example.org", &form("Ida Probe", "ida@example.org", "W-17", "Sind Haustiere erlaubt?"))
        .await;
    let mail = mails(&stage, "TRAY").await.remove(0);
    let mut newest = json!(null);
    for _ in 0..12 {
        newest = explain(&stage, &mail, json!({"email": "ida@example.org"})).await;
    }
    let list = stage.api("/api/v1/intake/layouts").await;
    assert_eq!((list["items"].as_array().unwrap().len(), &list["items"][0]["id"]), (10, &newest["id"]));
}

#[tokio::test]
async fn another_agencys_layout_reads_nothing_here() {
    let stage = Stage::new().await;
    let other = stage.test.agency("linz").await;
    let first = form("Ida Probe", "ida@example.org", "W-17", "Noch frei?");
    let id = stage.test.intake(&other, &first.replace('\n', "\r\n")).await;
    stage.test.run_jobs().await;
    let path = format!("/api/v1/intake/messages/{id}/layout");
    stage.test.post(&path, &other.admin, json!({"email": "ida@example.org"})).await.json(201);
    post(&stage, "form@website.example.org", &form("Udo Muster", "udo@example.org", "W-17", "Noch frei?")).await;
    assert_eq!(mails(&stage, "TRAY").await.len(), 1);
    assert!(stage.leads().await.is_empty());
}

#[tokio::test]
async fn one_click_makes_a_lead_of_what_was_read_and_says_why_it_cannot() {
    let stage = Stage::new().await;
    post(&stage, "form@website.example.org", &form("Ida Probe", "ida@example.org", "W-17", "Sind Haustiere erlaubt?"))
        .await;
    let mail = mails(&stage, "TRAY").await.remove(0);
    let path = format!("/api/v1/intake/messages/{}/assign", mail["id"].as_str().unwrap());
    let nobody = stage.test.post(&path, &stage.agency.admin, json!({})).await;
    assert_eq!(nobody.fields(422), ["email"]);
    explain(&stage, &mail, json!({"name": "Ida Probe", "email": "ida@example.org", "externalNumber": "W-17", "message": "Sind Haustiere erlaubt?"})).await;
    let made = stage.test.post(&path, &stage.agency.admin, json!({})).await.json(200);
    stage.test.run_jobs().await;
    let lead = stage.lead().await;
    assert_eq!(made["leadId"], json!(lead.id));
    assert!(lead.property_id.is_some(), "matched as if it had been read at once");
    assert_eq!(stage.got("ida@example.org").await.len(), 1);
    let done = mails(&stage, "DONE").await.remove(0);
    assert_eq!((&done["why"]["code"], &done["leadIds"][0]), (&json!("BY_HAND"), &json!(lead.id)));
    stage.test.post(&path, &stage.agency.admin, json!({})).await.problem(409);
}

#[tokio::test]
async fn candidates_say_why_they_are_offered_and_nothing_is_chosen_by_them() {
    let stage = Stage::new().await;
    let second = second_listing(&stage).await;
    let mut sold = stage.api(&format!("/api/v1/properties/{second}")).await;
    sold["status"] = json!("RENTED");
    for field in ["id", "version", "createdAt", "updatedAt"] {
        sold.as_object_mut().unwrap().remove(field);
    }
    let path = format!("/api/v1/properties/{second}");
    stage.test.send(Method::PUT, &path, Some(&stage.agency.admin.token), Some(sold)).await.json(200);
    post(&stage, "form@website.example.org", &form("Ida", "ohne", "W-17", "Altbau am Park, oder S-2?")).await;
    let mail = mails(&stage, "TRAY").await.remove(0);
    let path = format!("/api/v1/intake/messages/{}/candidates", mail["id"].as_str().unwrap());
    let offered = stage.api(&path).await;
    let by_number = |number: &str| {
        offered["items"].as_array().unwrap().iter().find(|item| item["externalNumber"] == number).unwrap().clone()
    };
    assert_eq!(by_number("W-17")["reasons"], json!(["NUMBER_IN_TEXT", "TITLE_IN_TEXT"]), "{offered}");
    assert_eq!(
        (&by_number("S-2")["reasons"], &by_number("S-2")["status"]),
        (&json!(["NUMBER_IN_TEXT"]), &json!("RENTED"))
    );

    // An enquiry about one that is off the market: a task offers it, the lead has none.
    stage
        .portal(
            &crate::journey::willhaben("Ida Probe", "ida@example.org", "Noch frei?")
                .replace("1234567890", "2222222222"),
        )
        .await;
    assert!(stage.lead().await.property_id.is_none());
    let task = stage.tasks().await.into_iter().find(|task| task["kind"] == "ASSIGN_PROPERTY").unwrap();
    assert_eq!(task["details"]["offered"][0]["propertyId"], json!(second), "{task}");
    assert_eq!(task["details"]["offered"][0]["reasons"], json!(["PORTAL_ID_OFF_MARKET"]));
}
