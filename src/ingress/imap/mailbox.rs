//! One check of one mailbox: compare with the cursor, take what is new.

use secrecy::SecretString;

use super::poison::Failure;
use super::session::{ImapSession, MailFacts, SessionError};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::intake::mailboxes::{self, MailboxCursor, MailboxPlace, Taken};
use crate::domain::intake::{Door, Received};
use crate::domain::secrets::{self, SecretError, SecretName};
use crate::domain::tenants;
use crate::ids::TenantId;
use crate::settings::ImapMailbox;

/// Mails listed at once.
const BATCH: usize = 100;

/// What a check did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// Mails stored, copies of known ones included.
    pub stored: usize,
    /// Mails too big or unreadable: a note about them is in the tray.
    pub left: usize,
    /// Mails from before the first look.
    pub before: usize,
}

/// Why a check did not go through. What it stored before stays stored.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// No tenant has this intake prefix.
    #[error("no tenant has the intake prefix `{0}`")]
    UnknownPrefix(String),
    /// The agency keeps no secret of the name that the settings give as the password.
    #[error("the agency keeps no secret `{0}`; PUT /api/v1/secrets/{0} makes it")]
    NoPassword(String),
    /// The password does not open.
    #[error("the password cannot be used")]
    Password(#[source] SecretError),
    /// The server or the way to it.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// One mail cannot be taken; the ones behind it wait for a few checks.
    #[error("mail {uid}: {reason}")]
    Mail {
        /// Which.
        uid: u32,
        /// Why.
        reason: String,
    },
    /// Another process found the mailbox numbered anew; the next check goes on from there.
    #[error("another process began this mailbox anew")]
    Outdated,
    /// The database.
    #[error("the database could not be used")]
    Database(#[from] crate::db::Error),
}

/// Looks at a mailbox once and takes what is new.
///
/// # Errors
/// [`CheckError`]; it is logged and kept with the cursor already.
pub async fn check(app: &App, mailbox: &ImapMailbox) -> Result<Checked, CheckError> {
    let outcome = check_as_tenant(app, mailbox).await;
    let (prefix, host, folder) = (&mailbox.intake_prefix, &mailbox.host, &mailbox.folder);
    match &outcome {
        Ok(Checked { stored: 0, left: 0, before: 0 }) => {
            tracing::debug!(prefix, host, folder, "mailbox checked, nothing new")
        }
        Ok(Checked { stored, left, before }) => {
            tracing::info!(prefix, host, folder, stored, left, before, "mailbox checked")
        }
        Err(error) => {
            let cause = std::error::Error::source(error).map(tracing::field::display);
            tracing::error!(prefix, host, folder, %error, cause, "mailbox could not be checked, will be tried again");
        }
    }
    outcome
}

async fn check_as_tenant(app: &App, mailbox: &ImapMailbox) -> Result<Checked, CheckError> {
    let mut conn = app.db.platform().await?;
    let tenant = tenants::by_intake_prefix(&mut conn, &mailbox.intake_prefix).await?;
    drop(conn);
    let tenant = tenant.ok_or_else(|| CheckError::UnknownPrefix(mailbox.intake_prefix.clone()))?.id;
    let key = format!("{}@{}/{}", mailbox.username, mailbox.host, mailbox.folder);
    let check = Check { app, mailbox, tenant, key: &key };
    let outcome = Box::pin(check.run()).await;
    if let Err(error) = &outcome {
        let mut conn = check.conn().await?;
        mailboxes::note_failure(&mut conn, &key, &error.to_string()).await?;
        conn.commit().await?;
    }
    outcome
}

/// A check under way.
pub(super) struct Check<'a> {
    pub(super) app: &'a App,
    pub(super) mailbox: &'a ImapMailbox,
    pub(super) tenant: TenantId,
    /// What the mailbox is called in the database.
    pub(super) key: &'a str,
}

