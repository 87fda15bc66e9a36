//! `/widget-consent`: what visitors of the agency's web pages agree to before they send the form.

use std::collections::BTreeMap;

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::json::ApiJson;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiQuery, PageQuery, PageView, page};
use super::version::{MustMatch, Versioned};
use super::widget::ConsentTextView;
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::tenants;
use crate::domain::users::UserId;
use crate::domain::widget_keys::{self, Consent, NewConsent};

/// What was decided at one time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WidgetConsentView {
    /// 1 for the first; 0 where nobody has decided anything. The `ETag`.
    pub version: i32,
    /// The agency's own words, by language.
    pub texts: BTreeMap<String, String>,
    /// Web address of its privacy notice.
    pub privacy_url: Option<String>,
    /// Who decided it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Option<Timestamp>,
    /// What visitors read with it in every language of the widget, with the agency's name of today.
    pub shown: Vec<ConsentTextView>,
}

impl WidgetConsentView {
    fn new(consent: Consent, agency: &str) -> Self {
        let shown = consent.shown(agency).into_iter().map(ConsentTextView::from).collect();
        Self {
            version: consent.version,
            texts: consent.texts.0,
            privacy_url: consent.privacy_url,
            created_by: consent.created_by,
            created_at: consent.created_at,
            shown,
        }
    }
}

/// What is decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WidgetConsentBody {
    /// The agency's own words, by language (`de`, `en`, `fr`, `it`), at most 2000 characters each; a language left out has
    /// the words we come with.
    texts: BTreeMap<String, String>,
    /// Web address of the privacy notice, `https://…`; the widget links to it.
    privacy_url: Option<String>,
}

const WHAT: &str = "see and change what visitors agree to";

/// Its routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get, replace)).routes(routes!(versions))
}

/// Read what visitors agree to
#[utoipa::path(get, path = "/widget-consent", operation_id = "getWidgetConsent", tag = "widget consent",
    responses((status = 200, body = WidgetConsentView, description = "What holds now")))]
async fn get(caller: Caller) -> ApiResult<Versioned<WidgetConsentView>> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    let agency = tenants::current(&mut conn).await?.name;
    let consent = widget_keys::consent(&mut conn).await?;
    Ok(Versioned(consent.version, WidgetConsentView::new(consent, &agency)))
}

/// Decide what visitors agree to
///
/// Makes a new version; what was agreed to before stays as it was.
#[utoipa::path(put, path = "/widget-consent", operation_id = "replaceWidgetConsent", tag = "widget consent",
    params(("If-Match" = String, Header, description = "ETag as read")), request_body = WidgetConsentBody,
    responses((status = 200, body = WidgetConsentView, description = "What holds now"), (status = 403, response = ApiProblem)))]
async fn replace(
    caller: Caller,
    version: MustMatch,
    ApiJson(body): ApiJson<WidgetConsentBody>,
) -> ApiResult<Versioned<WidgetConsentView>> {
    caller.require_admin(WHAT)?;
    let version = version.read()?;
    let mut conn = caller.tenant_conn().await?;
    let new = NewConsent { texts: body.texts, privacy_url: body.privacy_url };
    let consent = widget_keys::decide_consent(&mut conn, caller.user.id, &new, version).await?;
    let agency = tenants::current(&mut conn).await?.name;
    conn.commit().await?;
    Ok(Versioned(consent.version, WidgetConsentView::new(consent, &agency)))
}

/// List what visitors agreed to before, newest first
#[utoipa::path(get, path = "/widget-consent/versions", operation_id = "listWidgetConsents", tag = "widget consent", params(PageQuery),
    responses((status = 200, body = PageView<WidgetConsentView>, description = "A page of versions")))]
async fn versions(
    caller: Caller,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Json<PageView<WidgetConsentView>>> {
    caller.require_admin(WHAT)?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    let agency = tenants::current(&mut conn).await?.name;
    let page = widget_keys::consents(&mut conn, wanted).await?;
    Ok(Json(page.map(|consent| WidgetConsentView::new(consent, &agency)).into()))
}
