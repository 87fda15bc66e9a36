//! Typing in a lead by hand: somebody called, or came by.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::view::LeadView;
use crate::db::TenantConn;
use crate::domain::assistant;
use crate::domain::conversations::{self, Inbound};
use crate::domain::leads::{
    self, Accepted, Actor, AddressKind, Lead, LeadError, LeadSource, NewLead, Salutation, enquiry_key,
};
use crate::domain::properties::{self, PropertyId};
use crate::domain::routing;
use crate::domain::users::{self, Role, UserId};
use crate::ids::new_id;
use crate::ingress::http::caller::Caller;
use crate::ingress::http::check::Check;
use crate::ingress::http::once::Once;
use crate::ingress::http::problem::{ApiProblem, ApiResult};

/// A lead as typed in. At least a name, an address or a phone number is needed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LeadCreate {
    /// How to address the prospect.
    salutation: Option<Salutation>,
    /// Given name.
    first_name: Option<String>,
    /// Family name.
    last_name: Option<String>,
    /// The prospect's own address.
    email: Option<String>,
    /// E.164.
    phone: Option<String>,
    /// `de`, `en`, `fr`, `it` or `es`.
    language: Option<String>,
    /// The listing asked for.
    property_id: Option<PropertyId>,
    /// Whose lead it is; left out: whom the agency's rules find, or the agent who types it in.
    assignee_id: Option<UserId>,
    /// What the prospect said. The system answers it, if there is an address.
    message: Option<String>,
}

/// Create a lead
///
/// The same person, listing and words within 24 hours are the lead that is there already (200).
#[utoipa::path(post, path = "/leads", operation_id = "createLead", tag = "leads",
    params(("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")), request_body = LeadCreate,
    responses((status = 201, body = LeadView, description = "Created"), (status = 200, body = LeadView, description = "It was there already"),
              (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
pub(super) async fn create(caller: Caller, Once { body, key }: Once<LeadCreate>) -> ApiResult<Response> {
    let body = checked(body)?;
    if caller.user.role == Role::Agent && body.assignee_id.is_some_and(|id| id != caller.user.id) {
        return Err(ApiProblem::forbidden("Only administrators may assign leads to others."));
    }
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let new = new_lead(&mut conn, &caller, &body).await?;
    let (id, is_new) = match leads::accept(&mut conn, &new).await.map_err(LeadError::from)? {
        Accepted::New(id) => (id, true),
        Accepted::Copy(id) => (id, false),
    };
    if is_new && new.assignee_id.is_none() {
        let mut lead = leads::by_id(&mut conn, id).await?;
        routing::assign(&mut conn, &mut lead, (Actor::System, None)).await?;
    }
    let Some(mut lead) = leads::find(&mut conn, id, caller.viewer()).await? else {
        return Err(ApiProblem::conflict("The same enquiry is there already, and a colleague has it."));
    };
    if is_new && let Some(message) = &body.message {
        say(&mut conn, &mut lead, message).await?;
    }
    let view = LeadView::from(lead);
    let (status, location) =
        if is_new { (StatusCode::CREATED, Some(format!("/api/v1/leads/{id}"))) } else { (StatusCode::OK, None) };
    let answer = key.keep(&mut conn, &caller, status, location, &view).await?;
    conn.commit().await?;
    Ok(answer)
}

fn checked(body: LeadCreate) -> ApiResult<LeadCreate> {
    let mut check = Check::new();
    let body = LeadCreate {
        first_name: check.line("firstName", body.first_name),
        last_name: check.line("lastName", body.last_name),
        email: check.email("email", body.email),
        phone: check.phone("phone", body.phone),
        language: check.language("language", body.language),
        message: check.text("message", body.message, 50_000),
        ..body
    };
    if body.first_name.is_none() && body.last_name.is_none() && body.email.is_none() && body.phone.is_none() {
        check.wrong("lastName", "a name, an address or a phone number is needed");
    }
    check.done()?;
    Ok(body)
}

async fn new_lead(conn: &mut TenantConn, caller: &Caller, body: &LeadCreate) -> ApiResult<NewLead> {
    if let Some(property) = body.property_id
        && properties::find(conn, property).await?.is_none()
    {
        return Err(LeadError::NoSuchProperty.into());
    }
    if let Some(assignee) = body.assignee_id
        && users::find(conn, assignee).await?.is_none()
    {
        return Err(LeadError::NoSuchAssignee.into());
    }
    let assignee_id = match caller.user.role {
        Role::Agent => Some(caller.user.id),
        Role::Admin => body.assignee_id,
    };
    // Two people of whom only a common name is known are not one.
    let nobody = new_id().to_string();
    let person = body.email.as_deref().or(body.phone.as_deref()).unwrap_or(&nobody);
    let object = body.property_id.map(|id| id.to_string());
    Ok(NewLead {
        source: LeadSource::Manual,
        portal: None,
        salutation: body.salutation,
        first_name: body.first_name.clone(),
        last_name: body.last_name.clone(),
        address_kind: if body.email.is_some() { AddressKind::Direct } else { AddressKind::None },
        email: body.email.clone(),
        phone: body.phone.clone(),
        language: body.language.clone(),
        property_id: body.property_id,
        assignee_id,
        incomplete: false,
        reference: json!({}),
        enquiry_key: enquiry_key(None, object.as_deref(), Some(person), body.message.as_deref().unwrap_or_default()),
        disclosure: BTreeMap::new(),
    })
}

/// The first message, and the job that answers it.
async fn say(conn: &mut TenantConn, lead: &mut Lead, text: &str) -> ApiResult<()> {
    let message = Inbound { text: text.to_owned(), language: lead.language.clone(), ..Inbound::default() };
    let conversation = conversations::append_inbound(conn, lead, &message, true).await?;
    assistant::answer_soon(conn, lead.id, conversation.id).await?;
    Ok(())
}
