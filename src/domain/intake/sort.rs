//! What a human does with a mail in the tray.

use serde_json::json;

use super::attach::code_of;
use super::model::{IntakeError, IntakeId, IntakeState};
use super::process::{Process, storable};
use super::store;
use crate::db::TenantConn;
use crate::domain::assistant;
use crate::domain::conversations::{self, Inbound};
use crate::domain::leads::{self, Accepted, Actor, AddressKind, LeadId, LeadSource, NewLead, Salutation};
use crate::domain::properties::{self, PropertyId};
use crate::domain::routing;
use crate::domain::users::UserId;
use crate::jobs::{self, Placement};

/// An enquiry as a human read it out of a mail.
#[derive(Debug, Clone, Default)]
pub struct ByHand {
    /// How to address the prospect.
    pub salutation: Option<Salutation>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// The prospect's address.
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// The listing.
    pub property_id: Option<PropertyId>,
    /// What the prospect wrote; `None` takes the mail's own text.
    pub message: Option<String>,
}

/// Makes a mail of the tray a lead.
///
/// # Errors
/// [`IntakeError::WrongState`] when it is not in the tray, [`IntakeError::Field`] when nobody could be answered.
pub async fn assign(conn: &mut TenantConn, user: UserId, id: IntakeId, by_hand: ByHand) -> Result<LeadId, IntakeError> {
    in_state(conn, id, &[IntakeState::Tray, IntakeState::Ignored, IntakeState::Discarded]).await?;
    if by_hand.email.is_none() && by_hand.phone.is_none() {
        return Err(IntakeError::Field {
            field: "email",
            problem: "an address or a phone number is needed".to_owned(),
        });
    }
    let mail = store::find(conn, id).await?.ok_or(IntakeError::NotFound)?;
    let raw = store::raw(conn, id).await?.ok_or(IntakeError::NotFound)?;
    let facts = portal_mail::understand(&raw, &portal_mail::Context::default()).mail;
    let text = by_hand
        .message
        .unwrap_or_else(|| if facts.new_text.is_empty() { facts.text.clone() } else { facts.new_text.clone() });
    let text = storable(&text);
    let language = portal_mail::detect_language(&text).map(code_of).map(str::to_owned);
    if let Some(property) = by_hand.property_id
        && properties::find(conn, property).await?.is_none()
    {
        return Err(IntakeError::Field { field: "propertyId", problem: "no such property".to_owned() });
    }
    let person = by_hand.email.as_deref().or(by_hand.phone.as_deref());
    let new = NewLead {
        source: if mail.portal.is_some() { LeadSource::Portal } else { LeadSource::Email },
        enquiry_key: leads::enquiry_key(mail.portal.as_deref(), None, person, &text),
        portal: mail.portal,
        salutation: by_hand.salutation,
        first_name: by_hand.first_name,
        last_name: by_hand.last_name,
        address_kind: if by_hand.email.is_some() { AddressKind::Direct } else { AddressKind::None },
        email: by_hand.email,
        phone: by_hand.phone,
        language: language.clone(),
        property_id: by_hand.property_id,
        assignee_id: None,
        incomplete: false,
        reference: json!({}),
        disclosure: Default::default(),
    };
    let accepted = leads::accept(conn, &new).await?;
    let (Accepted::New(lead_id) | Accepted::Copy(lead_id)) = accepted;
    let mut lead = leads::by_id(conn, lead_id).await?;
    if accepted == Accepted::New(lead_id) {
        routing::assign(conn, &mut lead, (Actor::System, None)).await?;
    }
    let first = conversations::by_lead(conn, lead_id).await?.is_none();
    let message = Inbound {
        subject: facts.subject.as_deref().map(storable).unwrap_or_default(),
        text,
        html: None,
        language,
        rfc_message_id: facts.message_id.as_deref().map(storable),
        in_reply_to: facts.in_reply_to.as_deref().map(storable),
        references: facts.references.iter().map(|id| storable(id)).collect(),
        intake_message: Some(id.0),
    };
    let conversation = conversations::append_inbound(conn, &mut lead, &message, first).await?;
    assistant::answer_soon(conn, lead_id, conversation.id).await?;
    store::write_state(conn, id, IntakeState::Done, "made a lead by hand", Some(user)).await?;
    Ok(lead_id)
}

/// Says that a mail is nothing.
///
/// # Errors
/// [`IntakeError::WrongState`] when it belongs to a lead.
pub async fn discard(conn: &mut TenantConn, user: UserId, id: IntakeId) -> Result<(), IntakeError> {
    in_state(conn, id, &[IntakeState::Tray, IntakeState::Ignored]).await?;
    store::write_state(conn, id, IntakeState::Discarded, "discarded by hand", Some(user)).await?;
    Ok(())
}

/// Reads a mail again, with the readers of today. Leads and messages it made before are not made twice.
///
/// # Errors
/// [`IntakeError::WrongState`] when it waits to be read already.
pub async fn reprocess(conn: &mut TenantConn, user: UserId, id: IntakeId) -> Result<(), IntakeError> {
    in_state(conn, id, &[IntakeState::Tray, IntakeState::Ignored, IntakeState::Discarded]).await?;
    store::write_state(conn, id, IntakeState::Received, "read again by hand", Some(user)).await?;
    let job = Process { tenant_id: conn.tenant(), intake_id: id };
    jobs::enqueue(conn, &job, Placement::default().keyed(format!("intake.process:{id}"))).await?;
    Ok(())
}

async fn in_state(conn: &mut TenantConn, id: IntakeId, allowed: &[IntakeState]) -> Result<(), IntakeError> {
    let state = store::lock(conn, id).await?.ok_or(IntakeError::NotFound)?;
    if allowed.contains(&state) { Ok(()) } else { Err(IntakeError::WrongState(state)) }
}
