//! One check of one mailbox: compare with the cursor, take what is new.

use super::error::CheckError;
use super::poller::Poller;
use super::session::ImapSession;
use super::target::Target;
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::intake::mailboxes::{self, Lease, MailboxCursor, MailboxPlace, SeenMailbox};

/// What a check did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// Mails stored, copies of known ones included.
    pub stored: usize,
    /// Mails too big or unreadable: a note about them is in the tray.
    pub left: usize,
    /// Mails from before the time from which on mail is taken.
    pub before: usize,
}

/// The right to check a mailbox, and the means.
pub(super) struct Check<'a> {
    pub(super) app: &'a App,
    pub(super) poller: &'a Poller,
    pub(super) target: &'a Target,
    pub(super) lease: Lease,
}

impl Check<'_> {
    /// Checks, in the session there is or a new one. A session that fails is not used again. The outcome is logged, and
    /// kept with the cursor.
    pub(super) async fn run(&self, session: &mut Option<ImapSession>) -> Result<Checked, CheckError> {
        let outcome = Box::pin(self.look(session)).await;
        self.log(&outcome);
        if let Err(error) = &outcome {
            *session = None;
            self.note(error).await?;
        }
        outcome
    }

    fn log(&self, outcome: &Result<Checked, CheckError>) {
        let (host, folder, tenant) = (&self.target.host, &self.target.folder, self.target.name.tenant);
        match outcome {
            Ok(Checked { stored: 0, left: 0, before: 0 }) => {
                tracing::debug!(%tenant, host, folder, "mailbox checked, nothing new");
            }
            Ok(Checked { stored, left, before }) => {
                tracing::info!(%tenant, host, folder, stored, left, before, "mailbox checked");
            }
            Err(error) => {
                let cause = std::error::Error::source(error).map(tracing::field::display);
                tracing::error!(%tenant, host, folder, %error, cause, "mailbox could not be checked, will be tried again");
            }
        }
    }

    async fn note(&self, error: &CheckError) -> Result<(), crate::db::Error> {
        let Some(problem) = error.problem() else { return Ok(()) };
        let Target { name, connection, .. } = self.target;
        let connection = connection.map(|(id, _)| id);
        let mut conn = self.conn().await?;
        mailboxes::note_failure(&mut conn, &name.mailbox, self.lease, connection, problem, &error.to_string()).await?;
        conn.commit().await
    }

    async fn look(&self, session: &mut Option<ImapSession>) -> Result<Checked, CheckError> {
        let started = self.app.clock.now();
        // Before the folder is opened: another process may move the cursor on while we look.
        let mut conn = self.conn().await?;
        let known = mailboxes::cursor(&mut conn, &self.target.name.mailbox).await?;
        drop(conn);

        let mut open = match session.take() {
            Some(open) => open,
            None => self.login().await?,
        };
        let seen = open.examine(&self.target.folder).await?;
        let cursor = self.cursor(known, seen).await?;
        let uids = open.above(cursor.last_uid, cursor.since).await?;
        let mut checked = Checked::default();
        self.take_all(&mut open, &cursor, &uids, &mut checked).await?;
        if cursor.last_uid == 0 && seen.highest_uid > 0 {
            // Whatever the search by date did not name is from before.
            self.pass_over(&cursor, seen.highest_uid).await?;
        }
        let mut conn = self.conn().await?;
        mailboxes::note_success(&mut conn, self.place(&cursor, cursor.last_uid), started).await?;
        conn.commit().await?;
        *session = Some(open);
        Ok(checked)
    }

    /// The cursor to go on from; begun anew where that is needed.
    async fn cursor(&self, known: Option<MailboxCursor>, seen: SeenMailbox) -> Result<MailboxCursor, CheckError> {
        let now = self.app.clock.now();
        let beginning = match (mailboxes::beginning(known.as_ref(), seen, self.target.since, now), known) {
            (None, Some(known)) => return Ok(known),
            (None, None) => return Err(CheckError::Outdated),
            (Some(beginning), _) => beginning,
        };
        let mut conn = self.conn().await?;
        let name = &self.target.name.mailbox;
        let begun = mailboxes::begin(&mut conn, name, self.lease, known.as_ref(), beginning).await?;
        conn.commit().await?;
        if known.is_some() {
            tracing::warn!(
                host = self.target.host,
                folder = self.target.folder,
                since = %beginning.since,
                "the server numbered the mails anew, or older mail is asked for: looking again at what arrived since"
            );
        }
        begun.ok_or(CheckError::Outdated)
    }

    pub(super) async fn login(&self) -> Result<ImapSession, CheckError> {
        let secret = self.target.secret(self.app).await?;
        // Many mailboxes are opened at once when a process starts, or a server comes back.
        let _turn = self.poller.logins.acquire().await;
        Ok(ImapSession::login(&self.poller.connector, self.target, &secret).await?)
    }

    pub(super) fn place(&self, cursor: &MailboxCursor, uid: u32) -> MailboxPlace<'_> {
        MailboxPlace { mailbox: &self.target.name.mailbox, epoch: cursor.epoch, uid, lease: self.lease }
    }

    pub(super) async fn conn(&self) -> Result<TenantConn, crate::db::Error> {
        self.app.db.tenant(self.target.name.tenant).await
    }
}

pub(super) fn count(outcome: &'static str, mails: usize) {
    metrics::counter!("immivo_imap_mails_total", "outcome" => outcome).increment(mails as u64);
}
