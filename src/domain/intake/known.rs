//! Which lead somebody who writes has already.

use super::attach::Arrival;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::leads::LeadId;
use crate::domain::properties::PropertyId;

/// Copies of one enquiry come within this time of each other; rule of `PORTALS`, "copies".
const COPIES_WITHIN: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// Who asks, and about what.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked<'a> {
    /// Address we would answer.
    pub(super) email: Option<&'a str>,
    /// The portal's own id of the person, with the portal.
    pub(super) person_key: Option<&'a str>,
    /// The one listing it means.
    pub(super) property: Option<PropertyId>,
    /// How the mail names the listing, when it is none of ours.
    pub(super) object: Option<&'a str>,
}

/// The lead of the same person about the same listing. A relay address is a person only within its portal's thread,
/// which is what it stands for; two people never share one. An address that somebody only wrote into a text leads nowhere:
/// answers would go to whoever wrote it there.
pub(super) async fn same_person(conn: &mut TenantConn, asked: &Asked<'_>) -> Result<Option<LeadId>, sqlx::Error> {
    if asked.email.is_none() && asked.person_key.is_none() {
        return Ok(None);
    }
    sqlx::query_scalar!(
        r#"/* intake.same_person */
         SELECT l.id AS "id: LeadId" FROM leads l
         WHERE l.tenant_id = $1
           AND (l.email = lower($2)
                OR l.id IN (SELECT c.lead_id FROM prospect_contacts c WHERE c.tenant_id = $1 AND c.kind = 'RELAY' AND c.value = lower($2))
                OR l.prospect_id IN (SELECT c.prospect_id FROM prospect_contacts c WHERE c.tenant_id = $1 AND NOT c.is_said
                                     AND (c.kind = 'EMAIL' AND c.value = lower($2) OR c.kind = 'PORTAL_PERSON' AND c.value = lower($3))))
           -- The listing is the same; or the mail names it in the same way; or neither names one.
           AND (l.property_id = $4
                OR lower(coalesce(l.reference ->> 'portalObjectId', l.reference ->> 'externalNumber')) = lower($5)
                OR (l.property_id IS NULL AND $4::uuid IS NULL
                    AND ($5::text IS NULL OR coalesce(l.reference ->> 'portalObjectId', l.reference ->> 'externalNumber') IS NULL)))
         ORDER BY l.created_at DESC, l.id DESC LIMIT 1"#,
        conn.tenant().0,
        asked.email,
        asked.person_key,
        asked.property.map(|id| id.0),
        asked.object,
    )
    .fetch_optional(conn.sql())
    .await
}

/// The lead in which this person said the same about the same listing: within a day of `arrival`, or at any time before if
/// a colleague sent it on by hand. Only letters and digits count: copies are wrapped and quoted differently.
pub(super) async fn same_words(
    conn: &mut TenantConn,
    asked: &Asked<'_>,
    phone: Option<&str>,
    words: &str,
    arrival: Arrival,
) -> Result<Option<LeadId>, sqlx::Error> {
    if !words.chars().any(char::is_alphanumeric) {
        return Ok(None);
    }
    let (from, to) = (Timestamp(arrival.at.0 - COPIES_WITHIN), Timestamp(arrival.at.0 + COPIES_WITHIN));
    sqlx::query_scalar!(
        r#"/* intake.same_words */
         SELECT l.id AS "id: LeadId"
         FROM leads l
         JOIN conversations c ON c.tenant_id = l.tenant_id AND c.lead_id = l.id
         JOIN messages m ON m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND m.origin = 'PROSPECT' AND (m.revision = 1 OR $7)
         LEFT JOIN intake_messages i ON i.tenant_id = m.tenant_id AND i.id = m.intake_message_id
         WHERE l.tenant_id = $1
           AND (l.email = lower($2) OR ($2::text IS NULL AND l.phone = $3)
                OR l.prospect_id IN (SELECT k.prospect_id FROM prospect_contacts k WHERE k.tenant_id = $1 AND NOT k.is_said
                                     AND (k.kind = 'EMAIL' AND k.value = lower($2) OR k.kind = 'PORTAL_PERSON' AND k.value = lower($4))))
           AND (l.property_id = $5
                OR lower(coalesce(l.reference ->> 'portalObjectId', l.reference ->> 'externalNumber')) = lower($6)
                OR ($5::uuid IS NULL AND $6::text IS NULL)
                OR (l.property_id IS NULL AND coalesce(l.reference ->> 'portalObjectId', l.reference ->> 'externalNumber') IS NULL))
           AND ($7 OR coalesce(i.received_at, m.created_at) BETWEEN $8 AND $9)
           AND regexp_replace(lower(m.text), '[^[:alnum:]]', '', 'g') = regexp_replace(lower($10), '[^[:alnum:]]', '', 'g')
         ORDER BY l.created_at LIMIT 1"#,
        conn.tenant().0,
        asked.email,
        phone,
        asked.person_key,
        asked.property.map(|id| id.0),
        asked.object,
        arrival.is_sent_on,
        from as _,
        to as _,
        words,
    )
    .fetch_optional(conn.sql())
    .await
}

/// The one lead of this address; `None` when there are several to choose from.
pub(super) async fn only_lead_of(conn: &mut TenantConn, address: Option<&str>) -> Result<Option<LeadId>, sqlx::Error> {
    let found = sqlx::query_scalar!(
        r#"/* intake.only_lead_of */
         SELECT l.id AS "id: LeadId" FROM leads l
         WHERE l.tenant_id = $1
           AND (l.email = lower($2)
                OR l.id IN (SELECT c.lead_id FROM prospect_contacts c WHERE c.tenant_id = $1 AND c.kind = 'RELAY' AND c.value = lower($2))
                OR l.prospect_id IN (SELECT c.prospect_id FROM prospect_contacts c
                                     WHERE c.tenant_id = $1 AND NOT c.is_said AND c.kind = 'EMAIL' AND c.value = lower($2)))
         LIMIT 2"#,
        conn.tenant().0,
        address.unwrap_or_default(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(match found.as_slice() {
        [one] => Some(*one),
        _ => None,
    })
}
