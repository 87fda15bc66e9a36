//! Waiting for the server to tell of new mail (IDLE, RFC 2177).

use std::io;
use std::time::Duration;

use async_imap::imap_proto::{Response, Status};
use tokio::time::{Instant, timeout_at};

use super::error::{SessionError, broken, refused};
use super::session::{ImapSession, STEP, hear, sent, within};

const IDLE: &str = "waiting for mail";
/// How long a server may take to end it; one that takes longer is gone.
const END: Duration = Duration::from_secs(10);

impl ImapSession {
    /// Returns when the server spoke of new mail, or after `limit`; servers end an IDLE after 29 minutes.
    pub(super) async fn idle(&mut self, limit: Duration) -> Result<(), SessionError> {
        // Between the last search and now.
        if self.has_news {
            return Ok(());
        }
        let until = Instant::now() + limit;
        let id = within(STEP, IDLE, async { self.inner.run_command("IDLE").await.map_err(|error| sent(IDLE, &error)) });
        let id = id.await?;
        let mut is_asked_to_end = false;
        loop {
            let wait_until = if is_asked_to_end { Instant::now() + END } else { until };
            let response = match timeout_at(wait_until, self.inner.read_response()).await {
                Err(_) if is_asked_to_end => return Err(SessionError::Timeout(IDLE)),
                Err(_) => {
                    self.done().await?;
                    is_asked_to_end = true;
                    continue;
                }
                Ok(response) => response.map_err(|error| broken(IDLE, &error))?,
            };
            let Some(response) = response else {
                return Err(SessionError::Broken(IDLE, io::ErrorKind::UnexpectedEof));
            };
            match response.parsed() {
                Response::Done { tag, status: Status::Ok, .. } if *tag == id => return Ok(()),
                Response::Done { tag, outcome, .. } if *tag == id => {
                    return Err(refused(IDLE, outcome.information.as_deref()));
                }
                Response::Data { status: Status::Bye, .. } => {
                    return Err(SessionError::Broken(IDLE, io::ErrorKind::ConnectionAborted));
                }
                other => hear(&mut self.exists, &mut self.has_news, other),
            }
            if self.has_news && !is_asked_to_end {
                self.done().await?;
                is_asked_to_end = true;
            }
        }
    }

    async fn done(&mut self) -> Result<(), SessionError> {
        within(STEP, IDLE, async { self.inner.run_command_untagged("DONE").await.map_err(|error| sent(IDLE, &error)) })
            .await
    }
}
