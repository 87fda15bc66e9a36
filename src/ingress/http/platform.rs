//! `/platform`: for the platform's own people. All agencies, suspending one, and looking at one in a user's name.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::check::Check;
use super::identity::StaffCaller;
use super::json::ApiJson;
use super::me::name;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageView, page};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::privacy::{self, TenantReceipt};
use crate::domain::staff::{self, Impersonation, ImpersonationId, LONGEST_MINUTES, TenantSummary};
use crate::domain::tenants::Country;
use crate::domain::users::UserId;
use crate::ids::TenantId;

/// An agency from outside.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TenantSummaryView {
    /// Id.
    id: TenantId,
    /// Name.
    name: String,
    /// Short name.
    slug: String,
    /// Country.
    country: Country,
    /// People who may sign in.
    active_users: i64,
    /// Since when its people are locked out.
    suspended_at: Option<Timestamp>,
    /// Why.
    suspended_reason: Option<String>,
    /// When it was made.
    created_at: Timestamp,
}

impl From<TenantSummary> for TenantSummaryView {
    fn from(tenant: TenantSummary) -> Self {
        Self {
            id: tenant.id,
            name: tenant.name,
            slug: tenant.slug,
            country: tenant.country,
            active_users: tenant.active_users,
            suspended_at: tenant.suspended_at,
            suspended_reason: tenant.suspended_reason,
            created_at: tenant.created_at,
        }
    }
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Suspension {
    /// In one line; the agency can read it in its audit log.
    reason: String,
}

/// Whose name, why, how long.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ImpersonationCreate {
    /// Agency.
    tenant_id: TenantId,
    /// One of its active users.
    user_id: UserId,
    /// In one line; the agency can read it in its audit log.
    reason: String,
    /// 1 to 60.
    #[schema(minimum = 1, maximum = 60)]
    minutes: u16,
}

/// A look at an agency.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImpersonationView {
    /// Id; send it as `X-Impersonation` with every request.
    pub id: ImpersonationId,
    /// Agency.
    pub tenant_id: TenantId,
    /// In whose name.
    pub user_id: UserId,
    /// Who looks.
    pub staff_name: String,
    /// Why.
    pub reason: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

impl From<Impersonation> for ImpersonationView {
    fn from(session: Impersonation) -> Self {
        Self {
            id: session.id,
            tenant_id: session.tenant_id,
            user_id: session.user_id,
            staff_name: session.staff_name,
            reason: session.reason,
            started_at: session.started_at,
            expires_at: session.expires_at,
        }
    }
}

/// The receipt of an agency's erasure. Under way while it has neither an end nor an error.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TenantReceiptView {
    /// Id.
    id: uuid::Uuid,
    /// The agency's former id.
    tenant_id: TenantId,
    /// When it was asked for.
    requested_at: Timestamp,
    /// When the last row was gone.
    finished_at: Option<Timestamp>,
    /// When it was given up after all attempts.
    given_up_at: Option<Timestamp>,
    /// Why it was given up.
    error: Option<String>,
    /// Rows erased so far, by table.
    #[schema(value_type = Object)]
    erased: serde_json::Value,
}

impl From<TenantReceipt> for TenantReceiptView {
    fn from(receipt: TenantReceipt) -> Self {
        let TenantReceipt { id, tenant_id, requested_at, finished_at, given_up_at, error, erased } = receipt;
        Self { id, tenant_id, requested_at, finished_at, given_up_at, error, erased }
    }
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Its routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(suspend))
        .routes(routes!(resume))
        .routes(routes!(impersonate))
        .routes(routes!(end))
        .routes(routes!(erasures))
}

impl StaffCaller {
    /// A transaction of a tenant, with this person in its audit log.
    async fn tenant_conn(&self, tenant: TenantId) -> ApiResult<TenantConn> {
        Ok(self.app.db.tenant_as(tenant, &self.staff.actor(None, self.request_id.clone())).await?)
    }
}

/// List agencies, newest first
#[utoipa::path(get, path = "/platform/tenants", operation_id = "listTenants", tag = "platform", params(ListQuery),
    responses((status = 200, body = PageView<TenantSummaryView>, description = "A page of agencies"), (status = 403, response = ApiProblem)))]
