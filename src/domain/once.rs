//! Requests that may be sent twice and count once: what was answered is kept under the key the client chose.
//!
//! Always true: the key is claimed and the answer kept in the transaction that does the work. Keys are a user's own, and
//! forgotten after a day.

use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::users::UserId;

/// What was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Where the new thing is.
    pub location: Option<String>,
    /// Body.
    pub body: serde_json::Value,
}

/// What a key says.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// Nobody used it: do the work, then [`keep`] its answer.
    New,
    /// The same request was answered before.
    Answered(Answer),
    /// It was used for another request.
    OtherRequest,
}

/// Forgets answers older than a day.
///
/// # Errors
/// When the database cannot do it.
pub async fn forget(conn: &mut TenantConn) -> Result<(), sqlx::Error> {
    let yesterday = Timestamp(conn.now().0 - jiff::SignedDuration::from_hours(24));
    sqlx::query!(
        "/* once.forget */ DELETE FROM idempotency_keys WHERE tenant_id = $1 AND created_at < $2",
        conn.tenant().0,
        yesterday as _
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Claims a key for a request, given by its digest. Waits for a transaction that claimed it and has not ended.
///
/// # Errors
/// When the database cannot do it.
pub async fn claim(conn: &mut TenantConn, user: UserId, key: &str, request: &[u8]) -> Result<Claim, sqlx::Error> {
    forget(conn).await?;
    let claimed = sqlx::query!(
        "/* once.claim */
         INSERT INTO idempotency_keys (tenant_id, user_id, key, request, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING",
        conn.tenant().0,
        user.0,
        key,
        request,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(Claim::New);
    }
    let known = sqlx::query!(
        "/* once.answer */ SELECT request, status, location, body FROM idempotency_keys WHERE tenant_id = $1 AND user_id = $2 AND key = $3",
        conn.tenant().0,
        user.0,
        key,
    )
    .fetch_one(conn.sql())
    .await?;
    Ok(match (known.status.and_then(|status| u16::try_from(status).ok()), known.body) {
        (Some(status), Some(body)) if known.request == request => {
            Claim::Answered(Answer { status, location: known.location, body })
        }
        _ => Claim::OtherRequest,
    })
}

/// Keeps the answer of a claimed key.
///
/// # Errors
/// When the database cannot do it.
pub async fn keep(conn: &mut TenantConn, user: UserId, key: &str, answer: &Answer) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* once.keep */
         UPDATE idempotency_keys SET status = $4, location = $5, body = $6 WHERE tenant_id = $1 AND user_id = $2 AND key = $3",
        conn.tenant().0,
        user.0,
        key,
        i16::try_from(answer.status).unwrap_or(500),
        answer.location,
        answer.body,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
