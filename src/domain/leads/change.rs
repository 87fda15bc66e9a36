//! Changing a lead: by what happened to it, or by hand.

use serde_json::json;

use super::LeadError;
use super::events::{Actor, EventKind, note};
use super::model::{AddressKind, Lead, LeadEdit, Viewer};
use super::prospect::{Contact, ContactKind};
use super::state::{LeadState, Status, Trigger};
use super::{follow_ups, prospect, store};
use crate::db::TenantConn;
use crate::domain::properties::PropertyId;
use crate::domain::users::{self, UserId};

/// Who caused a change: kind, and the person if it was one of the agency's.
pub type By = (Actor, Option<UserId>);

/// Moves `lead` to where `trigger` leads and writes the timeline. `lead` is updated; call with a locked one.
///
/// # Errors
/// [`LeadError::State`] when the state machine has no such arrow.
pub async fn record(
    conn: &mut TenantConn,
    lead: &mut Lead,
    trigger: Trigger,
    by: By,
    reason: Option<&str>,
) -> Result<LeadState, LeadError> {
    let before = lead.state();
    let after = before.after(trigger)?;
    if after == before {
        return Ok(after);
    }
    let reason = (after.status == Status::Lost).then(|| reason.unwrap_or("unspecified"));
    store::write_state(conn, lead.id, after, reason).await?;
    (lead.status, lead.automation) = (after.status, after.automation);
    lead.lost_reason = reason.map(str::to_owned);
    lead.version += 1;
    let data = json!({
        "from": {"status": before.status, "automation": before.automation},
        "to": {"status": after.status, "automation": after.automation},
        "reason": reason,
    });
    note(conn, lead.id, EventKind::StateChanged, by, data).await?;
    if let Some(why) = follow_ups::stopped_by(after) {
        follow_ups::stop(conn, lead.id, why).await?;
    }
    Ok(after)
}

/// Closes a lead by hand.
///
/// # Errors
/// [`LeadError::State`] when it is closed already.
pub async fn close(conn: &mut TenantConn, lead: &mut Lead, user: UserId, reason: &str) -> Result<LeadState, LeadError> {
    record(conn, lead, Trigger::ClosedByHand, (Actor::Agent, Some(user)), Some(reason)).await
}

/// Opens a lost lead again.
///
/// # Errors
/// [`LeadError::State`] when it is not lost.
pub async fn reopen(conn: &mut TenantConn, lead: &mut Lead, user: UserId) -> Result<LeadState, LeadError> {
    record(conn, lead, Trigger::Reopened, (Actor::Agent, Some(user)), None).await
}

/// Stops automation: the agent takes over.
///
/// # Errors
/// [`LeadError::State`] when the lead is lost.
pub async fn pause(conn: &mut TenantConn, lead: &mut Lead, user: UserId) -> Result<LeadState, LeadError> {
    record(conn, lead, Trigger::AgentTookOver, (Actor::Agent, Some(user)), None).await
}

/// Gives the lead back to the system.
///
/// # Errors
/// [`LeadError::State`] when the system works on it already.
pub async fn resume(conn: &mut TenantConn, lead: &mut Lead, user: UserId) -> Result<LeadState, LeadError> {
    record(conn, lead, Trigger::Resumed, (Actor::Agent, Some(user)), None).await
}

