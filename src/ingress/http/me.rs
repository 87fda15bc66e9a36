//! `GET /me`: who am I, and for which agency.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::problem::ApiResult;
use crate::app::App;
use crate::domain::tenants::{self, Country};
use crate::domain::users::{Role, UserId};
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
    /// Rights.
    pub role: Role,
    /// Agency.
    pub tenant: TenantView,
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
    /// Answers go out without approval.
    pub auto_send: bool,
}

/// Its route.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(me))
}

/// Who am I
#[utoipa::path(get, path = "/me", operation_id = "getMe", tag = "me", responses((status = 200, body = MeView, description = "The caller and the caller's agency")))]
async fn me(caller: Caller) -> ApiResult<Json<MeView>> {
    let mut conn = caller.tenant_conn().await?;
    let tenant = tenants::current(&mut conn).await?;
    let intake_domain = &caller.app.settings.smtp.intake_domain;
    let user = caller.user;
    Ok(Json(MeView {
        id: user.id,
        email: user.email,
        first_name: user.first_name,
        last_name: user.last_name,
        phone: user.phone,
        role: user.role,
        tenant: TenantView {
            id: tenant.id,
            intake_address: format!("{}@{intake_domain}", tenant.intake_prefix),
            name: tenant.name,
            slug: tenant.slug,
            country: tenant.country,
            time_zone: tenant.time_zone,
            auto_send: tenant.auto_send,
        },
    }))
}
