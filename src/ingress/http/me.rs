//! `/me`: who am I, for which agency, with which rights; and what I say of myself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::check::Check;
use super::json::ApiJson;
use super::platform::ImpersonationView;
use super::problem::ApiResult;
use super::version::{IfMatch, Versioned};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::staff::Impersonation;
use crate::domain::tenants::{self, AutomationMode, Country};
use crate::domain::users::{self, Profile, Right, Role, User, UserId, rights};
use crate::ids::TenantId;

/// The signed-in user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MeView {
    /// Id.
    pub id: UserId,
    /// Address.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E.164.
    pub phone: Option<String>,
    /// Role.
    pub role: Role,
    /// What the role allows here, beyond what everybody may do.
    pub rights: Vec<Right>,
    /// Grows with each change; the `ETag`.
    pub version: i32,
    /// Agency.
    pub tenant: TenantView,
    /// Set when one of the platform's people looks in this user's name.
    pub impersonation: Option<ImpersonationView>,
}

/// The user's agency.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TenantView {
    /// Id.
    pub id: TenantId,
    /// Name as prospects read it.
    pub name: String,
    /// Short name.
    pub slug: String,
    /// Country.
    pub country: Country,
    /// IANA zone.
    pub time_zone: String,
    /// Where portals send their mail.
    pub intake_address: String,
    /// How much goes out without approval.
    pub automation_mode: AutomationMode,
}

/// What somebody says of themselves.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ProfileInput {
    /// Given name.
    first_name: String,
    /// Family name.
    last_name: String,
    /// International number such as +436641234567; prospects get it with an appointment.
    phone: Option<String>,
}

impl ProfileInput {
    /// With what is wrong noted in `check`.
    pub(super) fn checked(self, check: &mut Check) -> Profile {
        Profile {
            first_name: name(check, "firstName", self.first_name),
            last_name: name(check, "lastName", self.last_name),
            phone: check.phone("phone", self.phone),
        }
    }
}

/// One line that must be there.
pub(super) fn name(check: &mut Check, field: &str, value: String) -> String {
    check.line(field, Some(value)).unwrap_or_else(|| {
        check.wrong(field, "must not be empty");
        String::new()
    })
}

/// The view of a user for themselves.
pub(super) async fn view(
    conn: &mut TenantConn,
    app: &App,
    user: User,
    impersonation: Option<Impersonation>,
) -> ApiResult<MeView> {
    let tenant = tenants::current(conn).await?;
    let intake_domain = &app.settings.smtp.intake_domain;
    Ok(MeView {
        id: user.id,
        email: user.email,
        first_name: user.first_name,
        last_name: user.last_name,
        phone: user.phone,
        role: user.role,
        rights: rights(user.role, tenant.unassigned_visible),
        version: user.version,
        tenant: TenantView {
            id: tenant.id,
            intake_address: format!("{}@{intake_domain}", tenant.intake_prefix),
            name: tenant.name,
            slug: tenant.slug,
            country: tenant.country,
            time_zone: tenant.time_zone,
            automation_mode: tenant.automation_mode,
        },
        impersonation: impersonation.map(ImpersonationView::from),
    })
}

/// Its routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(me, replace))
}

/// Who am I
#[utoipa::path(get, path = "/me", operation_id = "getMe", tag = "me", responses((status = 200, body = MeView, description = "The caller and the caller's agency")))]
async fn me(caller: Caller) -> ApiResult<Versioned<MeView>> {
    let mut conn = caller.tenant_conn().await?;
    let view = view(&mut conn, &caller.app, caller.user, caller.impersonation).await?;
    Ok(Versioned(view.version, view))
}

/// Replace what I say of myself
///
/// What is left out is empty afterwards. The address is the issuer's, the role an administrator's.
#[utoipa::path(put, path = "/me", operation_id = "replaceMe", tag = "me",
    params(("If-Match" = Option<String>, Header, description = "ETag as read")), request_body = ProfileInput,
    responses((status = 200, body = MeView, description = "Replaced")))]
async fn replace(
    caller: Caller,
    IfMatch(version): IfMatch,
    ApiJson(input): ApiJson<ProfileInput>,
) -> ApiResult<Versioned<MeView>> {
    let mut check = Check::new();
    let profile = input.checked(&mut check);
    check.done()?;
    let mut conn = caller.tenant_conn().await?;
    let user = users::edit_profile(&mut conn, caller.user.id, &profile, version).await?;
    let view = view(&mut conn, &caller.app, user, caller.impersonation).await?;
    conn.commit().await?;
    Ok(Versioned(view.version, view))
}
