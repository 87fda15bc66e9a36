//! SQL of tenants.

use std::collections::BTreeMap;

use sqlx::types::Json;

use super::model::{AutomationMode, Country, Licence, NewTenant, Plan, Tenant};
use super::{FollowUpPolicy, TenantSettings};
use crate::db::{PlatformConn, TenantConn};
use crate::ids::TenantId;

macro_rules! tenant_columns {
    ($where:literal, $executor:expr, $($argument:expr),*) => {
        sqlx::query_as!(
            Tenant,
            r#"SELECT id AS "id: TenantId", name, slug, intake_prefix, country AS "country: Country", time_zone, formal_address,
                      unassigned_visible,
                      mail_from_name, mail_from_address, automation_mode AS "automation_mode: AutomationMode",
                      daily_answers_per_lead, daily_enquiries_per_property, send_delay_seconds, confidence_threshold,
                      viewing_weekdays, viewing_from_minute, viewing_to_minute, slot_minutes, buffer_minutes,
                      horizon_days, lead_time_minutes, languages, street, zip, city, logo_url, primary_color, accent_color,
                      quiet_from_minute, quiet_to_minute, ai_budget_cents, ai_budget_currency,
                      ai_disclosures AS "ai_disclosures: Json<BTreeMap<String, String>>", retention_days, trusted_forwarders,
                      follow_ups AS "follow_ups: Json<FollowUpPolicy>",
                      plan AS "plan: Plan", licence AS "licence: Licence", version, created_at
               FROM tenants WHERE "# + $where,
            $($argument),*
        )
        .fetch_optional($executor)
        .await
    };
}

/// The tenant of this transaction.
///
/// # Errors
/// When the database cannot be asked, or the tenant is gone.
pub async fn current(conn: &mut TenantConn) -> Result<Tenant, sqlx::Error> {
    let tenant = conn.tenant();
    tenant_columns!("id = $1", conn.sql(), tenant.0)?.ok_or(sqlx::Error::RowNotFound)
}

/// The tenant that gets mail for this local part.
///
/// # Errors
/// When the database cannot be asked.
pub async fn by_intake_prefix(conn: &mut PlatformConn, prefix: &str) -> Result<Option<Tenant>, sqlx::Error> {
    tenant_columns!("intake_prefix = lower($1)", conn.sql(), prefix)
}

/// The intake prefix of this transaction's tenant, which nobody changes until the transaction ends; `None` when the tenant
/// is gone.
///
/// # Errors
/// When the database cannot be asked.
pub async fn hold_intake_prefix(conn: &mut TenantConn) -> Result<Option<String>, sqlx::Error> {
    let tenant = conn.tenant();
    sqlx::query_scalar!(
        "/* tenants.hold_intake_prefix */ SELECT intake_prefix FROM tenants WHERE id = $1 FOR KEY SHARE",
        tenant.0
    )
    .fetch_optional(conn.sql())
    .await
}

/// The tenant with this short name.
///
/// # Errors
/// When the database cannot be asked.
pub async fn by_slug(conn: &mut PlatformConn, slug: &str) -> Result<Option<Tenant>, sqlx::Error> {
    tenant_columns!("slug = $1", conn.sql(), slug)
}

