//! SQL of users.

use super::UserError;
use super::model::{NewUser, Profile, Role, SignIn, User, UserId};
use super::own::{Locale, OwnSettings};
use crate::clock::Timestamp;
use crate::db::{PlatformConn, TenantConn};
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::tenants;
use crate::ids::TenantId;

macro_rules! users_where {
    ($rest:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            User,
            r#"SELECT id AS "id: UserId", tenant_id AS "tenant_id: TenantId", subject, email, first_name, last_name, phone,
                      locale AS "locale: Locale", signature, viewing_weekdays, viewing_from_minute, viewing_to_minute,
                      role AS "role: Role", active, version, created_at
               FROM users WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// Who this token's subject is, in whichever tenant; deactivated people too.
///
/// # Errors
/// When the database cannot be asked.
pub async fn sign_in(conn: &mut PlatformConn, subject: &str) -> Result<Option<SignIn>, sqlx::Error> {
    let row = sqlx::query!(
        r#"/* users.sign_in */
         SELECT u.id AS "id: UserId", u.tenant_id AS "tenant_id: TenantId", u.subject, u.email, u.first_name, u.last_name,
                u.phone, u.locale AS "locale: Locale", u.signature, u.viewing_weekdays, u.viewing_from_minute, u.viewing_to_minute,
                u.role AS "role: Role", u.active, u.version, u.created_at AS "created_at: Timestamp",
                t.suspended_at IS NOT NULL AS "is_suspended!"
         FROM users u JOIN tenants t ON t.id = u.tenant_id WHERE u.subject = $1"#,
        subject,
    )
    .fetch_optional(conn.sql())
    .await?;
    Ok(row.map(|row| SignIn {
        is_suspended: row.is_suspended,
        user: User {
            id: row.id,
            tenant_id: row.tenant_id,
            subject: row.subject,
            email: row.email,
            first_name: row.first_name,
            last_name: row.last_name,
            phone: row.phone,
            locale: row.locale,
            signature: row.signature,
            viewing_weekdays: row.viewing_weekdays,
            viewing_from_minute: row.viewing_from_minute,
            viewing_to_minute: row.viewing_to_minute,
            role: row.role,
            active: row.active,
            version: row.version,
            created_at: row.created_at,
        },
    }))
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

/// One user who works here, and who will until this transaction ends: whoever deactivates them waits for it, and so
/// finds what it gave them. The lock is the one that a foreign key takes anyway.
///
/// # Errors
/// When the database cannot be asked.
pub async fn active_one(conn: &mut TenantConn, id: UserId) -> Result<Option<User>, sqlx::Error> {
    let tenant = conn.tenant();
    users_where!("tenant_id = $1 AND id = $2 AND active FOR KEY SHARE", tenant.0, id.0).fetch_optional(conn.sql()).await
}

/// A page of users, the longest here first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn page(conn: &mut TenantConn, page: PageRequest) -> Result<Page<User>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = users_where!(
        "tenant_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3::uuid)) ORDER BY created_at, id LIMIT $4",
        tenant.0,
        page.at() as _,
        page.id(),
        page.fetch()
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |user| Cursor { at: user.created_at, id: user.id.0 }))
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

/// Makes this transaction the only one that changes who works here and in which role, until it ends.
pub(super) async fn lock_people(conn: &mut TenantConn) -> Result<(), sqlx::Error> {
    sqlx::query!("/* users.lock_people */ SELECT id FROM tenants WHERE id = $1 FOR NO KEY UPDATE", conn.tenant().0)
        .fetch_one(conn.sql())
        .await?;
    Ok(())
}

/// Waits for whoever gives something to this user at this moment, and keeps others from it until this transaction ends.
pub(super) async fn lock_out(conn: &mut TenantConn, id: UserId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* users.lock_out */ SELECT id FROM users WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
        conn.tenant().0,
        id.0
    )
    .fetch_one(conn.sql())
    .await?;
    Ok(())
}

