//! Reading many mails again.

use serde_json::json;

use super::{mails, post};
use crate::journey::{Stage, willhaben};

fn form(number: usize) -> String {
    format!(
        "From: form@website.example.org\nTo: wien@intake.immivo.test\nSubject: Eintrag {number}\nMessage-ID: <{number}@website.example.org>\n\
         Content-Type: text/plain; charset=utf-8\n\nElektropost: p{number}@example.org\nSagte:\nGibt es einen Keller, Frage {number}?\n"
    )
}

#[tokio::test]
async fn the_whole_tray_is_read_again_without_duplicates_and_tells_how_far_it_is() {
    let stage = Stage::new().await;
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    // More than one transaction hands out.
    for number in 0..120 {
        let raw = form(number).replace('\n', "\r\n");
        let mail = immivo::domain::intake::Received {
            door: immivo::domain::intake::Door::Smtp,
            peer: "127.0.0.1",
            envelope_from: "form@website.example.org",
            envelope_to: "wien@intake.immivo.test",
            authentication: None,
            raw: raw.as_bytes(),
        };
        immivo::domain::intake::receive(&mut conn, mail).await.unwrap();
    }
    conn.commit().await.unwrap();
    post(&stage, "x@example.org", "From: x@example.org\nSubject: Hallo\nMessage-ID: <x@example.org>\n\nxyz\n").await;
    let tray = stage.api("/api/v1/intake/messages?state=TRAY&limit=200").await["items"].as_array().unwrap().clone();
    assert_eq!(tray.len(), 121);
    let first = tray.iter().find(|mail| mail["subject"] == "Eintrag 7").unwrap();
    let path = format!("/api/v1/intake/messages/{}/layout", first["id"].as_str().unwrap());
    let values = json!({"email": "p7@example.org", "message": "Gibt es einen Keller, Frage 7?"});
    stage.test.post(&path, &stage.agency.admin, values).await.json(201);

    let again = async |filter| stage.test.post("/api/v1/intake/reprocess", &stage.agency.admin, filter).await;
    assert_eq!(again(json!({"states": ["DONE"]})).await.fields(422), ["states"]);
    let asked = again(json!({"sender": "Form@website.example.org"})).await.json(202);
    assert_eq!((&asked["total"], &asked["done"], &asked["state"]), (&json!(120), &json!(0), &json!("QUEUED")));
    stage.test.run_jobs().await;
    let path = format!("/api/v1/intake/reprocesses/{}", asked["id"].as_str().unwrap());
    let done = stage.api(&path).await;
    assert_eq!(
        (&done["state"], &done["done"], &done["leads"], &done["tray"]),
        (&json!("HANDED_OUT"), &json!(120), &json!(120), &json!(0)),
        "{done}"
    );
    assert_eq!(stage.leads().await.len(), 120);
    assert_eq!(mails(&stage, "TRAY").await.len(), 1, "the other one was not asked for");

    let once_more = again(json!({"states": ["TRAY", "IGNORED", "DISCARDED"]})).await.json(202);
    assert_eq!(once_more["total"], 1, "what is a lead is not read again");
    stage.test.run_jobs().await;
    assert_eq!(stage.leads().await.len(), 120);
    let all = stage.api("/api/v1/intake/reprocesses").await;
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    assert_eq!((&all["items"][0]["done"], &all["items"][0]["tray"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn a_mail_read_again_much_later_is_the_copy_it_was_when_it_came() {
    let stage = Stage::new().await;
    let copies = [
        willhaben("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?"),
        // Without an address only the fingerprint can tell.
        willhaben("Udo Muster", "udo@example.org", "Darf ich kommen?").replace("E-Mail: udo@example.org\n", ""),
    ];
    for copy in &copies {
        stage.portal(&copy.replace("@willhaben.at>\nAuto", "-cc@willhaben.at>\nAuto")).await;
        stage.portal(copy).await;
    }
    assert_eq!((stage.leads().await.len(), mails(&stage, "DUPLICATE").await.len()), (2, 2));
    // As if the copies had been held back.
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query("UPDATE intake_messages SET state = 'TRAY' WHERE state = 'DUPLICATE'")
        .execute(conn.sql())
        .await
        .unwrap();
    conn.commit().await.unwrap();
    stage.test.app.clock.set("2026-12-03T08:00:00Z".parse().unwrap());
    let admin = crate::support::Person { user: stage.agency.admin.user.clone(), token: stage.test.token("wien-admin") };
    stage.test.post("/api/v1/intake/reprocess", &admin, json!({"portal": "willhaben"})).await.json(202);
    stage.test.run_jobs().await;
    assert_eq!(stage.leads().await.len(), 2);
    assert_eq!(stage.got("ida@example.org").await.len(), 1, "nobody is answered twice");
}
