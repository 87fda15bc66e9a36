//! A booked viewing that is moved, cancelled or dies with its lead.

use immivo::domain::leads::{Automation, Status};
use serde_json::{Value, json};

use super::{Got, Stage};

const THURSDAY: &str = "2026-11-26T14:00:00Z";

/// State and begin of every viewing.
async fn viewings(stage: &Stage) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let page = stage.api("/api/v1/viewings").await;
    page["items"].as_array().unwrap().iter().map(|one| (text(&one["state"]), text(&one["startsAt"]))).collect()
}

fn confirmed(start: &str) -> (String, String) {
    ("CONFIRMED".to_owned(), start.to_owned())
}

fn cancelled(start: &str) -> (String, String) {
    ("CANCELLED".to_owned(), start.to_owned())
}

/// The calendar object in a mail, unfolded.
fn entry(mail: &Got) -> String {
    use mail_parser::{MessageParser, MimeHeaders as _};
    let parsed = MessageParser::default().parse(mail.raw.as_bytes()).unwrap();
    let part =
        parsed.parts.iter().find(|part| part.content_type().is_some_and(|kind| kind.subtype() == Some("calendar")));
    let text = String::from_utf8_lossy(part.unwrap().contents()).into_owned();
    text.replace("\r\n ", "")
}

fn line<'a>(entry: &'a str, name: &str) -> &'a str {
    entry.lines().find(|line| line.starts_with(name)).unwrap()
}

#[tokio::test]
async fn who_cancels_by_mail_has_cancelled_and_is_offered_others() {
    for words in ["Ich muss den Termin leider absagen.", "Unfortunately I have to cancel the viewing."] {
        let stage = Stage::booked().await;
        stage.reply("ida@example.org", words).await;
        let lead = stage.lead().await;
        assert_eq!((lead.status, lead.automation), (Status::Conversation, Automation::Active), "{words}");
        assert_eq!(viewings(&stage).await, [cancelled(THURSDAY)]);
        let mails = stage.got("ida@example.org").await;
        assert_eq!(mails.len(), 3, "one mail says it all: {mails:?}");
        let (before, after) = (entry(&mails[1]), entry(&mails[2]));
        assert!(after.contains("METHOD:CANCEL") && after.contains("SEQUENCE:1"), "{after}");
        assert_eq!(line(&before, "UID:"), line(&after, "UID:"), "the same calendar entry");
        let text = &mails[2].text;
        assert!(
            text.contains("/p/viewing/") && text.lines().filter(|line| line.starts_with("- ")).count() == 3,
            "{text}"
        );
        let agent = stage.got("agent@wien.test").await;
        assert_eq!(agent.len(), 2);
        assert!(agent[1].text.contains("Der Interessent hat die Besichtigung abgesagt"), "{}", agent[1].text);
        assert!(entry(&agent[1]).contains("METHOD:CANCEL"));
        assert!(stage.tasks().await.is_empty());
        stage.reply("ida@example.org", "Ich möchte die Wohnung doch am Donnerstag um 15 Uhr besichtigen.").await;
        assert_eq!(
            viewings(&stage).await.iter().filter(|one| **one == confirmed(THURSDAY)).count(),
            1,
            "it was free again"
        );
    }
}

#[tokio::test]
async fn a_question_beside_the_cancellation_is_answered_too() {
    let stage = Stage::booked().await;
    stage.reply("ida@example.org", "Ich muss den Termin leider absagen. Wie groß ist die Wohnung?").await;
    assert_eq!(viewings(&stage).await, [cancelled(THURSDAY)]);
    let mails = stage.got("ida@example.org").await;
    assert!(mails.iter().any(|mail| mail.text.contains("72,5")), "{mails:?}");
}

#[tokio::test]
async fn who_names_a_free_time_is_moved_there() {
    let stage = Stage::booked().await;
    stage.reply("ida@example.org", "Können wir den Termin auf Freitag, 27.11. um 10:30 Uhr verschieben?").await;
    let friday = "2026-11-27T09:30:00Z";
    assert_eq!(viewings(&stage).await, [cancelled(THURSDAY), confirmed(friday)]);
    let lead = stage.lead().await;
    assert_eq!((lead.status, lead.automation), (Status::Booked, Automation::Active));
    let mails = stage.got("ida@example.org").await;
    assert_eq!(mails.len(), 3);
    let (before, after) = (entry(&mails[1]), entry(&mails[2]));
    assert!(after.contains("METHOD:REQUEST") && after.contains("SEQUENCE:1"), "{after}");
    assert_eq!(line(&before, "UID:"), line(&after, "UID:"), "one calendar entry that moves");
    assert!(mails[2].text.contains("10:30–11:00 Uhr") && mails[2].text.contains("bisher"), "{}", mails[2].text);
    // Half an hour later is free for who holds the half hour before.
    stage.reply("ida@example.org", "Können wir den Termin auf Freitag, 27.11. um 11:00 Uhr verschieben?").await;
    assert!(viewings(&stage).await.contains(&confirmed("2026-11-27T10:00:00Z")), "{:?}", viewings(&stage).await);
}

