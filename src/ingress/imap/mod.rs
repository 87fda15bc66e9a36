//! Mail by IMAP: a reconciler that compares each watched folder with the cursor kept in the database.
//!
//! Always true: a folder is opened read-only, and no flag says what was read. Each mail is committed together with the
//! cursor that says "done". A check has no memory: whatever it learned and did not commit is found again by the next.
//! Mail that was there before the first look is not taken. How the cursor moves, and where a folder that the server
//! numbered anew begins, is decided by `domain::intake::mailboxes`.

mod connect;
mod mailbox;
mod pace;
mod poison;
mod session;

pub use mailbox::{CheckError, Checked, check};
pub use session::SessionError;

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::settings::ImapMailbox;

/// How often the age of the last good check is reported.
const REPORT: Duration = Duration::from_secs(10);

/// Watches all mailboxes of the settings until `soft`. A mailbox in trouble is tried again and holds up no other. What a
/// check was doing at the end is dropped: only commits count, and the next check finds the rest.
///
/// # Errors
/// None; trouble with a mailbox is logged, counted and kept with its cursor.
pub async fn watch(app: &App, soft: CancellationToken) -> anyhow::Result<()> {
    let mailboxes = app.settings.imap.mailboxes.iter().map(|mailbox| Box::pin(watch_one(app, mailbox)));
    tokio::select! {
        () = soft.cancelled() => {}
        // Only with no mailbox at all does this end; a task that ends by itself would take the process down.
        _ = futures::future::join_all(mailboxes) => soft.cancelled().await,
    }
    Ok(())
}

async fn watch_one(app: &App, mailbox: &ImapMailbox) -> Infallible {
    let last_ok = Mutex::new(Instant::now());
    tokio::select! {
        never = check_for_ever(app, mailbox, &last_ok) => never,
        never = report_age(mailbox, &last_ok) => never,
    }
}

async fn check_for_ever(app: &App, mailbox: &ImapMailbox, last_ok: &Mutex<Instant>) -> Infallible {
    let poll = Duration::from_secs(app.settings.imap.poll_seconds.max(1));
    let mut failures = 0;
    loop {
        let started = Instant::now();
        let outcome = check(app, mailbox).await;
        let word = if outcome.is_ok() { "ok" } else { "failed" };
        metrics::histogram!("immivo_imap_check_seconds", "outcome" => word).record(started.elapsed().as_secs_f64());
        match outcome {
            Ok(_) => {
                *last_ok.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
                failures = 0;
            }
            // The connection is fine, one mail is not: it has a count of its own, and the mails behind it wait.
            Err(CheckError::Mail { .. }) => failures = 1,
            Err(_) => failures += 1,
        }
        sleep(pace::pause(poll, failures, rand::random())).await;
    }
}

/// Grows while nothing succeeds, whatever the reason; the one number an alarm needs.
async fn report_age(mailbox: &ImapMailbox, last_ok: &Mutex<Instant>) -> Infallible {
    let age = metrics::gauge!(
        "immivo_imap_seconds_since_check",
        "prefix" => mailbox.intake_prefix.clone(),
        "host" => mailbox.host.clone(),
        "folder" => mailbox.folder.clone(),
    );
    loop {
        age.set(last_ok.lock().unwrap_or_else(PoisonError::into_inner).elapsed().as_secs_f64());
        sleep(REPORT).await;
    }
}
