//! From the answer's link to a viewing in the calendar.

use axum::body::Body;
use axum::http::{Request, header};
use immivo::domain::leads::Status;

use super::Stage;

async fn link(stage: &Stage) -> String {
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Ich möchte die Wohnung gerne besichtigen.").await;
    let mail = stage.got("ida@example.org").await.remove(0);
    let word = mail.text.split_whitespace().find(|word| word.contains("/p/viewing/")).unwrap().to_owned();
    word.split_once("/p/").map(|(_, path)| format!("/p/{path}")).unwrap()
}

async fn page(stage: &Stage, path: &str) -> (u16, String) {
    let reply = stage.test.call(Request::get(path).body(Body::empty()).unwrap()).await;
    (reply.status.as_u16(), reply.text())
}

async fn submit(stage: &Stage, path: &str, form: String) -> u16 {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .unwrap();
    stage.test.call(request).await.status.as_u16()
}

fn starts(page: &str) -> Vec<String> {
    page.split("name=\"start\"")
        .skip(1)
        .filter_map(|rest| rest.split_once("value=\"")?.1.split_once('"').map(|(value, _)| value.replace(':', "%3A")))
        .collect()
}

#[tokio::test]
async fn the_link_leads_to_a_booked_viewing_with_a_calendar_entry() {
    let stage = Stage::new().await;
    let link = link(&stage).await;
    let (status, html) = page(&stage, &link).await;
    assert_eq!(status, 200);
    let start = starts(&html).remove(0);
    assert_eq!(submit(&stage, &format!("{link}/book"), format!("start={start}")).await, 303);
    stage.test.run_jobs().await;

    assert_eq!(stage.lead().await.status, Status::Booked);
    let mails = stage.got("ida@example.org").await;
    assert_eq!(mails.len(), 2);
    assert!(mails[1].raw.contains("method=REQUEST") && mails[1].text.contains("bestätigt"), "{}", mails[1].raw);
    assert!(mails[1].text.contains("Hauptstraße 12"), "who comes must know where to: {}", mails[1].text);
    assert!(!mails[0].text.contains("Hauptstraße"), "who only asks is not told the address that was not released");
    assert_eq!(stage.got("agent@wien.test").await.len(), 1, "the agent has it in the calendar too");
    let viewings = stage.api("/api/v1/viewings").await;
    assert_eq!(
        (viewings["items"].as_array().unwrap().len(), viewings["items"][0]["state"].as_str()),
        (1, Some("CONFIRMED"))
    );
}

#[tokio::test]
async fn tampered_links_lead_nowhere_and_expired_ones_say_so() {
    let stage = Stage::new().await;
    let link = link(&stage).await;
    let (cut, _) = link.split_at(link.len() - 3);
    assert_eq!(page(&stage, cut).await.0, 404);
    assert_eq!(page(&stage, "/p/viewing/nonsense").await.0, 404);
    stage.test.app.clock.set("2027-03-01T08:00:00Z".parse().unwrap());
    assert_eq!(page(&stage, &link).await.0, 410);
    assert_eq!(submit(&stage, &format!("{link}/book"), "start=2027-03-02T09%3A00%3A00Z".to_owned()).await, 410);
}

#[tokio::test]
async fn a_time_named_in_the_mail_is_booked_if_it_is_free() {
    let stage = Stage::new().await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    stage.reply("ida@example.org", "Ich würde sie gerne besichtigen, am Donnerstag um 15 Uhr. Passt das?").await;
    assert_eq!(stage.lead().await.status, Status::Booked);
    let viewing = stage.api("/api/v1/viewings").await["items"][0].clone();
    assert_eq!(viewing["startsAt"], "2026-11-26T14:00:00Z", "15:00 in Vienna");
}

#[tokio::test]
async fn a_time_that_is_taken_is_answered_with_others() {
    let stage = Stage::new().await;
    for (name, email) in [("Ida Probe", "ida@example.org"), ("Udo Muster", "udo@example.org")] {
        stage.enquiry(name, email, "Ist die Wohnung noch frei?").await;
        stage.reply(email, "Ich möchte die Wohnung am Donnerstag um 15 Uhr besichtigen.").await;
    }
    let leads = stage.leads().await;
    assert_eq!(leads.iter().filter(|lead| lead.status == Status::Booked).count(), 1);
    let mails = stage.got("udo@example.org").await;
    assert_eq!(mails.len(), 2);
    assert!(mails[1].text.contains("/p/viewing/"), "{}", mails[1].text);
}

#[tokio::test]
async fn a_time_named_in_a_mail_is_booked_though_no_slot_on_show_begins_then() {
    let stage = Stage::new().await;
    let (_, html) = page(&stage, &link(&stage).await).await;
    assert!(!starts(&html).contains(&"2026-11-25T13%3A30%3A00Z".to_owned()));
    stage
        .reply(
            "ida@example.org",
            "Guten Tag, am Mittwoch, 25.11. um 14:30 Uhr würde ich die Wohnung gerne besichtigen.",
        )
        .await;
    assert_eq!(stage.lead().await.status, Status::Booked);
    let viewings = stage.api("/api/v1/viewings").await;
    assert_eq!(viewings["items"][0]["startsAt"], "2026-11-25T13:30:00Z", "{viewings}");
    let mails = stage.got("ida@example.org").await;
    assert!(mails.len() == 2 && mails[1].text.contains("14:30–15:00 Uhr"), "{mails:?}");
}
