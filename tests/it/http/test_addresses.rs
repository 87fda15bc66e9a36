//! Test addresses: which mail is a test, what it shows, and who hears of it.

use axum::http::Method;
use serde_json::{Value, json};

use crate::journey::{Stage, willhaben};
use crate::support::TestApp;

async fn make(stage: &Stage) -> Value {
    stage.test.post("/api/v1/intake/test-address", &stage.agency.admin, json!({})).await.json(201)
}

async fn read(stage: &Stage, made: &Value) -> Value {
    stage.api(&format!("/api/v1/intake/test-address/{}", made["id"].as_str().unwrap())).await
}

/// Posts a mail by SMTP; its headers come before those that every mail has.
async fn send(stage: &Stage, to: &str, headers: &str, subject: &str) {
    let id = immivo::ids::new_id();
    let raw = format!(
        "{headers}From: Ida Probe <ida@example.org>\nTo: {to}\nSubject: {subject}\nMessage-ID: <{id}@example.org>\n\nKommt das an?\n"
    );
    post(stage, to, &raw).await;
}

async fn post(stage: &Stage, to: &str, raw: &str) {
    let accepted = stage.post("ida@example.org", to, raw.replace('\n', "\r\n").as_bytes()).await;
    assert!(accepted.unwrap().starts_with("250"));
    stage.test.run_jobs().await;
}

#[tokio::test]
async fn a_test_mail_is_told_of_and_becomes_no_lead() {
    let stage = Stage::new().await;
    let made = make(&stage).await;
    let address = made["address"].as_str().unwrap();
    assert!(address.starts_with("wien+test-") && address.ends_with("@intake.immivo.test"), "{address}");
    assert_eq!((&made["state"], &made["expiresAt"]), (&json!("WAITING"), &json!("2026-11-24T08:00:00Z")));
    assert_eq!(read(&stage, &made).await, made);

    send(&stage, &address.to_uppercase(), "Authentication-Results: mx.example.org; spf=pass\n", "Test").await;
    let read = read(&stage, &made).await;
    let arrival = &read["arrival"];
    assert_eq!(
        (&read["state"], &arrival["path"], &arrival["door"], &arrival["peer"]),
        (&json!("ARRIVED"), &json!("DIRECT"), &json!("SMTP"), &json!("127.0.0.1")),
        "{read}"
    );
    assert_eq!(arrival["authenticationResults"], json!(["mx.example.org; spf=pass"]));
    let mail = stage.api(&format!("/api/v1/intake/messages/{}", arrival["intakeMessageId"].as_str().unwrap())).await;
    assert_eq!(mail["state"], "IGNORED");
    assert!(mail["reasons"].as_array().unwrap().contains(&json!("test mail")), "{mail}");
    assert!(stage.leads().await.is_empty());
    assert!(stage.got("ida@example.org").await.is_empty());
    // There is nothing in it for the readers, however long its address is gone.
    let again = format!("/api/v1/intake/messages/{}/reprocess", arrival["intakeMessageId"].as_str().unwrap());
    stage.test.post(&again, &stage.agency.admin, json!({})).await.problem(409);
    assert!(stage.leads().await.is_empty());
}

#[tokio::test]
async fn a_forward_is_recognised_by_the_subject_and_shown_as_one() {
    let stage = Stage::new().await;
    let made = make(&stage).await;
    let mark = made["subjectMark"].as_str().unwrap();
    let passed_on = "Received: from mail.agentur.test (mail.agentur.test [192.0.2.7]) by mx.immivo.test; Mon, 23 Nov 2026 08:00:00 +0000\n\
                     X-Forwarded-To: wien@intake.immivo.test\nX-Forwarded-For: buero@agentur.test wien@intake.immivo.test\n";
    send(&stage, "wien@intake.immivo.test", passed_on, &format!("Bitte ignorieren: {mark}")).await;
    let arrival = read(&stage, &made).await["arrival"].clone();
    assert_eq!(arrival["path"], "FORWARDED");
    assert_eq!(arrival["forwardedBy"].as_array().unwrap().len(), 2, "{arrival}");
    assert_eq!(arrival["hops"], json!([{"from": "mail.agentur.test", "by": "mx.immivo.test"}]));
    assert!(stage.leads().await.is_empty());
}

