//! A mail that cannot be taken: it must neither stop the mailbox nor vanish.

use super::error::{CheckError, SessionError};
use super::mailbox::{Check, Checked, count};
use super::session::ImapSession;
use super::take::is_stored;
use crate::domain::intake::mailboxes::{self, LeftMail, MailboxCursor};

/// In so many checks a mail may fail before a note in the tray takes its place.
const ATTEMPTS: i32 = 3;
/// So many others are asked whether a mail that fails is alone with it.
const WITNESSES: usize = 3;

/// Why one mail could not be taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Session(SessionError),
    #[error("the database refused it")]
    Database(#[source] crate::db::Error),
}

impl Failure {
    fn session_goes_on(&self) -> bool {
        match self {
            Self::Session(error) => matches!(error, SessionError::Refused(..) | SessionError::NoAnswer(_)),
            Self::Database(_) => true,
        }
    }
}

impl Check<'_> {
    /// A mail that was listed and did not come: deleted meanwhile, or it cannot be fetched.
    pub(super) async fn missing(
        &self,
        session: &mut ImapSession,
        cursor: &MailboxCursor,
        uid: u32,
        checked: &mut Checked,
    ) -> Result<(), CheckError> {
        if session.facts(&[uid]).await.is_ok_and(|facts| facts.is_empty()) {
            return self.pass_over(cursor, uid).await;
        }
        let failure = Failure::Session(SessionError::NoAnswer("a mail"));
        self.failed(session, cursor, uid, failure, true, checked).await
    }

    /// Counts a mail's failure. With the last attempt a note takes its place, if it is sure which mail it was (`sure`)
    /// and that it is the mail and not the server.
    pub(super) async fn failed(
        &self,
        session: &mut ImapSession,
        cursor: &MailboxCursor,
        uid: u32,
        failure: Failure,
        sure: bool,
        checked: &mut Checked,
    ) -> Result<(), CheckError> {
        let reason = failure.to_string();
        let mut conn = self.conn().await?;
        let failures = mailboxes::note_unfetched(&mut conn, self.place(cursor, uid)).await?;
        conn.commit().await?;
        if !sure || failures < ATTEMPTS {
            return Err(CheckError::Mail { uid, reason });
        }
        let goes_on = failure.session_goes_on();
        let header = match failure {
            Failure::Database(_) => session.header(uid).await.unwrap_or_default(),
            Failure::Session(error) => match self.header_if_others_come_through(uid).await {
                Some(header) => header,
                None => return Err(error.into()),
            },
        };
        self.leave(cursor, uid, &header, &format!("the mail could not be fetched: {reason}"), checked).await?;
        if goes_on { Ok(()) } else { Err(CheckError::Mail { uid, reason }) }
    }

    /// Whether, in sessions of their own, other mails can be read. If none can, it is the server, and giving up mail by
    /// mail would empty the mailbox into the tray. Brings the header of the mail in question, if that can be had.
    async fn header_if_others_come_through(&self, uid: u32) -> Option<Vec<u8>> {
        let mut others = self.open().await.ok()?.all().await.ok()?;
        others.retain(|other| *other != uid);
        let mut fine = others.is_empty();
        for other in others.into_iter().rev().take(WITNESSES) {
            fine = fine || self.open().await.ok()?.header(other).await.is_ok();
        }
        if fine { Some(self.open().await.ok()?.header(uid).await.unwrap_or_default()) } else { None }
    }

    async fn open(&self) -> Result<ImapSession, CheckError> {
        let mut session = self.login().await?;
        session.examine(&self.target.folder).await?;
        Ok(session)
    }

    /// Puts a note into the tray in place of a mail.
    pub(super) async fn leave(
        &self,
        cursor: &MailboxCursor,
        uid: u32,
        header: &[u8],
        reason: &str,
        checked: &mut Checked,
    ) -> Result<(), CheckError> {
        let mut conn = self.conn().await?;
        let left = LeftMail { envelope_to: &self.target.username, header, reason };
        let taken = mailboxes::leave_at(&mut conn, self.place(cursor, uid), left).await?;
        conn.commit().await?;
        if is_stored(taken)? {
            checked.left += 1;
            count("left", 1);
            let tenant = self.target.name.tenant;
            tracing::warn!(%tenant, uid, reason, "a mail stays in its mailbox, a note is in the tray");
        }
        Ok(())
    }
}
