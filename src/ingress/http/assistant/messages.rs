//! `/assistant/chats/{id}/messages`: asking, listening, stopping, trying again.

use std::sync::Arc;

use axum::Json;
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::stream::{self, ChatEventView};
use super::view::{ChatMessageView, views};
use crate::app::App;
use crate::domain::jarvis::{self, ChatId, ChatMessageId, Log, PageContext, Place, Question, Run};
use crate::domain::page::Page;
use crate::ingress::http::caller::Caller;
use crate::ingress::http::check::Check;
use crate::ingress::http::json::ApiJson;
use crate::ingress::http::problem::{ApiProblem, ApiResult};
use crate::ingress::http::query::{ApiId, ApiIds, ApiQuery, PageQuery, PageView, page};
use crate::limits::Counted;

/// Letters of a question.
const LONGEST: usize = 10_000;
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A question to the assistant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChatQuestion {
    /// What is asked.
    text: String,
    /// The page the user looks at.
    context: Option<PageContext>,
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, ask))
        .routes(routes!(get))
        .routes(routes!(listen))
        .routes(routes!(cancel))
        .routes(routes!(retry))
}

/// List a chat's messages, newest first
#[utoipa::path(get, path = "/assistant/chats/{chatId}/messages", operation_id = "listChatMessages", tag = "assistant",
    params(("chatId" = ChatId, Path, description = "Chat"), PageQuery),
    responses((status = 200, body = PageView<ChatMessageView>, description = "A page of the messages")))]
async fn list(
    caller: Caller,
    ApiId(id): ApiId<ChatId>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Json<PageView<ChatMessageView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    let chat = jarvis::find(&mut conn, caller.user.id, id).await?;
    jarvis::settle_dead(&mut conn, chat.id).await?;
    let Page { items, next } = jarvis::list_messages(&mut conn, chat.id, wanted).await?;
    let items = views(&mut conn, &caller.app, chat.id, items).await?;
    conn.commit().await?;
    Ok(Json(Page { items, next }.into()))
}

/// Read a message of a chat
#[utoipa::path(get, path = "/assistant/chats/{chatId}/messages/{chatMessageId}", operation_id = "getChatMessage", tag = "assistant",
    params(("chatId" = ChatId, Path, description = "Chat"), ("chatMessageId" = ChatMessageId, Path, description = "Message")),
    responses((status = 200, body = ChatMessageView, description = "The message")))]
async fn get(caller: Caller, ApiIds(chat, id): ApiIds<ChatId, ChatMessageId>) -> ApiResult<Json<ChatMessageView>> {
    let mut conn = caller.tenant_conn().await?;
    jarvis::find(&mut conn, caller.user.id, chat).await?;
    jarvis::settle_dead(&mut conn, chat).await?;
    let message = jarvis::find_message(&mut conn, caller.user.id, chat, id).await?;
    let view = views(&mut conn, &caller.app, chat, vec![message]).await?.pop();
    conn.commit().await?;
    Ok(Json(view.ok_or_else(|| ApiProblem::not_found("message"))?))
}

/// Ask the assistant
///
/// The answer is streamed as server-sent events while it is made: `begun`, then `text` (more of the answer), `step` (a tool, a
/// picture, a card, a notice), and at last `final` or, if it did not come to its end, `error`; both carry the whole message.
/// The answer goes on when the client leaves: `GET …/messages/{chatMessageId}/events` tells the rest. With an
/// `Idempotency-Key` that was used in this chat, the answer to that question is told again instead.
#[utoipa::path(post, path = "/assistant/chats/{chatId}/messages", operation_id = "askAssistant", tag = "assistant",
    params(("chatId" = ChatId, Path, description = "Chat"),
        ("Idempotency-Key" = Option<String>, Header, description = "Yours; the same question with the same key counts once")),
    request_body = ChatQuestion,
    responses((status = 200, body = ChatEventView, content_type = "text/event-stream", description = "Events; the schema is that of their `data`"),
        (status = 409, response = ApiProblem), (status = 503, response = ApiProblem)))]
async fn ask(
    caller: Caller,
    ApiId(chat): ApiId<ChatId>,
    parts: Parts,
    ApiJson(body): ApiJson<ChatQuestion>,
) -> ApiResult<Response> {
    let key = key_of(&parts)?;
    let mut check = Check::new();
    let text = check.required_text("text", body.text, LONGEST);
    check.done()?;
    let mut conn = caller.tenant_conn().await?;
    jarvis::find(&mut conn, caller.user.id, chat).await?;
    if let Some(context) = body.context
        && !jarvis::may_see(&mut conn, &caller.user, context).await?
    {
        return Err(ApiProblem::field("context.id", "there is no such thing for you"));
    }
    drop(conn);
    room(&caller).await?;
    let mut conn = caller.tenant_conn().await?;
    let question = Question { text, context: body.context, key };
    let (message, is_new) = jarvis::ask(&mut conn, caller.user.id, chat, &question).await?;
    conn.commit().await?;
    let log = if is_new { Some(begin(&caller, chat, message)) } else { caller.app.jarvis.log(message) };
    stream::tell(caller, parts, (chat, message), log, Place::default()).await
}

