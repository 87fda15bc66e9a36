//! SQL of enquiries by form.

use uuid::Uuid;

use super::form::WebEnquiry;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::leads::LeadId;
use crate::domain::page::{Cursor, Page, PageRequest};

/// What a visitor agreed to, word for word.
#[derive(Debug, Clone)]
pub struct Agreed {
    /// The enquiry.
    pub id: Uuid,
    /// When.
    pub received_at: Timestamp,
    /// On which page, as browsers write it in `Origin`.
    pub origin: String,
    /// Version of the agency's decision; 0: the words we come with.
    pub consent_version: i32,
    /// ISO 639-1.
    pub consent_language: String,
    /// The words.
    pub consent_text: String,
    /// Web address of the privacy notice.
    pub consent_privacy_url: Option<String>,
}

/// What the person of a lead agreed to, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn agreed(conn: &mut TenantConn, lead: LeadId, page: PageRequest) -> Result<Page<Agreed>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Agreed,
        "/* intake.agreed */
         SELECT id, received_at, origin, consent_version, consent_language, consent_text, consent_privacy_url
         FROM widget_enquiries
         WHERE tenant_id = $1 AND lead_id = $2 AND ($3::timestamptz IS NULL OR (received_at, id) < ($3, $4::uuid))
         ORDER BY received_at DESC, id DESC LIMIT $5",
        conn.tenant().0,
        lead.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |agreed| Cursor { at: agreed.received_at, id: agreed.id }))
}

/// Whoever sends the same form at the same time waits here until this transaction ends.
pub(super) async fn lock(conn: &mut TenantConn, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("/* intake.lock_form */ SELECT pg_advisory_xact_lock(hashtextextended($1, 29))", id.to_string())
        .fetch_one(conn.sql())
        .await?;
    Ok(())
}

/// What was sent with this challenge before, and the lead it became.
pub(super) async fn before(
    conn: &mut TenantConn,
    id: Uuid,
) -> Result<Option<(serde_json::Value, LeadId)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"/* intake.form_before */
         SELECT sent, lead_id AS "lead_id: LeadId" FROM widget_enquiries WHERE tenant_id = $1 AND id = $2"#,
        conn.tenant().0,
        id,
    )
    .fetch_optional(conn.sql())
    .await?;
    Ok(row.map(|row| (row.sent, row.lead_id)))
}

/// How many forms named this address within a day.
pub(super) async fn count_of_day(conn: &mut TenantConn, email: &str) -> Result<i64, sqlx::Error> {
    let since = Timestamp(conn.now().0 - jiff::SignedDuration::from_hours(24));
    sqlx::query_scalar!(
        r#"/* intake.forms_of_day */
         SELECT count(*) AS "count!" FROM widget_enquiries e JOIN leads l ON l.tenant_id = e.tenant_id AND l.id = e.lead_id
         WHERE e.tenant_id = $1 AND l.email = $2 AND e.received_at > $3"#,
        conn.tenant().0,
        email,
        since as _,
    )
    .fetch_one(conn.sql())
    .await
}

/// Keeps a form with the lead it became.
pub(super) async fn insert(conn: &mut TenantConn, lead: LeadId, enquiry: &WebEnquiry) -> Result<(), sqlx::Error> {
    let consent = &enquiry.consent;
    sqlx::query!(
        "/* intake.keep_form */
         INSERT INTO widget_enquiries (id, tenant_id, lead_id, origin, sent, consent_version, consent_language, consent_text,
                                       consent_privacy_url, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        enquiry.id,
        conn.tenant().0,
        lead.0,
        enquiry.origin,
        enquiry.sent,
        consent.version,
        consent.language,
        consent.text,
        consent.privacy_url,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
