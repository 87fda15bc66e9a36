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

/// Puts many jobs into the queue as part of this transaction. They are due at once, in no particular order. They have no
/// keys: this is for what nobody else can have enqueued yet.
///
/// # Errors
/// When the database refused; also when one belongs to another tenant than the transaction.
pub async fn enqueue_all<J: Job>(conn: &mut TenantConn, jobs: &[J]) -> Result<(), sqlx::Error> {
    if jobs.is_empty() {
        return Ok(());
    }
    let payloads: Vec<serde_json::Value> = jobs
        .iter()
        .map(serde_json::to_value)
        .collect::<Result<_, _>>()
        .map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query!("/* jobs.enqueue_all */ SELECT enqueue_jobs($1, $2, $3)", J::NAME, &payloads, J::ATTEMPTS,)
        .fetch_one(conn.sql())
        .await?;
    Ok(())
}
