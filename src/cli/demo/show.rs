//! What the demo prints.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::watch;

use super::mails::Prospect;
use super::play::{self, Outcome};
use super::{super::token, agency};
use crate::app::App;
use crate::domain::leads::{self, Actor, EventKind, LeadEvent};
use crate::ids::TenantId;

/// Prints the timelines as they grow, until the story is over.
pub(super) async fn narrate(
    app: &App,
    tenant: TenantId,
    people: &[Prospect; 3],
    finished: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut told = HashSet::new();
    loop {
        // Read before looking, so that the last look sees everything.
        let over = *finished.borrow();
        let mut conn = app.db.tenant(tenant).await?;
        let mut fresh = Vec::new();
        for prospect in people {
            let Some(lead) = play::lead(&mut conn, prospect).await? else { continue };
            for event in leads::timeline(&mut conn, lead.id).await? {
                if told.insert(event.id) {
                    fresh.push((event, prospect));
                }
            }
        }
        drop(conn);
        fresh.sort_by_key(|(event, _)| (event.at, event.id));
        for (event, prospect) in fresh {
            println!(
                "{:6.2} s  {:<13} {:<12} {}",
                began.elapsed().as_secs_f64(),
                prospect.name,
                prospect.portal,
                sentence(&event)
            );
        }
        if over {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
}

fn sentence(event: &LeadEvent) -> String {
    let text = |key: &str| event.data[key].as_str().unwrap_or("-").to_owned();
    let list = |key: &str| {
        event.data[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
    };
    let by = match event.actor {
        Actor::System => "system",
        Actor::Ai => "engine",
        Actor::Agent => "agent",
        Actor::Prospect => "prospect",
    };
    let what = match event.kind {
        EventKind::LeadCreated => format!("lead made from a mail of {}", text("portal")),
        EventKind::DuplicateJoined => "copy of the same enquiry joined".to_owned(),
        EventKind::PropertyAssigned => "listing assigned".to_owned(),
        EventKind::Assigned => format!("assigned by rule {}", text("rule")),
        EventKind::MessageReceived => "wrote a mail".to_owned(),
        EventKind::Decided => {
            format!("decided to {}: intents [{}], topics [{}]", text("decision"), list("intents"), list("topics"))
        }
        EventKind::AnswerQueued => "mail queued".to_owned(),
        EventKind::MessageSent => "mail accepted by the provider".to_owned(),
        EventKind::AnswerCancelled => "queued answer withdrawn".to_owned(),
        EventKind::DeliveryFailed => "mail could not be sent".to_owned(),
        EventKind::Bounced => "mail came back".to_owned(),
        EventKind::StateChanged => {
            let state = |side: &str| {
                format!(
                    "{} · {}",
                    event.data[side]["status"].as_str().unwrap_or("-"),
                    event.data[side]["automation"].as_str().unwrap_or("-")
                )
            };
            format!("{}  →  {}", state("from"), state("to"))
        }
        EventKind::TaskCreated => format!("task for a human: {}", text("kind")),
        EventKind::TaskResolved => format!("task resolved: {}", text("kind")),
        EventKind::DraftCreated => format!("draft written: {}", text("reason")),
        EventKind::DraftDecided => format!("draft {}", text("state")),
        EventKind::ViewingBooked => "viewing booked".to_owned(),
        EventKind::ViewingRescheduled => "viewing moved".to_owned(),
        EventKind::ViewingCancelled => "viewing cancelled".to_owned(),
        EventKind::TaskReminded => "owner of a task reminded".to_owned(),
        EventKind::TaskEscalated => "task still open: administrators told".to_owned(),
        EventKind::FollowUpPlanned => "follow-up planned".to_owned(),
        EventKind::FollowUpStopped => format!("follow-up stopped: {}", text("reason")),
        EventKind::Unsubscribed => "wants no follow-ups".to_owned(),
        EventKind::Edited => "fields changed".to_owned(),
        EventKind::Noted => "note written".to_owned(),
    };
    format!("{by:<9} {what}")
}

/// Prints what came of it.
pub(super) fn outcome(outcome: &Outcome, took: Duration) {
    println!();
    for (happened, what) in [
        (outcome.booked, "a viewing is BOOKED"),
        (outcome.question, "a question became a task"),
        (outcome.declined, "a prospect declined and is LOST"),
        (outcome.in_tray, "a mail nobody can be answered from sits in the tray"),
    ] {
        println!("  {} {what}", if happened { "✓" } else { "✗" });
    }
    let slowest = outcome.answer_times.iter().max().copied().unwrap_or_default();
    println!(
        "\nEvery first answer was in the mailbox within {:.2} s; all of it took {:.1} s.",
        slowest.as_secs_f64(),
        took.as_secs_f64()
    );
}

/// Prints where to look now.
pub(super) async fn addresses(app: &App, outcome: Option<&Outcome>) -> anyhow::Result<()> {
    let url = &app.settings.http.public_url;
    println!("\nStill running. Open:");
    println!("  API documentation    {url}/api/docs");
    println!("  Development mailbox  {url}/dev/mail");
    if let Some(page) = outcome.and_then(|outcome| outcome.booking_page.as_deref()) {
        println!("  Booking page         {page}");
    }
    if let Some(token) = token::issue(app, agency::ADMIN).await? {
        println!("\nToken of {} for the API:\n  {token}", agency::ADMIN);
        println!("\n  curl -H 'Authorization: Bearer <token>' {url}/api/v1/leads");
    }
    println!("\nCtrl-C ends it.");
    Ok(())
}
