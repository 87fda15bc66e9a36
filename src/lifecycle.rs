//! Starting, watching and ending the program's tasks.
//!
//! Always true: a task that ends before it was asked to takes the process down, so that whoever runs it starts it
//! anew instead of keeping half a program. Ending has two stages: *soft* (take nothing new, finish what is begun) and,
//! after the grace period or a second signal, *hard*.

use std::future::Future;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long the soft stage may take.
pub const GRACE: Duration = Duration::from_secs(25);

/// The tasks of one process.
#[derive(Debug, Default)]
pub struct Lifecycle {
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: JoinSet<(&'static str, anyhow::Result<()>)>,
}

impl Lifecycle {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancelled when nothing new is to be taken.
    #[must_use]
    pub fn soft(&self) -> CancellationToken {
        self.soft.clone()
    }

    /// Cancelled when everything has to end.
    #[must_use]
    pub fn hard(&self) -> CancellationToken {
        self.hard.clone()
    }

    /// Starts a task that should run until [`Lifecycle::soft`].
    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
        self.tasks.spawn(async move { (name, task.await) });
    }

    /// Runs until a signal comes, `stop` is cancelled or a task dies; then ends everything.
    ///
    /// # Errors
    /// When a task died.
    pub async fn run(mut self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut outcome = Ok(());
        tokio::select! {
            _ = interrupt.recv() => tracing::info!("interrupted, finishing what is begun"),
            _ = terminate.recv() => tracing::info!("asked to end, finishing what is begun"),
            () = stop.cancelled() => {}
            ended = self.tasks.join_next() => outcome = Err(death(ended)),
        }
        self.soft.cancel();
        let deadline = tokio::time::sleep(GRACE);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                ended = self.tasks.join_next() => match ended {
                    None => break,
                    Some(Ok((name, Err(error)))) => tracing::error!(task = name, error = format!("{error:#}"), "task failed while ending"),
                    Some(Ok((name, Ok(())))) => tracing::debug!(task = name, "task ended"),
                    Some(Err(error)) => tracing::error!(%error, "task died while ending"),
                },
                () = &mut deadline => break,
                _ = interrupt.recv() => break,
                _ = terminate.recv() => break,
            }
        }
        self.hard.cancel();
        // What hears the hard token gets a moment to let go of its sockets; the rest is dropped.
        let _ = tokio::time::timeout(Duration::from_secs(2), async { while self.tasks.join_next().await.is_some() {} })
            .await;
        self.tasks.abort_all();
        outcome
    }
}

fn death(ended: Option<Result<(&'static str, anyhow::Result<()>), tokio::task::JoinError>>) -> anyhow::Error {
    match ended {
        None => anyhow::anyhow!("nothing to run: no role was given"),
        Some(Ok((name, Ok(())))) => anyhow::anyhow!("task {name} ended by itself"),
        Some(Ok((name, Err(error)))) => error.context(format!("task {name} failed")),
        Some(Err(error)) => anyhow::anyhow!("a task panicked: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_dies_takes_the_process_down_and_the_others_end() {
        let mut lifecycle = Lifecycle::new();
        let soft = lifecycle.soft();
        let (ended, was_ended) = tokio::sync::oneshot::channel();
        lifecycle.spawn("patient", async move {
            soft.cancelled().await;
            let _ = ended.send(());
            Ok(())
        });
        lifecycle.spawn("mortal", async { Err(anyhow::anyhow!("boom")) });
        let error = lifecycle.run(CancellationToken::new()).await.unwrap_err();
        assert!(format!("{error:#}").contains("mortal failed: boom"), "{error:#}");
        assert!(was_ended.await.is_ok());
    }

    #[tokio::test]
    async fn a_stop_ends_everything_without_an_error() {
        let mut lifecycle = Lifecycle::new();
        let soft = lifecycle.soft();
        lifecycle.spawn("patient", async move {
            soft.cancelled().await;
            Ok(())
        });
        let stop = CancellationToken::new();
        stop.cancel();
        assert!(lifecycle.run(stop).await.is_ok());
    }
}
