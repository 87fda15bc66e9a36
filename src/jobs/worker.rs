//! Running jobs.

use std::time::{Duration, Instant};

use graphile_worker::{
    Cron, CrontabFill, IntoTaskHandlerResult, JobComplete, TaskHandler, Worker, WorkerContext, WorkerOptions,
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use super::{Job, JobError, NightlyJob, PeriodicJob};
use crate::app::App;
use crate::db::Database;
use crate::ids::TenantId;

/// Our job as the library wants it.
#[derive(Serialize, Deserialize)]
#[serde(transparent, bound = "J: Job")]
struct Handler<J: Job>(J);

impl<J: Job> TaskHandler for Handler<J> {
    const IDENTIFIER: &'static str = J::NAME;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let Some(app) = context.get_ext::<App>().cloned() else {
            return Err("the worker was started without the application".to_owned());
        };
        let job = context.job();
        run(&self.0, &app, *job.attempts(), *job.max_attempts()).await.map_err(|error| error.to_string())
    }
}

/// One attempt, with its log line, its metrics and, after the last one, the giving up.
async fn run<J: Job>(job: &J, app: &App, attempt: i16, attempts: i16) -> Result<(), JobError> {
    let started = Instant::now();
    let mut result = job.run(app).await;
    if result.is_err() && is_gone(app, job.tenant()).await {
        // The agency was erased while its job ran: what failed has nobody left to be done for.
        result = Ok(());
    }
    let outcome = if result.is_ok() { "done" } else { "failed" };
    metrics::counter!("immivo_jobs_total", "job" => J::NAME, "outcome" => outcome).increment(1);
    metrics::histogram!("immivo_job_seconds", "job" => J::NAME).record(started.elapsed().as_secs_f64());
    let Err(error) = result else {
        tracing::debug!(job = J::NAME, tenant = %job.tenant(), attempt, milliseconds = started.elapsed().as_millis(), "job done");
        return Ok(());
    };
    tracing::warn!(job = J::NAME, tenant = %job.tenant(), attempt, attempts, %error, "job failed");
    if attempt < attempts {
        return Err(error);
    }
    metrics::counter!("immivo_jobs_given_up_total", "job" => J::NAME).increment(1);
    tracing::error!(job = J::NAME, tenant = %job.tenant(), %error, "job given up");
    job.give_up(app, &error).await
}

/// Whether there is no such tenant any more. When that cannot be told there is one.
async fn is_gone(app: &App, tenant: TenantId) -> bool {
    let asked = async {
        let mut conn = app.db.platform().await?;
        sqlx::query_scalar!(
            r#"/* jobs.is_gone */ SELECT NOT EXISTS (SELECT FROM tenants WHERE id = $1) AS "gone!""#,
            tenant.0
        )
        .fetch_one(conn.sql())
        .await
    };
    asked.await.unwrap_or(false)
}

/// What the clock begins, as the library wants it. Its payload is the library's own.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
struct NightlyHandler<J: NightlyJob> {
    #[serde(skip)]
    kind: std::marker::PhantomData<fn() -> J>,
}

impl<J: NightlyJob> TaskHandler for NightlyHandler<J> {
    const IDENTIFIER: &'static str = J::NAME;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let Some(app) = context.get_ext::<App>().cloned() else {
            return Err("the worker was started without the application".to_owned());
        };
        counted(J::NAME, J::run(&app).await)
    }
}

/// The same for what begins every few minutes.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
struct PeriodicHandler<J: PeriodicJob> {
    #[serde(skip)]
    kind: std::marker::PhantomData<fn() -> J>,
}

impl<J: PeriodicJob> TaskHandler for PeriodicHandler<J> {
    const IDENTIFIER: &'static str = J::NAME;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let Some(app) = context.get_ext::<App>().cloned() else {
            return Err("the worker was started without the application".to_owned());
        };
        counted(J::NAME, J::run(&app).await)
    }
}

