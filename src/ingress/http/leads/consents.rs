//! What the person of a lead agreed to.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::domain::intake::website::{self, Agreed};
use crate::domain::leads::{self, LeadId};
use crate::ingress::http::caller::Caller;
use crate::ingress::http::problem::{ApiProblem, ApiResult};
use crate::ingress::http::query::{ApiId, ApiQuery, PageQuery, PageView, page};

/// What somebody agreed to on a web page.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LeadConsentView {
    /// Id of the enquiry it came with.
    pub id: uuid::Uuid,
    /// When.
    pub given_at: Timestamp,
    /// On which page, as browsers write it in `Origin`.
    pub origin: String,
    /// Version of the agency's text; 0: the words we come with.
    pub version: i32,
    /// ISO 639-1.
    pub language: String,
    /// The words as they were shown.
    pub text: String,
    /// The privacy notice that stood beside them.
    pub privacy_url: Option<String>,
}

impl From<Agreed> for LeadConsentView {
    fn from(agreed: Agreed) -> Self {
        Self {
            id: agreed.id,
            given_at: agreed.received_at,
            origin: agreed.origin,
            version: agreed.consent_version,
            language: agreed.consent_language,
            text: agreed.consent_text,
            privacy_url: agreed.consent_privacy_url,
        }
    }
}

/// List what the person of a lead agreed to, newest first
///
/// One for each enquiry that came by the widget.
#[utoipa::path(get, path = "/leads/{leadId}/consents", operation_id = "listLeadConsents", tag = "leads",
    params(("leadId" = LeadId, Path, description = "Lead"), PageQuery),
    responses((status = 200, body = PageView<LeadConsentView>, description = "A page of consents")))]
pub(super) async fn list(
    caller: Caller,
    ApiId(id): ApiId<LeadId>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Json<PageView<LeadConsentView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    leads::find(&mut conn, id, caller.viewer()).await?.ok_or_else(|| ApiProblem::not_found("lead"))?;
    Ok(Json(website::agreed(&mut conn, id, wanted).await?.map(LeadConsentView::from).into()))
}