async fn list(
    caller: StaffCaller,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> ApiResult<Json<PageView<TenantSummaryView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.app.db.platform().await?;
    let shown = staff::tenants(&mut conn, &caller.staff, caller.request_id.as_deref(), wanted).await?;
    // A look at all agencies is noted before it is shown.
    conn.commit().await?;
    Ok(Json(shown.map(TenantSummaryView::from).into()))
}

/// Suspend an agency
///
/// Its people are out from their next request on. Mail goes on coming in.
#[utoipa::path(post, path = "/platform/tenants/{tenantId}/suspend", operation_id = "suspendTenant", tag = "platform",
    params(("tenantId" = TenantId, Path, description = "Agency")), request_body = Suspension,
    responses((status = 204, description = "Suspended"), (status = 403, response = ApiProblem)))]
async fn suspend(
    caller: StaffCaller,
    ApiId(id): ApiId<TenantId>,
    ApiJson(body): ApiJson<Suspension>,
) -> ApiResult<StatusCode> {
    let mut check = Check::new();
    let reason = name(&mut check, "reason", body.reason);
    check.done()?;
    let mut conn = caller.tenant_conn(id).await?;
    done(staff::suspend(&mut conn, &reason).await?)?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Open an agency again
#[utoipa::path(post, path = "/platform/tenants/{tenantId}/resume", operation_id = "resumeTenant", tag = "platform",
    params(("tenantId" = TenantId, Path, description = "Agency")),
    responses((status = 204, description = "Open"), (status = 403, response = ApiProblem)))]
async fn resume(caller: StaffCaller, ApiId(id): ApiId<TenantId>) -> ApiResult<StatusCode> {
    let mut conn = caller.tenant_conn(id).await?;
    done(staff::resume(&mut conn).await?)?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn done(is_there: bool) -> ApiResult<()> {
    if is_there { Ok(()) } else { Err(ApiProblem::not_found("agency")) }
}

/// Look at an agency in a user's name
///
/// For an hour at most. Begin, every request and end stand in the agency's audit log, with who and why.
#[utoipa::path(post, path = "/platform/impersonations", operation_id = "startImpersonation", tag = "platform", request_body = ImpersonationCreate,
    responses((status = 201, body = ImpersonationView, description = "Begun"), (status = 403, response = ApiProblem)))]
async fn impersonate(
    caller: StaffCaller,
    ApiJson(body): ApiJson<ImpersonationCreate>,
) -> ApiResult<(StatusCode, Json<ImpersonationView>)> {
    let mut check = Check::new();
    let reason = name(&mut check, "reason", body.reason);
    if !(1..=LONGEST_MINUTES).contains(&body.minutes) {
        check.wrong("minutes", format!("must be between 1 and {LONGEST_MINUTES}"));
    }
    check.done()?;
    let mut conn = caller.tenant_conn(body.tenant_id).await?;
    let session = staff::start(&mut conn, &caller.staff, body.user_id, &reason, body.minutes).await?;
    conn.commit().await?;
    Ok((StatusCode::CREATED, Json(session.into())))
}

/// End a look before its time
#[utoipa::path(post, path = "/platform/impersonations/{impersonationId}/end", operation_id = "endImpersonation", tag = "platform",
    params(("impersonationId" = ImpersonationId, Path, description = "Impersonation")),
    responses((status = 204, description = "Over"), (status = 403, response = ApiProblem)))]
async fn end(caller: StaffCaller, ApiId(id): ApiId<ImpersonationId>) -> ApiResult<StatusCode> {
    let mut conn = caller.app.db.platform().await?;
    let session = staff::session(&mut conn, id).await?.filter(|session| session.staff_subject == caller.staff.subject);
    drop(conn);
    let session = session.ok_or_else(|| ApiProblem::not_found("impersonation"))?;
    let mut conn = caller.tenant_conn(session.tenant_id).await?;
    staff::end(&mut conn, id).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List receipts of erased agencies, newest first
#[utoipa::path(get, path = "/platform/tenant-erasures", operation_id = "listTenantErasures", tag = "platform", params(ListQuery),
    responses((status = 200, body = PageView<TenantReceiptView>, description = "A page of receipts"), (status = 403, response = ApiProblem)))]
async fn erasures(
    caller: StaffCaller,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> ApiResult<Json<PageView<TenantReceiptView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.app.db.platform().await?;
    Ok(Json(privacy::tenant_receipts(&mut conn, wanted).await?.map(TenantReceiptView::from).into()))
}
