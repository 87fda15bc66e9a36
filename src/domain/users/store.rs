//! SQL of users.

use super::model::{NewUser, Role, User, UserId};
use crate::db::{PlatformConn, TenantConn};
use crate::ids::TenantId;

macro_rules! users_where {
    ($rest:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            User,
            r#"SELECT id AS "id: UserId", tenant_id AS "tenant_id: TenantId", subject, email, first_name, last_name, phone,
                      role AS "role: Role", active
               FROM users WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// Who this token's subject is, in whichever tenant.
///
/// # Errors
/// When the database cannot be asked.
pub async fn by_subject(conn: &mut PlatformConn, subject: &str) -> Result<Option<User>, sqlx::Error> {
    users_where!("subject = $1 AND active", subject).fetch_optional(conn.sql()).await
}

/// Who has this address, in whichever tenant; the oldest if several. For the development token issuer only.
///
/// # Errors
/// When the database cannot be asked.
pub async fn by_email_anywhere(conn: &mut PlatformConn, email: &str) -> Result<Option<User>, sqlx::Error> {
    users_where!("email = lower($1) AND active ORDER BY created_at LIMIT 1", email).fetch_optional(conn.sql()).await
}

/// One user of this tenant.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(conn: &mut TenantConn, id: UserId) -> Result<Option<User>, sqlx::Error> {
    let tenant = conn.tenant();
    users_where!("tenant_id = $1 AND id = $2", tenant.0, id.0).fetch_optional(conn.sql()).await
}

/// All users of this tenant.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(conn: &mut TenantConn) -> Result<Vec<User>, sqlx::Error> {
    let tenant = conn.tenant();
    users_where!("tenant_id = $1 ORDER BY created_at, id", tenant.0).fetch_all(conn.sql()).await
}

/// The active users of this tenant with this role.
///
/// # Errors
/// When the database cannot be asked.
pub async fn active(conn: &mut TenantConn, role: Role) -> Result<Vec<User>, sqlx::Error> {
    let tenant = conn.tenant();
    users_where!("tenant_id = $1 AND active AND role = $2 ORDER BY created_at, id", tenant.0, role as _)
        .fetch_all(conn.sql())
        .await
}

/// Makes a user.
///
/// # Errors
/// A broken constraint (`users_subject_key`, `users_email_key`) or a database that cannot be asked.
pub async fn create(conn: &mut TenantConn, new: &NewUser) -> Result<UserId, sqlx::Error> {
    let id = UserId::new();
    sqlx::query!(
        "/* users.create */
         INSERT INTO users (id, tenant_id, subject, email, first_name, last_name, phone, role, created_at)
         VALUES ($1, $2, $3, lower($4), $5, $6, $7, $8, $9)",
        id.0,
        conn.tenant().0,
        new.subject,
        new.email,
        new.first_name,
        new.last_name,
        new.phone,
        new.role as _,
        conn.now(),
    )
    .execute(conn.sql())
    .await?;
    Ok(id)
}
