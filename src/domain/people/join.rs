//! Coming in: with a new agency, or by an invitation.

use super::invitations::{self, InvitationId, InvitationState};
use super::secret;
use crate::clock::Timestamp;
use crate::db::{Actor, ActorKind, PlatformConn, TenantConn};
use crate::domain::tenants::{self, Founding};
use crate::domain::users::{self, NewUser, Profile, Role, User, UserError, UserId};
use crate::ids::TenantId;

/// Somebody whose token is good and who is nobody's user yet.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// Subject of the token.
    pub subject: String,
    /// Address the token names.
    pub email: Option<String>,
    /// The issuer verified it.
    pub email_verified: bool,
    /// Names the request in the log.
    pub request_id: Option<String>,
}

/// What became of a newcomer.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The user.
    pub user: User,
    /// The agency is new.
    pub is_new_agency: bool,
}

/// Why a newcomer did not come in.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The subject is a user already.
    #[error("the subject is a user already")]
    IsUser,
    /// The token names no address: it is an access token.
    #[error("the token names no address")]
    NoAddress,
    /// The issuer has not verified the address.
    #[error("the address is not verified")]
    Unverified,
    /// Several agencies invited the address; a link says which one it is to be.
    #[error("the address has several invitations")]
    SeveralInvitations,
    /// Nobody invited the address, so a new agency needs its details.
    #[error("the details of a new agency are missing")]
    NoAgency,
    /// A new user needs a name.
    #[error("the name is missing")]
    NoName,
    /// There is no such invitation: never, taken back, or replaced by a newer link.
    #[error("no such invitation")]
    NoInvitation,
    /// It was accepted before.
    #[error("the invitation was accepted already")]
    Accepted,
    /// It ran out.
    #[error("the invitation has expired")]
    Expired,
    /// The user or the agency could not be written.
    #[error(transparent)]
    User(#[from] UserError),
}

impl From<sqlx::Error> for JoinError {
    fn from(error: sqlx::Error) -> Self {
        Self::User(error.into())
    }
}

/// Brings a newcomer in: by the invitation of their verified address, else with an agency of their own, whose
/// administrator they are.
///
/// # Errors
/// [`JoinError`].
pub async fn onboard(
    mut conn: PlatformConn,
    who: &Newcomer,
    profile: &Profile,
    agency: Option<&Founding>,
    intake_domain: &str,
) -> Result<(TenantConn, Joined), JoinError> {
    if users::sign_in(&mut conn, &who.subject).await?.is_some() {
        return Err(JoinError::IsUser);
    }
    let email = who.email.as_deref().ok_or(JoinError::NoAddress)?.to_lowercase();
    // Whether somebody invited the address is told to its owner only, so this comes first.
    if !who.email_verified {
        return Err(JoinError::Unverified);
    }
    match open_for(&mut conn, &email).await?.as_slice() {
        [] => {}
        [one] => return join(conn, *one, who, Some(profile)).await,
        _ => return Err(JoinError::SeveralInvitations),
    }
    let tenant = tenants::found(&mut conn, agency.ok_or(JoinError::NoAgency)?, intake_domain).await?;
    let id = UserId::new();
    let mut conn = conn.into_tenant(tenant, Some(&actor(id, who))).await?;
    let user = insert(&mut conn, id, who, &email, Role::Admin, profile).await?;
    Ok((conn, Joined { user, is_new_agency: true }))
}

/// Brings a newcomer in by the secret of an invitation's link. It was mailed to the invited address, so whoever knows it
/// reads that mail, whatever address the token names. `profile` may be left out where the user is there already.
///
/// # Errors
/// [`JoinError`].
pub async fn accept(
    mut conn: PlatformConn,
    who: &Newcomer,
    secret: &str,
    profile: Option<&Profile>,
) -> Result<(TenantConn, Joined), JoinError> {
    let found = by_secret(&mut conn, secret).await?.ok_or(JoinError::NoInvitation)?;
    if users::sign_in(&mut conn, &who.subject).await?.is_some() {
        return Err(JoinError::IsUser);
    }
    join(conn, found, who, profile).await
}