impl Check<'_> {
    async fn run(&self) -> Result<Checked, CheckError> {
        let started = self.app.clock.now();
        // Before the folder is opened: another process may move the cursor on while we look.
        let mut conn = self.conn().await?;
        let known = mailboxes::cursor(&mut conn, self.key).await?;
        drop(conn);

        let mut session = self.login().await?;
        let seen = session.examine(&self.mailbox.folder).await?;
        let cursor = match (mailboxes::beginning(known.as_ref(), seen, started), known) {
            (None, Some(known)) => known,
            (None, None) => return Err(CheckError::Outdated),
            (Some(beginning), _) => {
                let mut conn = self.conn().await?;
                let begun = mailboxes::begin(&mut conn, self.key, known.as_ref(), beginning).await?;
                conn.commit().await?;
                if known.is_some() {
                    tracing::warn!(
                        host = self.mailbox.host,
                        folder = self.mailbox.folder,
                        since = %beginning.since,
                        "the server numbered the mails anew, looking again at what arrived since the last check"
                    );
                }
                begun.ok_or(CheckError::Outdated)?
            }
        };

        let mut checked = Checked::default();
        let uids = session.above(cursor.last_uid).await?;
        // A mail that breaks the list is found by listing one at a time.
        let batch = if cursor.failed.is_some() { 1 } else { BATCH };
        for uids in uids.chunks(batch) {
            self.take_batch(&mut session, &cursor, uids, &mut checked).await?;
        }

        let mut conn = self.conn().await?;
        mailboxes::note_success(&mut conn, self.key, cursor.epoch, started).await?;
        conn.commit().await?;
        session.logout().await;
        Ok(checked)
    }

    async fn take_batch(
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
        let mut passed = None;
        for mail in facts {
            if mail.arrived.is_some_and(|at| at < cursor.since) {
                passed = Some(mail.uid);
                checked.before += 1;
                count("before");
                continue;
            }
            passed = None;
            self.take(session, cursor, mail, checked).await?;
        }
        if let Some(uid) = passed {
            let mut conn = self.conn().await?;
            mailboxes::pass_over(&mut conn, self.place(cursor, uid)).await?;
            conn.commit().await?;
        }
        Ok(())
    }

    /// Takes one mail, or leaves a note in its place.
    async fn take(
        &self,
        session: &mut ImapSession,
        cursor: &MailboxCursor,
        mail: MailFacts,
        checked: &mut Checked,
    ) -> Result<(), CheckError> {
        let limit = self.app.settings.smtp.max_message_bytes;
        if mail.size as usize > limit {
            let header = session.header(mail.uid).await.unwrap_or_default();
            return self.leave(cursor, mail.uid, &header, &too_big(mail.size as usize, limit), checked).await;
        }
        let raw = match session.mail(mail.uid).await {
            Ok(raw) => raw,
            Err(error) => return self.failed(session, cursor, mail.uid, Failure::Session(error), true, checked).await,
        };
        if raw.len() > limit {
            // The server was wrong about its size.
            let header = &raw[..raw.len().min(65536)];
            return self.leave(cursor, mail.uid, header, &too_big(raw.len(), limit), checked).await;
        }
        match self.store(cursor, mail.uid, &raw).await {
            Ok(Taken::Stored(_)) => {
                checked.stored += 1;
                count("stored");
                Ok(())
            }
            Ok(Taken::Already) => Ok(()),
            Ok(Taken::Outdated) => Err(CheckError::Outdated),
            Err(error) if mailboxes::is_about_the_mail(&error) => {
                self.failed(session, cursor, mail.uid, Failure::Database(error), true, checked).await
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn store(&self, cursor: &MailboxCursor, uid: u32, raw: &[u8]) -> Result<Taken, crate::db::Error> {
        let mut conn = self.conn().await?;
        // IMAP knows no envelope.
        let mail = Received {
            door: Door::Imap,
            peer: self.key,
            envelope_from: "",
            envelope_to: &self.mailbox.username,
            authentication: None,
            raw,
        };
        let taken = mailboxes::receive_at(&mut conn, self.place(cursor, uid), mail).await?;
        conn.commit().await?;
        Ok(taken)
    }

    pub(super) async fn login(&self) -> Result<ImapSession, CheckError> {
        Ok(ImapSession::login(self.mailbox, &self.password().await?).await?)
    }

    /// From the settings, or the tenant's secret that they name; looked up each time, so a new one counts at once.
    async fn password(&self) -> Result<SecretString, CheckError> {
        // The settings refuse a mailbox with neither, and one with both.
        let Some(text) = &self.mailbox.password_secret else {
            return Ok(self.mailbox.password.clone().unwrap_or_default());
        };
        let name = SecretName::parse(text).ok_or_else(|| CheckError::NoPassword(text.clone()))?;
        secrets::read(&self.app.vault, self.tenant, &name).await.map_err(|error| match error {
            SecretError::NotFound => CheckError::NoPassword(text.clone()),
            SecretError::Database(error) => error.into(),
            error => CheckError::Password(error),
        })
    }

    pub(super) fn place(&self, cursor: &MailboxCursor, uid: u32) -> MailboxPlace<'_> {
        MailboxPlace { mailbox: self.key, epoch: cursor.epoch, uid }
    }

    pub(super) async fn conn(&self) -> Result<TenantConn, crate::db::Error> {
        self.app.db.tenant(self.tenant).await
    }
}

fn too_big(size: usize, limit: usize) -> String {
    format!("the mail has {size} bytes, more than the {limit} that are taken")
}

pub(super) fn count(outcome: &'static str) {
    metrics::counter!("immivo_imap_mails_total", "outcome" => outcome).increment(1);
}
