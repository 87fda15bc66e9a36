//! One process's share of the mailboxes: who it is, what it holds, and comparing that with what is wanted.
//!
//! A reconciler: every two seconds it says that it lives, compares the mailboxes that are wanted with those it watches,
//! and starts, stops and takes over what differs. Nobody tells it of a change, and nothing is lost if it dies at any point.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::connect::Connector;
use super::error::CheckError;
use super::mailbox::{Check, Checked};
use super::target::Target;
use super::watch;
use crate::app::App;
use crate::domain::connections;
use crate::domain::intake::mailboxes::{self, Lease, MailboxName, PollerId};

/// How soon a change is seen.
const ROUND: Duration = Duration::from_secs(2);
/// Logins at once.
const LOGINS: usize = 32;
/// Batches of mails in memory at once.
const BATCHES: usize = 16;

/// What all mailboxes of a process share.
#[derive(Debug)]
pub(super) struct Poller {
    id: PollerId,
    pub(super) connector: Connector,
    pub(super) logins: Semaphore,
    pub(super) batches: Semaphore,
    born: Instant,
}

impl Poller {
    pub(super) fn new(app: &App) -> anyhow::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            id: PollerId::new(),
            connector: Connector::new(&app.settings)?,
            logins: Semaphore::new(LOGINS),
            batches: Semaphore::new(BATCHES),
            born: Instant::now(),
        }))
    }

    async fn claim(&self, app: &App, wanted: &[MailboxName]) -> Result<Vec<(MailboxName, Lease)>, crate::db::Error> {
        let mut conn = app.db.platform().await?;
        let dead_after = Duration::from_secs(app.settings.imap.dead_after_seconds);
        let claimed = mailboxes::claim(&mut conn, self.id, wanted, dead_after).await?;
        conn.commit().await?;
        Ok(claimed)
    }

    pub(super) async fn beat(&self, app: &App) -> Result<(), crate::db::Error> {
        let mut conn = app.db.platform().await?;
        mailboxes::beat(&mut conn, self.id).await?;
        conn.commit().await
    }

    /// Gives everything back, so that the others need not wait until this process counts as dead.
    pub(super) async fn retire(&self, app: &App) -> Result<(), crate::db::Error> {
        let mut conn = app.db.platform().await?;
        mailboxes::retire(&mut conn, self.id).await?;
        conn.commit().await
    }

    /// Whole seconds since this process began.
    fn age(&self) -> u64 {
        self.born.elapsed().as_secs()
    }
}

/// Looks at one mailbox once, if no other process watches it, and gives it back.
///
/// # Errors
/// [`CheckError`]; it is logged and kept with the cursor already.
pub async fn check(app: &App, target: &Target) -> Result<Checked, CheckError> {
    let poller = Poller::new(app).map_err(|error| super::SessionError::Tls(error.to_string()))?;
    poller.beat(app).await?;
    let claimed = poller.claim(app, std::slice::from_ref(&target.name)).await?;
    let outcome = match claimed.first() {
        Some((_, lease)) => Check { app, poller: &poller, target, lease: *lease }.run(&mut None).await,
        None => Err(CheckError::Lost),
    };
    poller.retire(app).await?;
    outcome
}

/// A mailbox this process watches.
struct Watched {
    target: Arc<Target>,
    lease: Lease,
    stop: CancellationToken,
    /// The poller's age at the last check that went through.
    ok_at: Arc<AtomicU64>,
}

/// What this process watches now.
pub(super) struct Share {
    app: App,
    poller: Arc<Poller>,
    watched: HashMap<MailboxName, Watched>,
    tasks: JoinSet<()>,
}

impl Share {
    pub(super) fn new(app: App, poller: Arc<Poller>) -> Self {
        Self { app, poller, watched: HashMap::new(), tasks: JoinSet::new() }
    }

    /// Reconciles until `soft`, then gives everything back. What a check was doing at the end is dropped: only commits
    /// count, and the next owner finds the rest.
    pub(super) async fn keep(mut self, soft: CancellationToken) {
        loop {
            if let Err(error) = self.reconcile().await {
                tracing::warn!(%error, "mailboxes cannot be compared with what is wanted, trying again");
            }
            self.report();
            tokio::select! {
                () = soft.cancelled() => break,
                () = sleep(ROUND) => {}
            }
        }
        self.tasks.shutdown().await;
        if let Err(error) = self.poller.retire(&self.app).await {
            tracing::warn!(%error, "mailboxes could not be given back, others take them over in a moment");
        }
    }