/// An invitation as it is found without its tenant.
#[derive(Debug, Clone, Copy)]
struct Found {
    id: InvitationId,
    tenant_id: TenantId,
    user_id: Option<UserId>,
}

async fn open_for(conn: &mut PlatformConn, email: &str) -> Result<Vec<Found>, sqlx::Error> {
    let now: Timestamp = conn.now();
    sqlx::query_as!(
        Found,
        r#"/* people.open_for */
         SELECT id AS "id: InvitationId", tenant_id AS "tenant_id: TenantId", user_id AS "user_id: UserId" FROM invitations
         WHERE email = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2 LIMIT 2"#,
        email,
        now as _,
    )
    .fetch_all(conn.sql())
    .await
}

async fn by_secret(conn: &mut PlatformConn, secret: &str) -> Result<Option<Found>, sqlx::Error> {
    sqlx::query_as!(
        Found,
        r#"/* people.by_secret */
         SELECT id AS "id: InvitationId", tenant_id AS "tenant_id: TenantId", user_id AS "user_id: UserId" FROM invitations
         WHERE secret_hash = $1"#,
        secret::hash(secret),
    )
    .fetch_optional(conn.sql())
    .await
}

async fn join(
    conn: PlatformConn,
    found: Found,
    who: &Newcomer,
    profile: Option<&Profile>,
) -> Result<(TenantConn, Joined), JoinError> {
    let id = found.user_id.unwrap_or_else(UserId::new);
    let mut conn = conn.into_tenant(found.tenant_id, Some(&actor(id, who))).await?;
    let invitation = invitations::lock(&mut conn, found.id).await?.ok_or(JoinError::NoInvitation)?;
    match invitation.state(conn.now()) {
        InvitationState::Open => {}
        InvitationState::Expired => return Err(JoinError::Expired),
        InvitationState::Accepted => return Err(JoinError::Accepted),
        InvitationState::Revoked => return Err(JoinError::NoInvitation),
    }
    let user = match found.user_id {
        Some(id) => reconnect(&mut conn, id, who, profile).await?,
        None => {
            let profile = profile.ok_or(JoinError::NoName)?;
            let user = insert(&mut conn, id, who, &invitation.email, invitation.role, profile).await?;
            match invitation.locale {
                Some(locale) => {
                    users::set_locale(&mut conn, id, locale).await?;
                    User { locale, ..user }
                }
                None => user,
            }
        }
    };
    sqlx::query!(
        "/* people.accept */ UPDATE invitations SET accepted_at = $3, accepted_by = $4 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        invitation.id.0,
        conn.now() as _,
        user.id.0,
    )
    .execute(conn.sql())
    .await?;
    Ok((conn, Joined { user, is_new_agency: false }))
}

/// The user who is there gets the newcomer's sign-in. One who was deactivated meanwhile does not come back by it.
async fn reconnect(
    conn: &mut TenantConn,
    id: UserId,
    who: &Newcomer,
    profile: Option<&Profile>,
) -> Result<User, JoinError> {
    users::active_one(conn, id).await?.ok_or(JoinError::NoInvitation)?;
    users::set_subject(conn, id, &who.subject).await?;
    if let Some(profile) = profile {
        users::edit_profile(conn, id, profile).await?;
    }
    Ok(users::find(conn, id).await?.ok_or(UserError::NotFound)?)
}

async fn insert(
    conn: &mut TenantConn,
    id: UserId,
    who: &Newcomer,
    email: &str,
    role: Role,
    profile: &Profile,
) -> Result<User, JoinError> {
    let new = NewUser {
        subject: who.subject.clone(),
        email: email.to_owned(),
        first_name: profile.first_name.clone(),
        last_name: profile.last_name.clone(),
        phone: profile.phone.clone(),
        role,
    };
    users::insert(conn, id, &new).await.map_err(UserError::from)?;
    Ok(users::find(conn, id).await?.ok_or(UserError::NotFound)?)
}

fn actor(id: UserId, who: &Newcomer) -> Actor {
    Actor { kind: ActorKind::User, id: None, user_id: Some(id.0), request_id: who.request_id.clone() }
}
