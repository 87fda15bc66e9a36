//! From what a mail says to the lead it belongs to.

use std::collections::BTreeMap;

use portal_mail::{LeadDraft, Understood};
use serde_json::json;

use super::model::{IntakeId, IntakeState};
use super::process::storable;
use super::replies::only_lead_of;
use crate::db::TenantConn;
use crate::domain::assistant;
use crate::domain::conversations::{self, Inbound};
use crate::domain::leads::{
    self, Accepted, Actor, AddressKind, Lead, LeadError, LeadId, LeadSource, NewLead, Salutation, Viewer,
};
use crate::domain::properties::{self, PropertyId};
use crate::domain::routing;
use crate::domain::tasks::{self, NewTask, TaskKind};
use crate::jobs::JobError;

/// What became of a mail.
pub(super) struct Outcome {
    pub(super) state: IntakeState,
    pub(super) reason: Option<String>,
}

impl Outcome {
    pub(super) fn done() -> Self {
        Self { state: IntakeState::Done, reason: None }
    }
    pub(super) fn ignored(reason: &str) -> Self {
        Self { state: IntakeState::Ignored, reason: Some(reason.to_owned()) }
    }
    pub(super) fn tray(reason: &str) -> Self {
        Self { state: IntakeState::Tray, reason: Some(reason.to_owned()) }
    }
}

/// Every enquiry in the mail makes a lead or joins one.
pub(super) async fn enquiries(conn: &mut TenantConn, id: IntakeId, mail: &Understood) -> Result<Outcome, JobError> {
    let usable: Vec<&LeadDraft> = mail.leads.iter().filter(|draft| is_usable(draft)).collect();
    if usable.is_empty() {
        return Ok(Outcome::tray("an enquiry, but nobody to answer was found in it"));
    }
    let mut copies = true;
    for draft in usable {
        let found = matches(conn, mail, draft).await?;
        copies &= !enquiry(conn, id, mail, draft, &found).await?;
    }
    Ok(if copies {
        Outcome { state: IntakeState::Duplicate, reason: Some("the same enquiry is a lead already".to_owned()) }
    } else {
        Outcome::done()
    })
}

/// Somebody to answer, or at least a link where the portal keeps them.
fn is_usable(draft: &LeadDraft) -> bool {
    draft.email.is_some() || draft.phone.is_some() || (draft.incomplete && draft.reference.expose_url.is_some())
}

async fn matches(conn: &mut TenantConn, mail: &Understood, draft: &LeadDraft) -> Result<Vec<PropertyId>, JobError> {
    let reference = &draft.reference;
    let reference = properties::Reference {
        external_number: reference.external_number.as_deref().map(storable),
        portal_object_id: reference.portal_object_id.as_deref().map(storable),
        expose_url: reference.expose_url.as_deref().map(storable),
        street: reference.street.as_deref().map(storable),
        house_number: reference.house_number.as_deref().map(storable),
        zip: reference.zip.as_deref().map(storable),
        city: reference.city.as_deref().map(storable),
    };
    Ok(properties::matches(conn, mail.portal.map(|portal| portal.as_str()), &reference).await?)
}

