//! Finding what a listing's text says about a question: pieces with vectors, and the nearest ones.

use pgvector::Vector;
use serde::{Deserialize, Serialize};

use super::{Property, PropertyId, find};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::budget::{self, Call};
use crate::domain::tenants;
use crate::ids::{TenantId, new_id};
use crate::jobs::{self, Job, JobError, Placement};

/// Longest piece, characters: a few sentences that belong together.
const PIECE: usize = 300;
/// Most pieces of one listing.
const PIECES: usize = 64;

/// Job `properties.embed`: makes a listing's text searchable, anew after each change.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Embed {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Listing.
    pub property_id: PropertyId,
}

/// Has a listing's text made searchable.
///
/// # Errors
/// When the database cannot do it.
pub async fn index_soon(conn: &mut TenantConn, id: PropertyId) -> Result<(), sqlx::Error> {
    let job = Embed { tenant_id: conn.tenant(), property_id: id };
    jobs::enqueue(conn, &job, Placement::default().keyed(format!("properties.embed:{id}"))).await
}

impl Job for Embed {
    const NAME: &'static str = "properties.embed";

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let Some(property) = find(&mut conn, self.property_id).await? else { return Ok(()) };
        let tenant = tenants::current(&mut conn).await?;
        let spent = budget::is_spent(&mut conn, &tenant).await?;
        drop(conn);
        let pieces = pieces(&property.description);
        let (vectors, usage) = if pieces.is_empty() {
            (Vec::new(), None)
        } else {
            let engine = if spent { &app.fallback } else { &app.engine };
            let (vectors, usage) = engine.embed(&pieces).await.map_err(anyhow::Error::from)?;
            (vectors, Some(usage))
        };
        let mut conn = app.db.tenant(self.tenant_id).await?;
        if let Some(usage) = usage.clone() {
            let call = Call { purpose: "embed", usage, outcome: "ok".to_owned() };
            budget::write(&mut conn, &app.settings.ai, None, &[call]).await?;
        }
        if spent && app.engine.name() != app.fallback.name() {
            // Vectors of two engines cannot be compared, so the configured one comes back to it when there is a budget again.
            let wait = budget::renewal(conn.now(), &tenant).duration_since(conn.now().0).unsigned_abs();
            let placement = Placement::default().after(wait).keyed(format!("properties.embed.again:{}", property.id));
            jobs::enqueue(&mut conn, self, placement).await?;
        }
        replace(&mut conn, &property, usage.as_ref().map_or("-", |usage| &usage.engine), &pieces, vectors).await?;
        conn.commit().await?;
        Ok(())
    }

    async fn give_up(&self, _app: &App, error: &JobError) -> Result<(), JobError> {
        // The listing stays usable by its fields, and the next change tries again: a log line is enough.
        tracing::error!(property = %self.property_id, %error, "the listing's text is not searchable");
        Ok(())
    }
}

/// The text in pieces of whole sentences.
fn pieces(description: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for sentence in description.split_inclusive(['.', '!', '?', '\n']) {
        let sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
        if sentence.chars().filter(|c| c.is_alphabetic()).count() < 3 {
            continue;
        }
        // One sentence a piece, so that an answer cites just what it rests on; endless ones are cut.
        pieces.push(sentence.chars().take(PIECE).collect());
        if pieces.len() == PIECES {
            break;
        }
    }
    pieces
}

async fn replace(
    conn: &mut TenantConn,
    property: &Property,
    engine: &str,
    pieces: &[String],
    vectors: Vec<Vec<f32>>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* properties.forget_pieces */ DELETE FROM embedding_chunks WHERE tenant_id = $1 AND property_id = $2",
        conn.tenant().0,
        property.id.0,
    )
    .execute(conn.sql())
    .await?;
    for (ordinal, (text, vector)) in pieces.iter().zip(vectors).enumerate() {
        sqlx::query!(
            "/* properties.keep_piece */
             INSERT INTO embedding_chunks (id, tenant_id, property_id, ordinal, text, engine, embedding, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            new_id(),
            conn.tenant().0,
            property.id.0,
            i16::try_from(ordinal).unwrap_or(i16::MAX),
            text,
            engine,
            Vector::from(vector) as _,
            conn.now() as _,
        )
        .execute(conn.sql())
        .await?;
    }
    Ok(())
}

/// A piece of a listing's text that is near a question.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Id.
    pub id: uuid::Uuid,
    /// The text.
    pub text: String,
}

/// The pieces of a listing nearest to a question, nearest first. Only vectors of the same engine can be compared.
///
/// # Errors
/// When the database cannot be asked.
pub async fn nearest(
    conn: &mut TenantConn,
    property: PropertyId,
    engine: &str,
    question: Vec<f32>,
    limit: i64,
) -> Result<Vec<Piece>, sqlx::Error> {
    sqlx::query_as!(
        Piece,
        "/* properties.nearest */
         SELECT id, text FROM embedding_chunks
         WHERE tenant_id = $1 AND property_id = $2 AND engine = $3
         ORDER BY embedding <=> $4 LIMIT $5",
        conn.tenant().0,
        property.0,
        engine,
        Vector::from(question) as _,
        limit,
    )
    .fetch_all(conn.sql())
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_its_sentences_and_scraps_are_left_out() {
        assert_eq!(pieces("Ruhige Lage.  Keller\nvorhanden!\n\n -- \n"), ["Ruhige Lage.", "Keller", "vorhanden!"]);
        assert_eq!(pieces(&"lang. ".repeat(500)).len(), PIECES);
    }
}
