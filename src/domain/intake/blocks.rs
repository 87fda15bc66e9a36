//! Senders an agency wants to hear nothing of. Their mail is kept and ends as ignored, with that reason.
//!
//! What is blocked is a person's address: in a mail of their own the sender, in a portal's mail the prospect. A portal's own
//! address cannot be blocked, because all its enquiries would go with it; nor can the agency's own people.

use std::collections::HashSet;

use portal_mail::{AddressKind, Class, Understood};

use super::cause::{Cause, Why};
use super::model::{IntakeError, IntakeId, IntakeState};
use super::store;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::conversations;
use crate::domain::leads::{self, Actor, LeadError, LeadId, Trigger, Viewer};
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::users::UserId;
use crate::domain::{tenants, users};

crate::ids::id_type!(
    /// A blocked sender.
    BlockedSenderId
);

/// An address nobody wants to hear of.
#[derive(Debug, Clone)]
pub struct BlockedSender {
    /// Id.
    pub id: BlockedSenderId,
    /// Lower case.
    pub address: String,
    /// Who blocked it; `None` when they are gone.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}

/// Blocks an address. What was about to be sent to it is withdrawn, and its leads are left to the agent. The flag says
/// whether it is blocked anew.
///
/// # Errors
/// [`IntakeError::NotBlockable`].
pub async fn block(conn: &mut TenantConn, user: UserId, address: &str) -> Result<(BlockedSender, bool), IntakeError> {
    let address = address.to_lowercase();
    if portal_mail::portal_address(&address) == Some(AddressKind::None) {
        return Err(IntakeError::NotBlockable(
            "This is a portal's own address: all its enquiries would be lost. Block the prospect's address instead.",
        ));
    }
    let is_own = users::list(conn).await?.iter().any(|user| user.email.eq_ignore_ascii_case(&address))
        || tenants::current(conn).await?.mail_from_address.eq_ignore_ascii_case(&address);
    if is_own {
        return Err(IntakeError::NotBlockable("This is an address of your own agency."));
    }
    let id = BlockedSenderId::new();
    sqlx::query!(
        "/* intake.block */
         INSERT INTO blocked_senders (id, tenant_id, address, created_by, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT ON CONSTRAINT blocked_senders_once DO NOTHING",
        id.0,
        conn.tenant().0,
        address,
        user.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    let blocked = sqlx::query_as!(
        BlockedSender,
        r#"/* intake.blocked */
         SELECT id AS "id: BlockedSenderId", address, created_by AS "created_by: UserId", created_at
         FROM blocked_senders WHERE tenant_id = $1 AND address = $2"#,
        conn.tenant().0,
        address,
    )
    .fetch_one(conn.sql())
    .await?;
    let is_new = blocked.id == id;
    if is_new {
        fall_silent(conn, user, &address).await?;
    }
    Ok((blocked, is_new))
}

/// Nothing more is said by itself to this address.
async fn fall_silent(conn: &mut TenantConn, user: UserId, address: &str) -> Result<(), IntakeError> {
    let ids = sqlx::query_scalar!(
        r#"/* intake.leads_of_blocked */
         SELECT id AS "id: LeadId" FROM leads WHERE tenant_id = $1 AND email = $2 AND status <> 'LOST' ORDER BY id"#,
        conn.tenant().0,
        address
    )
    .fetch_all(conn.sql())
    .await?;
    for id in ids {
        let Some(mut lead) = leads::lock(conn, id, Viewer::SYSTEM).await? else { continue };
        if let Some(conversation) = conversations::by_lead(conn, id).await? {
            conversations::withdraw(conn, id, conversation.id).await?;
        }
        match leads::record(conn, &mut lead, Trigger::AgentTookOver, (Actor::Agent, Some(user)), None).await {
            Ok(_) | Err(LeadError::State(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Blocks whoever wrote a mail; one that waits in the tray is nothing then.
///
/// # Errors
/// [`IntakeError::NotBlockable`] when the mail names nobody, or somebody who must not be blocked.
pub async fn block_sender_of(conn: &mut TenantConn, user: UserId, id: IntakeId) -> Result<BlockedSender, IntakeError> {
    let state = store::lock(conn, id).await?.ok_or(IntakeError::NotFound)?;
    let mail = store::find(conn, id).await?.ok_or(IntakeError::NotFound)?;
    let prospect = mail.parsed.as_ref().and_then(|parsed| parsed[0]["email"].as_str()).map(str::to_owned);
    let address = prospect.or_else(|| mail.sender.clone().filter(|sender| !sender.is_empty()));
    let Some(address) = address else {
        return Err(IntakeError::NotBlockable("The mail names no address that could be blocked."));
    };
    let (blocked, _) = block(conn, user, &address).await?;
    if state == IntakeState::Tray {
        let why = Why::about(Cause::ByHand, "sender blocked");
        store::write_state(conn, id, IntakeState::Discarded, &why, Some(user)).await?;
    }
    Ok(blocked)
}

/// Whether this address is blocked.
pub(super) async fn is_blocked(conn: &mut TenantConn, address: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* intake.is_blocked */
         SELECT EXISTS (SELECT FROM blocked_senders WHERE tenant_id = $1 AND address = lower($2)) AS "is_blocked!""#,
        conn.tenant().0,
        address,
    )
    .fetch_one(conn.sql())
    .await
}

/// Whether a mail is a blocked sender's, or all who enquire in it are blocked. A report of a mail of ours is nobody's.
pub(super) async fn names_only_blocked(conn: &mut TenantConn, mail: &Understood) -> Result<bool, sqlx::Error> {
    if mail.class == Class::Bounce {
        return Ok(false);
    }
    let sender = mail.mail.from.as_ref().map(|from| from.address.to_lowercase());
    let prospects: Vec<Option<String>> =
        mail.leads.iter().map(|draft| draft.email.as_deref().map(str::to_lowercase)).collect();
    let all: Vec<String> = sender.iter().chain(prospects.iter().flatten()).cloned().collect();
    let blocked: HashSet<String> = sqlx::query_scalar!(
        "/* intake.blocked_among */ SELECT address FROM blocked_senders WHERE tenant_id = $1 AND address = ANY ($2)",
        conn.tenant().0,
        &all,
    )
    .fetch_all(conn.sql())
    .await?
    .into_iter()
    .collect();
    let is_blocked = |address: &Option<String>| address.as_ref().is_some_and(|address| blocked.contains(address));
    Ok(is_blocked(&sender) || (!prospects.is_empty() && prospects.iter().all(is_blocked)))
}

/// A page of blocked senders, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list_blocked(conn: &mut TenantConn, page: PageRequest) -> Result<Page<BlockedSender>, sqlx::Error> {
    let rows = sqlx::query_as!(
        BlockedSender,
        r#"/* intake.list_blocked */
         SELECT id AS "id: BlockedSenderId", address, created_by AS "created_by: UserId", created_at
         FROM blocked_senders WHERE tenant_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $4"#,
        conn.tenant().0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// Hears of a sender again. Mail that was ignored meanwhile stays so until it is read again.
///
/// # Errors
/// [`IntakeError::NoSuch`].
pub async fn unblock(conn: &mut TenantConn, id: BlockedSenderId) -> Result<(), IntakeError> {
    let gone = sqlx::query!(
        "/* intake.unblock */ DELETE FROM blocked_senders WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0
    )
    .execute(conn.sql())
    .await?;
    if gone.rows_affected() == 0 { Err(IntakeError::NoSuch("blocked sender")) } else { Ok(()) }
}
