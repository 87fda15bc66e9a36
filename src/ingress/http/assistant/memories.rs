//! `/assistant/memories`: what the assistant knows of its user in every chat.

use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::jarvis::{self, Memory, MemoryId};
use crate::ingress::http::caller::Caller;
use crate::ingress::http::problem::ApiResult;
use crate::ingress::http::query::{ApiId, ApiQuery, PageQuery, PageView, page};

/// Something the assistant remembers for its user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MemoryView {
    /// Id.
    id: MemoryId,
    /// What.
    text: String,
    /// Since when.
    created_at: Timestamp,
}

impl From<Memory> for MemoryView {
    fn from(memory: Memory) -> Self {
        Self { id: memory.id, text: memory.text, created_at: memory.created_at }
    }
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(remove))
}

/// List what the assistant remembers for you, newest first
///
/// It remembers on request, in a chat, after you confirmed the card.
#[utoipa::path(get, path = "/assistant/memories", operation_id = "listMemories", tag = "assistant", params(PageQuery),
    responses((status = 200, body = PageView<MemoryView>, description = "A page of the caller's own")))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<PageQuery>) -> ApiResult<Json<PageView<MemoryView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(jarvis::list_memories(&mut conn, caller.user.id, wanted).await?.map(MemoryView::from).into()))
}

/// Have the assistant forget something
#[utoipa::path(delete, path = "/assistant/memories/{memoryId}", operation_id = "removeMemory", tag = "assistant",
    params(("memoryId" = MemoryId, Path, description = "Memory")), responses((status = 204, description = "Forgotten")))]
async fn remove(caller: Caller, ApiId(id): ApiId<MemoryId>) -> ApiResult<StatusCode> {
    let mut conn = caller.tenant_conn().await?;
    jarvis::remove_memory(&mut conn, caller.user.id, id).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
