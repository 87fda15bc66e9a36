//! SQL of tenants.

use super::model::{Country, NewTenant, Tenant, TenantFact};
use crate::db::{PlatformConn, TenantConn};
use crate::ids::{TenantId, new_id};

macro_rules! tenant_columns {
    ($where:literal, $executor:expr, $($argument:expr),*) => {
        sqlx::query_as!(
            Tenant,
            r#"SELECT id AS "id: TenantId", name, slug, intake_prefix, country AS "country: Country", time_zone, formal_address,
                      mail_from_name, mail_from_address, auto_send, send_delay_seconds, confidence_threshold,
                      viewing_weekdays, viewing_from_minute, viewing_to_minute, slot_minutes, buffer_minutes,
                      horizon_days, lead_time_minutes, created_at
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

/// The tenant with this short name.
///
/// # Errors
/// When the database cannot be asked.
pub async fn by_slug(conn: &mut PlatformConn, slug: &str) -> Result<Option<Tenant>, sqlx::Error> {
    tenant_columns!("slug = $1", conn.sql(), slug)
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

/// What holds for all listings of this tenant, oldest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn facts(conn: &mut TenantConn) -> Result<Vec<TenantFact>, sqlx::Error> {
    sqlx::query_as!(
        TenantFact,
        "/* tenants.facts */ SELECT id, topic, text FROM tenant_facts WHERE tenant_id = $1 ORDER BY created_at, id",
        conn.tenant().0
    )
    .fetch_all(conn.sql())
    .await
}

/// Adds a fact that holds for all listings.
///
/// # Errors
/// When the database cannot be asked.
pub async fn add_fact(conn: &mut TenantConn, topic: &str, text: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* tenants.add_fact */ INSERT INTO tenant_facts (id, tenant_id, topic, text, created_at) VALUES ($1, $2, $3, $4, $5)",
        new_id(),
        conn.tenant().0,
        topic,
        text,
        conn.now(),
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Whether agents see leads that nobody has.
///
/// # Errors
/// When the database cannot be asked.
pub async fn unassigned_visible(conn: &mut TenantConn) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        "/* tenants.unassigned_visible */ SELECT unassigned_visible FROM tenants WHERE id = $1",
        conn.tenant().0
    )
    .fetch_one(conn.sql())
    .await
}
