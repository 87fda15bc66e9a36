//! Other listings for somebody who asked for one.
//!
//! What must fit comes first and in figures: how and what is offered, price, rooms, area and place, each against the listing
//! asked for. What is unknown on either side rules nothing out and does not count as fitting. Among those left, the one
//! whose text is nearest to the listing asked for and to what the prospect wrote comes first.

use crate::db::TenantConn;
use crate::domain::leads::Lead;
use crate::domain::properties::{Marketing, PropertyId, PropertyStatus, PropertyType};

/// Another listing, and what speaks for it.
#[derive(Debug, Clone)]
pub struct MatchingProperty {
    /// Listing.
    pub property_id: PropertyId,
    /// In one line.
    pub title: String,
    /// What is offered.
    pub kind: PropertyType,
    /// How it is offered.
    pub marketing: Marketing,
    /// Where it stands.
    pub status: PropertyStatus,
    /// Postal code.
    pub zip: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Purchase price, or the rent with everything, else without anything; cents.
    pub price_cents: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    /// Rooms.
    pub rooms: Option<f64>,
    /// Square metres.
    pub living_area: Option<f64>,
    /// Which of `price`, `rooms`, `area`, `place` were compared and fit.
    pub fits: Vec<String>,
    /// How near the texts are, 1 the same; `None` where there is no text to compare.
    pub similarity: Option<f64>,
}

/// The listings that fit, best first. Without a listing asked for only the texts are compared.
///
/// # Errors
/// When the database cannot be asked.
pub async fn matching_properties(
    conn: &mut TenantConn,
    lead: &Lead,
    limit: u16,
) -> Result<Vec<MatchingProperty>, sqlx::Error> {
    sqlx::query_as!(
        MatchingProperty,
        r#"/* knowledge.matching_properties */
         WITH asked AS (
             SELECT p.*, coalesce(p.purchase_price_cents, p.warm_rent_cents, p.cold_rent_cents) AS price
             FROM properties p WHERE p.tenant_id = $1 AND p.id = $2::uuid
         ), wanted AS (
             -- of several models the one with most pieces: others cannot be compared
             SELECT c.model, avg(c.embedding) AS vector FROM knowledge_chunks c
             WHERE c.tenant_id = $1 AND (c.source = 'PROPERTY' AND c.property_id = $2 OR c.lead_id = $3)
             GROUP BY c.model ORDER BY count(*) DESC, c.model LIMIT 1
         ), compared AS (
             SELECT p.*, coalesce(p.purchase_price_cents, p.warm_rent_cents, p.cold_rent_cents) AS price,
                    CASE WHEN p.currency <> a.currency THEN NULL
                         WHEN p.marketing = 'SALE' THEN p.purchase_price_cents BETWEEN a.purchase_price_cents * 0.7 AND a.purchase_price_cents * 1.2
                         ELSE coalesce(p.warm_rent_cents BETWEEN a.warm_rent_cents * 0.7 AND a.warm_rent_cents * 1.2,
                                       p.cold_rent_cents BETWEEN a.cold_rent_cents * 0.7 AND a.cold_rent_cents * 1.2) END AS price_fits,
                    p.rooms BETWEEN a.rooms - 1 AND a.rooms + 1 AS rooms_fit,
                    p.living_area BETWEEN a.living_area * 0.75 AND a.living_area * 1.3 AS area_fits,
                    p.country = a.country AND (left(p.zip, 2) = left(a.zip, 2) OR lower(p.city) = lower(a.city)) AS place_fits
             FROM properties p LEFT JOIN asked a ON true
             WHERE p.tenant_id = $1 AND p.status IN ('ACTIVE', 'RESERVED') AND p.id IS DISTINCT FROM a.id
               AND (a.id IS NULL OR p.marketing = a.marketing AND p.type = a.type)
         )
         SELECT p.id AS "property_id: PropertyId", p.title, p.type AS "kind: PropertyType", p.marketing AS "marketing: Marketing",
                p.status AS "status: PropertyStatus", p.zip, p.city, p.price AS price_cents, p.currency, p.rooms, p.living_area,
                array_remove(ARRAY[CASE WHEN p.price_fits THEN 'price' END, CASE WHEN p.rooms_fit THEN 'rooms' END,
                                   CASE WHEN p.area_fits THEN 'area' END, CASE WHEN p.place_fits THEN 'place' END], NULL) AS "fits!",
                near.similarity
         FROM compared p
         LEFT JOIN LATERAL (
             SELECT max(1 - (c.embedding <=> w.vector)) AS similarity FROM knowledge_chunks c, wanted w
             WHERE c.tenant_id = $1 AND c.source = 'PROPERTY' AND c.property_id = p.id AND c.model = w.model) AS near ON true
         WHERE coalesce(p.price_fits, true) AND coalesce(p.rooms_fit, true) AND coalesce(p.area_fits, true) AND coalesce(p.place_fits, true)
         ORDER BY near.similarity DESC NULLS LAST, p.created_at DESC, p.id LIMIT $4"#,
        conn.tenant().0,
        lead.property_id.map(|id| id.0),
        lead.id.0,
        i64::from(limit),
    )
    .fetch_all(conn.sql())
    .await
}
