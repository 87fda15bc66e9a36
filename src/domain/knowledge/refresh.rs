//! The nightly look for texts that are not indexed as they should be: a new model, a row written past the triggers, a job
//! that was given up.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::index::Index;
use super::model::Source;
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::{budget, tenants};
use crate::ids::TenantId;
use crate::jobs::{self, Job, JobError, NightlyJob};

/// Most texts of one agency in one night; the rest waits for the next ones. A new model should not stop everything else.
const MOST: i64 = 20_000;

/// Job `knowledge.nightly`: has every tenant's texts looked at.
#[derive(Debug, Clone, Copy)]
pub struct Nightly;

impl NightlyJob for Nightly {
    const NAME: &'static str = "knowledge.nightly";
    const AT: (u32, u32) = (1, 30);

    async fn run(app: &App) -> Result<(), JobError> {
        Ok(tenants::enqueue_for_all(&app.db, |tenant_id| Refresh { tenant_id }).await?)
    }
}

/// Job `knowledge.refresh`: has one tenant's texts indexed that have no pieces of the model there is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refresh {
    /// Tenant.
    pub tenant_id: TenantId,
}

impl Job for Refresh {
    const NAME: &'static str = "knowledge.refresh";

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let tenant = tenants::current(&mut conn).await?;
        let engine = if budget::is_spent(&mut conn, &tenant).await? { &app.fallback } else { &app.engine };
        let jobs: Vec<(Index, String)> = stale(&mut conn, &engine.embedding_model())
            .await?
            .into_iter()
            .map(|(source, id)| Index { tenant_id: self.tenant_id, source, id })
            .map(|job| (job.clone(), job.key()))
            .collect();
        if !jobs.is_empty() {
            tracing::info!(tenant = %self.tenant_id, texts = jobs.len(), "texts are indexed anew");
        }
        jobs::enqueue_all(&mut conn, &jobs).await?;
        Ok(conn.commit().await?)
    }

    /// The worker has written that it was given up; the next night looks again.
    async fn give_up(&self, _app: &App, _error: &JobError) -> Result<(), JobError> {
        Ok(())
    }
}

/// Texts without pieces of `model`.
async fn stale(conn: &mut TenantConn, model: &str) -> Result<Vec<(Source, Uuid)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* knowledge.stale */
         SELECT source AS "source!: Source", id AS "id!" FROM (
             SELECT 'PROPERTY' AS source, id FROM properties WHERE tenant_id = $1 AND description ~ '[[:alpha:]]{3}'
             UNION ALL SELECT 'FACT', id FROM tenant_facts WHERE tenant_id = $1
             UNION ALL SELECT 'DOCUMENT', id FROM documents WHERE tenant_id = $1
             UNION ALL SELECT 'CONVERSATION', lead_id FROM conversations WHERE tenant_id = $1
         ) AS text
         WHERE NOT EXISTS (SELECT FROM knowledge_chunks c
                           WHERE c.tenant_id = $1 AND c.source = text.source AND c.source_id = text.id AND c.ordinal = 0 AND c.model = $2)
         LIMIT $3"#,
        conn.tenant().0,
        model,
        MOST,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows.into_iter().map(|row| (row.source, row.id)).collect())
}
