//! What prospects write back.

use immivo::domain::conversations::{Delivery, Direction};
use immivo::domain::leads::{Automation, Status};

use super::Stage;

async fn contacted() -> Stage {
    let stage = Stage::new().await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    stage
}

#[tokio::test]
async fn a_reply_joins_its_thread_and_its_answer_names_it() {
    let stage = contacted().await;
    stage.reply("ida@example.org", "Danke! Wie groß ist die Wohnung?").await;
    let lead = stage.lead().await;
    assert_eq!(lead.status, Status::Conversation);
    let messages = stage.messages().await;
    assert_eq!(messages.len(), 4);
    assert_eq!(messages[2].text.trim(), "Danke! Wie groß ist die Wohnung?", "quoted text is cut off");
    let mails = stage.got("ida@example.org").await;
    assert!(mails[1].text.contains("72,5"), "{}", mails[1].text);
    assert_eq!(mails[1].in_reply_to.as_deref(), messages[2].rfc_message_id.as_deref());
    assert!(mails[1].raw.contains(&mails[0].message_id), "References hold the thread");
    assert!(mails[1].subject.starts_with("Re: ") && !mails[1].subject.contains("Re: Re:"), "{}", mails[1].subject);
}

#[tokio::test]
async fn an_unknown_fact_becomes_a_task_whose_answer_is_sent_on() {
    let stage = contacted().await;
    stage.reply("ida@example.org", "Gibt es im Haus einen Kinderwagenraum?").await;
    assert_eq!(stage.lead().await.automation, Automation::NeedsReview);
    let mails = stage.got("ida@example.org").await;
    assert_eq!(mails.len(), 2);
    assert!(mails[1].text.contains("kläre"), "it says that it will find out: {}", mails[1].text);
    let task = stage.tasks().await.remove(0);
    assert_eq!(task["kind"], "ANSWER_QUESTION");
    assert!(task["details"]["questions"][0].as_str().unwrap().contains("Kinderwagenraum"), "{task}");
    assert_eq!(stage.got("agent@wien.test").await.len(), 1, "the agent is told at once");

    let path = format!("/api/v1/tasks/{}/resolve", task["id"].as_str().unwrap());
    let empty = stage.test.post(&path, &stage.agency.agent, serde_json::json!({})).await;
    assert_eq!(empty.fields(422), ["answer"]);
    let answer = serde_json::json!({"answer": "Ja, im Erdgeschoß links."});
    let reply = stage.test.post(&path, &stage.agency.agent, answer.clone()).await;
    assert!(reply.status.is_success(), "{}", reply.text());
    stage.test.run_jobs().await;
    let mails = stage.got("ida@example.org").await;
    assert_eq!(mails.len(), 3);
    assert!(mails[2].text.contains("Ja, im Erdgeschoß links."), "{}", mails[2].text);
    assert_eq!(stage.lead().await.automation, Automation::Active);
    let twice = stage.test.post(&path, &stage.agency.agent, answer).await;
    assert_eq!(twice.status, 409, "a task is carried out once");
}

#[tokio::test]
async fn who_declines_gets_a_polite_end_and_comes_back_by_writing() {
    let stage = contacted().await;
    stage
        .reply("ida@example.org", "Vielen Dank, wir haben etwas anderes gefunden und sind nicht mehr interessiert.")
        .await;
    let lead = stage.lead().await;
    assert_eq!((lead.status, lead.lost_reason.is_some()), (Status::Lost, true));
    assert_eq!(stage.got("ida@example.org").await.len(), 2);
    stage.reply("ida@example.org", "Doch noch eine Frage: Sind Haustiere erlaubt?").await;
    assert_eq!(stage.lead().await.status, Status::Conversation);
    assert_eq!(stage.got("ida@example.org").await.len(), 3);
}

#[tokio::test]
async fn a_newer_mail_withdraws_the_queued_answer_and_gets_the_only_one() {
    let stage = Stage::new().await;
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query("UPDATE tenants SET send_delay_seconds = 3600").execute(conn.sql()).await.unwrap();
    conn.commit().await.unwrap();
    stage.enquiry("Ida Probe", "ida@example.org", "Sind Haustiere erlaubt?").await;
    assert!(stage.got("ida@example.org").await.is_empty(), "the answer waits its delay");
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query("UPDATE tenants SET send_delay_seconds = 0").execute(conn.sql()).await.unwrap();
    conn.commit().await.unwrap();
    // The same person through the same portal once more, with another question.
    stage.enquiry("Ida Probe", "ida@example.org", "Und wie groß ist die Wohnung?").await;
    let outbound: Vec<_> =
        stage.messages().await.into_iter().filter(|message| message.direction == Direction::Outbound).collect();
    assert_eq!(
        outbound.iter().map(|message| message.delivery).collect::<Vec<_>>(),
        [Some(Delivery::Cancelled), Some(Delivery::Sent)]
    );
    let mails = stage.got("ida@example.org").await;
    assert_eq!(mails.len(), 1);
    assert!(
        mails[0].text.contains("72,5") && mails[0].text.contains("Haustiere"),
        "both are answered: {}",
        mails[0].text
    );
    assert_eq!(stage.leads().await.len(), 1);
}