/// Changes fields by hand. `expected_version` is what the caller read.
///
/// # Errors
/// [`LeadError::Changed`] when somebody was faster, or the listing or person does not exist.
pub async fn edit(
    conn: &mut TenantConn,
    lead: &mut Lead,
    user: UserId,
    edit: LeadEdit,
    expected_version: Option<i32>,
) -> Result<(), LeadError> {
    if expected_version.is_some_and(|version| version != lead.version) {
        return Err(LeadError::Changed);
    }
    // The foreign key sees the users of all tenants, so it cannot refuse somebody else's.
    if let Some(Some(assignee)) = edit.assignee_id
        && users::active_one(conn, assignee).await?.is_none()
    {
        return Err(LeadError::NoSuchAssignee);
    }
    let mut changed = Vec::new();
    macro_rules! take {
        ($($field:ident),*) => {$(
            if let Some(value) = edit.$field && value != lead.$field {
                lead.$field = value;
                changed.push(stringify!($field));
            }
        )*};
    }
    let (old_email, old_phone) = (lead.email.clone(), lead.phone.clone());
    take!(
        salutation,
        first_name,
        last_name,
        email,
        phone,
        language,
        formal_address,
        property_id,
        assignee_id,
        legal_basis
    );
    if lead.email != old_email {
        lead.address_kind = if lead.email.is_some() { AddressKind::Direct } else { AddressKind::None };
    }
    if changed.is_empty() {
        return Ok(());
    }
    store::write_edit(conn, lead).await?;
    lead.version += 1;
    lead.updated_at = conn.now();
    // The old address stays known: mail of this person may still come from it.
    if lead.email != old_email || lead.phone != old_phone {
        for contact in prospect::contacts(lead.email.as_deref(), lead.address_kind, lead.phone.as_deref()) {
            prospect::know(conn, lead.id, &contact).await?;
        }
        lead.prospect_id =
            store::find(conn, lead.id, Viewer::SYSTEM).await?.map_or(lead.prospect_id, |lead| lead.prospect_id);
    }
    note(conn, lead.id, EventKind::Edited, (Actor::Agent, Some(user)), json!({"fields": changed})).await?;
    Ok(())
}

/// Keeps the phone number a prospect named, where none is known. Call with a locked lead.
///
/// # Errors
/// When the database cannot do it.
pub async fn learn_phone(conn: &mut TenantConn, lead: &mut Lead, phone: String) -> Result<(), sqlx::Error> {
    if lead.phone.is_some() {
        return Ok(());
    }
    lead.phone = Some(phone);
    store::write_edit(conn, lead).await?;
    lead.version += 1;
    for contact in prospect::contacts(None, AddressKind::None, lead.phone.as_deref()) {
        prospect::know(conn, lead.id, &contact).await?;
    }
    note(conn, lead.id, EventKind::Edited, (Actor::Prospect, None), json!({"fields": ["phone"]})).await
}

/// Keeps the address of their own that a prospect named whose portal hides it: as somebody's word, so it joins them with
/// who they were before, and mail goes on through the portal. What is no such address changes nothing.
///
/// # Errors
/// When the database cannot do it.
pub async fn learn_address(conn: &mut TenantConn, lead: &Lead, said: &str) -> Result<(), sqlx::Error> {
    match portal_mail::own_address(said) {
        Some(own) if lead.address_kind == AddressKind::Relay => {
            let contact = Contact { kind: ContactKind::Email, value: own, is_said: true };
            prospect::know(conn, lead.id, &contact).await
        }
        _ => Ok(()),
    }
}

/// Ties the lead to a listing.
///
/// # Errors
/// [`LeadError::NoSuchProperty`] when the tenant has no such listing.
pub async fn assign_property(
    conn: &mut TenantConn,
    lead: &mut Lead,
    property: PropertyId,
    by: By,
) -> Result<(), LeadError> {
    lead.property_id = Some(property);
    store::write_edit(conn, lead).await?;
    lead.version += 1;
    note(conn, lead.id, EventKind::PropertyAssigned, by, json!({"propertyId": property})).await?;
    Ok(())
}

/// Gives the lead to one of the agency's people. `reason` stands on the timeline.
///
/// # Errors
/// When the database cannot do it.
pub async fn assign(
    conn: &mut TenantConn,
    lead: &mut Lead,
    user: UserId,
    by: By,
    reason: serde_json::Value,
) -> Result<(), sqlx::Error> {
    lead.assignee_id = Some(user);
    store::write_edit(conn, lead).await?;
    lead.version += 1;
    note(conn, lead.id, EventKind::Assigned, by, reason).await
}
