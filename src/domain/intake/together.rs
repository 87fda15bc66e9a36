//! Storing mails of many senders by one commit (docs/decisions/0019).
//!
//! Always true: whoever hands in a mail hears "stored" only after the commit that holds the mail and its job. While
//! commits run, what arrives waits for the next, which takes all of it. A mail waits for company only right after a commit
//! and no longer than half of what that took, when those who just heard "stored" may be about to hand in their next one
//! (docs/decisions/0027); one that is alone waits for nobody. A mail that the database refuses is tried again alone, so it
//! spoils nobody else's. Each mail is written within its own tenant's fence, as everywhere.

mod gather;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{Instant, timeout};

use self::gather::{Last, gather};
use super::model::{Door, IntakeId};
use super::receive::{Received, receive_all};
use crate::db::{Database, TenantConn};
use crate::domain::tenants;
use crate::ids::TenantId;

/// Transactions under way at once: while one is flushed to the disk, the other is written. More would only make the groups
/// smaller.
const LANES: u32 = 2;
/// Time for one transaction. Shorter than senders wait, so that they hear "later" of a database that hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A mail to be stored.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// Whose it is, as far as known.
    pub tenant: TenantId,
    /// Under which intake prefix it was addressed; the tenant must have it still when the mail is stored.
    pub prefix: String,
    /// By which way.
    pub door: Door,
    /// Who handed it over.
    pub peer: String,
    /// Envelope sender; empty for bounces.
    pub envelope_from: String,
    /// Envelope recipient.
    pub envelope_to: String,
    /// What the door knows of the sender.
    pub authentication: Option<Value>,
    /// The bytes; shared by the copies for several tenants.
    pub raw: Arc<Vec<u8>>,
}

impl Parcel {
    fn received(&self) -> Received<'_> {
        Received {
            door: self.door,
            peer: &self.peer,
            envelope_from: &self.envelope_from,
            envelope_to: &self.envelope_to,
            authentication: self.authentication.as_ref(),
            raw: &self.raw,
        }
    }
}

/// Why a mail is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotStored {
    /// The tenant has another intake prefix by now, or is gone.
    #[error("nobody has this address any more")]
    NoSuchAddress,
    /// The database did not do it; the log says why. The mail may be handed in again.
    #[error("the mail could not be stored")]
    Failed,
}

struct Waiting {
    parcel: Parcel,
    stored: oneshot::Sender<Result<IntakeId, NotStored>>,
}

/// Where mails are handed in. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Counter {
    waiting: mpsc::Sender<Waiting>,
}

/// What stores them; it works while [`Committer::run`] does.
#[derive(Debug)]
pub struct Committer {
    waiting: mpsc::Receiver<Waiting>,
    db: Database,
}

/// A place to hand in mails, and what stores them, over connections of its own.
#[must_use]
pub fn counter(db: &Database) -> (Counter, Committer) {
    let (sender, receiver) = mpsc::channel(gather::MOST);
    (Counter { waiting: sender }, Committer { waiting: receiver, db: db.apart(LANES) })
}

impl Counter {
    /// Stores a mail with its job; it is durable when this returns `Ok`. A caller who is dropped before has said nothing
    /// to anybody, so his mail need not be stored.
    ///
    /// # Errors
    /// [`NotStored`]. It may be stored all the same, if the commit was done and its answer got lost; the same bytes once
    /// more are the same mail.
    pub async fn store(&self, parcel: Parcel) -> Result<IntakeId, NotStored> {
        let (stored, answer) = oneshot::channel();
        self.waiting.send(Waiting { parcel, stored }).await.map_err(|_| NotStored::Failed)?;
        answer.await.map_err(|_| NotStored::Failed)?
    }
}

