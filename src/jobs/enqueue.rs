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

/// Puts many jobs of one kind into the queue as part of this transaction, each with its key, to run at once.
///
/// # Errors
/// As [`enqueue`].
pub async fn enqueue_all<J: Job>(conn: &mut TenantConn, jobs: &[(J, String)]) -> Result<(), sqlx::Error> {
    let mut payloads = Vec::with_capacity(jobs.len());
    for (job, _) in jobs {
        payloads.push(serde_json::to_value(job).map_err(|error| sqlx::Error::Encode(error.into()))?);
    }
    let keys: Vec<String> = jobs.iter().map(|(_, key)| key.clone()).collect();
    sqlx::query!(
        "/* jobs.enqueue_all */
         SELECT enqueue_job($1, job.payload, NULL, interval '0', job.key, $4)
         FROM unnest($2::jsonb[], $3::text[]) AS job (payload, key)",
        J::NAME,
        &payloads,
        &keys,
        J::ATTEMPTS,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(())
}
