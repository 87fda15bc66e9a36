//! Looking at a tenant in the name of one of its people: for a reason, for an hour at most, and in its audit log.

use serde_json::json;

use super::store::Staff;
use crate::clock::Timestamp;
use crate::db::{PlatformConn, TenantConn};
use crate::domain::users::{self, UserId};
use crate::ids::{TenantId, new_id};

crate::ids::id_type!(
    /// One look at a tenant.
    ImpersonationId
);

/// The longest look, minutes; the schema knows the same.
pub const LONGEST_MINUTES: u16 = 60;

/// One look at a tenant.
#[derive(Debug, Clone)]
pub struct Impersonation {
    /// Id; sent with every request.
    pub id: ImpersonationId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// In whose name.
    pub user_id: UserId,
    /// Who looks.
    pub staff_subject: String,
    /// Their name.
    pub staff_name: String,
    /// Why.
    pub reason: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}

/// Why nobody may look.
#[derive(Debug, thiserror::Error)]
pub enum ImpersonationError {
    /// The tenant has no such user, or not any more.
    #[error("no such user")]
    NoSuchUser,
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

impl Impersonation {
    /// Whether it may be used by this person, now.
    #[must_use]
    pub fn is_open_for(&self, staff: &Staff, now: Timestamp) -> bool {
        self.staff_subject == staff.subject && self.ended_at.is_none() && now < self.expires_at
    }
}

/// Begins one. `minutes` is at most [`LONGEST_MINUTES`].
///
/// # Errors
/// [`ImpersonationError`].
pub async fn start(
    conn: &mut TenantConn,
    staff: &Staff,
    user: UserId,
    reason: &str,
    minutes: u16,
) -> Result<Impersonation, ImpersonationError> {
    users::active_one(conn, user).await?.ok_or(ImpersonationError::NoSuchUser)?;
    let started_at = conn.now();
    let new = Impersonation {
        id: ImpersonationId::new(),
        tenant_id: conn.tenant(),
        user_id: user,
        staff_subject: staff.subject.clone(),
        staff_name: staff.name.clone(),
        reason: reason.to_owned(),
        started_at,
        expires_at: Timestamp(started_at.0 + jiff::SignedDuration::from_mins(i64::from(minutes))),
        ended_at: None,
    };
    sqlx::query!(
        "/* staff.impersonate */
         INSERT INTO impersonations (id, tenant_id, user_id, staff_subject, staff_name, reason, started_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        new.id.0,
        new.tenant_id.0,
        new.user_id.0,
        new.staff_subject,
        new.staff_name,
        new.reason,
        new.started_at as _,
        new.expires_at as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(new)
}

/// One, in whichever tenant.
///
/// # Errors
/// When the database cannot be asked.
pub async fn session(conn: &mut PlatformConn, id: ImpersonationId) -> Result<Option<Impersonation>, sqlx::Error> {
    sqlx::query_as!(
        Impersonation,
        r#"/* staff.session */
         SELECT id AS "id: ImpersonationId", tenant_id AS "tenant_id: TenantId", user_id AS "user_id: UserId", staff_subject,
                staff_name, reason, started_at AS "started_at: Timestamp", expires_at AS "expires_at: Timestamp",
                ended_at AS "ended_at: Timestamp"
         FROM impersonations WHERE id = $1"#,
        id.0,
    )
    .fetch_optional(conn.sql())
    .await
}

/// Ends one before its time.
///
/// # Errors
/// When the database cannot do it.
pub async fn end(conn: &mut TenantConn, id: ImpersonationId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* staff.end */ UPDATE impersonations SET ended_at = $3 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL",
        conn.tenant().0,
        id.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Notes one request of a session in the tenant's audit log: a look changes no row, so no trigger sees it.
///
/// # Errors
/// When the database cannot do it.
pub async fn note_use(
    conn: &mut TenantConn,
    session: &Impersonation,
    (method, path): (&str, &str),
    request_id: Option<&str>,
) -> Result<(), sqlx::Error> {
    let details = json!({"staff": session.staff_name, "reason": session.reason, "method": method, "path": path});
    sqlx::query!(
        "/* staff.note_use */
         INSERT INTO audit_events (id, tenant_id, at, actor, actor_id, user_id, action, entity, entity_id, request_id, details)
         VALUES ($1, $2, $3, 'STAFF', $4, $5, 'use', 'impersonations', $6, $7, $8)",
        new_id(),
        conn.tenant().0,
        conn.now() as _,
        session.staff_subject,
        session.user_id.0,
        session.id.0,
        request_id,
        details,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
