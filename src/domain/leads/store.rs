//! SQL of leads.

use std::collections::BTreeMap;

use super::model::{AddressKind, Lead, LeadFilter, LeadId, LeadOrder, LeadSource, NewLead, Salutation, Viewer};
use super::prospect::ProspectId;
use super::state::{Automation, LeadState, Status};
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::properties::PropertyId;
use crate::domain::users::UserId;

macro_rules! leads_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Lead,
            r#"SELECT id AS "id: LeadId", status AS "status: Status", automation AS "automation: Automation", lost_reason,
                      source AS "source: LeadSource", portal, salutation AS "salutation: Salutation", first_name, last_name,
                      email, address_kind AS "address_kind: AddressKind", phone, language, formal_address,
                      property_id AS "property_id: PropertyId", assignee_id AS "assignee_id: UserId",
                      prospect_id AS "prospect_id: ProspectId", incomplete, reference, first_response_at, score, score_reasons, version, created_at, updated_at
               FROM leads WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// One lead, as far as `viewer` may see it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(conn: &mut TenantConn, id: LeadId, viewer: Viewer) -> Result<Option<Lead>, sqlx::Error> {
    let tenant = conn.tenant();
    leads_where!(
        "tenant_id = $1 AND id = $2
         AND ($3::uuid IS NULL OR assignee_id = $3 OR (assignee_id IS NULL AND (SELECT t.unassigned_visible FROM tenants t WHERE t.id = $1)))",
        tenant.0,
        id.0,
        viewer.0
    )
        .fetch_optional(conn.sql())
        .await
}

/// One lead, for the program itself.
///
/// # Errors
/// When the database cannot be asked or the lead is gone.
pub async fn by_id(conn: &mut TenantConn, id: LeadId) -> Result<Lead, sqlx::Error> {
    find(conn, id, Viewer::SYSTEM).await?.ok_or(sqlx::Error::RowNotFound)
}

/// One lead, and nobody else changes it until this transaction ends. Take it before reading anything that the
/// decision about the lead rests on.
///
/// # Errors
/// When the database cannot be asked.
pub async fn lock(conn: &mut TenantConn, id: LeadId, viewer: Viewer) -> Result<Option<Lead>, sqlx::Error> {
    let tenant = conn.tenant();
    leads_where!(
        "tenant_id = $1 AND id = $2
         AND ($3::uuid IS NULL OR assignee_id = $3 OR (assignee_id IS NULL AND (SELECT t.unassigned_visible FROM tenants t WHERE t.id = $1)))
         FOR UPDATE",
        tenant.0,
        id.0,
        viewer.0
    )
    .fetch_optional(conn.sql())
    .await
}

/// A page of leads, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(
    conn: &mut TenantConn,
    filter: &LeadFilter,
    viewer: Viewer,
    page: PageRequest,
) -> Result<Page<Lead>, sqlx::Error> {
    let tenant = conn.tenant();
    if viewer == Viewer::SYSTEM && *filter == LeadFilter::default() {
        return newest(conn, page).await;
    }
    if filter.order == LeadOrder::Score {
        return most_promising(conn, filter, viewer, page).await;
    }
    let rows = leads_where!(
        "tenant_id = $1
         AND ($2::uuid IS NULL OR assignee_id = $2 OR (assignee_id IS NULL AND (SELECT t.unassigned_visible FROM tenants t WHERE t.id = $1)))
         AND ($3::text IS NULL OR status = $3)
         AND ($4::text IS NULL OR automation = $4)
         AND ($5::text IS NULL OR portal = $5)
         AND ($6::uuid IS NULL OR property_id = $6)
         AND ($7::uuid IS NULL OR assignee_id = $7)
         AND ($8::text IS NULL OR position(lower($8) in lower(concat_ws(' ', first_name, last_name, email))) > 0)
         AND ($9::timestamptz IS NULL OR (created_at, id) < ($9, $10::uuid))
         AND ($12::smallint IS NULL OR score >= $12)
         ORDER BY created_at DESC, id DESC LIMIT $11",
        tenant.0,
        viewer.0,
        filter.status.map(Status::as_str),
        filter.automation.map(Automation::as_str),
        filter.portal,
        filter.property_id.map(|id| id.0),
        filter.assignee_id.map(|id| id.0),
        filter.search,
        page.at() as _,
        page.id(),
        page.fetch(),
        filter.min_score,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |lead| Cursor { at: lead.created_at, id: lead.id.0 }))
}

