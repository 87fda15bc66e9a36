//! Rows whose time is over, of tables that belong to no job: removed now and then by every process that serves HTTP.
//! Two that do it at once remove the same rows, and nothing else.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::domain::live;

const EVERY: Duration = Duration::from_secs(600);

/// Sweeps until `soft`. A failure is logged, and the next time comes.
pub(super) async fn sweep(app: App, soft: CancellationToken) -> anyhow::Result<()> {
    loop {
        tokio::select! {
            () = soft.cancelled() => return Ok(()),
            () = tokio::time::sleep(EVERY) => {}
        }
        match once(&app).await {
            Ok((events, buckets)) => tracing::debug!(events, buckets, "swept"),
            Err(error) => tracing::warn!(%error, "old events and rate limits could not be removed, trying again later"),
        }
    }
}

async fn once(app: &App) -> Result<(u64, u64), sqlx::Error> {
    let mut conn = app.db.platform().await?;
    let events = live::forget_old(&mut conn).await?;
    conn.commit().await?;
    Ok((events, app.limits.forget_full().await?))
}
