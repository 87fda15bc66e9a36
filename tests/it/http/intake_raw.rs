//! Handing in a mail by HTTP.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::journey::willhaben;
use crate::support::{Reply, TestApp};

async fn hand_in(app: &TestApp, token: &str, headers: &[(&str, &str)], raw: impl Into<Body>) -> Reply {
    let mut request = Request::post("/api/v1/intake/raw").header(header::AUTHORIZATION, format!("Bearer {token}"));
    let given = headers.iter().any(|(name, _)| *name == "content-type");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if !given {
        request = request.header(header::CONTENT_TYPE, "message/rfc822");
    }
    app.call(request.body(raw.into()).unwrap()).await
}

fn enquiry() -> String {
    willhaben("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").replace('\n', "\r\n")
}

#[tokio::test]
async fn a_mail_that_is_handed_in_becomes_a_lead_once() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let raw = enquiry();
    let first = hand_in(&app, &agency.admin.token, &[], raw.clone()).await.json(202);
    let again = hand_in(&app, &agency.admin.token, &[], raw.clone()).await.json(202);
    assert_eq!(first, again, "the same bytes are the same mail");
    app.run_jobs().await;
    let path = format!("/api/v1/intake/messages/{}", first["id"].as_str().unwrap());
    let mail = app.get(&path, &agency.admin).await.json(200);
    assert_eq!((&mail["door"], &mail["state"]), (&json!("API"), &json!("DONE")));
    assert_eq!((&mail["envelopeFrom"], &mail["envelopeTo"]), (&json!(""), &json!("here@intake.immivo.test")));
    assert_eq!(mail["providerVerdicts"], Value::Null);
    assert_eq!(app.get(&format!("{path}/source"), &agency.admin).await.body, raw.as_bytes());
    let leads = app.get("/api/v1/leads", &agency.admin).await.json(200);
    assert_eq!(leads["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_forwarders_key_hands_in_and_says_the_envelope() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let key = async |scopes: Value| {
        let made = app.post("/api/v1/api-keys", &agency.admin, json!({"label": "Forwarder", "scopes": scopes})).await;
        made.json(201)["key"].as_str().unwrap().to_owned()
    };
    let forwarder = key(json!(["intake:write"])).await;
    let envelope = [("x-envelope-from", "<no-reply@willhaben.at>"), ("x-envelope-to", "buero@agentur.test")];
    let id = hand_in(&app, &forwarder, &envelope, enquiry()).await.json(202)["id"].clone();
    let mail = app.get(&format!("/api/v1/intake/messages/{}", id.as_str().unwrap()), &agency.admin).await.json(200);
    assert_eq!(
        (&mail["envelopeFrom"], &mail["envelopeTo"]),
        (&json!("no-reply@willhaben.at"), &json!("buero@agentur.test"))
    );
    let bounce = hand_in(&app, &forwarder, &[("x-envelope-from", "<>")], "From: a@b.test\r\n\r\nx\r\n").await;
    bounce.json(202);
    for scopes in [json!(["intake:read"]), json!(["leads:write"])] {
        hand_in(&app, &key(scopes).await, &[], enquiry()).await.problem(403);
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn what_is_no_mail_or_comes_wrongly_is_refused() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let admin = &agency.admin.token;
    hand_in(&app, &agency.agent.token, &[], enquiry()).await.problem(403);
    for kind in ["application/json", "text/plain", "multipart/form-data", ""] {
        let problem = hand_in(&app, admin, &[("content-type", kind)], enquiry()).await.problem(415);
        assert!(problem["detail"].as_str().unwrap().contains("message/rfc822"), "{problem}");
    }
    let kind = [("content-type", "Message/RFC822; charset=utf-8")];
    hand_in(&app, admin, &kind, enquiry()).await.json(202);
    let binary = "%PDF-1.7\r\n\0\0\0".as_bytes().to_vec();
    for no_mail in [&b""[..], b"{\"a\": 1}", b"Hallo", b"Subject: x\r\n\r\nFrom: a@b.test\r\n", &binary] {
        assert_eq!(hand_in(&app, admin, &[], no_mail.to_vec()).await.fields(422), ["(body)"]);
    }
    for (name, value) in
        [("x-envelope-from", "Ida <ida@example.org>"), ("x-envelope-to", "nobody"), ("x-envelope-to", "a@b, c@d")]
    {
        let problem = hand_in(&app, admin, &[(name, value)], enquiry()).await.problem(400);
        assert!(problem["detail"].as_str().unwrap().contains(name), "{problem}");
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn a_mail_may_be_as_large_as_by_smtp_and_other_bodies_may_not() {
    let app = TestApp::with(&[("IMMIVO__SMTP__MAX_MESSAGE_BYTES", "2000000")]).await;
    let agency = app.agency("here").await;
    let mail = |bytes: usize| {
        let start = "From: a@b.test\r\nSubject: x\r\n\r\n";
        format!("{start}{}", "x".repeat(bytes - start.len()))
    };
    hand_in(&app, &agency.admin.token, &[], mail(2_000_000)).await.json(202);
    let problem = hand_in(&app, &agency.admin.token, &[], mail(2_000_001)).await.problem(413);
    assert!(problem["detail"].as_str().unwrap().contains("smtp.max_message_bytes"), "{problem}");
    let body = json!({"lastName": "x".repeat(1_500_000)});
    app.post("/api/v1/leads", &agency.admin, body).await.problem(413);
    app.run_jobs().await;
}
