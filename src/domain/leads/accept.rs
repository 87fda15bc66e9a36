//! Taking in an enquiry.

use serde_json::json;

use super::events::{Actor, EventKind, note};
use super::model::{LeadId, NewLead};
use super::store;
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
    let (id, is_new) = match store::same_enquiry_within_a_day(conn, &new.enquiry_key).await? {
        Some(id) => (id, false),
        None => store::insert(conn, new).await?,
    };
    if !is_new {
        note(conn, id, EventKind::DuplicateJoined, (Actor::System, None), json!({"portal": new.portal})).await?;
        return Ok(Accepted::Copy(id));
    }
    if !new.disclosure.is_empty() {
        store::add_disclosure(conn, id, &new.disclosure).await?;
    }
    let data = json!({"source": new.source, "portal": new.portal, "propertyId": new.property_id, "incomplete": new.incomplete});
    note(conn, id, EventKind::LeadCreated, (Actor::System, None), data).await?;
    Ok(Accepted::New(id))
}