/// Listen to an answer
///
/// What is new since `Last-Event-ID`, or everything; an answer that has ended is told to its end at once.
#[utoipa::path(get, path = "/assistant/chats/{chatId}/messages/{chatMessageId}/events", operation_id = "streamChatMessage", tag = "assistant",
    params(("chatId" = ChatId, Path, description = "Chat"), ("chatMessageId" = ChatMessageId, Path, description = "Answer"),
        ("Last-Event-ID" = Option<String>, Header, description = "`id` of the last event received")),
    responses((status = 200, body = ChatEventView, content_type = "text/event-stream", description = "Events; the schema is that of their `data`")))]
async fn listen(caller: Caller, ApiIds(chat, id): ApiIds<ChatId, ChatMessageId>, parts: Parts) -> ApiResult<Response> {
    let mut conn = caller.tenant_conn().await?;
    jarvis::find_message(&mut conn, caller.user.id, chat, id).await?;
    drop(conn);
    let last = parts.headers.get(LAST_EVENT_ID).and_then(|value| value.to_str().ok());
    let place = last.and_then(|text| text.parse().ok()).unwrap_or_default();
    let log = caller.app.jarvis.log(id);
    stream::tell(caller, parts, (chat, id), log, place).await
}

/// Stop an answer
///
/// What it did until then stays done. The answer is `CANCELLED` soon.
#[utoipa::path(post, path = "/assistant/chats/{chatId}/messages/{chatMessageId}/cancel", operation_id = "cancelChatMessage", tag = "assistant",
    params(("chatId" = ChatId, Path, description = "Chat"), ("chatMessageId" = ChatMessageId, Path, description = "Answer")),
    responses((status = 202, description = "It stops"), (status = 409, response = ApiProblem)))]
async fn cancel(caller: Caller, ApiIds(chat, id): ApiIds<ChatId, ChatMessageId>) -> ApiResult<StatusCode> {
    let mut conn = caller.tenant_conn().await?;
    jarvis::find(&mut conn, caller.user.id, chat).await?;
    jarvis::want_cancelled(&mut conn, caller.user.id, chat, id).await?;
    conn.commit().await?;
    caller.app.jarvis.cancel(id);
    Ok(StatusCode::ACCEPTED)
}

/// Try an answer again
///
/// For the last message of a chat, if it is an answer that failed, was stopped or interrupted. A new answer is made and streamed as for a question.
#[utoipa::path(post, path = "/assistant/chats/{chatId}/messages/{chatMessageId}/retry", operation_id = "retryChatMessage", tag = "assistant",
    params(("chatId" = ChatId, Path, description = "Chat"), ("chatMessageId" = ChatMessageId, Path, description = "Answer")),
    responses((status = 200, body = ChatEventView, content_type = "text/event-stream", description = "Events; the schema is that of their `data`"),
        (status = 409, response = ApiProblem), (status = 503, response = ApiProblem)))]
async fn retry(caller: Caller, ApiIds(chat, id): ApiIds<ChatId, ChatMessageId>, parts: Parts) -> ApiResult<Response> {
    let mut conn = caller.tenant_conn().await?;
    jarvis::find_message(&mut conn, caller.user.id, chat, id).await?;
    drop(conn);
    room(&caller).await?;
    let mut conn = caller.tenant_conn().await?;
    let message = jarvis::retry(&mut conn, caller.user.id, chat, id).await?;
    conn.commit().await?;
    let log = begin(&caller, chat, message);
    stream::tell(caller, parts, (chat, message), Some(log), Place::default()).await
}

/// Counts the question, and refuses it where too many answers are being made.
async fn room(caller: &Caller) -> ApiResult<()> {
    caller.app.limits.spend(Counted::QuestionOf(caller.user.id.0)).await?;
    if caller.app.jarvis.count() >= caller.app.settings.assistant.max_running {
        return Err(ApiProblem::unavailable("Too many answers are being made. Ask again in a moment."));
    }
    Ok(())
}

fn begin(caller: &Caller, chat: ChatId, message: ChatMessageId) -> Arc<Log> {
    let run = Run { tenant: caller.user.tenant_id, user: caller.user.id, actor: caller.actor().clone(), chat, message };
    caller.app.jarvis.begin(run)
}

fn key_of(parts: &Parts) -> ApiResult<Option<String>> {
    let Some(value) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=255).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(ApiProblem::malformed("`Idempotency-Key` must have 1 to 255 visible ASCII characters.")),
    }
}
