//! SQL of the buckets. The arithmetic is in the database (`take_tokens`), so that one statement does it.

use std::time::Duration;

use sqlx::postgres::types::PgInterval;

use crate::db::Database;
use crate::settings::RateSettings;

/// What a bucket gave.
pub(super) struct Taken {
    pub(super) tokens: u32,
    /// Until as many as wanted are there.
    pub(super) wait: Duration,
}

/// Takes up to `wanted` tokens from a bucket.
pub(super) async fn take(db: &Database, name: &[u8], wanted: u32, rate: RateSettings) -> Result<Taken, sqlx::Error> {
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let period = PgInterval { microseconds: (60_000_000 / i64::from(rate.per_minute)).max(1), ..PgInterval::default() };
    let mut conn = db.platform().await?;
    let now = conn.now();
    let row = sqlx::query!(
        r#"/* limits.take */ SELECT taken AS "taken!", wait AS "wait!" FROM take_tokens($1, $2, $3, $4, $5)"#,
        name,
        number(wanted),
        number(rate.burst),
        period,
        now as _,
    )
    .fetch_one(conn.sql())
    .await?;
    conn.commit().await?;
    Ok(Taken {
        tokens: u32::try_from(row.taken).unwrap_or_default(),
        wait: Duration::from_micros(u64::try_from(row.wait.microseconds).unwrap_or_default())
            + Duration::from_secs(86_400) * u32::try_from(row.wait.days).unwrap_or_default(),
    })
}

/// Removes buckets that are full.
pub(super) async fn forget_full(db: &Database) -> Result<u64, sqlx::Error> {
    let mut conn = db.platform().await?;
    let now = conn.now();
    let gone = sqlx::query!("/* limits.forget_full */ DELETE FROM rate_limits WHERE full_at <= $1", now as _)
        .execute(conn.sql())
        .await?;
    conn.commit().await?;
    Ok(gone.rows_affected())
}
