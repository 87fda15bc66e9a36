//! What a human does with a mail in the tray.

use serde_json::json;

use super::attach::{self, code_of};
use super::cause::{Cause, Why};
use super::known::{Asked, only_lead_of, same_person};
use super::model::{IntakeError, IntakeId, IntakeMessage, IntakeState};
use super::process::{self, Process, storable};
use super::reread::{Reread, reread};
use super::{draft, store};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::assistant;
use crate::domain::conversations::{self, Inbound};
use crate::domain::leads::{
    self, Accepted, Actor, AddressKind, Lead, LeadEdit, LeadId, LeadSource, NewLead, Salutation, Viewer,
};
use crate::domain::properties::{self, Candidate, PropertyId};
use crate::domain::routing;
use crate::domain::users::UserId;
use crate::ids::TenantId;
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

/// Whose lead a mail of the tray is.
#[derive(Debug, Clone)]
pub enum Whose {
    /// This one's: the mail belongs to its conversation.
    Lead(LeadId, Option<String>),
    /// The enquiry a human read out of it: it joins the lead of the same person about the same listing, else makes one.
    Enquiry(ByHand),
}

/// Gives a mail of the tray to a lead, which then gets its answer.
///
/// # Errors
/// [`IntakeError::WrongState`] when it is not in the tray, [`IntakeError::Field`] when nobody could be answered or there
/// is no such lead or listing.
pub async fn assign(
    conn: &mut TenantConn,
    user: UserId,
    Reread { mail, reading }: &Reread,
    whose: Whose,
) -> Result<LeadId, IntakeError> {
    let id = mail.id;
    in_state(conn, id, &[IntakeState::Tray, IntakeState::Ignored, IntakeState::Discarded]).await?;
    let facts = &reading.understood.mail;
    let said = match &whose {
        Whose::Lead(_, said) => said.as_ref(),
        Whose::Enquiry(by_hand) => by_hand.message.as_ref(),
    };
    let own = if facts.new_text.is_empty() { &facts.text } else { &facts.new_text };
    let text = storable(said.unwrap_or(own));
    let language = portal_mail::detect_language(&text).map(code_of).map(str::to_owned);
    let no_lead = || IntakeError::Field { field: "leadId", problem: "there is no such lead".to_owned() };
    let (mut lead, reason) = match whose {
        Whose::Lead(lead, _) => (leads::lock(conn, lead, Viewer::SYSTEM).await?.ok_or_else(no_lead)?, "joined a lead"),
        Whose::Enquiry(by_hand) => match lead_of(conn, &by_hand).await? {
            Some(lead) => {
                let mut lead = leads::lock(conn, lead, Viewer::SYSTEM).await?.ok_or_else(no_lead)?;
                fill_in(conn, user, &mut lead, by_hand).await?;
                (lead, "joined a lead")
            }
            None => {
                let lead = make_lead(conn, mail.portal.clone(), by_hand, &text, language.clone()).await?;
                (leads::lock(conn, lead, Viewer::SYSTEM).await?.ok_or_else(no_lead)?, "made a lead")
            }
        },
    };
    let lead_id = lead.id;
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
    store::write_state(conn, id, IntakeState::Done, &by_hand(reason), Some(user)).await?;
    Ok(lead_id)
}

/// Makes leads of what was read in a mail that was held back, as if it had not been.
///
/// # Errors
/// [`IntakeError::WrongState`] when it is not in the tray, [`IntakeError::Field`] when nobody to answer was read in it.
pub async fn assign_as_read(
    conn: &mut TenantConn,
    user: UserId,
    Reread { mail, reading }: &Reread,
) -> Result<LeadId, IntakeError> {
    let id = mail.id;
    in_state(conn, id, &[IntakeState::Tray, IntakeState::Ignored, IntakeState::Discarded]).await?;
    readable(conn, id).await?;
    let outcome = attach::enquiries(conn, reading.arrival(id, mail.received_at), &reading.understood)
        .await
        .map_err(|error| IntakeError::Reading(error.into()))?;
    let Some(lead) = outcome.lead else {
        return Err(IntakeError::Field {
            field: "email",
            problem: "an address or a phone number is needed: none was read in the mail".to_owned(),
        });
    };
    let verdict = process::verdict(&reading.understood);
    store::write_verdict(conn, id, outcome.state, &verdict).await?;
    store::write_state(conn, id, outcome.state, &by_hand("made a lead as read"), Some(user)).await?;
    Ok(lead)
}

/// The listings a mail may be about, for a human to choose from.
///
/// # Errors
/// [`IntakeError::NotFound`].
pub async fn candidates(app: &App, tenant: TenantId, id: IntakeId) -> Result<Vec<Candidate>, IntakeError> {
    let Reread { mail, reading } = reread(app, tenant, id).await?;
    let reference = reading.understood.leads.first().map(draft::reference).unwrap_or_default();
    let words = attach::mail_words(&reading.understood);
    let mut conn = app.db.tenant(tenant).await?;
    Ok(properties::candidates(&mut conn, mail.portal.as_deref(), &reference, &words).await?)
}

