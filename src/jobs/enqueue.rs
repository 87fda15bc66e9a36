//! Putting a job into the queue.

use std::time::Duration;

use super::Job;
use crate::db::TenantConn;

/// Where a job goes in the queue.
#[derive(Debug, Clone, Default)]
pub struct Placement {
    /// Jobs with the same serial name run one after another.
    pub serial: Option<String>,
    /// A job with the same key that has not started yet is replaced.
    pub key: Option<String>,
    /// Not before this much time has passed.
    pub delay: Duration,
}

impl Placement {
    /// One after another for this conversation.
    #[must_use]
    pub fn conversation(id: uuid::Uuid) -> Self {
        Self { serial: Some(format!("conversation:{id}")), ..Self::default() }
    }

    /// Replaces a waiting job with the same key.
    #[must_use]
    pub fn keyed(mut self, key: String) -> Self {
        self.key = Some(key);
        self
    }

    /// Waits first.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// Puts `job` into the queue as part of this transaction.
///
/// # Errors
/// When the database refused; also when the job belongs to another tenant than the transaction.
pub async fn enqueue<J: Job>(conn: &mut TenantConn, job: &J, placement: Placement) -> Result<(), sqlx::Error> {
    let payload = serde_json::to_value(job).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let delay = sqlx::postgres::types::PgInterval {
        microseconds: i64::try_from(placement.delay.as_micros()).unwrap_or(i64::MAX),
        ..Default::default()
    };
    sqlx::query!(
        "/* jobs.enqueue */ SELECT enqueue_job($1, $2, $3, $4, $5, $6)",
        J::NAME,
        payload,
        placement.serial,
        delay,
        placement.key,
        J::ATTEMPTS,
    )
    .fetch_one(conn.sql())
    .await?;
    Ok(())
}

/// Puts many jobs, each with its key, into the queue as part of this transaction. They are due at once, in no particular
/// order; a job with the same key that has not started yet is replaced.
///
/// # Errors
/// When the database refused; also when one belongs to another tenant than the transaction.
pub async fn enqueue_all<J: Job>(conn: &mut TenantConn, jobs: &[(J, String)]) -> Result<(), sqlx::Error> {
    if jobs.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "/* jobs.enqueue_all */ SELECT enqueue_jobs($1, $2, $3, $4)",
        J::NAME,
        &payloads(jobs.iter().map(|(job, _)| job))?,
        &jobs.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>() as _,
        J::ATTEMPTS,
    )
    .fetch_one(conn.sql())
    .await?;
    Ok(())
}

/// The same for jobs that nobody else can have enqueued yet. They need no keys, which makes it four times as quick
/// (decision 0027).
///
/// # Errors
/// When the database refused; also when one belongs to another tenant than the transaction.
pub async fn enqueue_new<J: Job>(conn: &mut TenantConn, jobs: &[J]) -> Result<(), sqlx::Error> {
    if jobs.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "/* jobs.enqueue_new */ SELECT enqueue_jobs($1, $2, $3)",
        J::NAME,
        &payloads(jobs.iter())?,
        J::ATTEMPTS,
    )
    .fetch_one(conn.sql())
    .await?;
    Ok(())
}

fn payloads<'a, J: Job>(jobs: impl Iterator<Item = &'a J>) -> Result<Vec<serde_json::Value>, sqlx::Error> {
    jobs.map(serde_json::to_value).collect::<Result<_, _>>().map_err(|error| sqlx::Error::Encode(error.into()))
}
