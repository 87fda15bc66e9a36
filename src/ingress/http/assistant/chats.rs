//! `/assistant/chats`: beginning, naming and removing chats.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::jarvis::{self, Chat, ChatId, UNTITLED};
use crate::ingress::http::caller::Caller;
use crate::ingress::http::check::Check;
use crate::ingress::http::json::ApiJson;
use crate::ingress::http::once::Once;
use crate::ingress::http::problem::{ApiProblem, ApiResult};
use crate::ingress::http::query::{ApiId, ApiQuery, PageQuery, PageView, page};
use crate::ingress::http::version::{IfMatch, Versioned};

/// A chat with the assistant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ChatView {
    /// Id.
    id: ChatId,
    /// In one line: given by the user, or the first question.
    title: String,
    /// Grows with each change of the title; the `ETag`.
    version: i32,
    /// When it was begun.
    created_at: Timestamp,
    /// When it last got a question or another title.
    updated_at: Timestamp,
}

impl From<Chat> for ChatView {
    fn from(chat: Chat) -> Self {
        Self {
            id: chat.id,
            title: chat.title,
            version: chat.version,
            created_at: chat.created_at,
            updated_at: chat.updated_at,
        }
    }
}

/// A new chat.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChatCreate {
    /// In one line; left out, the first question gives it.
    title: Option<String>,
}

/// Another title.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChatPatch {
    /// In one line.
    title: String,
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, rename, remove))
}

/// List your chats, newest first
#[utoipa::path(get, path = "/assistant/chats", operation_id = "listChats", tag = "assistant", params(PageQuery),
    responses((status = 200, body = PageView<ChatView>, description = "A page of the caller's own chats")))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<PageQuery>) -> ApiResult<Json<PageView<ChatView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(jarvis::list(&mut conn, caller.user.id, wanted).await?.map(ChatView::from).into()))
}

/// Begin a chat
#[utoipa::path(post, path = "/assistant/chats", operation_id = "createChat", tag = "assistant",
    params(("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")), request_body = ChatCreate,
    responses((status = 201, body = ChatView, description = "Begun"), (status = 409, response = ApiProblem)))]
async fn create(caller: Caller, Once { body, key }: Once<ChatCreate>) -> ApiResult<Response> {
    let mut check = Check::new();
    let title = check.line("title", body.title);
    check.done()?;
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let chat = jarvis::create(&mut conn, caller.user.id, title.as_deref().unwrap_or(UNTITLED)).await?;
    let location = Some(format!("/api/v1/assistant/chats/{}", chat.id));
    let answer = key.keep(&mut conn, &caller, StatusCode::CREATED, location, &ChatView::from(chat)).await?;
    conn.commit().await?;
    Ok(answer)
}

/// Read a chat
#[utoipa::path(get, path = "/assistant/chats/{chatId}", operation_id = "getChat", tag = "assistant",
    params(("chatId" = ChatId, Path, description = "Chat")), responses((status = 200, body = ChatView, description = "The chat")))]
async fn get(caller: Caller, ApiId(id): ApiId<ChatId>) -> ApiResult<Versioned<ChatView>> {
    let mut conn = caller.tenant_conn().await?;
    let chat = jarvis::find(&mut conn, caller.user.id, id).await?;
    Ok(Versioned(chat.version, chat.into()))
}

/// Give a chat another title
#[utoipa::path(patch, path = "/assistant/chats/{chatId}", operation_id = "renameChat", tag = "assistant",
    params(("chatId" = ChatId, Path, description = "Chat"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    request_body = ChatPatch, responses((status = 200, body = ChatView, description = "Renamed")))]
async fn rename(
    caller: Caller,
    ApiId(id): ApiId<ChatId>,
    IfMatch(version): IfMatch,
    ApiJson(body): ApiJson<ChatPatch>,
) -> ApiResult<Versioned<ChatView>> {
    let mut check = Check::new();
    let title = check.line("title", Some(body.title));
    if title.is_none() {
        check.wrong("title", "must not be empty");
    }
    check.done()?;
    let mut conn = caller.tenant_conn().await?;
    let chat = jarvis::rename(&mut conn, caller.user.id, id, &title.unwrap_or_default(), version).await?;
    conn.commit().await?;
    Ok(Versioned(chat.version, chat.into()))
}

/// Remove a chat
///
/// With all that was said in it. An answer that is being made ends; what it did until then stays done.
#[utoipa::path(delete, path = "/assistant/chats/{chatId}", operation_id = "removeChat", tag = "assistant",
    params(("chatId" = ChatId, Path, description = "Chat")), responses((status = 204, description = "Removed")))]
async fn remove(caller: Caller, ApiId(id): ApiId<ChatId>) -> ApiResult<StatusCode> {
    let mut conn = caller.tenant_conn().await?;
    jarvis::remove(&mut conn, caller.user.id, id).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
