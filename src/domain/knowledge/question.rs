//! A question with its vector.

use crate::app::App;
use crate::domain::budget::{self, Call};
use crate::domain::tenants;
use crate::ids::TenantId;

/// What is searched for.
#[derive(Debug, Clone)]
pub struct Question {
    /// In words.
    pub text: String,
    /// Its vector and the model that made it; `None` when the service could not be asked. Words are searched then.
    pub vector: Option<(Vec<f32>, String)>,
}

impl Question {
    /// The vector, or one that is near nothing, with the name of no model.
    pub(super) fn near(&self) -> (pgvector::Vector, &str) {
        match &self.vector {
            Some((vector, model)) => (pgvector::Vector::from(vector.clone()), model),
            None => (pgvector::Vector::from(vec![0.0; llm::EMBEDDING_DIMENSIONS]), ""),
        }
    }
}

/// A question of somebody of the agency, ready to be searched for. What the vector cost is written down.
///
/// # Errors
/// When the database cannot be asked.
pub async fn question(app: &App, tenant: TenantId, text: &str) -> Result<Question, sqlx::Error> {
    let is_free = app.engine.embedding_model() == app.fallback.embedding_model();
    let spent = if is_free {
        false
    } else {
        let mut conn = app.db.tenant(tenant).await?;
        let agency = tenants::current(&mut conn).await?;
        budget::is_spent(&mut conn, &agency).await?
    };
    let engine = if spent { &app.fallback } else { &app.engine };
    let vector = match engine.embed(&[text.to_owned()]).await {
        Ok((vectors, usage)) => {
            let model = usage.model.clone();
            if !is_free {
                let mut conn = app.db.tenant(tenant).await?;
                let call = Call { purpose: "embed", usage, outcome: "ok".to_owned() };
                budget::write(&mut conn, &app.settings.ai, None, &[call]).await?;
                conn.commit().await?;
            }
            vectors.into_iter().next().map(|vector| (vector, model))
        }
        Err(error) => {
            tracing::warn!(%error, "a question has no vector; only its words are searched");
            None
        }
    };
    Ok(Question { text: text.to_owned(), vector })
}
