//! `/intake/messages`: every mail as received, and the tray where a human sorts what the system could not. For
//! administrators: a mail nobody sorted yet is nobody's lead.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::check::Check;
use super::json::ApiJson;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageView, page};
use super::tray::WhyView;
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::intake::{self, Attachment, ByHand, Door, IntakeId, IntakeMessage, IntakeState, Whose};
use crate::domain::leads::{LeadId, Salutation};
use crate::domain::properties::PropertyId;

/// One mail and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntakeMessageView {
    /// Id.
    pub id: IntakeId,
    /// When we took it.
    pub received_at: Timestamp,
    /// By which way.
    pub door: Door,
    /// Envelope sender.
    pub envelope_from: String,
    /// Envelope recipient.
    pub envelope_to: String,
    /// Size, bytes.
    pub size: i64,
    /// What became of it.
    pub state: IntakeState,
    /// What it is: `lead`, `reply`, `auto_reply`, `bounce`, `noise`, `spam`, `unknown`.
    pub class: Option<String>,
    /// Which portal.
    pub portal: Option<String>,
    /// Which reader understood it.
    pub adapter: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Sender in the header.
    pub sender: Option<String>,
    /// Why it is where it is; null where nothing is to be said.
    pub why: Option<WhyView>,
    /// The whole trail, in English: what the readers saw, what was decided.
    pub reasons: Vec<String>,
    /// The leads it belongs to.
    pub lead_ids: Vec<LeadId>,
    /// When it was read.
    pub processed_at: Option<Timestamp>,
}

impl From<IntakeMessage> for IntakeMessageView {
    fn from(mail: IntakeMessage) -> Self {
        Self {
            why: mail.why().map(WhyView::from),
            id: mail.id,
            received_at: mail.received_at,
            door: mail.door,
            envelope_from: mail.envelope_from,
            envelope_to: mail.envelope_to,
            size: mail.size,
            state: mail.state,
            class: mail.class,
            portal: mail.portal,
            adapter: mail.adapter,
            subject: mail.subject,
            sender: mail.sender,
            reasons: mail.reasons,
            lead_ids: mail.lead_ids,
            processed_at: mail.processed_at,
        }
    }
}

/// One mail with what is shown of a single one only.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntakeMessageDetailView {
    /// The mail.
    #[serde(flatten)]
    pub message: IntakeMessageView,
    /// The enquiries read out of it, without self-disclosure.
    #[schema(value_type = Option<Vec<Object>>)]
    pub parsed: Option<serde_json::Value>,
    /// What is known of who sent it: `door` (the name the client gave itself, whether it came over TLS), `checks` (what SPF,
    /// DKIM, DMARC and ARC said), `portal` (whether it is proven to be the portal's it reads like) and `checkedAt`.
    #[schema(value_type = Option<Object>)]
    pub authentication: Option<serde_json::Value>,
    /// What Amazon SES says of a mail that it took in: `spf`, `dkim`, `dmarc`, `spam`, `virus`, each `PASS`, `FAIL`, `GRAY`
    /// or `PROCESSING_FAILED`.
    #[schema(value_type = Option<Object>)]
    pub provider_verdicts: Option<serde_json::Value>,
    /// Its files.
    pub attachments: Vec<AttachmentView>,
}

/// One file in a mail.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttachmentView {
    /// Id.
    pub id: uuid::Uuid,
    /// Name, as the sender called it.
    pub name: String,
    /// Type, as the content says, else as the sender says; a download is stricter.
    pub content_type: String,
    /// Size, bytes.
    pub size: i64,
    /// What to beware of.
    pub flag: Option<AttachmentFlag>,
}

/// What to beware of in a file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AttachmentFlag {
    /// Opening it would run it, whatever its name says.
    Executable,
}

impl From<Attachment> for AttachmentView {
    fn from(attachment: Attachment) -> Self {
        Self {
            id: attachment.id,
            name: attachment.name,
            content_type: attachment.content_type,
            size: attachment.size,
            flag: attachment.executable.then_some(AttachmentFlag::Executable),
        }
    }
}

/// Which mails.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// What became of it; `TRAY` is what waits for a human.
    state: Option<IntakeState>,
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Whose mail it is: `leadId`, or the enquiry as you read it out of the mail; then an address or a phone number is
/// needed. Nothing at all: the enquiry as the system read it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct IntakeAssign {
    /// The lead it belongs to; beside it only `message` may stand.
    lead_id: Option<LeadId>,
    /// How to address the prospect.
    salutation: Option<Salutation>,
    /// Given name.
    first_name: Option<String>,
    /// Family name.
    last_name: Option<String>,
    /// The prospect's address.
    email: Option<String>,
    /// E.164.
    phone: Option<String>,
    /// The listing.
    property_id: Option<PropertyId>,
    /// What the prospect wrote; left out: the mail's own text.
    message: Option<String>,
}

/// The lead a mail became.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntakeAssignedView {
    /// The lead.
    pub lead_id: LeadId,
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(source))
        .routes(routes!(assign))
        .routes(routes!(discard))
        .routes(routes!(reprocess))
}

pub(super) const WHAT: &str = "see and sort incoming mail";

/// List incoming mail, newest first
#[utoipa::path(get, path = "/intake/messages", operation_id = "listIntakeMessages", tag = "intake", params(ListQuery),
    responses((status = 200, body = PageView<IntakeMessageView>, description = "A page of incoming mail"), (status = 403, response = ApiProblem)))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<IntakeMessageView>>> {
    caller.require_admin(WHAT)?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(intake::list(&mut conn, query.state, wanted).await?.map(IntakeMessageView::from).into()))
}

