//! The same enquiry is one lead: by whichever ways its copies come, at the same moment, and around midnight.

use std::time::Duration;

use immivo::app::App;
use immivo::clock::Clock;
use immivo::domain::leads::{self, Accepted, NewLead};
use immivo::{db, jobs};
use secrecy::SecretString;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{mails, post, second_listing};
use crate::journey::{Stage, willhaben};
use crate::support::TestApp;

fn enquiry(email: &str) -> NewLead {
    NewLead {
        source: leads::LeadSource::Portal,
        portal: Some("willhaben".to_owned()),
        salutation: None,
        first_name: None,
        last_name: Some("Probe".to_owned()),
        email: Some(email.to_owned()),
        address_kind: leads::AddressKind::Direct,
        phone: None,
        language: None,
        property_id: None,
        assignee_id: None,
        incomplete: false,
        reference: json!({}),
        enquiry_key: leads::enquiry_key(Some("willhaben"), Some("1"), Some("one person"), "Noch frei?"),
        disclosure: Default::default(),
    }
}

/// The application at another time, on connections of its own.
fn at(app: &TestApp, time: &str) -> App {
    let clock = Clock::fixed(time.parse().unwrap());
    let db = db::connect(&SecretString::from(app.url.clone()), 5, clock.clone()).unwrap();
    App { db, clock, ..app.app.clone() }
}

/// Two transactions that hold no lock in common but the constraint: addresses differ, the fingerprint does not.
async fn race(first: &str, second: &str) -> (Accepted, Accepted) {
    let app = TestApp::new().await;
    let agency = app.agency("wien").await;
    let (early, late) = (at(&app, first), at(&app, second));
    let mut one = early.db.tenant(agency.tenant).await.unwrap();
    let mut two = late.db.tenant(agency.tenant).await.unwrap();
    let made = leads::accept(&mut one, &enquiry("a@example.org")).await.unwrap();
    let other = enquiry("b@example.org");
    let (waited, committed) = tokio::join!(
        async {
            let accepted = leads::accept(&mut two, &other).await.unwrap();
            two.commit().await.unwrap();
            accepted
        },
        async {
            // Long enough for the second to be at the constraint: it has not seen the first.
            tokio::time::sleep(Duration::from_millis(300)).await;
            one.commit().await
        }
    );
    committed.unwrap();
    early.db.close().await;
    late.db.close().await;
    (made, waited)
}

#[tokio::test]
async fn two_transactions_at_once_make_one_lead_also_on_two_sides_of_midnight() {
    for (first, second) in [
        ("2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z"),
        ("2026-11-23T23:59:59.9Z", "2026-11-24T00:00:00.1Z"),
        ("2026-11-24T00:00:00.1Z", "2026-11-23T23:59:59.9Z"),
        ("2026-11-23T08:00:00Z", "2026-11-24T07:59:59Z"),
    ] {
        let (one, two) = race(first, second).await;
        let Accepted::New(lead) = one else { panic!("{first}: {one:?}") };
        assert_eq!(two, Accepted::Copy(lead), "{first} and {second}");
    }
    let (one, two) = race("2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z").await;
    assert!(
        matches!((one, two), (Accepted::New(_), Accepted::New(_))),
        "a day later it is another enquiry: {one:?} {two:?}"
    );
}

/// To, Cc, the office's inbox and a web form's second try: eight mails of one enquiry, read by two processes at once.
#[tokio::test]
async fn copies_read_by_several_processes_at_once_are_one_lead_with_one_answer() {
    let stage = Stage::new().await;
    for copy in 0..8 {
        // Ids and white space differ, and every second one lost its portal's subject on the way.
        let raw = willhaben("Ida Probe", "ida@example.org", &format!("Ist die Wohnung{} noch frei?", " ".repeat(copy)));
        let raw = raw
            .replace("To: wien@", &format!("X-Copy: {copy}\nTo: office{copy}@example.org, wien@"))
            .replace('\n', "\r\n");
        assert!(stage.post("no-reply@willhaben.at", "wien@intake.immivo.test", raw.as_bytes()).await.is_ok());
    }
    let (other, _) = stage.test.another_process();
    let work = async |app: &App| jobs::worker(app, CancellationToken::new()).await.unwrap().run_once().await.unwrap();
    tokio::join!(work(&stage.test.app), work(&other), work(&stage.test.app));
    other.db.close().await;
    stage.test.run_jobs().await;
    stage.lead().await;
    assert_eq!((mails(&stage, "DONE").await.len(), mails(&stage, "DUPLICATE").await.len()), (1, 7));
    assert_eq!(stage.messages().await.len(), 2, "one question, one answer");
    assert_eq!(stage.got("ida@example.org").await.len(), 1);
}

