//! Mail that Amazon SES took in, from what SNS posts to the lead; and what is not taken.

mod bucket;
mod refused;
pub(crate) mod stand_in;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::journey::willhaben;
use crate::support::{Agency, Reply, TestApp};
use stand_in::{HOST, Sns, TOPIC, delivery, received, signed, subscription};

/// An application that takes deliveries of `TOPIC`.
async fn open(sns: &Sns, more: &[(&str, &str)]) -> TestApp {
    let url = sns.url();
    let mut variables = vec![("IMMIVO__SES__TOPICS", TOPIC), ("IMMIVO__SES__SNS_ENDPOINT", url.as_str())];
    variables.extend_from_slice(more);
    TestApp::with(&variables).await
}

async fn post(app: &TestApp, delivery: &Value) -> Reply {
    post_text(app, &delivery.to_string()).await
}

async fn post_text(app: &TestApp, text: &str) -> Reply {
    let request = Request::post("/public/v1/ses").header(header::CONTENT_TYPE, "text/plain; charset=UTF-8");
    app.call(request.body(Body::from(text.to_owned())).unwrap()).await
}

async fn messages(app: &TestApp, agency: &Agency) -> Vec<Value> {
    let page = app.get("/api/v1/intake/messages", &agency.admin).await.json(200);
    page["items"].as_array().unwrap().clone()
}

fn enquiry() -> String {
    willhaben("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?")
}

#[tokio::test]
async fn a_mail_that_ses_took_in_becomes_a_lead_once() {
    let sns = Sns::start().await;
    let app = open(&sns, &[]).await;
    let agency = app.agency("wien").await;
    let told = signed(delivery(&received(&["wien@intake.immivo.test"], &enquiry())));
    for _ in 0..2 {
        let reply = post(&app, &told).await;
        assert_eq!(reply.status, 204, "{}", reply.text());
    }
    // SNS may also sign the same mail anew.
    let mut again = told.clone();
    again["MessageId"] = json!("another");
    assert_eq!(post(&app, &signed(again)).await.status, 204);
    app.run_jobs().await;

    let all = messages(&app, &agency).await;
    assert_eq!(all.len(), 1);
    assert_eq!((&all[0]["door"], &all[0]["state"]), (&json!("SES"), &json!("DONE")));
    assert_eq!(all[0]["envelopeFrom"], "no-reply@willhaben.at");
    let path = format!("/api/v1/intake/messages/{}", all[0]["id"].as_str().unwrap());
    assert_eq!(
        app.get(&path, &agency.admin).await.json(200)["providerVerdicts"],
        json!({"spf": "PASS", "dkim": "FAIL", "dmarc": "GRAY", "spam": "PASS", "virus": "PASS"})
    );
    let leads = app.get("/api/v1/leads", &agency.admin).await.json(200);
    assert_eq!((leads["items"].as_array().unwrap().len(), &leads["items"][0]["email"]), (1, &json!("ida@example.org")));
    assert_eq!(sns.asked(), (1, 0), "the certificate was fetched once");
}

#[tokio::test]
async fn a_delivery_signed_with_sha1_is_taken() {
    let sns = Sns::start().await;
    let app = open(&sns, &[]).await;
    let agency = app.agency("here").await;
    let told = include_str!("sha1.json");
    assert_eq!(post_text(&app, told).await.status, 204);
    assert_eq!(messages(&app, &agency).await.len(), 1);
    // The signature is over the words: one letter more and it is nobody's.
    post_text(&app, &told.replace("Ida Probe", "Ida Proben")).await.problem(403);
    // Nor does it count as one of the other version.
    post_text(&app, &told.replace(r#""SignatureVersion": "1""#, r#""SignatureVersion": "2""#)).await.problem(403);
    app.run_jobs().await;
}

#[tokio::test]
async fn every_recipient_gets_it_and_nobodys_mail_is_acknowledged() {
    let sns = Sns::start().await;
    let app = open(&sns, &[]).await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let to = [
        "HERE+portal@Intake.Immivo.Test",
        "there@intake.immivo.test",
        "here@intake.immivo.test",
        "postmaster@intake.immivo.test",
        "nobody@intake.immivo.test",
        "here@elsewhere.test",
        "no address",
    ];
    assert_eq!(post(&app, &signed(delivery(&received(&to, &enquiry())))).await.status, 204);
    assert_eq!((messages(&app, &here).await.len(), messages(&app, &there).await.len()), (1, 1));
    let handed_on = app.app.mailer.development().unwrap().list(10).await.unwrap();
    assert_eq!(handed_on.len(), 1, "the postmaster's");

    let lost = signed(delivery(&received(&["nobody@intake.immivo.test"], &enquiry())));
    assert_eq!(post(&app, &lost).await.status, 204, "SNS would send it again for hours, and nobody is helped");
    app.run_jobs().await;
}

#[tokio::test]
async fn it_is_taken_when_it_is_stored_and_not_before() {
    let sns = Sns::start().await;
    let app = open(&sns, &[]).await;
    let agency = app.agency("wien").await;
    let mut owner = sqlx::PgConnection::connect(&app.url).await.unwrap();
    sqlx::query("ALTER TABLE intake_messages ADD CONSTRAINT broken CHECK (door <> 'SES')")
        .execute(&mut owner)
        .await
        .unwrap();
    let told = signed(delivery(&received(&["wien@intake.immivo.test"], &enquiry())));
    post(&app, &told).await.problem(500);
    sqlx::query("ALTER TABLE intake_messages DROP CONSTRAINT broken").execute(&mut owner).await.unwrap();
    assert_eq!(post(&app, &told).await.status, 204);
    assert_eq!(messages(&app, &agency).await.len(), 1);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_subscription_is_confirmed_at_sns_and_nowhere_else() {
    let sns = Sns::start().await;
    let app = open(&sns, &[]).await;
    let confirm = format!("{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=token-1");
    assert_eq!(post(&app, &signed(subscription("SubscriptionConfirmation", &confirm))).await.status, 204);
    assert_eq!(sns.asked().1, 1);
    for elsewhere in [
        "https://evil.test/?Action=ConfirmSubscription",
        "http://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription",
    ] {
        post(&app, &signed(subscription("SubscriptionConfirmation", elsewhere))).await.problem(403);
    }
    let ended = signed(subscription("UnsubscribeConfirmation", &confirm));
    assert_eq!(post(&app, &ended).await.status, 204);
    assert_eq!(sns.asked().1, 1, "taking it back is nothing we do by ourselves");
    sns.answer_with(500);
    post(&app, &signed(subscription("SubscriptionConfirmation", &confirm))).await.problem(503);
}
