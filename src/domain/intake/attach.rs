//! From what a mail says to the lead it belongs to.

use portal_mail::{LeadDraft, Understood};
use serde_json::json;

use super::cause::{Cause, Why};
use super::draft::{inbound, new_lead, object, person_key, reference};
use super::known::{self, Asked, only_lead_of};
use super::model::{IntakeId, IntakeState};
use super::process::storable;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::assistant;
use crate::domain::conversations::{self, Inbound};
use crate::domain::leads::{self, Accepted, Actor, Contact, ContactKind, EventKind, Lead, LeadError, LeadId, Viewer};
use crate::domain::properties::{self, PropertyId};
use crate::domain::routing;
use crate::domain::tasks::{self, NewTask, TaskKind};
use crate::jobs::JobError;

/// What became of a mail.
pub(super) struct Outcome {
    pub(super) state: IntakeState,
    pub(super) why: Option<Why>,
    /// The lead it made or joined; the first of several.
    pub(super) lead: Option<LeadId>,
}

impl Outcome {
    pub(super) fn done() -> Self {
        Self { state: IntakeState::Done, why: None, lead: None }
    }
    pub(super) fn duplicate(why: impl Into<Why>) -> Self {
        Self { state: IntakeState::Duplicate, why: Some(why.into()), lead: None }
    }
    pub(super) fn ignored(why: impl Into<Why>) -> Self {
        Self { state: IntakeState::Ignored, why: Some(why.into()), lead: None }
    }
    pub(super) fn tray(why: impl Into<Why>) -> Self {
        Self { state: IntakeState::Tray, why: Some(why.into()), lead: None }
    }
}

/// A mail at the door.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) id: IntakeId,
    /// When we took it, which may be long before it is read.
    pub(super) at: Timestamp,
    /// One of the agency's people sent it on by hand.
    pub(super) is_sent_on: bool,
}

/// Every enquiry in the mail makes a lead or joins one.
pub(super) async fn enquiries(conn: &mut TenantConn, arrival: Arrival, mail: &Understood) -> Result<Outcome, JobError> {
    let usable: Vec<&LeadDraft> = mail.leads.iter().filter(|draft| is_usable(draft)).collect();
    if usable.is_empty() {
        return Ok(Outcome::tray(Cause::NobodyToAnswer));
    }
    // Whoever reads another mail of one of these people waits here, and then finds what this one made.
    let people = usable.iter().flat_map(|draft| [&draft.email, &draft.phone, &draft.person_key]);
    let people: Vec<&str> = people.flatten().map(String::as_str).collect();
    leads::one_at_a_time(conn, &people).await?;
    let (mut copies, mut first) = (true, None);
    for draft in usable {
        let found = matches(conn, mail, draft).await?;
        let (lead, is_new) = enquiry(conn, arrival, mail, draft, &found).await?;
        copies &= !is_new;
        first = first.or(Some(lead));
    }
    let outcome = if copies { Outcome::duplicate(Cause::CopyOfEnquiry) } else { Outcome::done() };
    Ok(Outcome { lead: first, ..outcome })
}

/// Somebody to answer, or at least a link where the portal keeps them.
pub(super) fn is_usable(draft: &LeadDraft) -> bool {
    draft.email.is_some() || draft.phone.is_some() || (draft.incomplete && draft.reference.expose_url.is_some())
}

async fn matches(conn: &mut TenantConn, mail: &Understood, draft: &LeadDraft) -> Result<Vec<PropertyId>, JobError> {
    Ok(properties::matches(conn, mail.portal.map(|portal| portal.as_str()), &reference(draft)).await?)
}

/// One enquiry. Returns its lead, and whether it said anything new.
async fn enquiry(
    conn: &mut TenantConn,
    arrival: Arrival,
    mail: &Understood,
    draft: &LeadDraft,
    candidates: &[PropertyId],
) -> Result<(LeadId, bool), JobError> {
    let property = match candidates {
        [one] => Some(*one),
        _ => None,
    };
    let inbound = inbound(arrival.id, mail, draft);
    let person_key = person_key(mail, draft);
    let thread = relay_of(mail, draft);
    let asked =
        Asked { email: draft.email.as_deref(), person_key: person_key.as_deref(), property, object: object(draft) };
    // The same words of the same person are the same enquiry, however the mail came: a copy for the office, a colleague
    // who sends it on.
    if let Some(copy) = known::same_words(conn, &asked, draft.phone.as_deref(), &inbound.text, arrival).await? {
        let data = json!({"portal": mail.portal.map(|portal| portal.as_str())});
        leads::note(conn, copy, EventKind::DuplicateJoined, (Actor::System, None), data).await?;
        return Ok((copy, false));
    }
    // The same person about the same listing goes on with the conversation there is.
    let known = match known::same_person(conn, &asked).await? {
        // A portal's chat is about one listing, whether we recognise it or a human had to, and goes on with its lead.
        None if thread.is_some() => only_lead_of(conn, thread.as_deref()).await?,
        // Who writes to us directly without naming a listing goes on with the one conversation they have.
        None if property.is_none() && asked.object.is_none() && mail.portal.is_none() => {
            only_lead_of(conn, draft.email.as_deref()).await?
        }
        known => known,
    };
    let known = match known {
        // One that was erased while its lock was waited for is not known any more.
        Some(known) => leads::lock(conn, known, Viewer::SYSTEM).await?,
        None => None,
    };
    if let Some(mut lead) = known {
        if said_already(conn, &lead, &inbound).await? {
            return Ok((lead.id, false));
        }
        learn_person(conn, lead.id, draft, person_key.as_deref(), thread.as_deref()).await?;
        say(conn, &mut lead, &inbound, false).await?;
        return Ok((lead.id, true));
    }
    let new = new_lead(mail, draft, property);
    let lead = match leads::accept_asked_at(conn, &new, arrival.at).await? {
        Accepted::Copy(lead) => return Ok((lead, false)),
        Accepted::New(lead) => lead,
    };
    learn_person(conn, lead, draft, person_key.as_deref(), thread.as_deref()).await?;
    let mut lead = leads::by_id(conn, lead).await?;
    routing::assign(conn, &mut lead, (Actor::System, None)).await?;
    ask_humans(conn, &lead, mail, draft, candidates).await?;
    say(conn, &mut lead, &inbound, true).await?;
    Ok((lead.id, true))
}