impl Committer {
    /// Stores what is handed in, until every [`Counter`] is gone.
    pub async fn run(self) {
        let Self { waiting, db } = self;
        let (waiting, storing) = (Mutex::new(waiting), Storing { db });
        let lanes = (0..LANES).map(|_| async {
            let mut last = None;
            loop {
                // One lane gathers at a time.
                let Some(batch) = gather(&mut *waiting.lock().await, last).await else { return };
                let (mails, begun) = (batch.len(), Instant::now());
                storing.store(batch).await;
                last = Some(Last { mails, took: begun.elapsed(), ended: Instant::now() });
            }
        });
        futures::future::join_all(lanes).await;
        storing.db.close().await;
    }
}

/// Writes groups of mails.
struct Storing {
    db: Database,
}

impl Storing {
    async fn store(&self, batch: Vec<Waiting>) {
        metrics::histogram!("immivo_intake_commit_mails")
            .record(f64::from(u16::try_from(batch.len()).unwrap_or(u16::MAX)));
        match self.commit(&batch).await {
            Ok(outcomes) => {
                for (waiting, outcome) in batch.into_iter().zip(outcomes) {
                    // who is not there any more sends the same mail again, and it is known then
                    let _ = waiting.stored.send(outcome);
                }
            }
            Err(Failure::Database(error @ sqlx::Error::Database(_))) if batch.len() > 1 => {
                tracing::warn!(%error, mails = batch.len(), "mails could not be stored together, each is tried alone");
                for waiting in batch {
                    let alone = self.commit(std::slice::from_ref(&waiting)).await;
                    answer(waiting, alone);
                }
            }
            Err(error) => {
                tracing::error!(%error, mails = batch.len(), "mails could not be stored");
                for waiting in batch {
                    let _ = waiting.stored.send(Err(NotStored::Failed));
                }
            }
        }
    }

    /// All in one transaction; outcomes in the order of `batch`.
    async fn commit(&self, batch: &[Waiting]) -> Result<Vec<Outcome>, Failure> {
        Ok(timeout(PATIENCE, self.transaction(batch)).await??)
    }

    async fn transaction(&self, batch: &[Waiting]) -> Result<Vec<Outcome>, sqlx::Error> {
        let mut by_tenant: BTreeMap<TenantId, Vec<usize>> = BTreeMap::new();
        for (place, waiting) in batch.iter().enumerate() {
            by_tenant.entry(waiting.parcel.tenant).or_default().push(place);
        }
        let mut outcomes = vec![Err(NotStored::NoSuchAddress); batch.len()];
        let mut open: Option<TenantConn> = None;
        for (tenant, places) in by_tenant {
            let mut conn = match open.take() {
                None => self.db.tenant(tenant).await?,
                Some(conn) => conn.into_tenant(tenant).await?,
            };
            // What is known of addresses may be seconds old; here it is certain, and stays so until the commit.
            if let Some(prefix) = tenants::hold_intake_prefix(&mut conn).await? {
                let at_home: Vec<usize> =
                    places.into_iter().filter(|&place| batch[place].parcel.prefix == prefix).collect();
                let mails: Vec<Received<'_>> = at_home.iter().map(|&place| batch[place].parcel.received()).collect();
                for (place, id) in at_home.into_iter().zip(receive_all(&mut conn, &mails).await?) {
                    outcomes[place] = Ok(id);
                }
            }
            open = Some(conn);
        }
        if let Some(conn) = open {
            conn.commit().await?;
        }
        Ok(outcomes)
    }
}

type Outcome = Result<IntakeId, NotStored>;

/// Why a transaction did not happen, or is not known to have.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the database could not do it: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the database did not answer in time")]
    TooLate(#[from] tokio::time::error::Elapsed),
}

/// Tells whoever waits how it went with a mail that was alone in its transaction.
fn answer(waiting: Waiting, alone: Result<Vec<Outcome>, Failure>) {
    let outcome = alone.map(|outcomes| outcomes.first().copied());
    if let Err(error) = &outcome {
        tracing::error!(%error, tenant = %waiting.parcel.tenant, "a mail could not be stored");
    }
    let _ = waiting.stored.send(outcome.ok().flatten().unwrap_or(Err(NotStored::Failed)));
}