/// Read an incoming mail
#[utoipa::path(get, path = "/intake/messages/{intakeMessageId}", operation_id = "getIntakeMessage", tag = "intake",
    params(("intakeMessageId" = IntakeId, Path, description = "Incoming mail")),
    responses((status = 200, body = IntakeMessageDetailView, description = "The mail"), (status = 403, response = ApiProblem)))]
async fn get(caller: Caller, ApiId(id): ApiId<IntakeId>) -> ApiResult<Json<IntakeMessageDetailView>> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(detail(&mut conn, id).await?))
}

async fn detail(conn: &mut crate::db::TenantConn, id: IntakeId) -> ApiResult<IntakeMessageDetailView> {
    let mail = intake::find(conn, id).await?.ok_or_else(|| ApiProblem::not_found("intake message"))?;
    let attachments = intake::attachments(conn, id).await?.into_iter().map(AttachmentView::from).collect();
    let (parsed, authentication) = (mail.parsed.clone(), mail.authentication.clone());
    let provider_verdicts = mail.provider_verdicts.clone();
    Ok(IntakeMessageDetailView { message: mail.into(), parsed, authentication, provider_verdicts, attachments })
}

/// Read an incoming mail as it came
#[utoipa::path(get, path = "/intake/messages/{intakeMessageId}/source", operation_id = "getIntakeMessageSource", tag = "intake",
    params(("intakeMessageId" = IntakeId, Path, description = "Incoming mail")),
    responses((status = 200, content_type = "message/rfc822", body = Vec<u8>, description = "The bytes as received"), (status = 403, response = ApiProblem)))]
async fn source(caller: Caller, ApiId(id): ApiId<IntakeId>) -> ApiResult<impl IntoResponse> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    let raw = intake::raw(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("intake message"))?;
    // A download: a browser must not show somebody's mail as a page of ours.
    let headers =
        [(header::CONTENT_TYPE, "message/rfc822"), (header::CONTENT_DISPOSITION, "attachment; filename=\"mail.eml\"")];
    Ok((headers, raw))
}

/// Give an incoming mail to a lead
///
/// Either to the one named by `leadId`, or as the enquiry you read out of it: that joins the lead of the same person
/// about the same listing, else it makes one. An empty body takes what the system read in a mail it held back. The system
/// then answers it.
#[utoipa::path(post, path = "/intake/messages/{intakeMessageId}/assign", operation_id = "assignIntakeMessage", tag = "intake",
    params(("intakeMessageId" = IntakeId, Path, description = "Incoming mail")), request_body = IntakeAssign,
    responses((status = 200, body = IntakeAssignedView, description = "Belongs to this lead now"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn assign(
    caller: Caller,
    ApiId(id): ApiId<IntakeId>,
    ApiJson(body): ApiJson<IntakeAssign>,
) -> ApiResult<Json<IntakeAssignedView>> {
    caller.require_admin(WHAT)?;
    let mut check = Check::new();
    let given = [
        ("salutation", body.salutation.is_some()),
        ("firstName", body.first_name.is_some()),
        ("lastName", body.last_name.is_some()),
        ("email", body.email.is_some()),
        ("phone", body.phone.is_some()),
        ("propertyId", body.property_id.is_some()),
    ];
    if body.lead_id.is_some() {
        for (field, _) in given.into_iter().filter(|(_, given)| *given) {
            check.wrong(field, "must not stand beside leadId: the lead keeps what it says");
        }
    }
    let by_hand = ByHand {
        salutation: body.salutation,
        first_name: check.line("firstName", body.first_name),
        last_name: check.line("lastName", body.last_name),
        email: check.email("email", body.email),
        phone: check.phone("phone", body.phone),
        property_id: body.property_id,
        message: check.text("message", body.message, 50_000),
    };
    check.done()?;
    let read = intake::reread(&caller.app, caller.user.tenant_id, id).await?;
    if body.lead_id.is_none() && by_hand.message.is_none() && given.iter().all(|(_, given)| !given) {
        let mut conn = caller.tenant_conn().await?;
        let lead_id = intake::assign_as_read(&mut conn, caller.user.id, &read).await?;
        conn.commit().await?;
        return Ok(Json(IntakeAssignedView { lead_id }));
    }
    let whose = match body.lead_id {
        Some(lead) => Whose::Lead(lead, by_hand.message),
        None => Whose::Enquiry(by_hand),
    };
    let mut conn = caller.tenant_conn().await?;
    let lead_id = intake::assign(&mut conn, caller.user.id, &read, whose).await?;
    conn.commit().await?;
    Ok(Json(IntakeAssignedView { lead_id }))
}

/// Say that an incoming mail is nothing
#[utoipa::path(post, path = "/intake/messages/{intakeMessageId}/discard", operation_id = "discardIntakeMessage", tag = "intake",
    params(("intakeMessageId" = IntakeId, Path, description = "Incoming mail")),
    responses((status = 204, description = "Discarded; the bytes stay"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn discard(caller: Caller, ApiId(id): ApiId<IntakeId>) -> ApiResult<StatusCode> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    intake::discard(&mut conn, caller.user.id, id).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have an incoming mail read again
///
/// With the readers of today. What it became before is not made twice.
#[utoipa::path(post, path = "/intake/messages/{intakeMessageId}/reprocess", operation_id = "reprocessIntakeMessage", tag = "intake",
    params(("intakeMessageId" = IntakeId, Path, description = "Incoming mail")),
    responses((status = 202, body = IntakeMessageDetailView, description = "Waits to be read"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn reprocess(
    caller: Caller,
    ApiId(id): ApiId<IntakeId>,
) -> ApiResult<(StatusCode, Json<IntakeMessageDetailView>)> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    intake::reprocess(&mut conn, caller.user.id, id).await?;
    let view = detail(&mut conn, id).await?;
    conn.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(view)))
}
