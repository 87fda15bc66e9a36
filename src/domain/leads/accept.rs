//! Taking in an enquiry.

use serde_json::json;

use super::events::{Actor, EventKind, note};
use super::model::{LeadId, NewLead};
use super::prospect::Contact;
use super::{prospect, store};
use crate::clock::Timestamp;
use crate::db::TenantConn;

/// What became of an enquiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// A new lead.
    New(LeadId),
    /// A copy of an enquiry that is there already.
    Copy(LeadId),
}

/// Makes a lead, or joins the one that is the same enquiry.
///
/// # Errors
/// When the database cannot do it.
pub async fn accept(conn: &mut TenantConn, new: &NewLead) -> Result<Accepted, sqlx::Error> {
    let now = conn.now();
    accept_asked_at(conn, new, now).await
}

/// The same for an enquiry that came at `asked_at` and waited: its copies came then, too.
///
/// # Errors
/// When the database cannot do it.
pub async fn accept_asked_at(
    conn: &mut TenantConn,
    new: &NewLead,
    asked_at: Timestamp,
) -> Result<Accepted, sqlx::Error> {
    let known: Vec<&str> = [&new.email, &new.phone].into_iter().flatten().map(String::as_str).collect();
    prospect::one_at_a_time(conn, &known).await?;
    let same = match store::same_enquiry(conn, &new.enquiry_key, asked_at).await? {
        Some(same) => Accepted::Copy(same),
        None => insert(conn, new, asked_at).await?,
    };
    match same {
        Accepted::Copy(id) => {
            note(conn, id, EventKind::DuplicateJoined, (Actor::System, None), json!({"portal": new.portal})).await?;
        }
        Accepted::New(id) => {
            for contact in prospect::contacts(new.email.as_deref(), new.address_kind, new.phone.as_deref()) {
                let contact = Contact { is_said: prospect::is_said_by(new), ..contact };
                prospect::know(conn, id, &contact).await?;
            }
            if !new.disclosure.is_empty() {
                store::add_disclosure(conn, id, &new.disclosure).await?;
            }
            let data = json!({"source": new.source, "portal": new.portal, "propertyId": new.property_id, "incomplete": new.incomplete});
            note(conn, id, EventKind::LeadCreated, (Actor::System, None), data).await?;
        }
    }
    Ok(same)
}

async fn insert(conn: &mut TenantConn, new: &NewLead, asked_at: Timestamp) -> Result<Accepted, sqlx::Error> {
    let (person, is_made) = prospect::of_new(conn, new).await?;
    if let Some(id) = store::insert(conn, new, person, asked_at).await? {
        return Ok(Accepted::New(id));
    }
    if is_made {
        prospect::forget(conn, person).await?;
    }
    // The other transaction has committed (the insert waited for it), so the row is there to be read.
    let same = store::same_enquiry(conn, &new.enquiry_key, asked_at).await?;
    same.map(Accepted::Copy).ok_or(sqlx::Error::RowNotFound)
}

/// The lead that a new one would repeat: of the same person, by address or telephone, about the same listing or as much
/// about none. Lost ones count: somebody who was known already is no new enquiry.
///
/// # Errors
/// When the database cannot be asked.
pub async fn standing(conn: &mut TenantConn, new: &NewLead) -> Result<Option<LeadId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* leads.standing */
         SELECT id AS "id: LeadId" FROM leads
         WHERE tenant_id = $1 AND property_id IS NOT DISTINCT FROM $2 AND (email = lower($3) OR (phone = $4 AND $3 IS NULL))
         ORDER BY created_at DESC LIMIT 1"#,
        conn.tenant().0,
        new.property_id.map(|id| id.0),
        new.email,
        new.phone,
    )
    .fetch_optional(conn.sql())
    .await
}