/// The portal's address for the thread a mail belongs to: it stands for the person, or the mail came from it.
fn relay_of(mail: &Understood, draft: &LeadDraft) -> Option<String> {
    if draft.address_kind == portal_mail::AddressKind::Relay {
        return draft.email.clone();
    }
    let sender = mail.mail.from.as_ref().map(|from| from.address.to_lowercase())?;
    (portal_mail::portal_address(&sender) == Some(portal_mail::AddressKind::Relay)).then_some(sender)
}

/// Remembers what else names the person: the portal's id of them, their thread at a portal and, where the portal hides
/// their address, the one in their own words.
async fn learn_person(
    conn: &mut TenantConn,
    lead: LeadId,
    draft: &LeadDraft,
    person_key: Option<&str>,
    thread: Option<&str>,
) -> Result<(), sqlx::Error> {
    if let Some(key) = person_key {
        leads::know(conn, lead, &Contact::certain(ContactKind::PortalPerson, key)).await?;
    }
    let Some(thread) = thread else { return Ok(()) };
    leads::know(conn, lead, &Contact::certain(ContactKind::Relay, thread)).await?;
    let said = match draft.address_kind {
        portal_mail::AddressKind::Relay => draft.message.as_deref().and_then(portal_mail::own_address),
        _ => draft.email.clone(),
    };
    if let Some(said) = said {
        leads::know(conn, lead, &Contact { kind: ContactKind::Email, value: said.to_lowercase(), is_said: true })
            .await?;
    }
    Ok(())
}

/// What only a human can find out.
async fn ask_humans(
    conn: &mut TenantConn,
    lead: &Lead,
    mail: &Understood,
    draft: &LeadDraft,
    candidates: &[PropertyId],
) -> Result<(), JobError> {
    let who = lead.name().unwrap_or_else(|| "Interessent".to_owned());
    if lead.property_id.is_none() {
        let portal = mail.portal.map(|portal| portal.as_str());
        let offered = properties::candidates(conn, portal, &reference(draft), &mail_words(mail)).await?;
        let task = NewTask {
            lead_id: lead.id,
            kind: TaskKind::AssignProperty,
            title: format!("Welches Objekt meint {who}?"),
            details: json!({"candidates": candidates, "offered": offered, "reference": draft.reference}),
            owner_id: lead.assignee_id,
        };
        tasks::open(conn, &task).await?;
    }
    if lead.email.is_none() || lead.incomplete {
        let task = NewTask {
            lead_id: lead.id,
            kind: TaskKind::IncompleteLead,
            title: format!("Anfrage von {who} beim Portal vervollständigen"),
            details: json!({"portal": mail.portal.map(|portal| portal.as_str()), "link": draft.reference.expose_url, "phone": lead.phone}),
            owner_id: lead.assignee_id,
        };
        tasks::open(conn, &task).await?;
    }
    Ok(())
}

pub(super) async fn say(
    conn: &mut TenantConn,
    lead: &mut Lead,
    message: &Inbound,
    first: bool,
) -> Result<(), JobError> {
    let conversation = conversations::append_inbound(conn, lead, message, first).await.map_err(anyhow::Error::from)?;
    assistant::answer_soon(conn, lead.id, conversation.id).await?;
    Ok(())
}

/// What of a mail may name a listing to a human: its subject and the beginning of its text.
pub(super) fn mail_words(mail: &Understood) -> String {
    let facts = &mail.mail;
    storable(&facts.subject.iter().map(String::as_str).chain([facts.text.as_str()]).collect::<Vec<_>>().join("\n"))
}

/// Whether this is a copy, by another way, of a mail that is here: the same words under the same Message-ID; or, where
/// the mail answers nothing, the same words within a day (portals send an enquiry twice under two ids). Who says "yes"
/// twice in a thread, each time to another question, has said two things.
pub(super) async fn said_already(conn: &mut TenantConn, lead: &Lead, message: &Inbound) -> Result<bool, JobError> {
    let Some(conversation) = conversations::by_lead(conn, lead.id).await? else { return Ok(false) };
    let since = conn.now().0 - jiff::SignedDuration::from_hours(24);
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let same = squeeze(&message.text);
    let answers = message.in_reply_to.is_some() || !message.references.is_empty();
    let own_thread = answers && message.rfc_message_id.is_some();
    Ok(conversations::messages(conn, conversation.id).await?.iter().any(|old| {
        let same_mail = message.rfc_message_id.is_some() && old.rfc_message_id == message.rfc_message_id;
        old.origin == conversations::Origin::Prospect
            && (same_mail || (!own_thread && old.created_at.0 > since))
            && squeeze(&old.text) == same
    }))
}

/// ISO 639-1.
pub(super) fn code_of(language: portal_mail::Language) -> &'static str {
    language.code()
}

impl From<LeadError> for JobError {
    fn from(error: LeadError) -> Self {
        Self::from(anyhow::Error::from(error))
    }
}
