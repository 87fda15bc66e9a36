//! Prospects who do not answer are asked again, and then no more.

use immivo::domain::assistant::FollowUp;
use immivo::domain::leads::Status;
use immivo::jobs::Job as _;
use serde_json::json;

use super::{at, beat, timeline};
use crate::journey::Stage;

const IDA: &str = "ida@example.org";

/// Answered on Monday morning; nothing is open.
async fn answered() -> Stage {
    let stage = Stage::new().await;
    stage.enquiry("Frau Ida Probe", IDA, "Sind Haustiere erlaubt?").await;
    assert_eq!(stage.lead().await.status, Status::Contacted);
    stage
}

/// Why the plan stopped, as the rows say it.
async fn stopped(stage: &Stage) -> Vec<Option<String>> {
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query_scalar("SELECT reason FROM follow_ups WHERE state <> 'WAITING' ORDER BY created_at, number, id")
        .fetch_all(conn.sql())
        .await
        .unwrap()
}

async fn waiting(stage: &Stage) -> i64 {
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query_scalar("SELECT count(*) FROM follow_ups WHERE state = 'WAITING'").fetch_one(conn.sql()).await.unwrap()
}

#[tokio::test]
async fn three_mails_in_other_words_at_the_agencys_hour_and_then_the_lead_is_lost() {
    let mut stage = answered().await;
    at(&mut stage, "2026-11-26T07:59:59Z");
    beat(&stage.test, "assistant.clock").await;
    assert_eq!(stage.got(IDA).await.len(), 1, "nine o'clock in Vienna has not come");
    for (time, mails) in [("2026-11-26T08:00:00Z", 2), ("2026-11-30T08:00:00Z", 3), ("2026-12-07T08:00:00Z", 4)] {
        at(&mut stage, time);
        beat(&stage.test, "assistant.clock").await;
        beat(&stage.test, "assistant.clock").await;
        assert_eq!(stage.got(IDA).await.len(), mails, "{time}");
    }
    let mails = stage.got(IDA).await;
    for (mail, word) in mails[1..].iter().zip(["noch etwas offen", "noch aktuell", "schließen Ihre Anfrage"]) {
        assert!(mail.text.contains("Frau Probe") && mail.text.contains(word), "{}", mail.text);
        assert!(mail.text.contains("/p/unsubscribe/") && mail.text.contains("Altbau am Park"), "{}", mail.text);
        assert!(mail.subject.starts_with("Re: "), "{}", mail.subject);
        assert!(mail.raw.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{}", mail.raw);
        let link = mail.raw.split("List-Unsubscribe:").nth(1).unwrap().trim_start();
        assert!(link.starts_with("<http"), "{}", mail.raw);
        assert!(mail.text.contains("künstlicher Intelligenz"), "no human approved it: {}", mail.text);
    }
    assert!(mails[0].raw.to_lowercase().find("list-unsubscribe").is_none(), "what was asked for is no such mail");

    at(&mut stage, "2026-12-10T07:59:00Z");
    beat(&stage.test, "assistant.clock").await;
    assert_eq!(stage.lead().await.status, Status::Contacted);
    at(&mut stage, "2026-12-10T08:00:00Z");
    beat(&stage.test, "assistant.clock").await;
    let lead = stage.lead().await;
    assert_eq!((lead.status, lead.lost_reason.as_deref()), (Status::Lost, Some("no answer after the last follow-up")));
    assert_eq!((stage.got(IDA).await.len(), waiting(&stage).await), (4, 0));
    let planned: Vec<_> = timeline(&stage).await.into_iter().filter(|(kind, _)| kind == "FOLLOW_UP_PLANNED").collect();
    assert_eq!(planned.len(), 4, "{planned:?}");

    // Whoever writes after all is answered, and asked again if silent.
    stage.reply(IDA, "Entschuldigung, ich war verreist. Wie groß ist die Wohnung?").await;
    assert_eq!((stage.lead().await.status, waiting(&stage).await), (Status::Conversation, 1));
}

#[tokio::test]
async fn a_step_is_carried_out_once_by_whichever_process_and_after_a_crash() {
    let mut stage = answered().await;
    at(&mut stage, "2026-11-26T08:00:00Z");
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    let id =
        sqlx::query_scalar("SELECT id FROM follow_ups WHERE state = 'WAITING'").fetch_one(conn.sql()).await.unwrap();
    drop(conn);
    let job = FollowUp { tenant_id: stage.agency.tenant, follow_up_id: id };
    // A process that dies before its commit leaves the step waiting.
    let mut dead = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query("UPDATE follow_ups SET state = 'DONE', ended_at = now() WHERE id = $1")
        .bind(id)
        .execute(dead.sql())
        .await
        .unwrap();
    drop(dead);
    let (other, _) = stage.test.another_process();
    let (one, two, three) = tokio::join!(job.run(&stage.test.app), job.run(&other), job.run(&other));
    one.unwrap();
    two.unwrap();
    three.unwrap();
    stage.test.run_jobs().await;
    assert_eq!(stage.got(IDA).await.len(), 2, "the answer and one mail");
    assert_eq!((waiting(&stage).await, stopped(&stage).await), (1, vec![None]));
    other.db.close().await;
}

#[tokio::test]
async fn whatever_makes_the_plan_wrong_stops_it() {
    // The prospect writes; that answer begins another plan.
    let stage = answered().await;
    stage.reply(IDA, "Danke! Wie groß ist die Wohnung?").await;
    assert_eq!((stopped(&stage).await, waiting(&stage).await), (vec![Some("REPLIED".to_owned())], 1));

    // A human takes over, or closes the lead.
    for (verb, body, reason) in [("pause", json!({}), "HUMAN"), ("close", json!({"reason": "vermietet"}), "LOST")] {
        let stage = answered().await;
        let path = format!("/api/v1/leads/{}/{verb}", stage.lead().await.id);
        assert!(stage.test.post(&path, &stage.agency.admin, body).await.status.is_success());
        assert_eq!((stopped(&stage).await, waiting(&stage).await), (vec![Some(reason.to_owned())], 0), "{verb}");
    }

    // A viewing is booked.
    let stage = Stage::booked().await;
    assert_eq!(waiting(&stage).await, 0);

    // An answer that is still owed is no reason to ask.
    let stage = Stage::new().await;
    stage.enquiry("Frau Ida Probe", IDA, "Gibt es im Haus einen Kinderwagenraum?").await;
    assert_eq!((stage.got(IDA).await.len(), waiting(&stage).await), (1, 0));

    // What is only seen when the time comes: switched off, suspended, the listing is gone.
    for (change, reason) in [
        ("UPDATE tenants SET follow_ups = jsonb_set(follow_ups, '{enabled}', 'false')", "SWITCHED_OFF"),
        ("UPDATE properties SET status = 'RENTED'", "LISTING_GONE"),
        ("UPDATE tenants SET suspended_at = now(), suspended_reason = 'unpaid'", "SUSPENDED"),
    ] {
        let mut stage = answered().await;
        let mut conn = stage.test.tenant_conn(&stage.agency).await;
        sqlx::query(sqlx::AssertSqlSafe(change)).execute(conn.sql()).await.unwrap();
        conn.commit().await.unwrap();
        at(&mut stage, "2026-11-26T08:00:00Z");
        beat(&stage.test, "assistant.clock").await;
        assert_eq!(stopped(&stage).await, [Some(reason.to_owned())]);
        assert_eq!(stage.got(IDA).await.len(), 1, "{reason}");
    }
}

#[tokio::test]
async fn quiet_hours_put_a_step_off_and_the_settings_say_when_it_comes() {
    let mut stage = Stage::new().await;
    let changed = stage.test.change_settings(&stage.agency, |settings| {
        settings["followUps"] = json!({"enabled": true, "days": [1, 2], "at": "06:00", "closeAfterDays": 1});
        settings["automation"]["quietHours"] = json!({"from": "21:00", "to": "07:30"});
    });
    assert_eq!(changed.await.json(200)["followUps"]["days"], json!([1, 2]));
    let history = stage.api("/api/v1/settings/history").await;
    let fields: Vec<_> =
        history["items"][0]["fields"].as_array().unwrap().iter().map(|field| &field["field"]).collect();
    assert!(fields.contains(&&json!("followUps")), "{history}");
    stage.enquiry("Frau Ida Probe", IDA, "Sind Haustiere erlaubt?").await;
    at(&mut stage, "2026-11-24T05:00:00Z");
    beat(&stage.test, "assistant.clock").await;
    assert_eq!(stage.got(IDA).await.len(), 1, "six o'clock is quiet");
    at(&mut stage, "2026-11-24T06:30:00Z");
    beat(&stage.test, "assistant.clock").await;
    assert_eq!(stage.got(IDA).await.len(), 2);
}

#[tokio::test]
async fn a_link_ends_it_for_every_enquiry_of_the_person_and_only_when_somebody_means_it() {
    let mut stage = answered().await;
    at(&mut stage, "2026-11-26T08:00:00Z");
    beat(&stage.test, "assistant.clock").await;
    let mail = stage.got(IDA).await.remove(1);
    let path = mail.text.split("/p/unsubscribe/").nth(1).unwrap().split_whitespace().next().unwrap();
    let path = format!("/p/unsubscribe/{path}");
    let get = stage.test.send(axum::http::Method::GET, &path, None, None).await;
    assert!(get.status.is_success() && get.text().contains("Keine Nachfragen mehr senden"), "{}", get.text());
    assert_eq!(waiting(&stage).await, 1, "mail scanners open every link");
    let foreign = axum::http::Request::post(&path).header("sec-fetch-site", "cross-site");
    stage.test.call(foreign.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(waiting(&stage).await, 1, "another site's form");
    // As a mail program does it: no cookie, no origin.
    for _ in 0..2 {
        let click = axum::http::Request::post(&path).header("content-type", "application/x-www-form-urlencoded");
        let reply = stage.test.call(click.body("List-Unsubscribe=One-Click".into()).unwrap()).await;
        assert!(reply.status.is_success() && reply.text().contains("Erledigt"), "{}", reply.text());
    }
    assert_eq!((waiting(&stage).await, stopped(&stage).await[1].as_deref()), (0, Some("UNSUBSCRIBED")));
    let told = timeline(&stage).await.into_iter().filter(|(kind, _)| kind == "UNSUBSCRIBED").count();
    assert_eq!(told, 1);
    // What they ask is answered; they are not asked again.
    stage.reply(IDA, "Wie groß ist die Wohnung?").await;
    assert_eq!((stage.got(IDA).await.len(), waiting(&stage).await), (3, 0));
    assert_eq!(stage.test.send(axum::http::Method::GET, "/p/unsubscribe/x", None, None).await.status, 404);
}
