//! Mail that SES put into a bucket of S3.

use secrecy::ExposeSecret as _;

use super::stand_in::{Sns, delivery, signed, stored};
use super::{enquiry, messages, open, post};
use crate::kms::moto::Moto;
use crate::support::TestApp;

const TO: [&str; 1] = ["wien@intake.immivo.test"];

async fn with_bucket(sns: &Sns, moto: &Moto, secret: &str) -> TestApp {
    let (url, aws) = (moto.url(), moto.aws());
    open(
        sns,
        &[
            ("IMMIVO__SES__BUCKETS", "mails"),
            ("IMMIVO__SES__S3_ENDPOINT", &url),
            ("IMMIVO__SMTP__MAX_MESSAGE_BYTES", "5000"),
            ("AWS_ACCESS_KEY_ID", aws.access_key_id.as_deref().unwrap()),
            ("AWS_SECRET_ACCESS_KEY", secret),
        ],
    )
    .await
}

#[tokio::test]
async fn a_mail_in_a_bucket_is_fetched() {
    let Some(moto) = Moto::start().await else { return };
    let sns = Sns::start().await;
    let app = with_bucket(&sns, &moto, moto.aws().secret_access_key.unwrap().expose_secret()).await;
    let agency = app.agency("wien").await;
    moto.put("mails", None).await;
    let raw = enquiry().replace('\n', "\r\n");
    moto.put("mails/in/ä mail+1", Some(raw.as_bytes())).await;

    let reply = post(&app, &signed(delivery(&stored(&TO, "mails", "in/ä mail+1")))).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
    app.run_jobs().await;
    let all = messages(&app, &agency).await;
    assert_eq!((all.len(), &all[0]["state"]), (1, &serde_json::json!("DONE")));
    let source =
        app.get(&format!("/api/v1/intake/messages/{}/source", all[0]["id"].as_str().unwrap()), &agency.admin).await;
    assert_eq!(source.body, raw.as_bytes(), "byte by byte");

    // Not there yet, or taken away: it has to come again.
    post(&app, &signed(delivery(&stored(&TO, "mails", "in/missing")))).await.problem(503);
    // Not one of ours: nothing is asked for.
    let foreign = post(&app, &signed(delivery(&stored(&TO, "others", "in/mail")))).await;
    assert_eq!(foreign.fields(422), ["Message"]);
}

#[tokio::test]
async fn a_mail_that_is_too_large_leaves_a_note_in_the_tray() {
    let Some(moto) = Moto::start().await else { return };
    let sns = Sns::start().await;
    let app = with_bucket(&sns, &moto, moto.aws().secret_access_key.unwrap().expose_secret()).await;
    let agency = app.agency("wien").await;
    moto.put("mails", None).await;
    let raw = format!("{}{}", enquiry().replace('\n', "\r\n"), "x".repeat(20_000));
    moto.put("mails/in/large", Some(raw.as_bytes())).await;
    for _ in 0..2 {
        assert_eq!(post(&app, &signed(delivery(&stored(&TO, "mails", "in/large")))).await.status, 204);
    }
    let all = messages(&app, &agency).await;
    assert_eq!((all.len(), &all[0]["state"], &all[0]["door"]), (1, &"TRAY".into(), &"SES".into()));
    let reason = all[0]["reasons"][0].as_str().unwrap();
    assert!(reason.contains("5000 bytes") && reason.ends_with("s3://mails/in/large"), "{reason}");
    assert_eq!(all[0]["subject"], "Anfrage zu Anzeige Altbau (1234567890)");
}

#[tokio::test]
async fn a_bucket_that_may_not_be_read_is_tried_again() {
    let Some(mut moto) = Moto::start().await else { return };
    let sns = Sns::start().await;
    let app = with_bucket(&sns, &moto, "another").await;
    moto.put("mails", None).await;
    let told = signed(delivery(&stored(&TO, "mails", "in/mail")));
    post(&app, &told).await.problem(503);
    moto.stop();
    post(&app, &told).await.problem(503);
}
