//! Asking somebody to join: once per address, until it is accepted, taken back, or runs out.

use super::letter::{self, LetterError};
use super::{Parts, secret};
use crate::clock::Timestamp;
use crate::db::{TenantConn, broken_constraint};
use crate::domain::codes::code;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::tenants::Tenant;
use crate::domain::users::{self, Locale, Role, User, UserId};

crate::ids::id_type!(
    /// An invitation.
    InvitationId
);

code! {
    /// Where an invitation stands.
    InvitationState { /// Can be accepted.
        Open = "OPEN", /// Nobody accepted it in time; sending it again opens it.
        Expired = "EXPIRED", /// Somebody joined by it.
        Accepted = "ACCEPTED", /// Taken back.
        Revoked = "REVOKED" }
}

/// An invitation. Its secret is in the mail and nowhere else.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Id.
    pub id: InvitationId,
    /// Address, lower case.
    pub email: String,
    /// Rights of whoever accepts.
    pub role: Role,
    /// The language of its mail, and of whoever comes in by it; `None`: the mail is written in both.
    pub locale: Option<Locale>,
    /// The user who gets a new sign-in by it; `None`: it makes a new user.
    pub user_id: Option<UserId>,
    /// Who asked.
    pub invited_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it runs out.
    pub expires_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl Invitation {
    /// Where it stands at this time.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> InvitationState {
        match (self.accepted_at, self.revoked_at) {
            (Some(_), _) => InvitationState::Accepted,
            (_, Some(_)) => InvitationState::Revoked,
            _ if self.expires_at <= now => InvitationState::Expired,
            _ => InvitationState::Open,
        }
    }
}

/// Why nobody was invited.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// No such invitation.
    #[error("no such invitation")]
    NotFound,
    /// No such user.
    #[error("no such user")]
    NoSuchUser,
    /// The address is a user's of this agency.
    #[error("the address is a user's")]
    IsUser(UserId),
    /// The address has an open invitation.
    #[error("the address is invited already")]
    IsInvited,
    /// It was accepted or taken back.
    #[error("the invitation is closed")]
    Closed,
    /// The mail could not be written.
    #[error("the invitation cannot be written")]
    Letter(#[source] crate::templates::TemplateError),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for InvitationError {
    fn from(error: sqlx::Error) -> Self {
        match broken_constraint(&error) {
            Some("invitations_one_open") => Self::IsInvited,
            _ => Self::Database(error),
        }
    }
}

impl From<LetterError> for InvitationError {
    fn from(error: LetterError) -> Self {
        match error {
            LetterError::Template(error) => Self::Letter(error),
            LetterError::Database(error) => Self::Database(error),
        }
    }
}

macro_rules! invitations_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Invitation,
            r#"SELECT id AS "id: InvitationId", email, role AS "role: Role", locale AS "locale: Locale", user_id AS "user_id: UserId",
                      invited_by AS "invited_by: UserId", created_at AS "created_at: Timestamp",
                      expires_at AS "expires_at: Timestamp", accepted_at AS "accepted_at: Timestamp",
                      revoked_at AS "revoked_at: Timestamp"
               FROM invitations WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// Invites an address that is nobody's here, and mails the link.
///
/// # Errors
/// [`InvitationError`].
pub async fn invite(
    conn: &mut TenantConn,
    parts: Parts<'_>,
    tenant: &Tenant,
    inviter: &User,
    email: &str,
    (role, locale): (Role, Option<Locale>),
) -> Result<Invitation, InvitationError> {
    let email = email.to_lowercase();
    if let Some(user) = users::list(conn).await?.into_iter().find(|user| user.email == email) {
        return Err(InvitationError::IsUser(user.id));
    }
    write(conn, parts, tenant, inviter, (&email, role, locale, None)).await
}

/// Mails a user a link by which another sign-in becomes theirs: the way to change a subject. It takes an administrator
/// to allow it and the owner of the address to do it.
///
/// # Errors
/// [`InvitationError`].
pub async fn invite_again(
    conn: &mut TenantConn,
    parts: Parts<'_>,
    tenant: &Tenant,
    inviter: &User,
    user: UserId,
) -> Result<Invitation, InvitationError> {
    let user = users::active_one(conn, user).await?.ok_or(InvitationError::NoSuchUser)?;
    write(conn, parts, tenant, inviter, (&user.email, user.role, Some(user.locale), Some(user.id))).await
}