    async fn reconcile(&mut self) -> Result<(), crate::db::Error> {
        self.poller.beat(&self.app).await?;
        let wanted = self.wanted().await?;
        self.drop_lost().await?;
        self.drop_unwanted(&wanted).await?;
        let missing: Vec<MailboxName> =
            wanted.keys().filter(|name| !self.watched.contains_key(name)).cloned().collect();
        if missing.is_empty() {
            return Ok(());
        }
        for (name, lease) in self.poller.claim(&self.app, &missing).await? {
            if let Some(target) = wanted.get(&name) {
                self.start(name, target.clone(), lease);
            }
        }
        Ok(())
    }

    async fn wanted(&self) -> Result<HashMap<MailboxName, Target>, crate::db::Error> {
        let mut conn = self.app.db.platform().await?;
        let active = connections::active(&mut conn).await?;
        drop(conn);
        let mut wanted: HashMap<_, _> =
            active.iter().map(Target::from).map(|target| (target.name.clone(), target)).collect();
        for mailbox in &self.app.settings.imap.mailboxes {
            match Target::of_settings(&self.app, mailbox).await {
                // The operator's word counts if both name the same mailbox.
                Ok(target) => drop(wanted.insert(target.name.clone(), target)),
                Err(CheckError::Database(error)) => return Err(error),
                Err(error) => {
                    tracing::error!(host = mailbox.host, %error, "a mailbox of the settings cannot be watched")
                }
            }
        }
        Ok(wanted)
    }

    /// Stops what another process took over while this one could not say that it lives, and what ended by itself.
    async fn drop_lost(&mut self) -> Result<(), crate::db::Error> {
        let mut conn = self.app.db.platform().await?;
        let held: HashMap<_, _> = mailboxes::held(&mut conn, self.poller.id).await?.into_iter().collect();
        drop(conn);
        self.watched.retain(|name, watched| {
            let is_held = held.get(name) == Some(&watched.lease);
            if !is_held {
                tracing::warn!(tenant = %name.tenant, host = watched.target.host, "another process watches this mailbox now");
                watched.stop.cancel();
            }
            is_held
        });
        // Held but not watched: a task that died, or a claim whose answer was lost. Given back, it is taken anew.
        let mut free: Vec<MailboxName> = held.into_keys().filter(|name| !self.watched.contains_key(name)).collect();
        while let Some(ended) = self.tasks.try_join_next() {
            if let Err(error) = ended
                && error.is_panic()
            {
                tracing::error!(%error, "watching a mailbox panicked, it is begun again");
            }
        }
        let ended = self.watched.extract_if(|_, watched| Arc::strong_count(&watched.target) == 1);
        free.extend(ended.map(|(name, _)| name));
        self.release(free).await
    }

    /// Stops what nobody wants any more, and what is wanted otherwise.
    async fn drop_unwanted(&mut self, wanted: &HashMap<MailboxName, Target>) -> Result<(), crate::db::Error> {
        let differs = |name: &MailboxName, watched: &Watched| {
            wanted.get(name).is_none_or(|target| target.connection != watched.target.connection)
        };
        let gone: Vec<_> = self.watched.extract_if(|name, watched| differs(name, watched)).collect();
        gone.iter().for_each(|(_, watched)| watched.stop.cancel());
        self.release(gone.into_iter().map(|(name, _)| name).collect()).await
    }

    async fn release(&self, names: Vec<MailboxName>) -> Result<(), crate::db::Error> {
        if names.is_empty() {
            return Ok(());
        }
        let mut conn = self.app.db.platform().await?;
        mailboxes::release(&mut conn, self.poller.id, &names).await?;
        conn.commit().await
    }

    fn start(&mut self, name: MailboxName, target: Target, lease: Lease) {
        let (target, stop) = (Arc::new(target), CancellationToken::new());
        let ok_at = Arc::new(AtomicU64::new(self.poller.age()));
        let watched = Watched { target: target.clone(), lease, stop: stop.clone(), ok_at: ok_at.clone() };
        let (app, poller) = (self.app.clone(), self.poller.clone());
        self.tasks.spawn(async move {
            let is_ok = || ok_at.store(poller.age(), Ordering::Relaxed);
            let check = Check { app: &app, poller: &poller, target: &target, lease };
            tokio::select! {
                () = stop.cancelled() => {}
                () = watch::for_ever(&check, is_ok) => {}
            }
        });
        self.watched.insert(name, watched);
    }

    /// The longest time without a good check grows while nothing succeeds, whatever the reason; the one number an alarm
    /// needs.
    fn report(&self) {
        let oldest = self.watched.values().map(|watched| watched.ok_at.load(Ordering::Relaxed)).min();
        let seconds = oldest.map_or(0, |oldest| self.poller.age().saturating_sub(oldest));
        metrics::gauge!("immivo_imap_seconds_since_check").set(seconds as f64);
        metrics::gauge!("immivo_imap_mailboxes").set(self.watched.len() as f64);
    }
}