#[tokio::test]
async fn a_time_that_is_not_free_moves_nothing_and_others_are_offered() {
    let stage = Stage::booked().await;
    stage.enquiry("Udo Muster", "udo@example.org", "Ist die Wohnung noch frei?").await;
    stage.reply("udo@example.org", "Ich möchte die Wohnung am Freitag, 27.11. um 10:30 Uhr besichtigen.").await;
    stage.reply("ida@example.org", "Können wir den Termin auf Freitag, 27.11. um 10:30 Uhr verschieben?").await;
    assert_eq!(viewings(&stage).await, [confirmed(THURSDAY), confirmed("2026-11-27T09:30:00Z")]);
    let text = stage.got("ida@example.org").await.remove(2).text;
    assert!(text.contains("/p/viewing/") && text.contains("27. November"), "near the wish: {text}");
    assert!(text.contains("bleibt bestehen") && text.contains("26. November 2026, 15:00–15:30 Uhr"), "{text}");
    assert!(stage.leads().await.iter().all(|lead| lead.status == Status::Booked));
}

#[tokio::test]
async fn the_wish_to_move_without_a_time_is_answered_with_times_and_the_old_one_stays() {
    let stage = Stage::booked().await;
    stage.reply("ida@example.org", "Können wir den Termin bitte verschieben?").await;
    assert_eq!(viewings(&stage).await, [confirmed(THURSDAY)]);
    assert_eq!(stage.lead().await.status, Status::Booked);
    let text = stage.got("ida@example.org").await.remove(2).text;
    assert!(text.contains("/p/viewing/") && text.contains("bleibt bestehen"), "{text}");
}

#[tokio::test]
async fn the_time_that_is_agreed_already_is_confirmed_and_not_offered_anew() {
    let stage = Stage::booked().await;
    stage.reply("ida@example.org", "Ich möchte die Wohnung wie vereinbart am Donnerstag um 15 Uhr besichtigen.").await;
    assert_eq!(viewings(&stage).await, [confirmed(THURSDAY)]);
    let mails = stage.got("ida@example.org").await;
    assert!(mails.len() == 3 && !mails[2].text.contains("nicht mehr frei"), "{mails:?}");
    assert!(stage.tasks().await.is_empty());
}

#[tokio::test]
async fn who_declines_gives_the_viewing_back_and_gets_one_mail() {
    let stage = Stage::booked().await;
    stage
        .reply("ida@example.org", "Wir haben uns für eine andere Wohnung entschieden und sind nicht mehr interessiert.")
        .await;
    assert_eq!(stage.lead().await.status, Status::Lost);
    assert_eq!(viewings(&stage).await, [cancelled(THURSDAY)]);
    let mails = stage.got("ida@example.org").await;
    assert_eq!(mails.len(), 3, "{mails:?}");
    assert!(entry(&mails[2]).contains("METHOD:CANCEL"));
    assert!(mails[2].text.contains("abgesagt") && mails[2].text.contains("Alles Gute"), "{}", mails[2].text);
    assert!(!mails[2].text.contains("/p/viewing/"), "nobody is asked to book again: {}", mails[2].text);
    assert_eq!(stage.got("agent@wien.test").await.len(), 2, "the agent knows");
}

#[tokio::test]
async fn a_lead_closed_by_hand_gives_the_viewing_back() {
    let stage = Stage::booked().await;
    let path = format!("/api/v1/leads/{}/close", stage.lead().await.id);
    let closed = stage.test.post(&path, &stage.agency.admin, json!({"reason": "vermietet"})).await.json(200);
    assert_eq!(closed["status"], "LOST");
    stage.test.run_jobs().await;
    assert_eq!(viewings(&stage).await, [cancelled(THURSDAY)]);
    let mails = stage.got("ida@example.org").await;
    assert_eq!(mails.len(), 3);
    assert!(mails[2].text.contains("müssen wir") && entry(&mails[2]).contains("METHOD:CANCEL"), "{}", mails[2].text);
    assert!(entry(stage.got("agent@wien.test").await.last().unwrap()).contains("METHOD:CANCEL"));
    stage.enquiry("Udo Muster", "udo@example.org", "Ist die Wohnung noch frei?").await;
    stage.reply("udo@example.org", "Ich möchte die Wohnung am Donnerstag um 15 Uhr besichtigen.").await;
    assert!(viewings(&stage).await.contains(&confirmed(THURSDAY)), "the time is free again");
}

#[tokio::test]
async fn a_day_without_an_hour_is_answered_with_times_of_that_day() {
    let stage = Stage::new().await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    stage.reply("ida@example.org", "Ich würde sie gerne besichtigen. Passt es am 3.12. nachmittags?").await;
    let text = stage.got("ida@example.org").await.remove(1).text;
    assert_eq!(text.matches("3. Dezember").count(), 3, "{text}");
}
