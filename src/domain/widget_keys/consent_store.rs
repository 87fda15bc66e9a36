//! SQL of what visitors are asked to agree to.

use std::collections::BTreeMap;

use sqlx::types::Json;

use super::consent::{Consent, ConsentError, NewConsent, checked};
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::users::UserId;
use crate::ids::new_id;

macro_rules! consents_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Consent,
            r#"SELECT id, version, texts AS "texts: Json<BTreeMap<String, String>>", privacy_url,
                      created_by AS "created_by?: UserId", created_at AS "created_at?: Timestamp"
               FROM widget_consents WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// What visitors are asked to agree to now.
///
/// # Errors
/// When the database cannot be asked.
pub async fn consent(conn: &mut TenantConn) -> Result<Consent, sqlx::Error> {
    let tenant = conn.tenant();
    let newest =
        consents_where!("tenant_id = $1 ORDER BY version DESC LIMIT 1", tenant.0).fetch_optional(conn.sql()).await?;
    Ok(newest.unwrap_or_else(Consent::none))
}

/// A page of what was decided, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn consents(conn: &mut TenantConn, page: PageRequest) -> Result<Page<Consent>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = consents_where!(
        "tenant_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $4",
        tenant.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    let now = conn.now();
    Ok(page.page(rows, |consent| Cursor { at: consent.created_at.unwrap_or(now), id: consent.id }))
}

/// Decides what visitors are asked to agree to from now on. `expected_version` is what the caller read. The same once more
/// changes nothing.
///
/// # Errors
/// [`ConsentError`].
pub async fn decide_consent(
    conn: &mut TenantConn,
    user: UserId,
    new: &NewConsent,
    expected_version: Option<i32>,
) -> Result<Consent, ConsentError> {
    let current = consent(conn).await?;
    if expected_version.is_some_and(|expected| expected != current.version) {
        return Err(ConsentError::Changed);
    }
    let new = checked(new).map_err(ConsentError::Invalid)?;
    if current.version > 0 && (&current.texts.0, &current.privacy_url) == (&new.texts, &new.privacy_url) {
        return Ok(current);
    }
    let inserted = sqlx::query!(
        "/* widget_keys.decide_consent */
         INSERT INTO widget_consents (id, tenant_id, version, texts, privacy_url, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT ON CONSTRAINT widget_consents_version_key DO NOTHING",
        new_id(),
        conn.tenant().0,
        current.version + 1,
        Json(&new.texts) as _,
        new.privacy_url,
        user.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    // Somebody else's decision was committed between the look and the insert.
    if inserted.rows_affected() == 0 {
        return Err(ConsentError::Changed);
    }
    Ok(consent(conn).await?)
}
