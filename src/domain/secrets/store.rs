//! Keeping, using, listing and removing secrets.

use envelope::{KeyId, Place};
use secrecy::{ExposeSecret, SecretString};

use super::model::{Secret, SecretError, SecretId, SecretName};
use super::vault::Vault;
use crate::db::{TenantConn, broken_constraint};
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::users::UserId;
use crate::ids::TenantId;

/// A secret ready to be kept.
#[derive(Debug)]
pub struct SealedSecret {
    name: SecretName,
    key: KeyId,
    sealed: Vec<u8>,
}

/// The place of a secret. The row is known by its name: relabelled, it does not open.
pub(super) fn place<'a>(tenant: &'a TenantId, name: &'a str) -> Place<'a> {
    Place { tenant: tenant.0.as_bytes(), table: "secrets", column: "sealed", row: name.as_bytes() }
}

/// Seals a secret of a tenant. Comes before the transaction that keeps it.
///
/// # Errors
/// [`SecretError::Vault`].
pub async fn seal(
    vault: &Vault,
    tenant: TenantId,
    name: SecretName,
    secret: &SecretString,
) -> Result<SealedSecret, SecretError> {
    vault.current().await?;
    let (key, sealed) = vault.seal(&place(&tenant, name.as_str()), secret.expose_secret().as_bytes())?;
    Ok(SealedSecret { name, key, sealed })
}

macro_rules! secrets_query {
    ($before:literal, $rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Secret,
            $before + r#" id AS "id: SecretId", name, version, created_at, updated_at, updated_by AS "updated_by: UserId""# + $rest,
            $($argument),*
        )
    };
}

/// Keeps a secret, in place of the one of the same name. `expected_version` is what the caller read. The flag says
/// whether the name is new.
///
/// # Errors
/// [`SecretError`].
pub async fn put(
    conn: &mut TenantConn,
    secret: &SealedSecret,
    by: UserId,
    expected_version: Option<i32>,
) -> Result<(Secret, bool), SecretError> {
    let (tenant, now) = (conn.tenant(), conn.now());
    let new = SecretId::new();
    let kept = match expected_version {
        Some(version) => {
            secrets_query!(
                "/* secrets.replace */
                 UPDATE secrets SET sealed = $3, key_id = $4, version = version + 1, updated_at = $5, updated_by = $6
                 WHERE tenant_id = $1 AND name = $2 AND version = $7 RETURNING",
                "",
                tenant.0,
                secret.name.as_str(),
                secret.sealed,
                secret.key.0,
                now as _,
                by.0,
                version,
            )
            .fetch_optional(conn.sql())
            .await
        }
        None => {
            secrets_query!(
                "/* secrets.put */
                 INSERT INTO secrets AS s (id, tenant_id, name, sealed, key_id, created_at, updated_at, updated_by)
                 VALUES ($1, $2, $3, $4, $5, $6, $6, $7)
                 ON CONFLICT ON CONSTRAINT secrets_name_key DO UPDATE SET
                     sealed = $4, key_id = $5, version = s.version + 1, updated_at = $6, updated_by = $7
                 RETURNING",
                "",
                new.0,
                tenant.0,
                secret.name.as_str(),
                secret.sealed,
                secret.key.0,
                now as _,
                by.0,
            )
            .fetch_optional(conn.sql())
            .await
        }
    };
    let kept = kept.map_err(|error| match broken_constraint(&error) {
        Some("secrets_key_in_use") => SecretError::KeyRetired,
        _ => error.into(),
    })?;
    let kept = kept.ok_or(SecretError::Changed)?;
    let is_new = kept.id == new;
    Ok((kept, is_new))
}

/// The secret itself, for the connection that uses it. Makes a transaction of its own.
///
/// # Errors
/// [`SecretError`].
pub async fn read(vault: &Vault, tenant: TenantId, name: &SecretName) -> Result<SecretString, SecretError> {
    let mut conn = vault.db().tenant(tenant).await?;
    let sealed = sqlx::query_scalar!(
        "/* secrets.read */ SELECT sealed FROM secrets WHERE tenant_id = $1 AND name = $2",
        tenant.0,
        name.as_str(),
    )
    .fetch_optional(conn.sql())
    .await?
    .ok_or(SecretError::NotFound)?;
    drop(conn);
    vault.fetch(envelope::key_id(&sealed).map_err(super::VaultError::from)?).await?;
    let mut secret = vault.open(&place(&tenant, name.as_str()), &sealed)?;
    // It was a text when it was sealed.
    let text = String::from_utf8(std::mem::take(&mut *secret)).map_err(|_| envelope::OpenError::Malformed);
    Ok(SecretString::from(text.map_err(super::VaultError::from)?))
}

/// A page of what is kept, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(conn: &mut TenantConn, page: PageRequest) -> Result<Page<Secret>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = secrets_query!(
        "/* secrets.list */ SELECT",
        " FROM secrets
          WHERE tenant_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
          ORDER BY created_at DESC, id DESC LIMIT $4",
        tenant.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |secret| Cursor { at: secret.created_at, id: secret.id.0 }))
}

/// Forgets a secret.
///
/// # Errors
/// [`SecretError::NotFound`], [`SecretError::Changed`], or the database.
pub async fn remove(
    conn: &mut TenantConn,
    name: &SecretName,
    expected_version: Option<i32>,
) -> Result<(), SecretError> {
    let tenant = conn.tenant();
    let version = sqlx::query_scalar!(
        "/* secrets.lock */ SELECT version FROM secrets WHERE tenant_id = $1 AND name = $2 FOR UPDATE",
        tenant.0,
        name.as_str(),
    )
    .fetch_optional(conn.sql())
    .await?
    .ok_or(SecretError::NotFound)?;
    if expected_version.is_some_and(|expected| expected != version) {
        return Err(SecretError::Changed);
    }
    sqlx::query!(
        "/* secrets.remove */ DELETE FROM secrets WHERE tenant_id = $1 AND name = $2",
        tenant.0,
        name.as_str(),
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