/// Counts and logs how a job that the clock began ended.
fn counted(name: &'static str, result: Result<(), JobError>) -> Result<(), String> {
    let outcome = if result.is_ok() { "done" } else { "failed" };
    metrics::counter!("immivo_jobs_total", "job" => name, "outcome" => outcome).increment(1);
    result.map_err(|error| {
        tracing::error!(job = name, %error, "a job that the clock began failed");
        error.to_string()
    })
}

/// Adds one kind of job to a worker.
pub(super) fn define<J: Job>(options: WorkerOptions) -> WorkerOptions {
    options.define_job::<Handler<J>>()
}

/// Adds one kind of job that the clock begins to a worker.
pub(super) fn define_nightly<J: NightlyJob>(options: WorkerOptions) -> WorkerOptions {
    let options = options.define_job::<NightlyHandler<J>>();
    let (hour, minute) = J::AT;
    match Cron::daily_at::<NightlyHandler<J>>(hour, minute) {
        Ok(cron) => options.with_cron(cron.fill(CrontabFill::hours(1)).max_attempts(5)),
        Err(error) => {
            // A constant of ours that is no time of day; a test defines every kind.
            tracing::error!(job = J::NAME, %error, "this job has no time and never runs");
            options
        }
    }
}

/// Adds one kind of job that the clock begins every few minutes to a worker. A beat that was missed is not made up for:
/// the next one finds the same rows.
pub(super) fn define_periodic<J: PeriodicJob>(options: WorkerOptions) -> WorkerOptions {
    let options = options.define_job::<PeriodicHandler<J>>();
    match Cron::every_n_minutes::<PeriodicHandler<J>>(J::EVERY) {
        Ok(cron) => options.with_cron(cron.max_attempts(1)),
        Err(error) => {
            tracing::error!(job = J::NAME, %error, "this job has no time and never runs");
            options
        }
    }
}

/// Makes the queue's own tables.
///
/// # Errors
/// In the library's words.
pub async fn migrate(database: &Database) -> Result<(), String> {
    WorkerOptions::default()
        .pg_pool(database.pool())
        .listen_os_shutdown_signals(false)
        .init()
        .await
        .map(|_| ())
        .map_err(|error| error.to_string())
}

/// A worker for every registered job, which stops taking jobs when `soft` is cancelled.
///
/// # Errors
/// When the queue cannot be reached.
pub async fn worker(app: &App, soft: CancellationToken) -> anyhow::Result<Worker> {
    let settings = &app.settings.jobs;
    let dead_after = Duration::from_secs(settings.dead_after_seconds);
    let mut options = WorkerOptions::default()
        .pg_pool(app.db.pool())
        .concurrency(settings.concurrency)
        .poll_interval(Duration::from_secs(settings.poll_seconds))
        .heartbeat_interval(dead_after / 4)
        .sweep_interval(dead_after / 4)
        .sweep_threshold(dead_after)
        .recovery_delay(Duration::ZERO)
        .listen_os_shutdown_signals(false)
        .shutdown_signal(soft.cancelled_owned())
        .shutdown_grace_period(Duration::from_secs(20))
        .shutdown_interrupted_job_retry_delay(Duration::ZERO)
        .add_extension(app.clone());
    let pool = app.db.pool();
    options = options.on(JobComplete, move |done| {
        let pool = pool.clone();
        async move {
            if let Some(queue) = done.job.job_queue_id() {
                wake(&pool, *queue).await;
            }
        }
    });
    for kind in super::registry().into_iter().chain(super::nightly()).chain(super::periodic()) {
        options = (kind.define)(options);
    }
    Ok(options.init().await?)
}

/// The job after a finished one of the same serial name was announced while that one still held the name, so no worker
/// could take it; announced once more, it need not wait for the next look at the queue.
async fn wake(pool: &PgPool, queue: i32) {
    let woken = sqlx::query(
        "/* jobs.wake */ SELECT pg_notify('jobs:insert', '') WHERE EXISTS (
             SELECT FROM graphile_worker._private_jobs WHERE job_queue_id = $1 AND is_available AND run_at <= now())",
    )
    .bind(queue)
    .execute(pool)
    .await;
    if let Err(error) = woken {
        tracing::warn!(%error, "workers could not be woken, they look again by the clock");
    }
}
