//! From a form to the lead it makes or joins.

use serde_json::json;
use uuid::Uuid;

use super::form::WebEnquiry;
use super::store;
use crate::db::TenantConn;
use crate::domain::conversations::{self, Inbound};
use crate::domain::intake::attach::{code_of, said_already, say};
use crate::domain::intake::blocks;
use crate::domain::intake::known::{Asked, only_lead_of, same_person};
use crate::domain::leads::{
    self, Accepted, Actor, AddressKind, Lead, LeadError, LeadId, LeadSource, NewLead, Status, Trigger, Viewer,
};
use crate::domain::properties::{self, PropertyId, PropertyStatus, Reference};
use crate::domain::routing;
use crate::domain::tasks::{self, NewTask, TaskKind};
use crate::jobs::JobError;

/// Forms of one day that name the same address and are answered by ourselves. Anybody can type in anybody's address; from
/// here on a human decides whether it gets another mail.
const MOST_ANSWERED: i64 = 10;

/// Why a form was not taken.
#[derive(Debug, thiserror::Error)]
pub enum WebEnquiryError {
    /// Another form came with this challenge.
    #[error("the challenge was used for another enquiry")]
    Spent,
    /// It could not be written; nothing is kept then.
    #[error("the enquiry could not be kept")]
    Write(#[from] JobError),
    /// The database could not do it; nothing is kept then.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

impl From<LeadError> for WebEnquiryError {
    fn from(error: LeadError) -> Self {
        Self::Write(error.into())
    }
}

/// Takes a form: it makes a lead, or goes on with the one of the same person about the same listing. Sent once more, it is
/// the enquiry that is there. The caller may say "received" once this transaction is committed.
///
/// # Errors
/// [`WebEnquiryError`].
pub async fn enquire(conn: &mut TenantConn, enquiry: &WebEnquiry) -> Result<LeadId, WebEnquiryError> {
    store::lock(conn, enquiry.id).await?;
    if let Some((sent, lead)) = store::before(conn, enquiry.id).await? {
        return if sent == enquiry.sent { Ok(lead) } else { Err(WebEnquiryError::Spent) };
    }
    let candidates = listings(conn, enquiry).await?;
    let property = match candidates.as_slice() {
        [one] => Some(*one),
        _ => None,
    };
    let inbound = inbound(enquiry);
    // Whoever takes another enquiry of the same person waits here, and then finds what this one made.
    let people: Vec<&str> =
        [&enquiry.form.email, &enquiry.form.phone].into_iter().flatten().map(String::as_str).collect();
    leads::one_at_a_time(conn, &people).await?;
    let lead = match known(conn, enquiry, property).await? {
        Some(mut lead) => {
            if !said_already(conn, &lead, &inbound).await? {
                go_on(conn, &mut lead, &inbound, enquiry, false).await?;
            }
            lead.id
        }
        None => match leads::accept(conn, &new_lead(enquiry, property, &inbound)).await? {
            Accepted::Copy(lead) => lead,
            Accepted::New(lead) => {
                let mut lead = leads::by_id(conn, lead).await?;
                routing::assign(conn, &mut lead, (Actor::System, None)).await?;
                if property.is_none() {
                    ask_which(conn, &lead, &candidates).await?;
                }
                go_on(conn, &mut lead, &inbound, enquiry, true).await?;
                lead.id
            }
        },
    };
    store::insert(conn, lead, enquiry).await?;
    Ok(lead)
}

/// The live listings the page may be about.
async fn listings(conn: &mut TenantConn, enquiry: &WebEnquiry) -> Result<Vec<PropertyId>, sqlx::Error> {
    let form = &enquiry.form;
    if let Some(id) = form.property.as_deref().and_then(|property| Uuid::parse_str(property).ok()) {
        let live = |status| matches!(status, PropertyStatus::Active | PropertyStatus::Reserved);
        let found = properties::find(conn, PropertyId(id)).await?;
        return Ok(found.filter(|property| live(property.status)).map(|property| property.id).into_iter().collect());
    }
    let reference =
        Reference { external_number: form.property.clone(), expose_url: form.page.clone(), ..Reference::default() };
    properties::matches(conn, None, &reference).await
}

/// The lead that goes on: of the same person about the same listing; where the page names none, their only one.
async fn known(
    conn: &mut TenantConn,
    enquiry: &WebEnquiry,
    property: Option<PropertyId>,
) -> Result<Option<Lead>, sqlx::Error> {
    let form = &enquiry.form;
    let object = form.property.as_deref().filter(|_| property.is_none());
    let asked = Asked { email: form.email.as_deref(), property, object, ..Asked::default() };
    let known = match same_person(conn, &asked).await? {
        // A page that names a listing is about that one, whether we know it or not.
        None if property.is_none() && object.is_none() => only_lead_of(conn, form.email.as_deref()).await?,
        known => known,
    };
    match known {
        // One that was erased while its lock was waited for is not known any more.
        Some(known) => leads::lock(conn, known, Viewer::SYSTEM).await,
        None => Ok(None),
    }
}

/// Appends what the visitor wrote and has it answered: by the system, or, where acting on it could harm whoever really has
/// the address, by a human.
async fn go_on(
    conn: &mut TenantConn,
    lead: &mut Lead,
    message: &Inbound,
    enquiry: &WebEnquiry,
    first: bool,
) -> Result<(), WebEnquiryError> {
    let email = enquiry.form.email.as_deref().unwrap_or_default();
    if blocks::is_blocked(conn, email).await? {
        // Kept, and left alone: the agency wants to hear nothing of this address.
        conversations::append_inbound(conn, lead, message, first).await?;
        return match leads::record(conn, lead, Trigger::AgentTookOver, (Actor::System, None), None).await {
            Ok(_) | Err(LeadError::State(_)) => Ok(()),
            Err(error) => Err(error.into()),
        };
    }
    let reason = if lead.status == Status::Booked {
        "a form proves nobody's address, and the lead holds an appointment"
    } else if store::count_of_day(conn, email).await? >= MOST_ANSWERED {
        "very many forms named this address within a day"
    } else {
        say(conn, lead, message, first).await?;
        return Ok(());
    };
    conversations::append_inbound(conn, lead, message, first).await?;
    let task = NewTask {
        lead_id: lead.id,
        kind: TaskKind::AnswerQuestion,
        title: format!("{} hat über die Website geschrieben", called(lead)),
        details: json!({"reason": reason, "questions": [message.text]}),
        owner_id: lead.assignee_id,
    };
    tasks::open(conn, &task).await?;
    // Silent until a human has seen it: the next mail of whoever has the address must not be read together with this.
    leads::record(conn, lead, Trigger::PersonWanted, (Actor::System, None), None).await?;
    Ok(())
}

async fn ask_which(conn: &mut TenantConn, lead: &Lead, candidates: &[PropertyId]) -> Result<(), sqlx::Error> {
    let task = NewTask {
        lead_id: lead.id,
        kind: TaskKind::AssignProperty,
        title: format!("Welches Objekt meint {}?", called(lead)),
        details: json!({"candidates": candidates, "reference": lead.reference}),
        owner_id: lead.assignee_id,
    };
    tasks::open(conn, &task).await?;
    Ok(())
}

fn called(lead: &Lead) -> String {
    lead.name().unwrap_or_else(|| "Ein Interessent".to_owned())
}

fn new_lead(enquiry: &WebEnquiry, property: Option<PropertyId>, inbound: &Inbound) -> NewLead {
    let form = &enquiry.form;
    let object = property.map(|property| property.to_string()).or_else(|| form.property.clone());
    NewLead {
        source: LeadSource::Widget,
        portal: None,
        salutation: form.salutation,
        first_name: form.first_name.clone(),
        last_name: form.last_name.clone(),
        email: form.email.clone(),
        address_kind: AddressKind::Direct,
        phone: form.phone.clone(),
        language: inbound.language.clone(),
        property_id: property,
        assignee_id: None,
        incomplete: false,
        reference: json!({"externalNumber": form.property, "exposeUrl": form.page}),
        enquiry_key: leads::enquiry_key(None, object.as_deref(), form.email.as_deref(), &inbound.text),
        disclosure: Default::default(),
    }
}

/// People write in their own language into a form of another one; only where the words do not tell, the form does.
fn inbound(enquiry: &WebEnquiry) -> Inbound {
    let text = enquiry.form.message.clone().unwrap_or_default();
    let subject = match enquiry.language {
        "en" => "Enquiry on the website",
        "fr" => "Demande sur le site",
        "it" => "Richiesta dal sito",
        _ => "Anfrage über die Website",
    };
    let language = portal_mail::detect_language(&text).map_or(enquiry.language, code_of);
    Inbound { subject: subject.to_owned(), language: Some(language.to_owned()), text, ..Inbound::default() }
}
