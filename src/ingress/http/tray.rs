//! What can be done with one mail of the tray beside giving it to a lead: see which listings it may be about, block who wrote
//! it, remember how it is laid out.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::blocked_senders::BlockedSenderView;
use super::caller::Caller;
use super::check::Check;
use super::intake::WHAT;
use super::json::ApiJson;
use super::layouts::LayoutView;
use super::problem::{ApiProblem, ApiResult};
use super::query::ApiId;
use crate::app::App;
use crate::domain::intake::{self, Cause, IntakeId, LayoutField, Why};
use crate::domain::properties::{Candidate, CandidateReason, PropertyId, PropertyStatus};

/// Why a mail is where it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WhyView {
    /// The reason, for programs.
    pub code: Cause,
    /// The reason, in German.
    pub de: String,
    /// The reason, in English.
    pub en: String,
}

impl From<Why> for WhyView {
    fn from(why: Why) -> Self {
        Self { code: why.cause, de: why.german(), en: why.english() }
    }
}

/// Listings to choose from.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CandidatesView {
    /// At most ten, likeliest first.
    items: Vec<CandidateView>,
}

/// A listing a mail may be about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CandidateView {
    /// The listing.
    property_id: PropertyId,
    /// Its title.
    title: String,
    /// The agency's own number.
    external_number: Option<String>,
    /// Whether it is on the market.
    status: PropertyStatus,
    /// Why it is offered.
    reasons: Vec<CandidateReason>,
}

impl From<Candidate> for CandidateView {
    fn from(candidate: Candidate) -> Self {
        Self {
            property_id: candidate.property_id,
            title: candidate.title,
            external_number: candidate.external_number,
            status: candidate.status,
            reasons: candidate.reasons,
        }
    }
}

/// What you read in the mail, as it stands there. An address or a telephone number is needed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LayoutRemember {
    /// Given name.
    first_name: Option<String>,
    /// Family name.
    last_name: Option<String>,
    /// Whole name, where it stands in one.
    name: Option<String>,
    /// The prospect's address.
    email: Option<String>,
    /// The prospect's telephone.
    phone: Option<String>,
    /// What the prospect wrote.
    message: Option<String>,
    /// Your own number of the listing.
    external_number: Option<String>,
    /// The sender's id of the listing.
    portal_object_id: Option<String>,
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(candidates)).routes(routes!(block_sender)).routes(routes!(remember_layout))
}

/// List the listings a mail may be about
///
/// What the rules find, and what only you may decide: listings that are off the market, numbers and titles in the text, the
/// same street or postal code.
#[utoipa::path(get, path = "/intake/messages/{intakeMessageId}/candidates", operation_id = "listIntakeCandidates", tag = "intake",
    params(("intakeMessageId" = IntakeId, Path, description = "Incoming mail")),
    responses((status = 200, body = CandidatesView, description = "Listings, likeliest first"), (status = 403, response = ApiProblem)))]
async fn candidates(caller: Caller, ApiId(id): ApiId<IntakeId>) -> ApiResult<Json<CandidatesView>> {
    caller.require_admin(WHAT)?;
    let found = intake::candidates(&caller.app, caller.user.tenant_id, id).await?;
    Ok(Json(CandidatesView { items: found.into_iter().map(CandidateView::from).collect() }))
}

/// Block whoever wrote a mail
///
/// In a portal's mail that is the prospect, not the portal. The mail leaves the tray; what was about to be sent to the address
/// is withdrawn, and its leads are left to you.
#[utoipa::path(post, path = "/intake/messages/{intakeMessageId}/block-sender", operation_id = "blockIntakeSender", tag = "intake",
    params(("intakeMessageId" = IntakeId, Path, description = "Incoming mail")),
    responses((status = 200, body = BlockedSenderView, description = "Blocked"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn block_sender(caller: Caller, ApiId(id): ApiId<IntakeId>) -> ApiResult<Json<BlockedSenderView>> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    let blocked = intake::block_sender_of(&mut conn, caller.user.id, id).await?;
    conn.commit().await?;
    Ok(Json(blocked.into()))
}

/// Remember how a mail is laid out
///
/// Say what you read in it; the system looks where each of it stands, and reads mails of this sender so from then on.
#[utoipa::path(post, path = "/intake/messages/{intakeMessageId}/layout", operation_id = "rememberIntakeLayout", tag = "intake",
    params(("intakeMessageId" = IntakeId, Path, description = "Incoming mail")), request_body = LayoutRemember,
    responses((status = 201, body = LayoutView, description = "Remembered"), (status = 403, response = ApiProblem)))]
async fn remember_layout(
    caller: Caller,
    ApiId(id): ApiId<IntakeId>,
    ApiJson(body): ApiJson<LayoutRemember>,
) -> ApiResult<(StatusCode, Json<LayoutView>)> {
    caller.require_admin(WHAT)?;
    let mut check = Check::new();
    let given = [
        (LayoutField::FirstName, check.line("firstName", body.first_name)),
        (LayoutField::LastName, check.line("lastName", body.last_name)),
        (LayoutField::Name, check.line("name", body.name)),
        (LayoutField::Email, check.email("email", body.email)),
        (LayoutField::Phone, check.line("phone", body.phone)),
        (LayoutField::Message, check.text("message", body.message, 50_000)),
        (LayoutField::ExternalNumber, check.line("externalNumber", body.external_number)),
        (LayoutField::PortalObjectId, check.line("portalObjectId", body.portal_object_id)),
    ];
    let is_reached = |field: &LayoutField| matches!(field, LayoutField::Email | LayoutField::Phone);
    if !given.iter().any(|(field, value)| is_reached(field) && value.is_some()) {
        check.wrong("email", "an address or a phone number is needed: without one nobody could be answered");
    }
    check.done()?;
    let values = given.into_iter().filter_map(|(field, value)| Some((field, value?))).collect();
    let learnt = intake::learn_layout(&caller.app, caller.user.tenant_id, id, values).await?;
    let mut conn = caller.tenant_conn().await?;
    let layout = intake::remember_layout(&mut conn, caller.user.id, learnt).await?;
    conn.commit().await?;
    Ok((StatusCode::CREATED, Json(layout.into())))
}
