//! Blocked senders.

use axum::http::Method;
use serde_json::json;

use super::{mails, post};
use crate::journey::Stage;

fn direct(from: &str, text: &str) -> String {
    let id = immivo::ids::new_id();
    format!(
        "From: {from}\nTo: wien@intake.immivo.test\nSubject: Hallo\nMessage-ID: <{id}@example.org>\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
}

#[tokio::test]
async fn whoever_is_blocked_is_ignored_until_they_are_not() {
    let stage = Stage::new().await;
    post(&stage, "plage@example.org", &direct("plage@example.org", "xyz")).await;
    let mail = mails(&stage, "TRAY").await.remove(0);
    assert_eq!(mail["why"]["code"], "NOT_UNDERSTOOD", "{mail}");
    assert_eq!(mail["why"]["de"], "Unklar, was diese Mail ist");
    let path = format!("/api/v1/intake/messages/{}/block-sender", mail["id"].as_str().unwrap());
    let blocked = stage.test.post(&path, &stage.agency.admin, json!({})).await.json(200);
    assert_eq!(blocked["address"], "plage@example.org");
    assert!(mails(&stage, "TRAY").await.is_empty(), "it is nothing now");

    post(
        &stage,
        "plage@example.org",
        &direct("Plage <PLAGE@example.org>", "Ich interessiere mich für die Wohnung, ist eine Besichtigung möglich?"),
    )
    .await;
    // Through a portal as well.
    stage.enquiry("Plage", "plage@example.org", "Ist die Wohnung noch frei?").await;
    let ignored = mails(&stage, "IGNORED").await;
    assert_eq!(ignored.len(), 2);
    assert!(
        ignored
            .iter()
            .all(|mail| mail["why"]["code"] == "SENDER_BLOCKED" && mail["why"]["de"] == "Der Absender ist gesperrt"),
        "{ignored:?}"
    );
    assert!(stage.leads().await.is_empty());

    let list = stage.api("/api/v1/intake/blocked-senders").await;
    assert_eq!((list["items"].as_array().unwrap().len(), &list["items"][0]["id"]), (1, &blocked["id"]));
    let path = format!("/api/v1/intake/blocked-senders/{}", blocked["id"].as_str().unwrap());
    let token = Some(stage.agency.admin.token.as_str());
    assert_eq!(stage.test.send(Method::DELETE, &path, token, None).await.status, 204);
    stage.test.send(Method::DELETE, &path, token, None).await.problem(404);
    stage.enquiry("Plage", "plage@example.org", "Ist die Wohnung wirklich noch frei?").await;
    stage.lead().await;
}

#[tokio::test]
async fn portals_and_colleagues_cannot_be_blocked_and_a_portals_mail_names_its_prospect() {
    let stage = Stage::new().await;
    let block = async |address: &str| {
        stage.test.post("/api/v1/intake/blocked-senders", &stage.agency.admin, json!({"address": address})).await
    };
    for own in ["no-reply@willhaben.at", "Agent@wien.test", "buero@wien.test"] {
        block(own).await.problem(409);
    }
    assert_eq!(block("nobody").await.fields(422), ["address"]);
    assert_eq!(block("A@example.org").await.json(201)["address"], "a@example.org");
    block("a@example.org").await.json(200);
    stage.enquiry("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    let mail = mails(&stage, "DONE").await.remove(0);
    let path = format!("/api/v1/intake/messages/{}/block-sender", mail["id"].as_str().unwrap());
    assert_eq!(stage.test.post(&path, &stage.agency.admin, json!({})).await.json(200)["address"], "ida@example.org");
}

#[tokio::test]
async fn what_was_about_to_be_sent_to_somebody_blocked_is_withdrawn() {
    let stage = Stage::new().await;
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query("UPDATE tenants SET send_delay_seconds = 600").execute(conn.sql()).await.unwrap();
    conn.commit().await.unwrap();
    stage.enquiry("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    let waiting = stage.messages().await.pop().unwrap();
    assert_eq!(waiting.delivery, Some(immivo::domain::conversations::Delivery::Queued), "{waiting:?}");
    let block = json!({"address": "ida@example.org"});
    stage.test.post("/api/v1/intake/blocked-senders", &stage.agency.admin, block).await.json(201);
    stage.test.run_all_jobs().await;
    assert!(stage.got("ida@example.org").await.is_empty());
    assert_eq!(stage.lead().await.automation, immivo::domain::leads::Automation::Paused);
}
