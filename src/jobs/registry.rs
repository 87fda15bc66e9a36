//! Every kind of job there is.

use graphile_worker::WorkerOptions;

use super::{Job, NightlyJob, PeriodicJob};
use crate::domain::assistant::{self, CatchUp, Due, FollowUp, Reply};
use crate::domain::imports;
use crate::domain::intake::radar::{self, WatchPortals};
use crate::domain::intake::{Process, Reprocess};
use crate::domain::knowledge::{self, ForgetFile, Index, Refresh};
use crate::domain::leads::score::Score;
use crate::domain::mail::Deliver;
use crate::domain::privacy::{EraseTenant, Nightly, Retain, Run};
use crate::domain::tasks::{self, Remind};

/// One kind of job.
#[derive(Debug, Clone, Copy)]
pub struct Registered {
    /// Its name in the queue.
    pub name: &'static str,
    /// Adds it to a worker.
    pub define: fn(WorkerOptions) -> WorkerOptions,
}

fn entry<J: Job>() -> Registered {
    Registered { name: J::NAME, define: super::worker::define::<J> }
}

/// All kinds. A job that is not listed here is never run, so `tests/it/jobs.rs` compares this with the code.
#[must_use]
pub fn registry() -> Vec<Registered> {
    vec![
        entry::<Process>(),
        entry::<Reply>(),
        entry::<Deliver>(),
        entry::<Score>(),
        entry::<Index>(),
        entry::<Refresh>(),
        entry::<ForgetFile>(),
        entry::<Run>(),
        entry::<Retain>(),
        entry::<EraseTenant>(),
        entry::<Reprocess>(),
        entry::<WatchPortals>(),
        entry::<Remind>(),
        entry::<Due>(),
        entry::<FollowUp>(),
        entry::<CatchUp>(),
        entry::<imports::Run>(),
        entry::<imports::Undo>(),
    ]
}

fn nightly_entry<J: NightlyJob>() -> Registered {
    Registered { name: J::NAME, define: super::worker::define_nightly::<J> }
}

/// All kinds that the clock begins once a day.
#[must_use]
pub fn nightly() -> Vec<Registered> {
    vec![nightly_entry::<Nightly>(), nightly_entry::<radar::Nightly>(), nightly_entry::<knowledge::Nightly>()]
}

fn periodic_entry<J: PeriodicJob>() -> Registered {
    Registered { name: J::NAME, define: super::worker::define_periodic::<J> }
}

/// All kinds that the clock begins every few minutes.
#[must_use]
pub fn periodic() -> Vec<Registered> {
    vec![periodic_entry::<tasks::Clock>(), periodic_entry::<assistant::Clock>()]
}
