//! Who is let in.

use super::Stage;

#[tokio::test]
async fn an_unknown_recipient_is_refused_before_the_mail_is_sent() {
    let stage = Stage::new().await;
    for to in ["nobody@intake.immivo.test", "wien@elsewhere.test"] {
        let refused = stage.post("a@example.org", to, b"Subject: x\r\n\r\nx\r\n").await.unwrap_err();
        assert!(refused.contains("550") && refused.contains("5.1.1"), "{refused}");
    }
    let accepted = stage.post("a@example.org", "WIEN+portal@Intake.Immivo.Test", b"Subject: x\r\n\r\nx\r\n").await;
    assert!(accepted.unwrap().starts_with("250"), "case and a mark behind + make no difference");
    stage.test.run_jobs().await;
}

#[tokio::test]
async fn a_mail_for_two_agencies_is_each_ones_own() {
    let stage = Stage::new().await;
    let other = stage.test.agency("linz").await;
    let raw = super::willhaben("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").replace('\n', "\r\n");
    for to in ["wien@intake.immivo.test", "linz@intake.immivo.test"] {
        assert!(stage.post("no-reply@willhaben.at", to, raw.as_bytes()).await.unwrap().starts_with("250"));
    }
    stage.test.run_jobs().await;
    let mine = stage.api("/api/v1/leads").await;
    let theirs = stage.test.get("/api/v1/leads", &other.admin).await.json(200);
    assert_eq!((mine["items"].as_array().unwrap().len(), theirs["items"].as_array().unwrap().len()), (1, 1));
    assert_ne!(mine["items"][0]["id"], theirs["items"][0]["id"]);
    assert!(
        mine["items"][0]["propertyId"].is_string() && theirs["items"][0]["propertyId"].is_null(),
        "an id of a portal is one agency's"
    );
}

#[tokio::test]
async fn what_is_no_lead_is_in_the_tray_or_ignored_with_a_reason_and_can_be_sorted_by_hand() {
    let stage = Stage::new().await;
    stage.portal("From: service@immobilien.derstandard.at\nTo: wien@intake.immivo.test\nSubject: Neue Anfrage\nMessage-ID: <t@x.test>\n\nJemand interessiert sich.\n").await;
    let mail = stage.api("/api/v1/intake/messages?state=TRAY").await["items"][0].clone();
    assert!(!mail["reasons"].as_array().unwrap().is_empty(), "{mail}");
    assert!(stage.leads().await.is_empty());
    let path = |verb: &str| format!("/api/v1/intake/messages/{}{verb}", mail["id"].as_str().unwrap());

    let read_again = stage.test.post(&path("/reprocess"), &stage.agency.admin, serde_json::json!({})).await;
    assert!(read_again.status.is_success(), "{}", read_again.text());
    stage.test.run_jobs().await;
    assert_eq!(stage.api(&path("")).await["state"], "TRAY");

    let property = stage.api("/api/v1/properties").await["items"][0]["id"].clone();
    let nobody = stage.test.post(&path("/assign"), &stage.agency.admin, serde_json::json!({"firstName": "Ida"})).await;
    assert_eq!(nobody.fields(422), ["email"]);
    let assign = serde_json::json!({"firstName": "Ida", "lastName": "Probe", "email": "ida@example.org", "propertyId": property,
                                    "message": "Sind Haustiere erlaubt?"});
    let assigned = stage.test.post(&path("/assign"), &stage.agency.admin, assign).await;
    assert!(assigned.status.is_success(), "{}", assigned.text());
    stage.test.run_jobs().await;
    assert_eq!(stage.got("ida@example.org").await.len(), 1, "it is answered like any other");
    assert_eq!(stage.api(&path("")).await["state"], "DONE");
    assert_eq!(stage.test.post(&path("/discard"), &stage.agency.admin, serde_json::json!({})).await.status, 409);
}

#[tokio::test]
async fn the_postmaster_is_reached_and_whoever_sends_the_systems_mail_reads_it() {
    let stage = Stage::new().await;
    let raw = b"From: admin@example.org\r\nSubject: Your server\r\nMessage-ID: <p@example.org>\r\nTo: notifications@immivo.test\r\n\r\nPlease look.\r\n";
    for to in ["postmaster@intake.immivo.test", "Postmaster@INTAKE.immivo.test"] {
        let accepted = stage.post("admin@example.org", to, raw).await;
        assert!(accepted.unwrap().starts_with("250"), "{to}");
    }
    let got = stage.got("notifications@immivo.test").await;
    assert!(got.len() == 2 && got[0].text.contains("Please look."), "{got:?}");
    assert!(stage.api("/api/v1/intake/messages").await["items"].as_array().unwrap().is_empty(), "it is no tenant's");
    let refused = stage.post("a@example.org", "postmaster@elsewhere.test", raw).await.unwrap_err();
    assert!(refused.contains("550"), "{refused}");
}

#[tokio::test]
async fn a_postmaster_whose_mail_would_come_back_here_is_nobody() {
    let stage = Stage::with(&[("IMMIVO__MAIL__SYSTEM_FROM", "Immivo <system@intake.immivo.test>")]).await;
    let refused = stage.post("a@example.org", "postmaster@intake.immivo.test", b"Subject: x\r\n\r\nx\r\n").await;
    assert!(refused.unwrap_err().contains("550"));
}
