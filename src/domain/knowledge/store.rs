//! SQL of pieces.

use pgvector::Vector;
use uuid::Uuid;

use super::model::Source;
use super::text::Text;
use crate::db::TenantConn;
use crate::ids::new_id;

/// What a text's pieces were made from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) sha256: Vec<u8>,
    pub(super) model: String,
}

/// What the pieces of a text were made from; `None` when it has none.
pub(super) async fn made(conn: &mut TenantConn, source: Source, id: Uuid) -> Result<Option<Made>, sqlx::Error> {
    sqlx::query_as!(
        Made,
        "/* knowledge.made */
         SELECT source_sha256 AS sha256, model FROM knowledge_chunks
         WHERE tenant_id = $1 AND source = $2 AND source_id = $3 AND ordinal = 0",
        conn.tenant().0,
        source as _,
        id,
    )
    .fetch_optional(conn.sql())
    .await
}

/// Removes the pieces of a text.
pub(super) async fn forget(conn: &mut TenantConn, source: Source, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* knowledge.forget */ DELETE FROM knowledge_chunks WHERE tenant_id = $1 AND source = $2 AND source_id = $3",
        conn.tenant().0,
        source as _,
        id,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Keeps the pieces of a text that has none.
pub(super) async fn keep(
    conn: &mut TenantConn,
    text: &Text,
    (language, model): (&str, &str),
    pieces: Vec<(String, Vec<f32>)>,
) -> Result<(), sqlx::Error> {
    let is = |source: Source| (text.source == source).then_some(text.id);
    let sha256 = text.sha256();
    for (ordinal, (piece, vector)) in pieces.into_iter().enumerate() {
        sqlx::query!(
            "/* knowledge.keep */
             INSERT INTO knowledge_chunks (id, tenant_id, source, source_id, property_id, document_id, fact_id, lead_id,
                                           ordinal, language, text, model, source_sha256, embedding, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::vector::halfvec, $15)",
            new_id(),
            conn.tenant().0,
            text.source as _,
            text.id,
            text.property_id,
            is(Source::Document),
            is(Source::Fact),
            is(Source::Conversation),
            i16::try_from(ordinal).unwrap_or(i16::MAX),
            language,
            piece,
            model,
            sha256,
            Vector::from(vector) as _,
            conn.now() as _,
        )
        .execute(conn.sql())
        .await?;
    }
    Ok(())
}