/// Every tenant.
///
/// # Errors
/// When the database cannot be asked.
pub async fn all(conn: &mut PlatformConn) -> Result<Vec<TenantId>, sqlx::Error> {
    sqlx::query_scalar!(r#"/* tenants.all */ SELECT id AS "id: TenantId" FROM tenants ORDER BY id"#)
        .fetch_all(conn.sql())
        .await
}

/// Whether the platform's people have suspended this tenant: nothing goes out of itself meanwhile.
///
/// # Errors
/// When the database cannot be asked, or the tenant is gone.
pub async fn is_suspended(conn: &mut TenantConn) -> Result<bool, sqlx::Error> {
    let tenant = conn.tenant();
    sqlx::query_scalar!(
        r#"/* tenants.is_suspended */ SELECT suspended_at IS NOT NULL AS "is_suspended!" FROM tenants WHERE id = $1"#,
        tenant.0
    )
    .fetch_one(conn.sql())
    .await
}

/// Makes a tenant.
///
/// # Errors
/// [`sqlx::Error::RowNotFound`] when its short name or intake prefix is taken; a database that cannot be asked.
pub async fn create(conn: &mut PlatformConn, new: &NewTenant) -> Result<TenantId, sqlx::Error> {
    create_if_free(conn, new).await?.ok_or(sqlx::Error::RowNotFound)
}

/// The same; `None` when its short name or intake prefix is taken, and then the transaction can go on.
pub(super) async fn create_if_free(conn: &mut PlatformConn, new: &NewTenant) -> Result<Option<TenantId>, sqlx::Error> {
    let now = conn.now();
    sqlx::query_scalar!(
        r#"/* tenants.create */
         INSERT INTO tenants (id, name, slug, intake_prefix, country, time_zone, mail_from_name, mail_from_address, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $2, $7, $8)
         ON CONFLICT DO NOTHING
         RETURNING id AS "id: TenantId""#,
        TenantId::new().0,
        new.name,
        new.slug,
        new.intake_prefix,
        new.country as _,
        new.time_zone,
        new.mail_from_address,
        now,
    )
    .fetch_optional(conn.sql())
    .await
}

/// The tenant of this transaction, and nobody else changes it until the transaction ends.
pub(super) async fn lock(conn: &mut TenantConn) -> Result<Tenant, sqlx::Error> {
    let tenant = conn.tenant();
    tenant_columns!("id = $1 FOR NO KEY UPDATE", conn.sql(), tenant.0)?.ok_or(sqlx::Error::RowNotFound)
}

/// Writes all settings.
pub(super) async fn write_settings(conn: &mut TenantConn, settings: &TenantSettings) -> Result<(), sqlx::Error> {
    let TenantSettings { branding, sender, automation, viewings, .. } = settings;
    let (address, budget) = (settings.address.as_ref(), settings.ai_budget.as_ref());
    sqlx::query!(
        "/* tenants.write_settings */
         UPDATE tenants SET
             name = $2, time_zone = $3, languages = $4, formal_address = $5, street = $6, zip = $7, city = $8, logo_url = $9,
             primary_color = $10, accent_color = $11, mail_from_name = $12, mail_from_address = $13, automation_mode = $14,
             send_delay_seconds = $15, confidence_threshold = $16, quiet_from_minute = $17, quiet_to_minute = $18,
             viewing_weekdays = $19, viewing_from_minute = $20, viewing_to_minute = $21, slot_minutes = $22,
             buffer_minutes = $23, horizon_days = $24, lead_time_minutes = $25, ai_budget_cents = $26,
             ai_budget_currency = $27, ai_disclosures = $28, retention_days = $29, unassigned_visible = $30, trusted_forwarders = $31,
             daily_answers_per_lead = $32, daily_enquiries_per_property = $33, follow_ups = $34,
             version = version + 1
         WHERE id = $1",
        conn.tenant().0,
        settings.name,
        settings.time_zone,
        &settings.languages,
        settings.formal_address,
        address.map(|address| address.street.as_str()),
        address.map(|address| address.zip.as_str()),
        address.map(|address| address.city.as_str()),
        branding.logo_url,
        branding.primary_color,
        branding.accent_color,
        sender.name,
        sender.address,
        automation.mode as _,
        automation.delay_seconds,
        automation.confidence_threshold,
        automation.quiet_hours.map(|hours| hours.from.0),
        automation.quiet_hours.map(|hours| hours.to.0),
        &viewings.weekdays,
        viewings.from.0,
        viewings.to.0,
        viewings.slot_minutes,
        viewings.buffer_minutes,
        viewings.horizon_days,
        viewings.lead_time_minutes,
        budget.map(|budget| budget.cents),
        budget.map(|budget| budget.currency.as_str()),
        Json(&settings.ai_disclosures) as _,
        settings.retention_days,
        settings.unassigned_visible,
        &settings.trusted_forwarders,
        automation.daily_answers_per_lead,
        automation.daily_enquiries_per_property,
        Json(&settings.follow_ups) as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
