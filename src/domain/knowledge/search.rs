//! Searching: what is near by meaning and what holds the words, as one list.
//!
//! The two lists are joined by reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009): a piece counts
//! 1 / (60 + its place) in each. Places need no common measure, which a distance and a weight of words do not have.

use super::model::{Hit, Piece, Source};
use super::question::Question;
use crate::db::TenantConn;
use crate::domain::leads::{LeadId, Viewer};
use crate::domain::properties::PropertyId;

/// Most hits of one search.
pub const MOST_HITS: u16 = 50;

/// How many candidates either list gives: one that is far down in both may come out on top.
const CANDIDATES: i32 = 30;

/// The pieces that answer a question best, best first, as far as `viewer` may read them.
///
/// # Errors
/// When the database cannot be asked.
pub async fn search(
    conn: &mut TenantConn,
    question: &Question,
    viewer: Viewer,
    limit: u16,
) -> Result<Vec<Hit>, sqlx::Error> {
    let (near, model) = question.near();
    sqlx::query_as!(
        Hit,
        r#"/* knowledge.search */
         SELECT c.id, c.source AS "source: Source", c.source_id, c.property_id AS "property_id: PropertyId",
                c.lead_id AS "lead_id: LeadId", c.text, c.language, hit.score AS "score!",
                CASE c.source
                    WHEN 'DOCUMENT' THEN (SELECT d.name FROM documents d WHERE d.tenant_id = $1 AND d.id = c.document_id)
                    WHEN 'PROPERTY' THEN (SELECT p.title FROM properties p WHERE p.tenant_id = $1 AND p.id = c.property_id)
                    WHEN 'FACT' THEN (SELECT f.topic FROM tenant_facts f WHERE f.tenant_id = $1 AND f.id = c.fact_id)
                    ELSE (SELECT nullif(concat_ws(' ', l.first_name, l.last_name), '') FROM leads l WHERE l.tenant_id = $1 AND l.id = c.lead_id)
                END AS title
         FROM (SELECT coalesce(near.id, worded.id) AS id,
                      (coalesce(1.0 / (60 + near.place), 0) + coalesce(1.0 / (60 + worded.place), 0))::float8 AS score
               FROM knowledge_near($2::vector::halfvec, $3, $4, $5) AS near
               FULL JOIN knowledge_worded($6, $4, $5) AS worded ON worded.id = near.id) AS hit
         JOIN knowledge_chunks c ON c.id = hit.id
         WHERE c.tenant_id = $1 ORDER BY hit.score DESC, c.id LIMIT $7"#,
        conn.tenant().0,
        near as _,
        model,
        viewer.0,
        CANDIDATES.max(i32::from(limit)),
        question.text,
        i64::from(limit),
    )
    .fetch_all(conn.sql())
    .await
}

/// The pieces an answer about a listing may rest on, best first: the listing's own text, its documents and those of the
/// whole agency. What was written with anybody is none of them. All there are are compared: a listing has few.
///
/// # Errors
/// When the database cannot be asked.
pub async fn of_property(
    conn: &mut TenantConn,
    property: PropertyId,
    question: &Question,
    limit: i64,
) -> Result<Vec<Piece>, sqlx::Error> {
    let (near, model) = question.near();
    sqlx::query_as!(
        Piece,
        r#"/* knowledge.of_property */
         SELECT id, source AS "source: Source", text
         FROM (SELECT c.id, c.source, c.text, c.model = $4 AS is_near, c.words @@ q.words AS is_worded,
                      row_number() OVER (ORDER BY (c.model = $4) DESC, c.embedding <#> $3::vector::halfvec, c.id) AS near,
                      row_number() OVER (ORDER BY (c.words @@ q.words) DESC, ts_rank(c.words, q.words, 1) DESC, c.id) AS worded
               FROM knowledge_chunks c,
                    (SELECT replace((plainto_tsquery('german', $5) || plainto_tsquery('english', $5))::text, '&', '|')::tsquery AS words) AS q
               WHERE c.tenant_id = $1 AND c.source IN ('PROPERTY', 'DOCUMENT') AND c.lead_id IS NULL
                 AND (c.property_id = $2 OR c.property_id IS NULL)) AS found
         WHERE is_near OR is_worded
         ORDER BY CASE WHEN is_near THEN 1.0 / (60 + near) ELSE 0 END + CASE WHEN is_worded THEN 1.0 / (60 + worded) ELSE 0 END DESC, id
         LIMIT $6"#,
        conn.tenant().0,
        property.0,
        near as _,
        model,
        question.text,
        limit,
    )
    .fetch_all(conn.sql())
    .await
}