/// The most promising first. A cursor has a place for an instant: the score of its row stands there, in seconds; -1 for
/// one that was not looked at yet.
async fn most_promising(
    conn: &mut TenantConn,
    filter: &LeadFilter,
    viewer: Viewer,
    page: PageRequest,
) -> Result<Page<Lead>, sqlx::Error> {
    let tenant = conn.tenant();
    let after = page.at().map(|at| i16::try_from(at.as_second()).unwrap_or(i16::MAX));
    let rows = leads_where!(
        "tenant_id = $1
         AND ($2::uuid IS NULL OR assignee_id = $2 OR (assignee_id IS NULL AND (SELECT t.unassigned_visible FROM tenants t WHERE t.id = $1)))
         AND ($3::text IS NULL OR status = $3)
         AND ($4::text IS NULL OR automation = $4)
         AND ($5::text IS NULL OR portal = $5)
         AND ($6::uuid IS NULL OR property_id = $6)
         AND ($7::uuid IS NULL OR assignee_id = $7)
         AND ($8::text IS NULL OR position(lower($8) in lower(concat_ws(' ', first_name, last_name, email))) > 0)
         AND ($9::smallint IS NULL OR (coalesce(score, -1), id) < ($9, $10::uuid))
         AND ($12::smallint IS NULL OR score >= $12)
         ORDER BY coalesce(score, -1) DESC, id DESC LIMIT $11",
        tenant.0,
        viewer.0,
        filter.status.map(Status::as_str),
        filter.automation.map(Automation::as_str),
        filter.portal,
        filter.property_id.map(|id| id.0),
        filter.assignee_id.map(|id| id.0),
        filter.search,
        after,
        page.id(),
        page.fetch(),
        filter.min_score,
    )
    .fetch_all(conn.sql())
    .await?;
    let key = |lead: &Lead| jiff::Timestamp::from_second(i64::from(lead.score.unwrap_or(-1))).unwrap_or_default();
    Ok(page.page(rows, |lead| Cursor { at: Timestamp(key(lead)), id: lead.id.0 }))
}

/// The page that is asked for most: everything there is. No parameter of its query may be absent, so the database plans
/// it once and not for every request, which would cost more than reading the rows.
async fn newest(conn: &mut TenantConn, page: PageRequest) -> Result<Page<Lead>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = leads_where!(
        "tenant_id = $1
         AND (created_at, id) < (coalesce($2, 'infinity'::timestamptz), coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $4",
        tenant.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |lead| Cursor { at: lead.created_at, id: lead.id.0 }))
}

/// Inserts a lead; `None` when the same enquiry is a lead already.
pub(super) async fn insert(
    conn: &mut TenantConn,
    new: &NewLead,
    prospect: ProspectId,
    asked_at: Timestamp,
) -> Result<Option<LeadId>, sqlx::Error> {
    let id = LeadId::new();
    let now = conn.now();
    sqlx::query_scalar!(
        r#"/* leads.insert */
         INSERT INTO leads (id, tenant_id, status, automation, source, portal, salutation, first_name, last_name, email,
                            address_kind, phone, language, property_id, assignee_id, incomplete, reference,
                            enquiry_key, enquiry_window, prospect_id, created_at, updated_at)
         VALUES ($1, $2, 'NEW', 'ACTIVE', $3, $4, $5, $6, $7, lower($8), $9, $10, $11, $12,
                 -- whoever leaves at this moment gets nothing any more
                 (SELECT u.id FROM users u WHERE u.tenant_id = $2 AND u.id = $13::uuid AND u.active FOR KEY SHARE),
                 $14, $15, $16, tstzrange($17::timestamptz, $17 + interval '24 hours'), $18, $19, $19)
         ON CONFLICT ON CONSTRAINT leads_same_enquiry DO NOTHING
         RETURNING id AS "id: LeadId""#,
        id.0,
        conn.tenant().0,
        new.source as _,
        new.portal,
        new.salutation.map(Salutation::as_str),
        new.first_name,
        new.last_name,
        new.email,
        new.address_kind as _,
        new.phone,
        new.language,
        new.property_id.map(|id| id.0),
        new.assignee_id.map(|id| id.0),
        new.incomplete,
        new.reference,
        new.enquiry_key,
        asked_at as _,
        prospect.0,
        now as _,
    )
    .fetch_optional(conn.sql())
    .await
}

