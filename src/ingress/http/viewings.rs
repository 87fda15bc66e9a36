//! `/viewings`: appointments at the agency's listings. Agents see their own and those of their leads.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::once::Once;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageView, page};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::leads::{self, Actor, LeadError, LeadId};
use crate::domain::properties::PropertyId;
use crate::domain::tenants;
use crate::domain::users::UserId;
use crate::domain::viewings::{
    self, NewViewing, Seat, SeatId, SeatState, Viewing, ViewingFilter, ViewingId, ViewingState,
};

/// An appointment, with who comes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ViewingView {
    /// Id.
    pub id: ViewingId,
    /// The listing.
    pub property_id: PropertyId,
    /// Its title.
    pub property_title: String,
    /// Who shows it.
    pub agent_id: UserId,
    /// Begin.
    pub starts_at: Timestamp,
    /// End.
    pub ends_at: Timestamp,
    /// IANA zone in which it was agreed.
    pub time_zone: String,
    /// Seats.
    pub capacity: i16,
    /// Whether it takes place.
    pub state: ViewingState,
    /// Who comes, and who gave the seat back.
    pub seats: Vec<SeatView>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One prospect's place in a viewing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SeatView {
    /// Id.
    pub id: SeatId,
    /// The lead.
    pub lead_id: LeadId,
    /// The prospect's name, as far as known.
    pub name: Option<String>,
    /// Where it stands.
    pub state: SeatState,
    /// When it was booked.
    pub created_at: Timestamp,
}

impl From<Viewing> for ViewingView {
    fn from(viewing: Viewing) -> Self {
        Self {
            id: viewing.id,
            property_id: viewing.property_id,
            property_title: viewing.property_title,
            agent_id: viewing.agent_id,
            starts_at: viewing.starts_at,
            ends_at: viewing.ends_at,
            time_zone: viewing.time_zone,
            capacity: viewing.capacity,
            state: viewing.state,
            seats: viewing.seats.into_iter().map(SeatView::from).collect(),
            created_at: viewing.created_at,
            updated_at: viewing.updated_at,
        }
    }
}

impl From<Seat> for SeatView {
    fn from(seat: Seat) -> Self {
        Self { id: seat.id, lead_id: seat.lead_id, name: seat.name, state: seat.state, created_at: seat.created_at }
    }
}

/// Which viewings.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Not beginning before.
    from: Option<Timestamp>,
    /// Beginning before.
    to: Option<Timestamp>,
    /// Of this listing.
    #[param(value_type = Option<PropertyId>)]
    property_id: Option<PropertyId>,
    /// Of this agent.
    #[param(value_type = Option<UserId>)]
    agent_id: Option<UserId>,
    /// In which this lead has or had a seat.
    #[param(value_type = Option<LeadId>)]
    lead_id: Option<LeadId>,
    /// Taking place or not.
    state: Option<ViewingState>,
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// An appointment you agreed with a prospect.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ViewingCreate {
    /// Who comes.
    lead_id: LeadId,
    /// The listing.
    property_id: PropertyId,
    /// Begin.
    starts_at: Timestamp,
    /// End; left out: as long as the agency's viewings are.
    ends_at: Option<Timestamp>,
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get)).routes(routes!(cancel))
}

/// List viewings, the soonest first
#[utoipa::path(get, path = "/viewings", operation_id = "listViewings", tag = "viewings", params(ListQuery),
    responses((status = 200, body = PageView<ViewingView>, description = "A page of the viewings the caller may see")))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<ViewingView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let filter = ViewingFilter {
        from: query.from,
        to: query.to,
        property_id: query.property_id,
        agent_id: query.agent_id,
        lead_id: query.lead_id,
        state: query.state,
    };
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(viewings::list(&mut conn, &filter, caller.viewer(), wanted).await?.map(ViewingView::from).into()))
}

/// Book a viewing for a lead
///
/// Opening hours and notice do not bind the agency's own people; being in one place at a time does. Everybody concerned
/// gets a mail with the calendar entry.
#[utoipa::path(post, path = "/viewings", operation_id = "createViewing", tag = "viewings",
    params(("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")), request_body = ViewingCreate,
    responses((status = 201, body = ViewingView, description = "Booked"), (status = 409, response = ApiProblem)))]
async fn create(caller: Caller, Once { body, key }: Once<ViewingCreate>) -> ApiResult<Response> {
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let tenant = tenants::current(&mut conn).await?;
    let mut lead = leads::lock(&mut conn, body.lead_id, caller.viewer())
        .await?
        .ok_or_else(|| ApiProblem::field("leadId", "there is no such lead for you"))?;
    let app = &caller.app;
    let parts = (&*app.settings, &app.templates, &app.links);
    let new = NewViewing { property_id: body.property_id, starts_at: body.starts_at, ends_at: body.ends_at };
    let booking = viewings::create(&mut conn, parts, &tenant, &caller.user, &mut lead, new).await?;
    let id = booking.appointment.viewing_id;
    let viewing = viewings::find(&mut conn, id, caller.viewer()).await?.ok_or(LeadError::NotFound)?;
    let location = Some(format!("/api/v1/viewings/{id}"));
    let answer = key.keep(&mut conn, &caller, StatusCode::CREATED, location, &ViewingView::from(viewing)).await?;
    conn.commit().await?;
    Ok(answer)
}

/// Read a viewing
#[utoipa::path(get, path = "/viewings/{viewingId}", operation_id = "getViewing", tag = "viewings",
    params(("viewingId" = ViewingId, Path, description = "Viewing")), responses((status = 200, body = ViewingView, description = "The viewing")))]
async fn get(caller: Caller, ApiId(id): ApiId<ViewingId>) -> ApiResult<Json<ViewingView>> {
    let mut conn = caller.tenant_conn().await?;
    let viewing =
        viewings::find(&mut conn, id, caller.viewer()).await?.ok_or_else(|| ApiProblem::not_found("viewing"))?;
    Ok(Json(viewing.into()))
}

/// Cancel a viewing
///
/// Everybody who comes gets a mail.
#[utoipa::path(post, path = "/viewings/{viewingId}/cancel", operation_id = "cancelViewing", tag = "viewings",
    params(("viewingId" = ViewingId, Path, description = "Viewing")),
    responses((status = 200, body = ViewingView, description = "Cancelled"), (status = 409, response = ApiProblem)))]
async fn cancel(caller: Caller, ApiId(id): ApiId<ViewingId>) -> ApiResult<Json<ViewingView>> {
    let mut conn = caller.tenant_conn().await?;
    let tenant = tenants::current(&mut conn).await?;
    let app = &caller.app;
    let parts = (&*app.settings, &app.templates, &app.links);
    let by = (Actor::Agent, Some(caller.user.id));
    let viewing = viewings::cancel(&mut conn, parts, &tenant, id, caller.viewer(), by).await?;
    conn.commit().await?;
    Ok(Json(viewing.into()))
}