#[tokio::test]
async fn what_a_colleague_sends_on_days_later_is_the_enquiry_that_came_by_itself() {
    let stage = Stage::new().await;
    stage.enquiry("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei? Ich könnte sie sofort nehmen.").await;
    // Four days pass.
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    for sql in [
        "UPDATE intake_messages SET received_at = received_at - interval '4 days'",
        "UPDATE messages SET created_at = created_at - interval '4 days'",
        "UPDATE leads SET created_at = created_at - interval '4 days',
             enquiry_window = tstzrange(lower(enquiry_window) - interval '4 days', upper(enquiry_window) - interval '4 days')",
    ] {
        sqlx::query(sql).execute(conn.sql()).await.unwrap();
    }
    conn.commit().await.unwrap();
    // As mail programs forward: quoted, wrapped anew, with a note in front.
    let forwarded = "From: Vera <agent@wien.test>\nTo: wien@intake.immivo.test\nSubject: WG: Anfrage zu Anzeige Altbau (1234567890)\n\
        Message-ID: <fw@wien.test>\nContent-Type: text/plain; charset=utf-8\n\nHabt ihr das gesehen?\n\n\
        -----Ursprüngliche Nachricht-----\nVon: willhaben <no-reply@willhaben.at>\nGesendet: Montag, 23. November 2026 09:00\n\
        An: agent@wien.test\nBetreff: Anfrage zu Anzeige Altbau (1234567890)\n\nCode: 1234567890\nAnfrage von: Ida Probe\n\
        E-Mail: ida@example.org\nTelefon: 0664 5550123\n\nNachricht:\nIst die Wohnung noch frei? Ich könnte\nsie sofort nehmen.\n";
    post(&stage, "agent@wien.test", forwarded).await;
    stage.lead().await;
    let copy = mails(&stage, "DUPLICATE").await.remove(0);
    assert_eq!(copy["why"]["code"], "COPY_OF_ENQUIRY", "{copy}");
    assert!(copy["why"]["de"].as_str().unwrap().contains("schon einen Lead"), "{copy}");
    assert_eq!(stage.messages().await.len(), 2);
}

#[tokio::test]
async fn a_message_id_used_again_for_other_content_is_another_mail_and_other_trace_headers_are_not() {
    let stage = Stage::new().await;
    let one_id = |raw: String| {
        let (before, rest) = raw.split_once("Message-ID: <").unwrap();
        format!("{before}Message-ID: <reused@{}", rest.split_once('@').unwrap().1)
    };
    let first = one_id(willhaben("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?"));
    let other = one_id(willhaben("Udo Muster", "udo@example.org", "Darf ich am Samstag kommen?"));
    for raw in [
        first.clone(),
        other,
        format!("Received: from elsewhere.test by there.test; Mon, 23 Nov 2026 09:00:00 +0100\n{first}"),
    ] {
        post(&stage, "no-reply@willhaben.at", &raw).await;
    }
    assert_eq!(stage.leads().await.len(), 2);
    let copies = mails(&stage, "DUPLICATE").await;
    assert_eq!((copies.len(), &copies[0]["why"]["code"]), (1, &json!("COPY_OF_MAIL")), "{copies:?}");
}

#[tokio::test]
async fn the_same_words_about_another_listing_are_another_enquiry() {
    let stage = Stage::new().await;
    let second = second_listing(&stage).await;
    let words = "Ich interessiere mich für diese Immobilie.";
    stage.enquiry("Ida Probe", "ida@example.org", words).await;
    stage.portal(&willhaben("Ida Probe", "ida@example.org", words).replace("1234567890", "2222222222")).await;
    // Two that are none of ours, in the portal's standard words.
    for unknown in ["3333333333", "4444444444", "3333333333"] {
        stage.portal(&willhaben("Ida Probe", "ida@example.org", words).replace("1234567890", unknown)).await;
    }
    let leads = stage.leads().await;
    assert_eq!(leads.len(), 4, "{leads:#?}");
    assert!(leads.iter().any(|lead| lead.property_id.map(|id| id.to_string()) == Some(second.clone())));
    assert_eq!(leads.iter().filter(|lead| lead.property_id.is_none()).count(), 2);
    assert!(leads.iter().all(|lead| lead.prospect_id == leads[0].prospect_id), "of one person");
    assert_eq!(mails(&stage, "DUPLICATE").await.len(), 1);
    let task = stage.tasks().await.into_iter().find(|task| task["kind"] == "ASSIGN_PROPERTY").unwrap();
    assert_eq!((&task["details"]["candidates"], &task["details"]["offered"]), (&json!([]), &json!([])), "{task}");
}
