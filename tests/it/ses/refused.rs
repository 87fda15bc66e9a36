//! What the door of SES does not take, and what it does not even look at.

use serde_json::{Value, json};

use super::stand_in::{HOST, Sns, delivery, forged, received, signed};
use super::{enquiry, messages, open, post, post_text};
use crate::support::TestApp;

fn told() -> Value {
    delivery(&received(&["wien@intake.immivo.test"], &enquiry()))
}

fn with(mut delivery: Value, name: &str, value: &str) -> Value {
    delivery[name] = json!(value);
    delivery
}

#[tokio::test]
async fn nobody_elses_delivery_is_taken() {
    let sns = Sns::start().await;
    let app = open(&sns, &[]).await;
    let agency = app.agency("wien").await;
    let good = signed(told());
    let changed = good["Message"].as_str().unwrap().replace("wien@", "graz@");
    for (what, bad) in [
        ("changed after it was signed", with(good.clone(), "Message", &changed)),
        ("another id", with(good.clone(), "MessageId", "x")),
        ("another time", with(good.clone(), "Timestamp", "2026-11-23T07:59:59.000Z")),
        ("another subject", with(good.clone(), "Subject", "x")),
        ("another key", forged(told())),
        ("no signature", with(good.clone(), "Signature", "")),
        ("no Base64", with(good.clone(), "Signature", "?")),
        ("fifteen days old", signed(with(told(), "Timestamp", "2026-11-08T07:00:00.000Z"))),
        ("of tomorrow", signed(with(told(), "Timestamp", "2026-11-24T08:00:00.000Z"))),
    ] {
        let problem = post(&app, &bad).await.problem(403);
        assert!(problem["detail"].as_str().unwrap().starts_with("Not taken: "), "{what}: {problem}");
    }
    assert!(messages(&app, &agency).await.is_empty());
    let late = signed(with(told(), "Timestamp", "2026-11-10T07:00:00.000Z"));
    assert_eq!(post(&app, &late).await.status, 204, "thirteen days in a queue of undelivered messages");
    assert_eq!(post(&app, &good).await.status, 204);
    app.run_jobs().await;
}

#[tokio::test]
async fn nothing_is_fetched_for_strangers() {
    let sns = Sns::start().await;
    let app = open(&sns, &[]).await;
    let certificate = "SimpleNotificationService-00000000000000000000000000000000.pem";
    let mut bad = vec![
        with(told(), "TopicArn", "arn:aws:sns:eu-central-1:123456789012:other"),
        with(told(), "TopicArn", "arn:aws:sns:eu-central-1:999999999999:mail"),
    ];
    for url in [
        format!("https://evil.test/{certificate}"),
        format!("http://sns.eu-central-1.amazonaws.com/{certificate}"),
        format!("https://sns.us-east-1.amazonaws.com/{certificate}"),
        format!("https://sns.eu-central-1.amazonaws.com.evil.test/{certificate}"),
        format!("https://sns.eu-central-1.amazonaws.com@evil.test/{certificate}"),
        format!("{HOST}:8443/{certificate}"),
        format!("{HOST}/{certificate}?x=y"),
        format!("{HOST}/other.pem"),
        "file:///etc/passwd".to_owned(),
        String::new(),
    ] {
        bad.push(with(told(), "SigningCertURL", &url));
    }
    for delivery in bad {
        post(&app, &signed(delivery)).await.problem(403);
    }
    assert_eq!(sns.asked(), (0, 0));
}