/// Makes a user.
///
/// # Errors
/// A broken constraint (`users_subject_key`, `users_email_key`) or a database that cannot be asked.
pub async fn create(conn: &mut TenantConn, new: &NewUser) -> Result<UserId, sqlx::Error> {
    let id = UserId::new();
    insert(conn, id, new).await?;
    Ok(id)
}

/// The same with an id that is known already.
///
/// # Errors
/// As [`create`].
pub async fn insert(conn: &mut TenantConn, id: UserId, new: &NewUser) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* users.insert */
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
    Ok(())
}

/// Replaces what somebody decides for themselves. `expected_version` is what the caller read.
///
/// # Errors
/// [`UserError::NotFound`], [`UserError::Changed`], [`UserError::Invalid`].
pub async fn change_own(
    conn: &mut TenantConn,
    id: UserId,
    own: &OwnSettings,
    expected_version: Option<i32>,
) -> Result<User, UserError> {
    let user = find(conn, id).await?.ok_or(UserError::NotFound)?;
    if expected_version.is_some_and(|version| version != user.version) {
        return Err(UserError::Changed);
    }
    let own = own.checked(&tenants::current(conn).await?).map_err(UserError::Invalid)?;
    let hours = own.viewing_hours.as_ref();
    let changed = sqlx::query!(
        "/* users.change_own */
         UPDATE users SET first_name = $3, last_name = $4, phone = $5, locale = $6, signature = $7, viewing_weekdays = $8,
                          viewing_from_minute = $9, viewing_to_minute = $10, version = version + 1
         WHERE tenant_id = $1 AND id = $2 AND version = $11",
        conn.tenant().0,
        id.0,
        own.profile.first_name,
        own.profile.last_name,
        own.profile.phone,
        own.locale as _,
        own.signature,
        hours.map(|hours| hours.weekdays.as_slice()),
        hours.map(|hours| hours.from.0),
        hours.map(|hours| hours.to.0),
        user.version,
    )
    .execute(conn.sql())
    .await?
    .rows_affected();
    // Somebody who read the same version was faster by a moment.
    if changed == 0 { Err(UserError::Changed) } else { Ok(find(conn, id).await?.ok_or(UserError::NotFound)?) }
}

/// Replaces the names and telephone of somebody who comes in once more.
///
/// # Errors
/// [`UserError::NotFound`].
pub async fn edit_profile(conn: &mut TenantConn, id: UserId, profile: &Profile) -> Result<User, UserError> {
    sqlx::query!(
        "/* users.edit_profile */
         UPDATE users SET first_name = $3, last_name = $4, phone = $5, version = version + 1
         WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        profile.first_name,
        profile.last_name,
        profile.phone,
    )
    .execute(conn.sql())
    .await?;
    find(conn, id).await?.ok_or(UserError::NotFound)
}

/// Writes the language of somebody who was invited in it.
///
/// # Errors
/// When the database cannot do it.
pub async fn set_locale(conn: &mut TenantConn, id: UserId, locale: Locale) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* users.set_locale */ UPDATE users SET locale = $3 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        locale as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Ties a user to another subject of the token issuer.
///
/// # Errors
/// [`UserError::SubjectTaken`].
pub async fn set_subject(conn: &mut TenantConn, id: UserId, subject: &str) -> Result<(), UserError> {
    sqlx::query!(
        "/* users.set_subject */ UPDATE users SET subject = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        subject,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Writes the role. Only `roles` calls this.
pub(super) async fn write_role(conn: &mut TenantConn, id: UserId, role: Role) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* users.write_role */ UPDATE users SET role = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        role as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Writes whether the user may sign in. Only `roles` calls this.
pub(super) async fn write_active(conn: &mut TenantConn, id: UserId, active: bool) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* users.write_active */ UPDATE users SET active = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        active,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
