//! `/intake/radar`: what each portal sends and how well it is read. For administrators.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::problem::{ApiProblem, ApiResult};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::intake::radar::{self, PortalRadar, Radar};

/// What the portals sent in the last 30 days.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RadarView {
    /// First day, in the agency's zone.
    #[schema(value_type = String, format = Date)]
    from: jiff::civil::Date,
    /// Last day: today.
    #[schema(value_type = String, format = Date)]
    to: jiff::civil::Date,
    /// One per portal, by name.
    portals: Vec<PortalRadarView>,
}

/// What one portal sent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PortalRadarView {
    /// Portal.
    portal: String,
    /// Every day, the days without leads as well.
    leads_per_day: Vec<DayView>,
    /// Mails that are or may be enquiries.
    mails: i64,
    /// How often each field was told in the mails that were read.
    fields: Vec<FieldRateView>,
    /// Share of the mails that were read without machine-readable XML, 0 to 1; null when none was read.
    without_xml_share: Option<f64>,
    /// Share of all mails that waits in the tray, 0 to 1; null when there are none.
    tray_share: Option<f64>,
    /// From the mail's arrival to the lead; null when none became one.
    time_to_lead: Option<TimeToLeadView>,
    /// When the last one came.
    last_mail_at: Option<Timestamp>,
}

/// Leads of one day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DayView {
    /// Day.
    #[schema(value_type = String, format = Date)]
    day: jiff::civil::Date,
    /// Leads made.
    leads: i64,
}

/// How often a field was told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FieldRateView {
    /// `email`, `phone`, `firstName`, `lastName`, `message` or `reference`.
    field: &'static str,
    /// Mails that told it.
    filled: i64,
    /// Mails that were read.
    of: i64,
    /// The share of them, 0 to 1.
    rate: f64,
}

/// Seconds from a mail's arrival to its lead.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TimeToLeadView {
    /// Half of them took less.
    median_seconds: f64,
    /// 95 of 100 took less.
    p95_seconds: f64,
}

impl From<PortalRadar> for PortalRadarView {
    fn from(portal: PortalRadar) -> Self {
        let day = |day: radar::DayOfPortal| DayView { day: day.day, leads: day.leads };
        let field = |field: radar::FieldRate| FieldRateView {
            field: field.field,
            filled: field.filled,
            of: field.of,
            rate: field.rate,
        };
        let time = |time: radar::TimeToLead| TimeToLeadView {
            median_seconds: time.median_seconds,
            p95_seconds: time.p95_seconds,
        };
        Self {
            portal: portal.portal,
            leads_per_day: portal.leads_per_day.into_iter().map(day).collect(),
            mails: portal.mails,
            fields: portal.fields.into_iter().map(field).collect(),
            without_xml_share: portal.without_xml,
            tray_share: portal.in_tray,
            time_to_lead: portal.time_to_lead.map(time),
            last_mail_at: portal.last_at,
        }
    }
}

impl From<Radar> for RadarView {
    fn from(radar: Radar) -> Self {
        let portals = radar.portals.into_iter().map(PortalRadarView::from).collect();
        Self { from: radar.from, to: radar.to, portals }
    }
}

/// Its route.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get))
}

/// Read the portal radar
///
/// The last 30 days, by portal. When a portal goes quiet or stops telling something, a task says so.
#[utoipa::path(get, path = "/intake/radar", operation_id = "getPortalRadar", tag = "intake",
    responses((status = 200, body = RadarView, description = "The radar"), (status = 403, response = ApiProblem)))]
async fn get(caller: Caller) -> ApiResult<Json<RadarView>> {
    caller.require_admin("see the portal radar")?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(radar::radar(&mut conn).await?.into()))
}
