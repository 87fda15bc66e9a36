//! Changing the key of everything that is sealed, while everybody goes on.
//!
//! How far it has come is in the rows themselves: what names another key than the current one is left to do. So a
//! rotation that died is gone on with by the next, and two at once only share the work. A process that knows nothing of
//! it may still seal with the key before; that row is found by a later pass. Only when no row names a key is it retired,
//! and from then on the database refuses rows that do.

use std::collections::{BTreeMap, BTreeSet};

use envelope::{KeyId, OpenError};
use uuid::Uuid;

use super::store::place;
use super::vault::{Vault, VaultError};
use crate::clock::Timestamp;
use crate::db::PlatformConn;
use crate::domain::codes::code;
use crate::ids::TenantId;

/// Rows looked up at once.
const BATCH: i64 = 100;

code! {
    /// What a key is for.
    KeyState { /// Seals and opens.
        Current = "CURRENT", /// Opens.
        Previous = "PREVIOUS", /// No row names it, and none may.
        Retired = "RETIRED" }
}

/// A key and how much hangs on it.
#[derive(Debug, Clone)]
pub struct KeyStatus {
    /// Id.
    pub id: Uuid,
    /// What it is for.
    pub state: KeyState,
    /// What wrapped it.
    pub wrapped_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Rows sealed with it.
    pub rows: i64,
}

/// How far a rotation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows sealed anew by this run.
    pub done: u64,
    /// Rows still sealed with another key than the current one.
    pub left: i64,
}

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The key everything is sealed with now.
    pub key: KeyId,
    /// It was made by this run; if not, this run went on with one that had not ended.
    pub is_new: bool,
    /// Rows sealed anew.
    pub done: u64,
    /// Keys retired.
    pub retired: u64,
    /// Secrets that do not open, and so stay as they are: tenant and id. Somebody changed or moved them.
    pub broken: BTreeSet<(TenantId, Uuid)>,
}

/// All keys, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn status(conn: &mut PlatformConn) -> Result<Vec<KeyStatus>, sqlx::Error> {
    sqlx::query_as!(
        KeyStatus,
        r#"/* secrets.key_status */
         SELECT id, state AS "state: KeyState", wrapped_by, created_at,
                (SELECT count(*) FROM secrets s WHERE s.key_id = k.id) AS "rows!"
         FROM data_keys k ORDER BY created_at DESC, id DESC"#
    )
    .fetch_all(conn.sql())
    .await
}

/// Seals everything with a new key, or goes on with a rotation that did not end. `report` hears after each batch.
///
/// # Errors
/// [`VaultError`]; what was done stays, and another run goes on from there.
pub async fn rotate(vault: &Vault, mut report: impl FnMut(Progress)) -> Result<Rotated, VaultError> {
    let is_new = left(vault, vault.current().await?).await? == 0;
    if is_new {
        vault.generate().await?;
    }
    let (mut done, mut retired) = (0, 0);
    loop {
        // Another rotation may have made another key meanwhile.
        let key = vault.current().await?;
        let broken = pass(vault, key, &mut done, &mut report).await?;
        let is_through = async || left(vault, key).await.map(|left| left <= broken.len() as i64);
        if !is_through().await? {
            continue;
        }
        retired += retire(vault).await?;
        // Somebody may have been writing while their key was to be retired; then there is a row more.
        if is_through().await? {
            return Ok(Rotated { key, is_new, done, retired, broken });
        }
    }
}

