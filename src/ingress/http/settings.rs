//! `/settings`: what an agency sets for itself, and who changed what. Everybody reads it; administrators change it.

use std::collections::BTreeMap;

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::json::ApiJson;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiQuery, PageQuery, PageView, page};
use super::version::{MustMatch, Versioned};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::tenants::{
    self, Country, DISCLOSURES, Licence, Plan, SettingChange, SettingsChange, Tenant, TenantSettings,
};
use crate::domain::users::UserId;

/// The settings, and what is decided elsewhere.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SettingsView {
    /// What may be changed.
    #[serde(flatten)]
    pub settings: TenantSettings,
    /// Country; fixed, because phone numbers and legal texts follow it.
    pub country: Country,
    /// Short name.
    pub slug: String,
    /// Where portals send their mail.
    pub intake_address: String,
    /// What the agency pays for; billing sets it.
    pub plan: Plan,
    /// Whether it may be used; billing sets it.
    pub licence: Licence,
    /// The words we come with under a mail that no human approved, by language.
    pub default_ai_disclosures: BTreeMap<&'static str, &'static str>,
    /// Grows with each change; the `ETag`.
    pub version: i32,
}

impl SettingsView {
    fn new(tenant: &Tenant, app: &App) -> Self {
        Self {
            settings: TenantSettings::from(tenant),
            country: tenant.country,
            slug: tenant.slug.clone(),
            intake_address: format!("{}@{}", tenant.intake_prefix, app.settings.smtp.intake_domain),
            plan: tenant.plan,
            licence: tenant.licence,
            default_ai_disclosures: DISCLOSURES.into(),
            version: tenant.version,
        }
    }
}

/// What one person changed at one time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SettingsChangeView {
    /// Id.
    pub id: uuid::Uuid,
    /// When.
    pub at: Timestamp,
    /// `USER`; `KEY`: a program; `STAFF`: the platform's people.
    pub actor: String,
    /// Id of the key, or subject of the platform's person.
    pub actor_id: Option<String>,
    /// Which of the agency's people, or in whose name.
    pub user_id: Option<UserId>,
    /// What.
    pub fields: Vec<SettingChangeView>,
}

/// One field and its values.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SettingChangeView {
    /// Field as in the settings (`automation.mode`), or `facts.<id>.text`.
    pub field: String,
    /// Value before; null: it was not set.
    pub from: serde_json::Value,
    /// Value after; null: it is not set any more.
    pub to: serde_json::Value,
}

impl From<SettingsChange> for SettingsChangeView {
    fn from(change: SettingsChange) -> Self {
        let field = |SettingChange { field, from, to }| SettingChangeView { field, from, to };
        Self {
            id: change.id,
            at: change.at,
            actor: change.actor,
            actor_id: change.actor_id,
            user_id: change.user_id.map(UserId),
            fields: change.fields.into_iter().map(field).collect(),
        }
    }
}

/// Its routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get, replace)).routes(routes!(history))
}

/// Read the settings
#[utoipa::path(get, path = "/settings", operation_id = "getSettings", tag = "settings",
    responses((status = 200, body = SettingsView, description = "The settings of the caller's agency")))]
async fn get(caller: Caller) -> ApiResult<Versioned<SettingsView>> {
    let mut conn = caller.tenant_conn().await?;
    let tenant = tenants::current(&mut conn).await?;
    Ok(Versioned(tenant.version, SettingsView::new(&tenant, &caller.app)))
}

/// Replace the settings
///
/// What is left out is empty afterwards.
#[utoipa::path(put, path = "/settings", operation_id = "replaceSettings", tag = "settings",
    params(("If-Match" = String, Header, description = "ETag as read")), request_body = TenantSettings,
    responses((status = 200, body = SettingsView, description = "Replaced"), (status = 403, response = ApiProblem)))]
async fn replace(
    caller: Caller,
    version: MustMatch,
    ApiJson(settings): ApiJson<TenantSettings>,
) -> ApiResult<Versioned<SettingsView>> {
    caller.require_admin("change settings")?;
    let version = version.read()?;
    let mut conn = caller.tenant_conn().await?;
    let currency = &caller.app.settings.ai.currency;
    let tenant = tenants::change_settings(&mut conn, &settings, version, currency).await?;
    conn.commit().await?;
    Ok(Versioned(tenant.version, SettingsView::new(&tenant, &caller.app)))
}

/// List changes to settings and facts, newest first
#[utoipa::path(get, path = "/settings/history", operation_id = "listSettingsHistory", tag = "settings", params(PageQuery),
    responses((status = 200, body = PageView<SettingsChangeView>, description = "A page of changes"), (status = 403, response = ApiProblem)))]
async fn history(
    caller: Caller,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Json<PageView<SettingsChangeView>>> {
    caller.require_admin("see who changed settings")?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(tenants::settings_history(&mut conn, wanted).await?.map(SettingsChangeView::from).into()))
}
