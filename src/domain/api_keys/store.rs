//! SQL of API keys.

use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};

use super::model::{ApiKey, ApiKeyId, ApiKeyRefusal, NewApiKey, Scope, digest, generate, prefix};
use crate::clock::Timestamp;
use crate::db::{PlatformConn, TenantConn};
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::users::{self, Role, User, UserId};

/// `last_used_at` may be this much behind.
const USE_NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

struct Row {
    id: ApiKeyId,
    label: String,
    prefix: String,
    scopes: Vec<String>,
    expires_at: Timestamp,
    last_used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    created_by: UserId,
    created_at: Timestamp,
}

impl From<Row> for ApiKey {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            label: row.label,
            prefix: row.prefix,
            scopes: scopes(&row.scopes),
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
            created_by: row.created_by,
            created_at: row.created_at,
        }
    }
}

/// The schema knows no others; a word of a later version grants nothing here.
fn scopes(words: &[String]) -> Vec<Scope> {
    words.iter().filter_map(|word| Scope::parse(word)).collect()
}

macro_rules! keys_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"SELECT id AS "id: ApiKeyId", label, prefix, scopes, expires_at, last_used_at, revoked_at,
                      created_by AS "created_by: UserId", created_at
               FROM api_keys WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// Makes a key in the name of an administrator. The secret is given here and never again.
///
/// # Errors
/// When the database cannot do it.
pub async fn create(conn: &mut TenantConn, new: &NewApiKey, by: UserId) -> Result<(ApiKey, SecretString), sqlx::Error> {
    let (tenant, now) = (conn.tenant(), conn.now());
    let (id, key) = (ApiKeyId::new(), generate());
    let scopes: Vec<String> = new.scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
    sqlx::query!(
        "/* api_keys.create */
         INSERT INTO api_keys (id, tenant_id, label, prefix, hash, scopes, expires_at, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.0,
        tenant.0,
        new.label,
        prefix(&key),
        digest(key.expose_secret()),
        &scopes,
        new.expires_at as _,
        by.0,
        now as _,
    )
    .execute(conn.sql())
    .await?;
    let made = find(conn, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok((made, key))
}

async fn find(conn: &mut TenantConn, id: ApiKeyId) -> Result<Option<ApiKey>, sqlx::Error> {
    let tenant = conn.tenant();
    let row = keys_where!("tenant_id = $1 AND id = $2", tenant.0, id.0).fetch_optional(conn.sql()).await?;
    Ok(row.map(ApiKey::from))
}

/// A page of keys, ended ones among them, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(conn: &mut TenantConn, page: PageRequest) -> Result<Page<ApiKey>, sqlx::Error> {
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
    Ok(page.page(rows, |key| Cursor { at: key.created_at, id: key.id.0 }).map(ApiKey::from))
}

/// Ends a key at once. Ending it again changes nothing. `None`: there is no such key.
///
/// # Errors
/// When the database cannot do it.
pub async fn revoke(conn: &mut TenantConn, id: ApiKeyId) -> Result<Option<ApiKey>, sqlx::Error> {
    let (tenant, now) = (conn.tenant(), conn.now());
    sqlx::query!(
        "/* api_keys.revoke */ UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL",
        tenant.0,
        id.0,
        now as _,
    )
    .execute(conn.sql())
    .await?;
    find(conn, id).await
}

/// Who comes with this key: the key's id and scopes, and the administrator in whose name it acts. Notes the use, so the
/// caller commits.
///
/// # Errors
/// [`ApiKeyRefusal`].
pub async fn sign_in(conn: &mut PlatformConn, key: &str) -> Result<(ApiKeyId, Vec<Scope>, User), ApiKeyRefusal> {
    let now = conn.now();
    let row = sqlx::query!(
        "/* api_keys.sign_in */
         SELECT k.id, k.scopes, k.expires_at, k.last_used_at, k.revoked_at, u.subject
         FROM api_keys k JOIN users u ON u.tenant_id = k.tenant_id AND u.id = k.created_by
         WHERE k.hash = $1",
        digest(key),
    )
    .fetch_optional(conn.sql())
    .await?
    .ok_or(ApiKeyRefusal::Unknown)?;
    if row.revoked_at.is_some() {
        return Err(ApiKeyRefusal::Revoked);
    }
    if row.expires_at <= now {
        return Err(ApiKeyRefusal::Expired);
    }
    let maker = users::by_subject(conn, &row.subject).await?.filter(|user| user.role == Role::Admin);
    let maker = maker.ok_or(ApiKeyRefusal::MakerGone)?;
    if row.last_used_at.is_none_or(|last| last.0 + USE_NOTED_EVERY <= now.0) {
        sqlx::query!("/* api_keys.used */ UPDATE api_keys SET last_used_at = $2 WHERE id = $1", row.id, now as _)
            .execute(conn.sql())
            .await?;
    }
    Ok((ApiKeyId(row.id), scopes(&row.scopes), maker))
}