#[tokio::test]
async fn an_enquiry_by_a_portal_is_a_test_once() {
    let stage = Stage::new().await;
    let made = make(&stage).await;
    let address = made["address"].as_str().unwrap();
    let raw = willhaben("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?");
    post(&stage, address, &raw).await;
    let arrival = read(&stage, &made).await["arrival"].clone();
    assert_eq!((&arrival["path"], &arrival["portal"]), (&json!("PORTAL"), &json!("willhaben")));
    // The same mail by another way, and another one by hand: tests, too.
    post(&stage, "wien@intake.immivo.test", &format!("X-Copy: 1\n{raw}")).await;
    send(&stage, address, "", "Noch einmal").await;
    assert!(stage.leads().await.is_empty());
    // Somebody wrote by the portal to whom this address was given: they wait for an answer.
    post(&stage, address, &willhaben("Herr Udo Probe", "udo@example.org", "Gibt es einen Keller?")).await;
    assert_eq!(stage.lead().await.email.as_deref(), Some("udo@example.org"));
    assert_eq!(read(&stage, &made).await["arrival"], arrival, "the first one stays");
}

#[tokio::test]
async fn afterwards_the_address_is_like_any_other() {
    let stage = Stage::new().await;
    let made = make(&stage).await;
    stage.test.app.clock.set("2026-11-24T08:00:00Z".parse().unwrap());
    let admin = stage.test.token(&stage.agency.admin.user.subject);
    let path = format!("/api/v1/intake/test-address/{}", made["id"].as_str().unwrap());
    let read = stage.test.send(Method::GET, &path, Some(&admin), None).await.json(200);
    assert_eq!(read["state"], "EXPIRED");
    let raw = willhaben("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?");
    post(&stage, made["address"].as_str().unwrap(), &raw).await;
    assert_eq!(stage.leads().await.len(), 1);
}

#[tokio::test]
async fn a_mark_is_good_at_its_own_agency_only() {
    let stage = Stage::new().await;
    let other = stage.test.agency("linz").await;
    let theirs = stage.test.post("/api/v1/intake/test-address", &other.admin, json!({})).await.json(201);
    let mark = theirs["subjectMark"].as_str().unwrap();
    let raw = willhaben("Frau Ida Probe", "ida@example.org", "Ist sie frei?").replace("Altbau", mark);
    post(&stage, "wien@intake.immivo.test", &raw).await;
    assert_eq!(stage.leads().await.len(), 1);
    let path = format!("/api/v1/intake/test-address/{}", theirs["id"].as_str().unwrap());
    assert_eq!(stage.test.get(&path, &other.admin).await.json(200)["state"], "WAITING");
}

#[tokio::test]
async fn it_is_made_once_for_a_while_by_administrators() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let path = "/api/v1/intake/test-address";
    app.post(path, &agency.agent, json!({})).await.problem(403);
    for hours in [0, 73] {
        assert_eq!(app.post(path, &agency.admin, json!({"hours": hours})).await.fields(422), ["hours"]);
    }
    assert_eq!(app.post(path, &agency.admin, json!({"days": 1})).await.fields(422), ["days"]);
    let made = app.post(path, &agency.admin, json!({"hours": 72})).await;
    assert_eq!(made.json(201)["expiresAt"], "2026-11-26T08:00:00Z");
    assert_eq!(made.header("location"), format!("{path}/{}", made.json(201)["id"].as_str().unwrap()));
    let request = || {
        axum::http::Request::post(path)
            .header("authorization", format!("Bearer {}", agency.admin.token))
            .header("content-type", "application/json")
            .header("idempotency-key", "once")
            .body(axum::body::Body::from("{}"))
            .unwrap()
    };
    let (first, again) = (app.call(request()).await.json(201), app.call(request()).await.json(201));
    assert_eq!(first, again);
    let at = format!("{path}/{}", first["id"].as_str().unwrap());
    app.get(&at, &agency.agent).await.problem(403);

    // Forgotten a month after it was good.
    for (now, status) in [("2026-12-24T07:00:00Z", 200), ("2026-12-24T08:00:01Z", 404)] {
        app.app.clock.set(now.parse().unwrap());
        let mut conn = app.tenant_conn(&agency).await;
        immivo::domain::intake::trial::forget_old(&mut conn).await.unwrap();
        conn.commit().await.unwrap();
        let token = app.token(&agency.admin.user.subject);
        assert_eq!(app.send(Method::GET, &at, Some(&token), None).await.status, status, "{now}");
    }
}
