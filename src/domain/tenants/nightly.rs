//! Work of the night that every tenant has.

use super::store;
use crate::db::Database;
use crate::ids::TenantId;
use crate::jobs::{self, Job, Placement};

/// Enqueues a job for every tenant, each in a transaction of its own; one that still waits from before is replaced.
///
/// # Errors
/// When the database cannot do it; tenants before the one it failed for have their job.
pub async fn enqueue_for_all<J: Job>(db: &Database, job: impl Fn(TenantId) -> J) -> Result<(), sqlx::Error> {
    let mut conn = db.platform().await?;
    let tenants = store::all(&mut conn).await?;
    drop(conn);
    for tenant in tenants {
        let mut conn = db.tenant(tenant).await?;
        jobs::enqueue(&mut conn, &job(tenant), Placement::default().keyed(format!("{}:{tenant}", J::NAME))).await?;
        conn.commit().await?;
    }
    Ok(())
}
