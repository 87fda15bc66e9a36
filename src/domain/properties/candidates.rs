//! Listings an enquiry may be about, to choose from: what the rules find, and what only a human may follow. Nothing here
//! decides ([`super::matches`] does): also listings that are off the market are shown, and what stands in free text counts.

use serde::Serialize;

use super::matching::{Reference, matches};
use super::model::{PropertyId, PropertyStatus};
use crate::db::TenantConn;
use crate::domain::codes::code;

/// So many are offered.
const MOST: usize = 10;
/// Shorter numbers stand in any text.
const SHORTEST_NUMBER: i32 = 3;
/// Of a mail's text, in characters; portals name the listing early.
const READ: usize = 20_000;

code! {
    /// Why a listing is offered, the strongest first.
    CandidateReason {
        /// A rule found it, and others beside it.
        Rule = "RULE",
        /// It has the agency's number that the mail names, and is not on the market.
        NumberOffMarket = "NUMBER_OFF_MARKET",
        /// It has the portal's id that the mail names, and is not on the market.
        PortalIdOffMarket = "PORTAL_ID_OFF_MARKET",
        /// Its number stands in the mail.
        NumberInText = "NUMBER_IN_TEXT",
        /// Its title stands in the mail.
        TitleInText = "TITLE_IN_TEXT",
        /// It is in the street the mail names.
        SameStreet = "SAME_STREET",
        /// It has the postal code the mail names.
        SameZip = "SAME_ZIP",
    }
}

/// A listing it may be.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The listing.
    pub property_id: PropertyId,
    /// Its title.
    pub title: String,
    /// The agency's own number.
    pub external_number: Option<String>,
    /// Whether it is on the market.
    pub status: PropertyStatus,
    /// Why it is offered.
    pub reasons: Vec<CandidateReason>,
}

/// The listings an enquiry may be about, likeliest first. `words` is the mail's own text.
///
/// # Errors
/// When the database cannot be asked.
pub async fn candidates(
    conn: &mut TenantConn,
    portal: Option<&str>,
    reference: &Reference,
    words: &str,
) -> Result<Vec<Candidate>, sqlx::Error> {
    let by_rule = matches(conn, portal, reference).await?;
    let words: String = words.chars().take(READ).collect();
    let rows = sqlx::query!(
        r#"/* properties.candidates */
         WITH asked AS (
             SELECT translate(regexp_replace(lower($3), '\s', '', 'g'), '/', '-') AS number,
                    ' ' || regexp_replace(lower($8), '\s+', ' ', 'g') || ' ' AS words
         ), seen AS (
             SELECT p.id, p.title, p.external_number, p.status, p.created_at,
                    p.status NOT IN ('ACTIVE', 'RESERVED') AND translate(regexp_replace(lower(p.external_number), '\s', '', 'g'), '/', '-') = a.number AS number_off,
                    p.status NOT IN ('ACTIVE', 'RESERVED') AND EXISTS (
                        SELECT FROM property_portal_ids i WHERE i.tenant_id = p.tenant_id AND i.property_id = p.id AND i.portal_object_id = $4
                          AND ($5::text IS NULL OR i.portal = lower($5))) AS portal_off,
                    length(p.external_number) >= $9 AND a.words ~ ('[^[:alnum:]]' || regexp_replace(lower(p.external_number), '([^[:alnum:]])', '\\\1', 'g') || '[^[:alnum:]]') AS number_in,
                    length(p.title) >= 8 AND strpos(a.words, lower(p.title)) > 0 AS title_in,
                    p.zip = $6 AND lower(p.street) = lower($7) AS street,
                    p.zip = $6 AS zip
             FROM properties p CROSS JOIN asked a WHERE p.tenant_id = $1
         )
         SELECT id AS "id: PropertyId", title, external_number, status AS "status: PropertyStatus",
                coalesce(number_off, false) AS "number_off!", coalesce(portal_off, false) AS "portal_off!",
                coalesce(number_in, false) AS "number_in!", coalesce(title_in, false) AS "title_in!",
                coalesce(street, false) AS "street!", coalesce(zip, false) AS "zip!"
         FROM seen
         WHERE id = ANY ($2) OR number_off OR portal_off OR number_in OR title_in OR zip
         ORDER BY id = ANY ($2) DESC, number_off DESC NULLS LAST, portal_off DESC NULLS LAST, number_in DESC NULLS LAST,
                  title_in DESC NULLS LAST, street DESC NULLS LAST, created_at DESC
         LIMIT $10"#,
        conn.tenant().0,
        &by_rule.iter().map(|id| id.0).collect::<Vec<_>>(),
        reference.external_number.as_deref().filter(|number| !number.trim().is_empty()),
        reference.portal_object_id,
        portal,
        reference.zip,
        reference.street,
        words,
        SHORTEST_NUMBER,
        i64::try_from(MOST).unwrap_or(i64::MAX),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let reasons = [
                (by_rule.contains(&row.id), CandidateReason::Rule),
                (row.number_off, CandidateReason::NumberOffMarket),
                (row.portal_off, CandidateReason::PortalIdOffMarket),
                (row.number_in, CandidateReason::NumberInText),
                (row.title_in, CandidateReason::TitleInText),
                (row.street, CandidateReason::SameStreet),
                (row.zip && !row.street, CandidateReason::SameZip),
            ];
            Candidate {
                property_id: row.id,
                title: row.title,
                external_number: row.external_number,
                status: row.status,
                reasons: reasons.into_iter().filter(|(holds, _)| *holds).map(|(_, reason)| reason).collect(),
            }
        })
        .collect())
}