#[tokio::test]
async fn what_is_no_delivery_is_malformed() {
    let sns = Sns::start().await;
    let app = open(&sns, &[]).await;
    let mut unsigned = told();
    unsigned["SignatureVersion"] = json!("3");
    unsigned["Signature"] = json!("");
    let mut no_link = signed(told());
    no_link["Type"] = json!("SubscriptionConfirmation");
    // Raw delivery, which SNS does not sign.
    let raw = received(&["wien@intake.immivo.test"], &enquiry());
    let other_type = with(signed(told()), "Type", "Other");
    let no_time = with(signed(told()), "Timestamp", "yesterday");
    for bad in [json!([]), json!({}), raw, unsigned, no_link, other_type, no_time] {
        post(&app, &bad).await.problem(400);
    }
    for text in ["", "{", "x=y"] {
        post_text(&app, text).await.problem(400);
    }
    post_text(&app, &"x".repeat(2 << 20)).await.problem(413);
    assert_eq!(sns.asked(), (0, 0));
}

#[tokio::test]
async fn without_topics_the_door_is_closed() {
    let app = TestApp::new().await;
    post(&app, &signed(told())).await.problem(404);
}

#[tokio::test]
async fn notifications_that_hold_no_mail_are_told_apart() {
    let sns = Sns::start().await;
    let app = open(&sns, &[("IMMIVO__SMTP__MAX_MESSAGE_BYTES", "5000")]).await;
    let agency = app.agency("wien").await;
    // About other things: nothing is lost.
    for message in [
        json!("Successfully validated SNS topic for Amazon SES event publishing."),
        json!({"notificationType": "Bounce", "bounce": {}, "mail": {"messageId": "x"}}),
    ] {
        assert_eq!(post(&app, &signed(delivery(&message))).await.status, 204, "{message}");
    }
    // A mail came in, and this rule does not bring it: somebody has to hear of it.
    let mut no_content = received(&["wien@intake.immivo.test"], "");
    no_content.as_object_mut().unwrap().remove("content");
    let mut no_base64 = received(&["wien@intake.immivo.test"], "");
    no_base64["content"] = json!("?");
    let mut other_action = received(&["wien@intake.immivo.test"], &enquiry());
    other_action["receipt"]["action"]["type"] = json!("Lambda");
    let too_large = received(&["wien@intake.immivo.test"], &enquiry().repeat(20));
    for message in [no_content, no_base64, other_action, too_large] {
        assert_eq!(post(&app, &signed(delivery(&message))).await.fields(422), ["Message"]);
    }
    assert!(messages(&app, &agency).await.is_empty());
}

#[tokio::test]
async fn while_sns_does_not_give_its_certificate_deliveries_have_to_come_again() {
    let sns = Sns::start().await;
    let app = open(&sns, &[]).await;
    app.agency("wien").await;
    let good = signed(told());
    sns.answer_with(500);
    post(&app, &good).await.problem(503);
    sns.answer_with(302);
    post(&app, &good).await.problem(503);
    sns.answer_with(0);
    for bytes in [10, 1 << 20] {
        sns.flood(bytes);
        post(&app, &good).await.problem(503);
    }
    sns.flood(0);
    assert_eq!(post(&app, &good).await.status, 204);
    sns.answer_with(500);
    assert_eq!(post(&app, &good).await.status, 204, "what was fetched is kept");
    // After a day it is asked for anew, so that a certificate that SNS took back is not good for ever.
    let clock = app.app.clock.clone();
    clock.set("2026-11-24T08:00:01Z".parse().unwrap());
    post(&app, &good).await.problem(503);
    clock.set(crate::support::NOW.parse().unwrap());
    app.run_jobs().await;
}

#[tokio::test]
async fn whoever_sends_forgeries_is_soon_not_looked_at_and_signed_mail_counts_for_nothing() {
    let sns = Sns::start().await;
    let limits = [("IMMIVO__LIMITS__FAILED_SIGN_IN__BURST", "2"), ("IMMIVO__LIMITS__ADDRESS__BURST", "1")];
    let app = open(&sns, &limits).await;
    app.agency("wien").await;
    for _ in 0..5 {
        assert_eq!(post(&app, &signed(told())).await.status, 204);
    }
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(post(&app, &forged(told())).await.status.as_u16());
    }
    assert!(statuses.starts_with(&[403, 403]) && statuses.ends_with(&[429]), "{statuses:?}");
    app.run_jobs().await;
}
