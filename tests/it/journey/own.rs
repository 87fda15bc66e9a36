//! What each of the agency's people decides for themselves, and what prospects and they read because of it.

use axum::http::Method;
use immivo::domain::leads::Status;
use immivo::domain::users::User;
use immivo::domain::{tenants, viewings};
use serde_json::{Value, json};

use super::Stage;

/// The agent, with what they decide for themselves besides their name.
async fn with(own: Value) -> Stage {
    let stage = Stage::new().await;
    let mut body = json!({"firstName": "Vera", "lastName": "agent"});
    body.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    let view = replaced(&stage, body.clone()).await;
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&view[field], value);
    }
    stage
}

async fn replaced(stage: &Stage, body: Value) -> Value {
    stage.test.send(Method::PUT, "/api/v1/me", Some(&stage.agency.agent.token), Some(body)).await.json(200)
}

#[tokio::test]
async fn people_read_in_their_language_what_waits_for_them() {
    const ANGER: &str = "Das ist eine Frechheit! Ich werde mich beschweren und meinen Anwalt einschalten.";
    let stage = with(json!({"locale": "en"})).await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", ANGER).await;
    let english = stage.got("agent@wien.test").await.remove(0);
    assert_eq!(english.subject, "Complaint or discriminatory wish: Ida Probe");
    assert!(english.text.contains("Listing: Altbau am Park"), "{}", english.text);
    assert!(english.text.contains("Please resolve the task in Immivo"), "{}", english.text);
    assert!(!english.text.contains("Bitte"), "{}", english.text);
    assert!(english.raw.contains("<html lang=\"en\">") || english.raw.contains("lang=3D\"en\""), "{}", english.raw);

    // Whoever says nothing reads German; the task itself is the same for both.
    replaced(&stage, json!({"firstName": "Vera", "lastName": "agent"})).await;
    stage.enquiry("Frau Eva Probe", "eva@example.org", ANGER).await;
    let german = stage.got("agent@wien.test").await.remove(1);
    assert!(german.text.contains("Objekt: Altbau am Park"), "{}", german.text);
    assert!(german.text.contains("Bitte die Aufgabe in Immivo erledigen"), "{}", german.text);
}

#[tokio::test]
async fn a_draft_and_a_viewing_are_told_in_english_to_who_reads_english() {
    let stage = with(json!({"locale": "en"})).await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    stage.reply("ida@example.org", "Ich möchte die Wohnung am Donnerstag um 15 Uhr besichtigen.").await;
    assert_eq!(stage.lead().await.status, Status::Booked);
    let told = stage.got("agent@wien.test").await.remove(0);
    assert!(told.subject.starts_with("Viewing booked"), "{}", told.subject);
    assert!(told.text.contains("A viewing was booked."), "{}", told.text);

    stage
        .test
        .change_settings(&stage.agency, |settings| settings["automation"]["mode"] = json!("DRAFTS"))
        .await
        .json(200);
    stage.enquiry("Frau Eva Probe", "eva@example.org", "Sind Haustiere erlaubt?").await;
    let told = stage.got("agent@wien.test").await.remove(1);
    assert_eq!(told.subject, "A draft is waiting");
    assert!(told.text.contains("The draft of an answer to Eva Probe waits for you."), "{}", told.text);
}

#[tokio::test]
async fn a_signature_stands_under_answers_in_place_of_the_name() {
    let stage = with(json!({"signature": "Mag. Vera Agent\nLeitung Vermietung\nTel. +43 1 000000"})).await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    let answer = stage.got("ida@example.org").await.remove(0);
    let signed = "Mit freundlichen Grüßen\nMag. Vera Agent\nLeitung Vermietung\nTel. +43 1 000000\nAgentur wien";
    assert!(answer.text.replace("\r\n", "\n").contains(signed), "{}", answer.text);
    let html = mail_parser::MessageParser::default().parse(&answer.raw).unwrap().body_html(0).unwrap().into_owned();
    assert!(html.contains("Mag. Vera Agent<br>Leitung Vermietung<br>Tel. +43 1 000000<br>"), "{html}");

    // Under what the agent writes too.
    let path = format!("/api/v1/leads/{}/messages", stage.lead().await.id);
    stage.test.post(&path, &stage.agency.agent, json!({"text": "Liebe Frau Probe, bis bald."})).await.json(202);
    stage.test.run_jobs().await;
    let own = stage.got("ida@example.org").await.remove(1);
    assert!(own.text.contains("Leitung Vermietung"), "{}", own.text);
}

