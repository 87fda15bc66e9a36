//! Taking what is new: many mails and the cursor in one transaction, and one at a time where that fails.

use std::collections::BTreeMap;

use super::error::CheckError;
use super::folder::MailFacts;
use super::mailbox::{Check, Checked, count};
use super::poison::Failure;
use super::session::ImapSession;
use crate::domain::intake::mailboxes::{self, MailboxCursor, Taken};

/// Mails listed at once.
const LIST: usize = 500;
/// Mails fetched and stored at once: so many, and not more bytes than these unless it is one mail.
const MAILS: usize = 100;
const BYTES: usize = 2 << 20;

impl Check<'_> {
    /// Takes these mails, in order.
    pub(super) async fn take_all(
        &self,
        session: &mut ImapSession,
        cursor: &MailboxCursor,
        uids: &[u32],
        checked: &mut Checked,
    ) -> Result<(), CheckError> {
        // A mail that breaks the answer about many is found by asking for one at a time.
        let careful = if cursor.failed.is_some() { uids.len().min(LIST) } else { 0 };
        let (careful, rest) = uids.split_at(careful);
        for uids in careful.chunks(1).chain(rest.chunks(LIST)) {
            self.take_listed(session, cursor, uids, checked).await?;
        }
        Ok(())
    }

    async fn take_listed(
        &self,
        session: &mut ImapSession,
        cursor: &MailboxCursor,
        uids: &[u32],
        checked: &mut Checked,
    ) -> Result<(), CheckError> {
        let Some(first) = uids.first() else { return Ok(()) };
        let facts = match session.facts(uids).await {
            Ok(facts) => facts,
            Err(error) => {
                return self.failed(session, cursor, *first, Failure::Session(error), uids.len() == 1, checked).await;
            }
        };
        let mut batch = Batch::default();
        let mut passed = None;
        let mut facts: BTreeMap<u32, MailFacts> = facts.into_iter().map(|mail| (mail.uid, mail)).collect();
        for &uid in uids {
            passed = None;
            let Some(mail) = facts.remove(&uid) else {
                // The server named it and says nothing of it: the cursor must not move past it unseen.
                self.take_batch(session, cursor, std::mem::take(&mut batch), checked).await?;
                self.missing(session, cursor, uid, checked).await?;
                continue;
            };
            if mail.arrived.is_some_and(|at| at < cursor.since) {
                passed = Some(mail.uid);
                checked.before += 1;
                count("before", 1);
            } else if self.is_too_big(mail.size as usize) {
                self.take_batch(session, cursor, std::mem::take(&mut batch), checked).await?;
                self.take(session, cursor, mail, checked).await?;
            } else {
                if !batch.has_room_for(&mail) {
                    self.take_batch(session, cursor, std::mem::take(&mut batch), checked).await?;
                }
                batch.add(mail);
            }
        }
        self.take_batch(session, cursor, batch, checked).await?;
        match passed {
            Some(uid) => self.pass_over(cursor, uid).await,
            None => Ok(()),
        }
    }

    async fn take_batch(
        &self,
        session: &mut ImapSession,
        cursor: &MailboxCursor,
        batch: Batch,
        checked: &mut Checked,
    ) -> Result<(), CheckError> {
        let (Some(first), Some(last)) = (batch.mails.first(), batch.mails.last()) else { return Ok(()) };
        if batch.mails.len() == 1 {
            return self.take(session, cursor, *first, checked).await;
        }
        // So many batches at once are in memory, however many mailboxes have news.
        let turn = self.poller.batches.acquire().await;
        let uids: Vec<u32> = batch.mails.iter().map(|mail| mail.uid).collect();
        let raw = match session.mails(&uids).await {
            Ok(raw) => raw,
            Err(error) => {
                drop(turn);
                return self.failed(session, cursor, first.uid, Failure::Session(error), false, checked).await;
            }
        };
        let came: Option<Vec<Vec<u8>>> = raw.into_iter().collect();
        let whole = came.filter(|mails| !mails.iter().any(|raw| self.is_too_big(raw.len())));
        let stored = match whole {
            Some(mails) => match self.store(cursor, last.uid, &mails).await {
                Err(error) if mailboxes::is_about_the_mail(&error) => None,
                stored => Some(stored?),
            },
            None => None,
        };
        drop(turn);
        match stored {
            Some(taken) => self.count_stored(taken, batch.mails.len(), checked),
            None => {
                for mail in batch.mails {
                    self.take(session, cursor, mail, checked).await?;
                }
                Ok(())
            }
        }
    }

    /// Takes one mail, or leaves a note in its place.
    async fn take(
        &self,
        session: &mut ImapSession,
        cursor: &MailboxCursor,
        mail: MailFacts,
        checked: &mut Checked,
    ) -> Result<(), CheckError> {
        if self.is_too_big(mail.size as usize) {
            let header = session.header(mail.uid).await.unwrap_or_default();
            return self.leave(cursor, mail.uid, &header, &self.too_big(mail.size as usize), checked).await;
        }
        let turn = self.poller.batches.acquire().await;
        let raw = match session.mails(&[mail.uid]).await.map(|mut raw| raw.pop().flatten()) {
            Ok(Some(raw)) => raw,
            Ok(None) => {
                drop(turn);
                return self.missing(session, cursor, mail.uid, checked).await;
            }
            Err(error) => {
                drop(turn);
                return self.failed(session, cursor, mail.uid, Failure::Session(error), true, checked).await;
            }
        };
        if self.is_too_big(raw.len()) {
            // The server was wrong about its size.
            let header = &raw[..raw.len().min(65536)];
            return self.leave(cursor, mail.uid, header, &self.too_big(raw.len()), checked).await;
        }
        match self.store(cursor, mail.uid, &[raw]).await {
            Ok(taken) => self.count_stored(taken, 1, checked),
            Err(error) if mailboxes::is_about_the_mail(&error) => {
                drop(turn);
                self.failed(session, cursor, mail.uid, Failure::Database(error), true, checked).await
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn store(&self, cursor: &MailboxCursor, last: u32, mails: &[Vec<u8>]) -> Result<Taken, crate::db::Error> {
        let mut conn = self.conn().await?;
        let place = self.place(cursor, last);
        let taken = mailboxes::receive_at(&mut conn, place, &self.target.username, mails).await?;
        conn.commit().await?;
        Ok(taken)
    }

    fn count_stored(&self, taken: Taken, mails: usize, checked: &mut Checked) -> Result<(), CheckError> {
        if is_stored(taken)? {
            checked.stored += mails;
            count("stored", mails);
        }
        Ok(())
    }

    /// Moves the cursor past a mail that is not ours to take.
    pub(super) async fn pass_over(&self, cursor: &MailboxCursor, uid: u32) -> Result<(), CheckError> {
        let mut conn = self.conn().await?;
        let taken = mailboxes::pass_over(&mut conn, self.place(cursor, uid)).await?;
        conn.commit().await?;
        is_stored(taken).map(|_| ())
    }

    fn is_too_big(&self, size: usize) -> bool {
        size > self.app.settings.smtp.max_message_bytes
    }

    fn too_big(&self, size: usize) -> String {
        let limit = self.app.settings.smtp.max_message_bytes;
        format!("the mail has {size} bytes, more than the {limit} that are taken")
    }
}

/// Whether something was stored; `false` when it was before.
pub(super) fn is_stored(taken: Taken) -> Result<bool, CheckError> {
    match taken {
        Taken::Stored => Ok(true),
        Taken::Already => Ok(false),
        Taken::Outdated => Err(CheckError::Outdated),
        Taken::Lost => Err(CheckError::Lost),
    }
}

/// Mails to be fetched and stored together.
#[derive(Debug, Default)]
struct Batch {
    mails: Vec<MailFacts>,
    bytes: usize,
}

impl Batch {
    fn has_room_for(&self, mail: &MailFacts) -> bool {
        self.mails.is_empty() || (self.mails.len() < MAILS && self.bytes + mail.size as usize <= BYTES)
    }

    fn add(&mut self, mail: MailFacts) {
        self.bytes += mail.size as usize;
        self.mails.push(mail);
    }
}
