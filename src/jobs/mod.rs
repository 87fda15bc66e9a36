//! Background work: a thin layer over the queue library.
//!
//! Always true here: a job is enqueued on the transaction that causes it, so it exists exactly when its cause does.
//! Payloads hold ids, never data. A job may run twice (a worker died, a commit got lost) and must be harmless then.
//! Jobs of one conversation run one after another, through a named queue. An `Err` is retried with growing pauses;
//! after the last attempt [`Job::give_up`] makes the failure visible to a human. To add one: implement [`Job`] in its
//! capability's `jobs.rs` and list it in [`registry`].
//!
//! What the clock begins is a [`NightlyJob`] or a [`PeriodicJob`], nobody's in particular: it enqueues a [`Job`] for every
//! tenant concerned.

mod enqueue;
mod registry;
mod worker;

pub use enqueue::{Placement, enqueue, enqueue_all, enqueue_new};
pub use registry::{Registered, nightly, periodic, registry};
pub use worker::{migrate, worker};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::ids::TenantId;

/// Why a job did not do its work this time. The text goes to the log and the queue, so it holds no personal data.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
pub struct JobError(#[from] anyhow::Error);

impl From<sqlx::Error> for JobError {
    fn from(error: sqlx::Error) -> Self {
        Self(error.into())
    }
}

/// One kind of background work; the value is the payload.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// `capability.verb`; the queue knows the job by it, so it never changes.
    const NAME: &'static str;
    /// How often it is tried before [`Job::give_up`].
    const ATTEMPTS: i16 = 8;

    /// Whose work it is.
    fn tenant(&self) -> TenantId;

    /// Does it.
    fn run(&self, app: &App) -> impl Future<Output = Result<(), JobError>> + Send;

    /// The last attempt failed: leave something a human sees and can retry from.
    fn give_up(&self, app: &App, error: &JobError) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// Work that the clock begins, once a day however many processes there are. It has no payload and no tenant, and looks
/// only for whom there is work.
pub trait NightlyJob: Send + Sync + 'static {
    /// `capability.verb`; the queue knows the job by it, so it never changes.
    const NAME: &'static str;
    /// Hour and minute, UTC. A process that was not running then makes up for it within the hour.
    const AT: (u32, u32);

    /// Does it.
    fn run(app: &App) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// Work that the clock begins every few minutes, however many processes there are. It has no payload and no tenant, and
/// looks only for whom something is due; what is due stands in rows, so a beat that is missed loses nothing.
pub trait PeriodicJob: Send + Sync + 'static {
    /// `capability.verb`; the queue knows the job by it, so it never changes.
    const NAME: &'static str;
    /// Minutes between two beats, 1 to 59.
    const EVERY: u32;

    /// Does it.
    fn run(app: &App) -> impl Future<Output = Result<(), JobError>> + Send;
}
