//! `/statistics`: figures of the agency. Administrators get all, agents those of their own leads and viewings.

use axum::Json;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::problem::{ApiProblem, ApiResult, FieldError};
use super::query::ApiQuery;
use crate::app::App;
use crate::domain::statistics::{self, Days, Statistics};
use crate::domain::tenants;

/// Days that are counted when nobody says which, today among them.
const USUAL: i32 = 30;

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DaysQuery {
    /// First day, in the agency's zone; left out: 29 days before the last.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Last day; left out: today. At most 366 days.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
}

/// Figures of some days.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StatisticsView {
    /// First day.
    #[schema(value_type = String, format = Date)]
    from: Date,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    to: Date,
    /// In which zone days begin.
    time_zone: String,
    /// The figures.
    #[serde(flatten)]
    figures: Statistics,
}

/// Its route.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get))
}

/// Read statistics
///
/// What came in on these days, as it stands now. Agents get the figures of their own leads and viewings.
#[utoipa::path(get, path = "/statistics", operation_id = "getStatistics", tag = "statistics", params(DaysQuery),
    responses((status = 200, body = StatisticsView, description = "The figures")))]
async fn get(caller: Caller, ApiQuery(query): ApiQuery<DaysQuery>) -> ApiResult<Json<StatisticsView>> {
    let mut conn = caller.tenant_conn().await?;
    let tenant = tenants::current(&mut conn).await?;
    let today = tenant.zone().to_datetime(conn.now().0).date();
    let to = query.to.unwrap_or(today);
    let from = query.from.unwrap_or_else(|| to.saturating_sub((USUAL - 1).days()));
    let days = Days::new(from, to).map_err(|error| ApiProblem::query(FieldError::new("to", error.to_string())))?;
    let figures = statistics::statistics(&mut conn, &tenant, days, caller.viewer()).await?;
    Ok(Json(StatisticsView { from, to, time_zone: tenant.time_zone, figures }))
}
