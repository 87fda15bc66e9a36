//! SQL of widget keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::model::{WidgetConfig, WidgetKey, WidgetKeyError, WidgetKeyId, WidgetKeyInput};
use crate::db::{PlatformConn, TenantConn};
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::tenants::Country;
use crate::ids::TenantId;

macro_rules! keys_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            WidgetKey,
            r#"SELECT id AS "id: WidgetKeyId", public_id, label, origins, active, version, created_at, updated_at
               FROM widget_keys WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// One key.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(conn: &mut TenantConn, id: WidgetKeyId) -> Result<Option<WidgetKey>, sqlx::Error> {
    let tenant = conn.tenant();
    keys_where!("tenant_id = $1 AND id = $2", tenant.0, id.0).fetch_optional(conn.sql()).await
}

/// A page of keys, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(conn: &mut TenantConn, page: PageRequest) -> Result<Page<WidgetKey>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = keys_where!(
        "tenant_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $4",
        tenant.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |key| Cursor { at: key.created_at, id: key.id.0 }))
}

fn origins(input: &WidgetKeyInput) -> Vec<String> {
    input.origins.iter().map(|origin| origin.as_str().to_owned()).collect()
}

/// Makes a key.
///
/// # Errors
/// [`WidgetKeyError::Database`].
pub async fn create(conn: &mut TenantConn, input: &WidgetKeyInput) -> Result<WidgetKey, WidgetKeyError> {
    let (tenant, now, id) = (conn.tenant(), conn.now(), WidgetKeyId::new());
    let public_id = format!("imw_{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()));
    sqlx::query!(
        "/* widget_keys.create */
         INSERT INTO widget_keys (id, tenant_id, public_id, label, origins, active, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        id.0,
        tenant.0,
        public_id,
        input.label,
        &origins(input),
        input.active,
        now as _,
    )
    .execute(conn.sql())
    .await?;
    find(conn, id).await?.ok_or(WidgetKeyError::NotFound)
}

/// Replaces what was decided about a key. `expected_version` is what the caller read.
///
/// # Errors
/// [`WidgetKeyError`].
pub async fn replace(
    conn: &mut TenantConn,
    id: WidgetKeyId,
    input: &WidgetKeyInput,
    expected_version: Option<i32>,
) -> Result<WidgetKey, WidgetKeyError> {
    let version = lock(conn, id, expected_version).await?;
    let (tenant, now) = (conn.tenant(), conn.now());
    sqlx::query!(
        "/* widget_keys.replace */
         UPDATE widget_keys SET label = $3, origins = $4, active = $5, version = $6, updated_at = $7
         WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        input.label,
        &origins(input),
        input.active,
        version + 1,
        now as _,
    )
    .execute(conn.sql())
    .await?;
    find(conn, id).await?.ok_or(WidgetKeyError::NotFound)
}

/// Removes a key.
///
/// # Errors
/// [`WidgetKeyError`].
pub async fn remove(
    conn: &mut TenantConn,
    id: WidgetKeyId,
    expected_version: Option<i32>,
) -> Result<(), WidgetKeyError> {
    lock(conn, id, expected_version).await?;
    let tenant = conn.tenant();
    sqlx::query!("/* widget_keys.remove */ DELETE FROM widget_keys WHERE tenant_id = $1 AND id = $2", tenant.0, id.0)
        .execute(conn.sql())
        .await?;
    Ok(())
}

async fn lock(conn: &mut TenantConn, id: WidgetKeyId, expected_version: Option<i32>) -> Result<i32, WidgetKeyError> {
    let tenant = conn.tenant();
    let version = sqlx::query_scalar!(
        "/* widget_keys.lock */ SELECT version FROM widget_keys WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
        tenant.0,
        id.0
    )
    .fetch_optional(conn.sql())
    .await?
    .ok_or(WidgetKeyError::NotFound)?;
    if expected_version.is_some_and(|expected| expected != version) {
        return Err(WidgetKeyError::Changed);
    }
    Ok(version)
}

/// What the widget with this key shows, in whichever tenant; `None` for a key that is unknown or switched off.
///
/// # Errors
/// When the database cannot be asked.
pub async fn config(conn: &mut PlatformConn, public_id: &str) -> Result<Option<WidgetConfig>, sqlx::Error> {
    // Whatever stands in a URL; some of it is no text for PostgreSQL.
    if !public_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(None);
    }
    sqlx::query_as!(
        WidgetConfig,
        r#"/* widget_keys.config */
         SELECT k.tenant_id AS "tenant_id: TenantId", k.origins, t.name AS agency_name,
                t.mail_from_address AS agency_address, t.country AS "country: Country", t.formal_address, t.languages,
                t.logo_url, t.primary_color, t.accent_color
         FROM widget_keys k JOIN tenants t ON t.id = k.tenant_id WHERE k.public_id = $1 AND k.active"#,
        public_id,
    )
    .fetch_optional(conn.sql())
    .await
}
