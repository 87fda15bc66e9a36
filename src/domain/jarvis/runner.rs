//! Which answers are made in this process. They are made whether anybody listens or not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use llm::ChatEngine;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::log::Log;
use super::model::ChatMessageId;
use super::run::{self, Run};
use super::tool::Registry;
use crate::app::App;

/// When the process is to end, answers may go on for this long.
const GRACE: Duration = Duration::from_secs(15);

/// The assistant of this process. Cloning shares it.
#[derive(Clone)]
pub struct Jarvis(Arc<Inner>);

struct Inner {
    engine: Arc<dyn ChatEngine>,
    fallback: Arc<dyn ChatEngine>,
    tools: Registry,
    running: Mutex<HashMap<ChatMessageId, Running>>,
    queue: mpsc::UnboundedSender<Run>,
    /// Until [`work`] takes it.
    waiting: Mutex<Option<mpsc::UnboundedReceiver<Run>>>,
}

/// An answer that is being made here.
#[derive(Debug, Clone)]
pub(super) struct Running {
    pub(super) log: Arc<Log>,
    /// The user wants it to stop.
    pub(super) cancel: CancellationToken,
    /// The process ends.
    pub(super) interrupt: CancellationToken,
}

impl std::fmt::Debug for Jarvis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jarvis").field("engine", &self.0.engine.name()).finish_non_exhaustive()
    }
}

impl Jarvis {
    /// With an engine, the one that steps in for it, and tools.
    #[must_use]
    pub fn new(engine: Arc<dyn ChatEngine>, fallback: Arc<dyn ChatEngine>, tools: Registry) -> Self {
        let (queue, waiting) = mpsc::unbounded_channel();
        let waiting = Mutex::new(Some(waiting));
        Self(Arc::new(Inner { engine, fallback, tools, running: Mutex::default(), queue, waiting }))
    }

    /// Begins an answer that was written down, and gives its log. Should nobody work here any more, the answer stays without
    /// a sign of life and counts as interrupted soon.
    #[must_use]
    pub fn begin(&self, run: Run) -> Arc<Log> {
        let running =
            Running { log: Arc::default(), cancel: CancellationToken::new(), interrupt: CancellationToken::new() };
        let (id, log) = (run.message, running.log.clone());
        self.running().insert(id, running);
        if self.0.queue.send(run).is_err() {
            self.forget(id);
        }
        log
    }

    /// The log of an answer that is made here.
    #[must_use]
    pub fn log(&self, id: ChatMessageId) -> Option<Arc<Log>> {
        self.running().get(&id).map(|running| running.log.clone())
    }

    /// How many answers are being made here.
    #[must_use]
    pub fn count(&self) -> usize {
        self.running().len()
    }

    /// Stops an answer if it is made here.
    pub fn cancel(&self, id: ChatMessageId) {
        if let Some(running) = self.running().get(&id) {
            running.cancel.cancel();
        }
    }

    /// The tools there are.
    #[must_use]
    pub fn tools(&self) -> &Registry {
        &self.0.tools
    }

    pub(super) fn engine(&self) -> &Arc<dyn ChatEngine> {
        &self.0.engine
    }

    pub(super) fn fallback(&self) -> &Arc<dyn ChatEngine> {
        &self.0.fallback
    }

    /// Nothing more comes of an answer: its listeners look into the database.
    fn forget(&self, id: ChatMessageId) {
        let gone = self.running().remove(&id);
        if let Some(running) = gone {
            running.log.end();
        }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<ChatMessageId, Running>> {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer is forgotten however its task ends.
struct Ends(Jarvis, ChatMessageId);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.forget(self.1);
    }
}

/// Makes answers until `soft`; those begun then have `GRACE` before they are interrupted.
pub async fn work(app: App, soft: CancellationToken) {
    let jarvis = app.jarvis.clone();
    let waiting = jarvis.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(mut waiting) = waiting else {
        // Somebody in this process is at it already.
        soft.cancelled().await;
        return;
    };
    let mut answers = JoinSet::new();
    loop {
        tokio::select! {
            () = soft.cancelled() => break,
            Some(run) = waiting.recv() => {
                let (app, ends) = (app.clone(), Ends(jarvis.clone(), run.message));
                let Some(running) = jarvis.running().get(&run.message).cloned() else { continue };
                answers.spawn(async move {
                    run::answer(&app, run, running).await;
                    drop(ends);
                });
            }
            Some(ended) = answers.join_next() => report(ended),
        }
    }
    waiting.close();
    while let Ok(run) = waiting.try_recv() {
        jarvis.forget(run.message);
    }
    let all = async |answers: &mut JoinSet<()>| {
        while let Some(ended) = answers.join_next().await {
            report(ended);
        }
    };
    if tokio::time::timeout(GRACE, all(&mut answers)).await.is_err() {
        jarvis.running().values().for_each(|running| running.interrupt.cancel());
        // Dropped with what is left if the database does not answer: their sign of life ends.
        let _ = tokio::time::timeout(Duration::from_secs(5), all(&mut answers)).await;
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "making an answer died");
    }
}