/// The lead there is of the same person about the same listing; without a listing, the only one of that person.
async fn lead_of(conn: &mut TenantConn, by_hand: &ByHand) -> Result<Option<LeadId>, IntakeError> {
    match (by_hand.email.as_deref(), by_hand.property_id) {
        (None, _) => Ok(None),
        (Some(email), None) => match same_person(conn, &Asked { email: Some(email), ..Asked::default() }).await? {
            None => Ok(only_lead_of(conn, Some(email)).await?),
            known => Ok(known),
        },
        (Some(email), property) => {
            Ok(same_person(conn, &Asked { email: Some(email), property, ..Asked::default() }).await?)
        }
    }
}

/// What the human read out of the mail and the lead does not know yet.
async fn fill_in(conn: &mut TenantConn, user: UserId, lead: &mut Lead, by_hand: ByHand) -> Result<(), IntakeError> {
    fn missing<T: Clone>(known: &Option<T>, read: Option<T>) -> Option<Option<T>> {
        if known.is_none() { read.map(Some) } else { None }
    }
    let edit = LeadEdit {
        salutation: missing(&lead.salutation, by_hand.salutation),
        first_name: missing(&lead.first_name, by_hand.first_name),
        last_name: missing(&lead.last_name, by_hand.last_name),
        phone: missing(&lead.phone, by_hand.phone),
        ..LeadEdit::default()
    };
    Ok(leads::edit(conn, lead, user, edit, None).await?)
}

async fn make_lead(
    conn: &mut TenantConn,
    portal: Option<String>,
    by_hand: ByHand,
    text: &str,
    language: Option<String>,
) -> Result<LeadId, IntakeError> {
    if by_hand.email.is_none() && by_hand.phone.is_none() {
        return Err(IntakeError::Field {
            field: "email",
            problem: "an address, a phone number or `leadId` is needed".to_owned(),
        });
    }
    if let Some(property) = by_hand.property_id
        && properties::find(conn, property).await?.is_none()
    {
        return Err(IntakeError::Field { field: "propertyId", problem: "no such property".to_owned() });
    }
    let person = by_hand.email.as_deref().or(by_hand.phone.as_deref());
    let new = NewLead {
        source: if portal.is_some() { LeadSource::Portal } else { LeadSource::Email },
        enquiry_key: leads::enquiry_key(portal.as_deref(), None, person, text),
        portal,
        salutation: by_hand.salutation,
        first_name: by_hand.first_name,
        last_name: by_hand.last_name,
        address_kind: if by_hand.email.is_some() { AddressKind::Direct } else { AddressKind::None },
        email: by_hand.email,
        phone: by_hand.phone,
        language,
        property_id: by_hand.property_id,
        assignee_id: None,
        incomplete: false,
        reference: json!({}),
        disclosure: Default::default(),
    };
    let accepted = leads::accept(conn, &new).await?;
    let (Accepted::New(id) | Accepted::Copy(id)) = accepted;
    if accepted == Accepted::New(id) {
        let mut lead = leads::by_id(conn, id).await?;
        routing::assign(conn, &mut lead, (Actor::System, None)).await?;
    }
    Ok(id)
}

/// Says that a mail is nothing.
///
/// # Errors
/// [`IntakeError::WrongState`] when it belongs to a lead.
pub async fn discard(conn: &mut TenantConn, user: UserId, id: IntakeId) -> Result<(), IntakeError> {
    in_state(conn, id, &[IntakeState::Tray, IntakeState::Ignored]).await?;
    store::write_state(conn, id, IntakeState::Discarded, &by_hand("discarded"), Some(user)).await?;
    Ok(())
}

/// Reads a mail again, with the readers of today. Leads and messages it made before are not made twice.
///
/// # Errors
/// [`IntakeError::WrongState`] when it waits to be read already.
pub async fn reprocess(conn: &mut TenantConn, user: UserId, id: IntakeId) -> Result<(), IntakeError> {
    in_state(conn, id, &[IntakeState::Tray, IntakeState::Ignored, IntakeState::Discarded]).await?;
    readable(conn, id).await?;
    store::write_state(conn, id, IntakeState::Received, &by_hand("read again"), Some(user)).await?;
    let (job, key) = Process::anew(conn.tenant(), id);
    jobs::enqueue(conn, &job, Placement::default().keyed(key)).await?;
    Ok(())
}

/// A mail whose bytes are the whole mail, and meant for the readers.
async fn readable(conn: &mut TenantConn, id: IntakeId) -> Result<IntakeMessage, IntakeError> {
    let mail = store::find(conn, id).await?.ok_or(IntakeError::NotFound)?;
    match mail.cause {
        Some(cause @ (Cause::CouldNotBeTaken | Cause::TestMail)) => Err(IntakeError::NotForReaders(cause)),
        _ => Ok(mail),
    }
}

fn by_hand(what: &str) -> Why {
    Why::about(Cause::ByHand, what)
}

pub(super) async fn in_state(conn: &mut TenantConn, id: IntakeId, allowed: &[IntakeState]) -> Result<(), IntakeError> {
    let state = store::lock(conn, id).await?.ok_or(IntakeError::NotFound)?;
    if allowed.contains(&state) { Ok(()) } else { Err(IntakeError::WrongState(state)) }
}