/// The lead that is the same enquiry: asked within 24 hours of `asked_at`, before or after.
pub(super) async fn same_enquiry(
    conn: &mut TenantConn,
    key: &[u8],
    asked_at: Timestamp,
) -> Result<Option<LeadId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* leads.same_enquiry */
         SELECT id AS "id: LeadId" FROM leads
         WHERE tenant_id = $1 AND enquiry_key = $2 AND enquiry_window && tstzrange($3::timestamptz, $3 + interval '24 hours') LIMIT 1"#,
        conn.tenant().0,
        key,
        asked_at as _,
    )
    .fetch_optional(conn.sql())
    .await
}

/// Writes both state columns. Only `change::record` calls this.
pub(super) async fn write_state(
    conn: &mut TenantConn,
    id: LeadId,
    state: LeadState,
    reason: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* leads.write_state */
         UPDATE leads SET status = $3, automation = $4, lost_reason = $5, version = version + 1, updated_at = $6
         WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        state.status as _,
        state.automation as _,
        reason,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Writes what a human may change.
pub(super) async fn write_edit(conn: &mut TenantConn, lead: &Lead) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* leads.write_edit */
         UPDATE leads SET salutation = $3, first_name = $4, last_name = $5, email = lower($6), address_kind = $7, phone = $8,
                          language = $9, formal_address = $10, property_id = $11, assignee_id = $12,
                          version = version + 1, updated_at = $13
         WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        lead.id.0,
        lead.salutation.map(Salutation::as_str),
        lead.first_name,
        lead.last_name,
        lead.email,
        lead.address_kind as _,
        lead.phone,
        lead.language,
        lead.formal_address,
        lead.property_id.map(|id| id.0),
        lead.assignee_id.map(|id| id.0),
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Remembers when the first answer was accepted; later ones change nothing.
///
/// # Errors
/// When the database cannot be asked.
pub async fn mark_first_response(conn: &mut TenantConn, id: LeadId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* leads.mark_first_response */
         UPDATE leads SET first_response_at = $3 WHERE tenant_id = $1 AND id = $2 AND first_response_at IS NULL",
        conn.tenant().0,
        id.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Keeps sensitive answers apart from the message; what was said before stays unless said anew.
///
/// # Errors
/// When the database cannot be asked.
pub async fn add_disclosure(
    conn: &mut TenantConn,
    id: LeadId,
    data: &BTreeMap<String, String>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* leads.add_disclosure */
         INSERT INTO lead_disclosures (lead_id, tenant_id, data, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (lead_id) DO UPDATE SET data = lead_disclosures.data || excluded.data",
        id.0,
        conn.tenant().0,
        sqlx::types::Json(data) as _,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// The sensitive answers of a lead, for people who may see the lead.
///
/// # Errors
/// When the database cannot be asked.
pub async fn disclosure(conn: &mut TenantConn, id: LeadId) -> Result<Option<serde_json::Value>, sqlx::Error> {
    sqlx::query_scalar!(
        "/* leads.disclosure */ SELECT data FROM lead_disclosures WHERE tenant_id = $1 AND lead_id = $2",
        conn.tenant().0,
        id.0
    )
    .fetch_optional(conn.sql())
    .await
}

/// Remembers language and form of address as the prospect used them last. A form of address set by hand stays.
///
/// # Errors
/// When the database cannot do it.
pub async fn learn(
    conn: &mut TenantConn,
    lead: &mut Lead,
    language: &str,
    formal: Option<bool>,
) -> Result<(), sqlx::Error> {
    let formal = lead.formal_address.or(formal);
    if lead.language.as_deref() == Some(language) && lead.formal_address == formal {
        return Ok(());
    }
    sqlx::query!(
        "/* leads.learn */ UPDATE leads SET language = $3, formal_address = $4 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        lead.id.0,
        language,
        formal,
    )
    .execute(conn.sql())
    .await?;
    lead.language = Some(language.to_owned());
    lead.formal_address = formal;
    Ok(())
}