/// Goes once over what is left, and tells what does not open.
async fn pass(
    vault: &Vault,
    key: KeyId,
    done: &mut u64,
    report: &mut impl FnMut(Progress),
) -> Result<BTreeSet<(TenantId, Uuid)>, VaultError> {
    let mut broken = BTreeSet::new();
    let mut after = (Uuid::nil(), Uuid::nil());
    loop {
        let mut conn = vault.db().platform().await?;
        let rows = sqlx::query!(
            "/* secrets.left_to_rotate */
             SELECT tenant_id, id, key_id FROM secrets WHERE key_id <> $1 AND (tenant_id, id) > ($2, $3)
             ORDER BY tenant_id, id LIMIT $4",
            key.0,
            after.0,
            after.1,
            BATCH,
        )
        .fetch_all(conn.sql())
        .await?;
        drop(conn);
        let Some(last) = rows.last() else { return Ok(broken) };
        after = (last.tenant_id, last.id);
        let mut tenants: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        for row in rows {
            // Keys may have to come from KMS, which no transaction waits for.
            vault.fetch(KeyId(row.key_id)).await?;
            tenants.entry(row.tenant_id).or_default().push(row.id);
        }
        for (tenant, ids) in tenants {
            *done += reseal(vault, key, TenantId(tenant), &ids, &mut broken).await?;
        }
        report(Progress { done: *done, left: left(vault, key).await? });
    }
}

/// Seals some secrets of a tenant anew, in one transaction.
async fn reseal(
    vault: &Vault,
    key: KeyId,
    tenant: TenantId,
    ids: &[Uuid],
    broken: &mut BTreeSet<(TenantId, Uuid)>,
) -> Result<u64, VaultError> {
    let mut conn = vault.db().tenant(tenant).await?;
    let rows = sqlx::query!(
        "/* secrets.sealed */ SELECT id, name, sealed, key_id FROM secrets WHERE tenant_id = $1 AND id = ANY($2) ORDER BY id",
        tenant.0,
        ids,
    )
    .fetch_all(conn.sql())
    .await?;
    let mut done = 0;
    for row in rows {
        if row.key_id == key.0 {
            // Somebody put a new secret there a moment ago.
            continue;
        }
        let place = place(&tenant, &row.name);
        let opened = match envelope::key_id(&row.sealed) {
            Ok(named) if named.0 == row.key_id => vault.open(&place, &row.sealed),
            _ => Err(OpenError::Tampered.into()),
        };
        let secret = match opened {
            Ok(secret) => secret,
            // With a key made a moment ago: the next pass fetches that.
            Err(VaultError::Open(OpenError::UnknownKey(_))) => continue,
            Err(VaultError::Open(_)) => {
                broken.insert((tenant, row.id));
                continue;
            }
            Err(error) => return Err(error),
        };
        let (used, sealed) = vault.seal(&place, &secret)?;
        // Whoever puts a new secret there meanwhile wins: then nothing has these bytes any more.
        done += sqlx::query!(
            "/* secrets.reseal */
             UPDATE secrets SET sealed = $4, key_id = $5 WHERE tenant_id = $1 AND id = $2 AND sealed = $3",
            tenant.0,
            row.id,
            row.sealed,
            sealed,
            used.0,
        )
        .execute(conn.sql())
        .await?
        .rows_affected();
    }
    conn.commit().await?;
    Ok(done)
}

async fn left(vault: &Vault, key: KeyId) -> Result<i64, sqlx::Error> {
    let mut conn = vault.db().platform().await?;
    sqlx::query_scalar!(r#"/* secrets.left */ SELECT count(*) AS "count!" FROM secrets WHERE key_id <> $1"#, key.0)
        .fetch_one(conn.sql())
        .await
}

/// Retires the keys that no row names.
async fn retire(vault: &Vault) -> Result<u64, sqlx::Error> {
    let mut conn = vault.db().platform().await?;
    // Waits for those who seal with such a key at this moment; the rows they leave are there for the next statement.
    sqlx::query!("/* secrets.hold_keys */ SELECT id FROM data_keys WHERE state = 'PREVIOUS' ORDER BY id FOR UPDATE")
        .fetch_all(conn.sql())
        .await?;
    let retired = sqlx::query!(
        "/* secrets.retire_keys */
         UPDATE data_keys k SET state = 'RETIRED'
         WHERE state = 'PREVIOUS' AND NOT EXISTS (SELECT FROM secrets s WHERE s.key_id = k.id)"
    )
    .execute(conn.sql())
    .await?
    .rows_affected();
    conn.commit().await?;
    Ok(retired)
}