#[tokio::test]
async fn only_times_at_which_the_agent_shows_listings_can_be_had() {
    let tuesdays = json!({"weekdays": [2], "from": "10:00", "to": "12:00"});
    let stage = with(json!({"viewingHours": tuesdays})).await;
    let slots = free(&stage).await;
    assert!(!slots.is_empty());
    for slot in &slots {
        assert!(slot.starts_with("2 1") && ("2 10:00"..="2 11:59").contains(&slot.as_str()), "{slots:?}");
    }
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    stage.reply("ida@example.org", "Ich möchte die Wohnung am Donnerstag um 15 Uhr besichtigen.").await;
    assert_ne!(stage.lead().await.status, Status::Booked, "the agency would, its agent does not");
    stage.reply("ida@example.org", "Dann am Dienstag um 10 Uhr, bitte.").await;
    assert_eq!(stage.lead().await.status, Status::Booked);

    replaced(&stage, json!({"firstName": "Vera", "lastName": "agent"})).await;
    assert!(
        free(&stage).await.iter().any(|slot| slot.starts_with('4')),
        "without hours of their own, the agency's hold"
    );
}

/// What is free for the listing: weekday and time in Vienna.
async fn free(stage: &Stage) -> Vec<String> {
    let listing = serde_json::from_value(stage.api("/api/v1/properties").await["items"][0]["id"].clone()).unwrap();
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    let tenant = tenants::current(&mut conn).await.unwrap();
    let slots = viewings::free_slots(&mut conn, &tenant, listing).await.unwrap();
    slots.iter().map(|slot| tenant.zone().to_datetime(slot.start.0).strftime("%u %H:%M").to_string()).collect()
}

#[tokio::test]
async fn what_nobody_could_mean_is_refused_field_by_field() {
    let stage = Stage::new().await;
    let put = async |path: &str, token: &str, own: Value| {
        let mut body = json!({"firstName": "Vera", "lastName": "agent"});
        body.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        stage.test.send(Method::PUT, path, Some(token), Some(body)).await
    };
    let User { id, .. } = stage.agency.agent.user;
    let (agent, admin) = (&stage.agency.agent.token, &stage.agency.admin.token);
    let hours = |weekdays: &[i16], from: &str, to: &str| json!({"weekdays": weekdays, "from": from, "to": to});
    for (hours, field) in [
        (hours(&[], "09:00", "12:00"), "viewingHours.weekdays"),
        (hours(&[8], "09:00", "12:00"), "viewingHours.weekdays"),
        (hours(&[2, 2], "09:00", "12:00"), "viewingHours.weekdays"),
        (hours(&[7], "09:00", "12:00"), "viewingHours.weekdays"),
        (hours(&[2], "12:00", "12:00"), "viewingHours.to"),
        (hours(&[2], "05:00", "06:00"), "viewingHours.to"),
    ] {
        assert_eq!(put("/api/v1/me", agent, json!({"viewingHours": hours})).await.fields(422), [field], "{hours}");
    }
    let long = "Zeile\n".repeat(13);
    for signature in ["a\u{7}b", &long, &"x".repeat(1001)] {
        assert_eq!(put("/api/v1/me", agent, json!({"signature": signature})).await.fields(422), ["signature"]);
    }
    assert_eq!(put("/api/v1/me", agent, json!({"locale": "fr"})).await.fields(422), ["locale"]);

    // An administrator decides it for others; blanks around a signature are nobody's wish.
    let path = format!("/api/v1/users/{id}/own");
    put(&path, agent, json!({})).await.problem(403);
    let view = put(&path, admin, json!({"locale": "en", "signature": "  Vera \n\n"})).await.json(200);
    assert_eq!((&view["locale"], &view["signature"]), (&json!("en"), &json!("Vera")));
    assert_eq!(put("/api/v1/me", agent, json!({"signature": " \n"})).await.json(200)["signature"], json!(null));
}