async fn write(
    conn: &mut TenantConn,
    parts: Parts<'_>,
    tenant: &Tenant,
    inviter: &User,
    (email, role, locale, user_id): (&str, Role, Option<Locale>, Option<UserId>),
) -> Result<Invitation, InvitationError> {
    let now = conn.now();
    // One that ran out stands in nobody's way.
    sqlx::query!(
        "/* people.withdraw_expired */
         UPDATE invitations SET revoked_at = $3
         WHERE tenant_id = $1 AND email = $2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at <= $3",
        conn.tenant().0,
        email,
        now as _,
    )
    .execute(conn.sql())
    .await?;
    let secret = secret::new();
    let invitation = Invitation {
        id: InvitationId::new(),
        email: email.to_owned(),
        role,
        locale,
        user_id,
        invited_by: inviter.id,
        created_at: now,
        expires_at: expiry(parts, now),
        accepted_at: None,
        revoked_at: None,
    };
    sqlx::query!(
        "/* people.invite */
         INSERT INTO invitations (id, tenant_id, email, role, user_id, invited_by, secret_hash, created_at, expires_at, locale)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        invitation.id.0,
        conn.tenant().0,
        invitation.email,
        invitation.role as _,
        invitation.user_id.map(|id| id.0),
        invitation.invited_by.0,
        secret::hash(&secret),
        now as _,
        invitation.expires_at as _,
        invitation.locale.map(Locale::as_str),
    )
    .execute(conn.sql())
    .await?;
    letter::send(conn, parts, tenant, inviter, &invitation, &secret).await?;
    Ok(invitation)
}

fn expiry((settings, _): Parts<'_>, now: Timestamp) -> Timestamp {
    Timestamp(now.0 + jiff::SignedDuration::from_hours(24 * i64::from(settings.auth.invitation_days)))
}

/// A page of invitations, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(conn: &mut TenantConn, page: PageRequest) -> Result<Page<Invitation>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = invitations_where!(
        "tenant_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $4",
        tenant.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |invitation| Cursor { at: invitation.created_at, id: invitation.id.0 }))
}

/// One, and nobody else changes it until this transaction ends.
pub(super) async fn lock(conn: &mut TenantConn, id: InvitationId) -> Result<Option<Invitation>, sqlx::Error> {
    let tenant = conn.tenant();
    invitations_where!("tenant_id = $1 AND id = $2 FOR UPDATE", tenant.0, id.0).fetch_optional(conn.sql()).await
}

async fn lock_unclosed(conn: &mut TenantConn, id: InvitationId) -> Result<Invitation, InvitationError> {
    let invitation = lock(conn, id).await?.ok_or(InvitationError::NotFound)?;
    match invitation.state(conn.now()) {
        InvitationState::Open | InvitationState::Expired => Ok(invitation),
        InvitationState::Accepted | InvitationState::Revoked => Err(InvitationError::Closed),
    }
}

/// Mails it again with a new link and a new end; the link before is worth nothing from then on.
///
/// # Errors
/// [`InvitationError`].
pub async fn resend(
    conn: &mut TenantConn,
    parts: Parts<'_>,
    tenant: &Tenant,
    inviter: &User,
    id: InvitationId,
) -> Result<Invitation, InvitationError> {
    let mut invitation = lock_unclosed(conn, id).await?;
    let secret = secret::new();
    invitation.expires_at = expiry(parts, conn.now());
    sqlx::query!(
        "/* people.resend */ UPDATE invitations SET secret_hash = $3, expires_at = $4 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        secret::hash(&secret),
        invitation.expires_at as _,
    )
    .execute(conn.sql())
    .await?;
    letter::send(conn, parts, tenant, inviter, &invitation, &secret).await?;
    Ok(invitation)
}

/// Takes it back.
///
/// # Errors
/// [`InvitationError`].
pub async fn revoke(conn: &mut TenantConn, id: InvitationId) -> Result<(), InvitationError> {
    lock_unclosed(conn, id).await?;
    sqlx::query!(
        "/* people.revoke */ UPDATE invitations SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
