//! Making a text searchable, anew after each change.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::chunk::pieces;
use super::model::{DocumentId, DocumentState, Source};
use super::{documents, reading, store, text};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::budget::{self, Call};
use crate::domain::tenants;
use crate::ids::TenantId;
use crate::jobs::{self, Job, JobError, Placement};

/// Most pieces of one text: a book. What comes after them is not found.
const MOST_PIECES: usize = 2000;

/// Job `knowledge.index`: makes a text searchable. A trigger enqueues it with every change (`migrations/0041`).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// Tenant.
    pub tenant_id: TenantId,
    /// What the text belongs to.
    pub source: Source,
    /// Id of the listing, document, fact or lead.
    pub id: Uuid,
}

impl Index {
    /// Notes where a document stands.
    async fn settle(&self, conn: &mut TenantConn, state: DocumentState) -> Result<(), sqlx::Error> {
        match self.source {
            Source::Document => documents::settle(conn, DocumentId(self.id), state).await,
            Source::Property | Source::Fact | Source::Conversation => Ok(()),
        }
    }

    /// One job that waits is enough.
    pub(super) fn key(&self) -> String {
        format!("{}:{}", Self::NAME, self.id)
    }
}

impl Job for Index {
    const NAME: &'static str = "knowledge.index";

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        // Gone with its pieces.
        let Some(found) = text::text_of(&mut conn, self.source, self.id).await? else { return Ok(()) };
        let tenant = tenants::current(&mut conn).await?;
        let spent = budget::is_spent(&mut conn, &tenant).await?;
        let engine = if spent { &app.fallback } else { &app.engine };
        let wanted = store::Made { sha256: found.sha256(), model: engine.embedding_model() };
        if store::made(&mut conn, self.source, self.id).await?.is_some_and(|made| made == wanted) {
            self.settle(&mut conn, DocumentState::Indexed).await?;
            return Ok(conn.commit().await?);
        }
        drop(conn);

        let language = reading::language(&found.text);
        let mut pieces = pieces(&found.text);
        pieces.truncate(MOST_PIECES);
        let (vectors, usage) = if pieces.is_empty() {
            (Vec::new(), None)
        } else {
            let (vectors, usage) = engine.embed(&pieces).await.map_err(anyhow::Error::from)?;
            (vectors, Some(usage))
        };

        let mut conn = app.db.tenant(self.tenant_id).await?;
        let model = usage.as_ref().map(|usage| usage.model.clone()).unwrap_or_default();
        if let Some(usage) = usage {
            // Nobody's call in particular: the lead may be gone meanwhile.
            let call = Call { purpose: "embed", usage, outcome: "ok".to_owned() };
            budget::write(&mut conn, &app.settings.ai, None, &[call]).await?;
        }
        if spent && app.engine.embedding_model() != app.fallback.embedding_model() {
            // The configured model comes back to it when there is a budget again.
            let wait = budget::renewal(conn.now(), &tenant).duration_since(conn.now().0).unsigned_abs();
            let placement = Placement::default().after(wait).keyed(format!("knowledge.index.again:{}", self.id));
            jobs::enqueue(&mut conn, self, placement).await?;
        }
        // Changed or gone meanwhile: what changed it enqueued its own job.
        let now = text::text_of(&mut conn, self.source, self.id).await?;
        if now.is_some_and(|now| now.sha256() == wanted.sha256) {
            store::forget(&mut conn, self.source, self.id).await?;
            let pieces = pieces.into_iter().zip(vectors).collect();
            store::keep(&mut conn, &found, (&language, &model), pieces).await?;
            self.settle(&mut conn, DocumentState::Indexed).await?;
        }
        Ok(conn.commit().await?)
    }

    /// A document shows it, and may be tried again. Whatever else there is stays usable without being found, and is tried
    /// again every night.
    async fn give_up(&self, app: &App, error: &JobError) -> Result<(), JobError> {
        tracing::error!(source = %self.source, id = %self.id, %error, "a text is not searchable");
        let mut conn = app.db.tenant(self.tenant_id).await?;
        self.settle(&mut conn, DocumentState::Failed).await?;
        Ok(conn.commit().await?)
    }
}