#[tokio::test]
async fn automatic_answers_and_bounces_are_never_answered() {
    let stage = contacted().await;
    let sent = stage.got("ida@example.org").await.remove(0);
    let away = format!(
        "From: ida@example.org\r\nTo: wien@intake.immivo.test\r\nSubject: Abwesenheitsnotiz\r\nMessage-ID: <away@example.org>\r\n\
         In-Reply-To: <{}>\r\nAuto-Submitted: auto-replied\r\n\r\nIch bin im Urlaub.\r\n",
        sent.message_id
    );
    stage.post("ida@example.org", "wien@intake.immivo.test", away.as_bytes()).await.unwrap();
    let bounce = format!(
        "From: MAILER-DAEMON@example.org\r\nTo: buero@wien.test\r\nSubject: Undelivered Mail\r\nMessage-ID: <bounce@example.org>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; example.org\r\n\r\nFinal-Recipient: rfc822; ida@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{}>\r\nSubject: x\r\n\r\n--b--\r\n",
        sent.message_id
    );
    stage.post("", "wien@intake.immivo.test", bounce.as_bytes()).await.unwrap();
    stage.test.run_jobs().await;
    assert_eq!(stage.got("ida@example.org").await.len(), 1);
    assert!(stage.got("MAILER-DAEMON@example.org").await.is_empty());
    let messages = stage.messages().await;
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[1].delivery, Some(Delivery::Bounced));
    assert_eq!(stage.tasks().await[0]["kind"], "DELIVERY_FAILED");
}

#[tokio::test]
async fn reports_without_a_message_id_are_about_the_newest_mail_and_delays_are_no_failures() {
    let stage = contacted().await;
    let late = "From: MAILER-DAEMON@example.org\r\nSubject: Delayed Mail (still being retried)\r\nMessage-ID: <late@example.org>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
         Your message could not be delivered for 4 hours. It will be retried.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; example.org\r\n\r\nFinal-Recipient: rfc822; ida@example.org\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\n--b--\r\n";
    stage.post("", "wien@intake.immivo.test", late.as_bytes()).await.unwrap();
    stage.test.run_jobs().await;
    assert_eq!(stage.messages().await[1].delivery, Some(Delivery::Sent));
    let gone = "From: Mail Delivery System <postmaster@example.org>\r\nSubject: Undeliverable mail\r\nMessage-ID: <gone@example.org>\r\n\r\n\
         The following address could not be reached:\r\n\r\n<ida@example.org>: user unknown\r\n";
    stage.post("", "wien@intake.immivo.test", gone.as_bytes()).await.unwrap();
    stage.test.run_jobs().await;
    assert_eq!(stage.messages().await[1].delivery, Some(Delivery::Bounced));
    assert_eq!(stage.tasks().await[0]["kind"], "DELIVERY_FAILED");
}

#[tokio::test]
async fn the_same_words_said_again_in_the_thread_are_said_again_and_a_copy_is_not() {
    let stage = contacted().await;
    stage.reply("ida@example.org", "Wie groß ist die Wohnung?").await;
    stage.reply("ida@example.org", "Wie groß ist die Wohnung?").await;
    assert_eq!(stage.got("ida@example.org").await.len(), 3, "asked twice, answered twice");
    // The same mail by another way: trace headers differ, the Message-ID does not.
    let answered = stage.got("ida@example.org").await.remove(0).message_id;
    let mail = format!(
        "From: ida@example.org\r\nTo: wien@intake.immivo.test\r\nSubject: Re: Wohnung\r\nMessage-ID: <twice@example.org>\r\n\
         In-Reply-To: <{answered}>\r\n\r\nSind Haustiere erlaubt?\r\n"
    );
    for way in ["", "Received: from elsewhere\r\n", "X-Forwarded-To: office@wien.test\r\n"] {
        stage.post("ida@example.org", "wien@intake.immivo.test", format!("{way}{mail}").as_bytes()).await.unwrap();
        stage.test.run_jobs().await;
    }
    assert_eq!(stage.got("ida@example.org").await.len(), 4, "copies get no answer of their own");
}
