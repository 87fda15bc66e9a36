//! `/onboarding` and accepting an invitation: the only operations for somebody who is nobody's user yet.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::check::Check;
use super::identity::SignedIn;
use super::json::ApiJson;
use super::me::{self, MeView, ProfileInput, name};
use super::problem::{ApiProblem, ApiResult};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::people::{self, Joined};
use crate::domain::tenants::{Country, Founding, is_zone};
use crate::domain::users::Profile;

/// Who comes in, and with which agency.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Onboarding {
    /// Given name.
    first_name: String,
    /// Family name.
    last_name: String,
    /// International number such as +436641234567.
    phone: Option<String>,
    /// Name of the new agency. Left out by whoever expects an invitation: then no agency is made without one.
    agency_name: Option<String>,
    /// Country of the new agency; with `agencyName`.
    country: Option<Country>,
    /// IANA zone of the new agency, such as Europe/Vienna; with `agencyName`.
    time_zone: Option<String>,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct JoinedView {
    /// True: the agency is new and the caller its administrator. False: an invitation was waiting for the caller's
    /// address, and no agency was made.
    is_new_agency: bool,
    /// The caller from now on.
    me: MeView,
}

/// Accepts an invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Acceptance {
    /// What stands behind the `#` of the invitation's link.
    secret: String,
    /// Who comes in. May be left out where the invitation gives an existing user a new sign-in; then their profile stays.
    profile: Option<ProfileInput>,
}

/// Its routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(onboard)).routes(routes!(accept))
}

/// Come in for the first time
///
/// Takes an ID token whose address is verified. An address that was invited joins that agency; any other gets a new one.
#[utoipa::path(post, path = "/onboarding", operation_id = "onboard", tag = "onboarding", request_body = Onboarding,
    responses((status = 201, body = JoinedView, description = "Came in"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn onboard(who: SignedIn, ApiJson(body): ApiJson<Onboarding>) -> ApiResult<(StatusCode, Json<JoinedView>)> {
    let mut check = Check::new();
    let agency = agency(&mut check, body.agency_name, body.country, body.time_zone);
    let profile = Profile {
        first_name: name(&mut check, "firstName", body.first_name),
        last_name: name(&mut check, "lastName", body.last_name),
        phone: check.phone("phone", body.phone),
    };
    check.done()?;
    let conn = who.app.db.platform().await?;
    let intake_domain = &who.app.settings.smtp.intake_domain;
    let (conn, joined) = people::onboard(conn, &who.newcomer(), &profile, agency.as_ref(), intake_domain).await?;
    answer(conn, &who.app, joined).await
}

/// The agency as a whole, or none of it.
fn agency(
    check: &mut Check,
    name: Option<String>,
    country: Option<Country>,
    time_zone: Option<String>,
) -> Option<Founding> {
    let name = check.line("agencyName", name);
    if name.is_none() && country.is_none() && time_zone.is_none() {
        return None;
    }
    for (field, missing) in
        [("agencyName", name.is_none()), ("country", country.is_none()), ("timeZone", time_zone.is_none())]
    {
        if missing {
            check.wrong(field, "is missing: agencyName, country and timeZone belong together");
        }
    }
    if time_zone.as_deref().is_some_and(|zone| !is_zone(zone)) {
        check.wrong("timeZone", "must be an IANA zone such as Europe/Vienna");
    }
    Some(Founding { name: name?, country: country?, time_zone: time_zone? })
}

/// Accept an invitation by its link
///
/// Takes any good token of somebody who is nobody's user yet. The secret was mailed to the invited address.
#[utoipa::path(post, path = "/invitations/accept", operation_id = "acceptInvitation", tag = "onboarding", request_body = Acceptance,
    responses((status = 201, body = JoinedView, description = "Came in"), (status = 404, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn accept(who: SignedIn, ApiJson(body): ApiJson<Acceptance>) -> ApiResult<(StatusCode, Json<JoinedView>)> {
    let mut check = Check::new();
    let profile = body.profile.map(|profile| profile.checked(&mut check));
    check.done()?;
    let conn = who.app.db.platform().await?;
    let (conn, joined) = people::accept(conn, &who.newcomer(), &body.secret, profile.as_ref()).await?;
    answer(conn, &who.app, joined).await
}

async fn answer(mut conn: TenantConn, app: &App, joined: Joined) -> ApiResult<(StatusCode, Json<JoinedView>)> {
    let me = me::view(&mut conn, app, joined.user, None).await?;
    conn.commit().await?;
    Ok((StatusCode::CREATED, Json(JoinedView { is_new_agency: joined.is_new_agency, me })))
}
