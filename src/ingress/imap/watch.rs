//! Watching one mailbox: check, wait for the server to tell of new mail or for a while, check again.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::error::{CheckError, SessionError};
use super::mailbox::Check;
use super::pace;
use super::session::ImapSession;

/// After a connection broke while nothing was asked; spread, so that a server that comes back is not stormed.
const RECONNECT: Duration = Duration::from_secs(2);

/// Checks until another process has the mailbox. `is_ok` is told of every check that went through.
pub(super) async fn for_ever(check: &Check<'_>, is_ok: impl Fn() + Send) {
    let settings = &check.app.settings.imap;
    let poll = Duration::from_secs(settings.poll_seconds.max(1));
    let idle = Duration::from_secs(settings.idle_seconds.max(1));
    let mut session: Option<ImapSession> = None;
    let mut failures = 0;
    loop {
        let started = Instant::now();
        let outcome = check.run(&mut session).await;
        let word = if outcome.is_ok() { "ok" } else { "failed" };
        metrics::histogram!("immivo_imap_check_seconds", "outcome" => word).record(started.elapsed().as_secs_f64());
        match outcome {
            Ok(_) => {
                is_ok();
                failures = 0;
            }
            Err(CheckError::Lost) => return,
            // The connection is fine, one mail is not: it has a count of its own, and the mails behind it wait.
            Err(CheckError::Mail { .. }) => failures = 1,
            Err(_) => failures += 1,
        }
        let luck = rand::random();
        match session.take() {
            Some(mut open) if open.can_idle => match open.idle(pace::pause(idle, 0, luck)).await {
                Ok(()) => session = Some(open),
                // It offers what it does not do.
                Err(SessionError::Refused(..)) => {
                    open.logout().await;
                    sleep(pace::pause(poll, 0, luck)).await;
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection ended while waiting for mail");
                    sleep(RECONNECT.mul_f64(luck)).await;
                }
            },
            Some(open) => {
                open.logout().await;
                sleep(pace::pause(poll, failures, luck)).await;
            }
            None => sleep(pace::pause(poll, failures, luck)).await,
        }
    }
}