/// One enquiry. Returns whether it said anything new.
async fn enquiry(
    conn: &mut TenantConn,
    id: IntakeId,
    mail: &Understood,
    draft: &LeadDraft,
    candidates: &[PropertyId],
) -> Result<bool, JobError> {
    let property = match candidates {
        [one] => Some(*one),
        _ => None,
    };
    let inbound = inbound(id, mail, draft);
    // The same person about the same listing goes on with the conversation there is, however the mail came.
    let of_person = match &draft.email {
        Some(email) => same_person(conn, email, property).await?,
        None => None,
    };
    let known = match of_person {
        // Who writes to us directly without naming a listing, or in a portal's chat (which is about one listing, whether
        // we recognise it or a human had to), goes on with the one conversation they have.
        None if property.is_none()
            && (mail.portal.is_none() || draft.address_kind == portal_mail::AddressKind::Relay) =>
        {
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
            return Ok(false);
        }
        say(conn, &mut lead, &inbound, false).await?;
        return Ok(true);
    }
    let new = new_lead(mail, draft, property);
    let lead = match leads::accept(conn, &new).await? {
        Accepted::Copy(_) => return Ok(false),
        Accepted::New(lead) => lead,
    };
    let mut lead = leads::by_id(conn, lead).await?;
    routing::assign(conn, &mut lead, (Actor::System, None)).await?;
    ask_humans(conn, &lead, mail, draft, candidates).await?;
    say(conn, &mut lead, &inbound, true).await?;
    Ok(true)
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
        let task = NewTask {
            lead_id: lead.id,
            kind: TaskKind::AssignProperty,
            title: format!("Welches Objekt meint {who}?"),
            details: json!({"candidates": candidates, "reference": draft.reference}),
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

/// The lead of the same person about the same listing. A relay address is a person only within its portal's thread,
/// which is what it stands for; two people never share one.
pub(super) async fn same_person(
    conn: &mut TenantConn,
    email: &str,
    property: Option<PropertyId>,
) -> Result<Option<LeadId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* intake.same_person */
         SELECT id AS "id: LeadId" FROM leads
         WHERE tenant_id = $1 AND email = lower($2) AND property_id IS NOT DISTINCT FROM $3
         ORDER BY created_at DESC LIMIT 1"#,
        conn.tenant().0,
        email,
        property.map(|id| id.0),
    )
    .fetch_optional(conn.sql())
    .await
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

fn new_lead(mail: &Understood, draft: &LeadDraft, property: Option<PropertyId>) -> NewLead {
    let reference = &draft.reference;
    let object = reference.portal_object_id.as_deref().or(reference.external_number.as_deref());
    let person = draft.person_key.as_deref().or(draft.email.as_deref()).or(draft.phone.as_deref());
    let portal = mail.portal.map(|portal| portal.as_str().to_owned());
    let disclosure: BTreeMap<String, String> = draft
        .self_disclosure
        .iter()
        .flat_map(|disclosure| &disclosure.0)
        .map(|(label, value)| (storable(label), storable(value)))
        .collect();
    NewLead {
        source: if portal.is_some() { LeadSource::Portal } else { LeadSource::Email },
        enquiry_key: leads::enquiry_key(
            portal.as_deref(),
            object,
            person,
            draft.message.as_deref().unwrap_or_default(),
        ),
        portal,
        salutation: draft.salutation.map(salutation),
        first_name: draft.first_name.as_deref().map(storable),
        last_name: draft.last_name.as_deref().map(storable),
        address_kind: match (&draft.email, draft.address_kind) {
            (None, _) => AddressKind::None,
            (Some(_), portal_mail::AddressKind::Relay) => AddressKind::Relay,
            (Some(_), _) => AddressKind::Direct,
        },
        email: draft.email.as_deref().map(storable),
        phone: draft.phone.clone(),
        language: draft.language.map(code_of).map(str::to_owned),
        property_id: property,
        assignee_id: None,
        incomplete: draft.incomplete,
        reference: serde_json::from_str(&serde_json::to_string(reference).unwrap_or_default().replace("\\u0000", ""))
            .unwrap_or_else(|_| json!({})),
        disclosure,
    }
}

fn inbound(id: IntakeId, mail: &Understood, draft: &LeadDraft) -> Inbound {
    let facts = &mail.mail;
    Inbound {
        subject: facts.subject.as_deref().map(storable).unwrap_or_default(),
        text: storable(draft.message.as_deref().unwrap_or_default()),
        // A portal's HTML is the portal's, not the prospect's: the message was read out of it.
        html: None,
        language: draft.language.map(code_of).map(str::to_owned),
        rfc_message_id: facts.message_id.as_deref().map(storable),
        in_reply_to: facts.in_reply_to.as_deref().map(storable),
        references: facts.references.iter().map(|id| storable(id)).collect(),
        intake_message: Some(id.0),
    }
}

/// ISO 639-1.
pub(super) fn code_of(language: portal_mail::Language) -> &'static str {
    match language {
        portal_mail::Language::De => "de",
        portal_mail::Language::En => "en",
        portal_mail::Language::Fr => "fr",
        portal_mail::Language::It => "it",
        portal_mail::Language::Es => "es",
    }
}

fn salutation(salutation: portal_mail::Salutation) -> Salutation {
    match salutation {
        portal_mail::Salutation::Mr => Salutation::Mr,
        portal_mail::Salutation::Ms => Salutation::Ms,
        portal_mail::Salutation::Diverse => Salutation::Diverse,
    }
}

impl From<LeadError> for JobError {
    fn from(error: LeadError) -> Self {
        Self::from(anyhow::Error::from(error))
    }
}
