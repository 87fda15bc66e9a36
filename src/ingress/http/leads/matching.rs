//! Other listings for a lead.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::knowledge::{self, MatchingProperty};
use crate::domain::leads::{self, LeadId};
use crate::domain::properties::{Marketing, PropertyId, PropertyStatus, PropertyType};
use crate::ingress::http::caller::Caller;
use crate::ingress::http::problem::{ApiProblem, ApiResult};
use crate::ingress::http::query::{ApiId, PageView};

/// Most of them: who looks for an alternative reads no further.
const MOST: u16 = 20;

/// Another listing, and what speaks for it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MatchingPropertyView {
    /// Listing.
    pub property_id: PropertyId,
    /// In one line.
    pub title: String,
    /// What is offered.
    #[serde(rename = "type")]
    pub kind: PropertyType,
    /// How it is offered.
    pub marketing: Marketing,
    /// Where it stands.
    pub status: PropertyStatus,
    /// Postal code.
    pub zip: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Purchase price, or the rent with everything, else without anything; cents.
    pub price_cents: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    /// Rooms.
    pub rooms: Option<f64>,
    /// Square metres.
    pub living_area: Option<f64>,
    /// Which of `price`, `rooms`, `area`, `place` were compared and fit.
    pub fits: Vec<String>,
    /// How near the texts are, 1 the same; null where there is no text to compare.
    pub similarity: Option<f64>,
}

impl From<MatchingProperty> for MatchingPropertyView {
    fn from(found: MatchingProperty) -> Self {
        Self {
            property_id: found.property_id,
            title: found.title,
            kind: found.kind,
            marketing: found.marketing,
            status: found.status,
            zip: found.zip,
            city: found.city,
            price_cents: found.price_cents,
            currency: found.currency,
            rooms: found.rooms,
            living_area: found.living_area,
            fits: found.fits,
            similarity: found.similarity,
        }
    }
}

/// List other properties for a lead, best first
///
/// At most twenty. They are offered as the listing asked for is, of the same type, and contradict it in none of price (30 %
/// less to 20 % more), rooms, area and place. The nearer the text, the further up.
#[utoipa::path(get, path = "/leads/{leadId}/matching-properties", operation_id = "listMatchingProperties", tag = "leads",
    params(("leadId" = LeadId, Path, description = "Lead")),
    responses((status = 200, body = PageView<MatchingPropertyView>, description = "All there are")))]
pub(super) async fn list(caller: Caller, ApiId(id): ApiId<LeadId>) -> ApiResult<Json<PageView<MatchingPropertyView>>> {
    let mut conn = caller.tenant_conn().await?;
    let lead = leads::find(&mut conn, id, caller.viewer()).await?.ok_or_else(|| ApiProblem::not_found("lead"))?;
    let found = knowledge::matching_properties(&mut conn, &lead, MOST).await?;
    let items = found.into_iter().map(MatchingPropertyView::from).collect();
    Ok(Json(PageView { items, next_cursor: None }))
}
