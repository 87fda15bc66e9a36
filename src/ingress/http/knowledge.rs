//! `/knowledge/search`: finding what the agency knows in words.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::caller::Caller;
use super::problem::{ApiProblem, ApiResult, FieldError};
use super::query::{ApiQuery, PageView};
use crate::app::App;
use crate::domain::knowledge::{self, Hit, Source};
use crate::domain::leads::LeadId;
use crate::domain::properties::PropertyId;

/// Longest question, characters.
const QUESTION: usize = 1000;
/// Hits when the caller says nothing.
const USUAL: u16 = 10;

/// What is searched for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// A question or some words, up to 1000 characters. Left out: nothing is found.
    q: Option<String>,
    /// Hits wanted, 1 to 50; 10 if left out.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u16>,
}

/// A piece of text that answers the question.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HitView {
    /// Id of the piece.
    id: Uuid,
    /// What it belongs to.
    source: Source,
    /// Id of the listing, document, fact or lead.
    source_id: Uuid,
    /// The listing it belongs to, if it does.
    property_id: Option<PropertyId>,
    /// Whose conversation it is.
    lead_id: Option<LeadId>,
    /// Title of the listing, name of the document, topic of the fact, name of the prospect.
    title: Option<String>,
    /// The text.
    text: String,
    /// ISO 639-1.
    language: String,
    /// The higher the better; comparable within one answer only.
    score: f64,
}

impl From<Hit> for HitView {
    fn from(hit: Hit) -> Self {
        Self {
            id: hit.id,
            source: hit.source,
            source_id: hit.source_id,
            property_id: hit.property_id,
            lead_id: hit.lead_id,
            title: hit.title,
            text: hit.text,
            language: hit.language,
            score: hit.score,
        }
    }
}

/// Its route.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(search))
}

/// Search documents, listings, facts and conversations
///
/// By meaning and by word, best first. Conversations are those of leads the caller may see.
#[utoipa::path(get, path = "/knowledge/search", operation_id = "searchKnowledge", tag = "knowledge", params(SearchQuery),
    responses((status = 200, body = PageView<HitView>, description = "The best hits; there is no next page")))]
async fn search(caller: Caller, ApiQuery(query): ApiQuery<SearchQuery>) -> ApiResult<Json<PageView<HitView>>> {
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=knowledge::MOST_HITS).contains(&limit) {
        let message = format!("must be between 1 and {}", knowledge::MOST_HITS);
        return Err(ApiProblem::query(FieldError::new("limit", message)));
    }
    let text = query.q.unwrap_or_default();
    if text.chars().count() > QUESTION {
        return Err(ApiProblem::query(FieldError::new("q", format!("must have at most {QUESTION} characters"))));
    }
    if text.trim().is_empty() {
        return Ok(Json(PageView { items: Vec::new(), next_cursor: None }));
    }
    // Asked outside any transaction: a service may make the vector.
    let question = knowledge::question(&caller.app, caller.user.tenant_id, &text).await?;
    let mut conn = caller.tenant_conn().await?;
    let hits = knowledge::search(&mut conn, &question, caller.viewer(), limit).await?;
    Ok(Json(PageView { items: hits.into_iter().map(HitView::from).collect(), next_cursor: None }))
}
