//! The mails exchanged with a prospect.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::domain::assistant;
use crate::domain::conversations::{self, Delivery, Direction, Message, MessageId, Origin};
use crate::domain::leads::{self, LeadId};
use crate::domain::page::Cursor;
use crate::ingress::http::caller::Caller;
use crate::ingress::http::check::Check;
use crate::ingress::http::once::Once;
use crate::ingress::http::problem::{ApiProblem, ApiResult};
use crate::ingress::http::query::{ApiId, ApiQuery, PageQuery, PageView, page, page_of};

/// One message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MessageView {
    /// Id.
    pub id: MessageId,
    /// Which way.
    pub direction: Direction,
    /// By whom.
    pub origin: Origin,
    /// Subject.
    pub subject: String,
    /// What is new in it.
    pub text: String,
    /// Sanitised HTML.
    pub html: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
    /// Where it stands; outbound only.
    pub delivery: Option<Delivery>,
    /// Which sentence rests on which fact.
    #[schema(value_type = Vec<Object>)]
    pub citations: serde_json::Value,
    /// Inbound: the revision it made; outbound: the revision it answers.
    pub revision: i32,
    /// When it came or was written.
    pub created_at: Timestamp,
    /// When a provider accepted it.
    pub sent_at: Option<Timestamp>,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        Self {
            id: message.id,
            direction: message.direction,
            origin: message.origin,
            subject: message.subject,
            text: message.text,
            html: message.html,
            language: message.language,
            delivery: message.delivery,
            citations: message.citations,
            revision: message.revision,
            created_at: message.created_at,
            sent_at: message.sent_at,
        }
    }
}

/// A mail to the prospect.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SendMessage {
    /// Left out: answers in the thread.
    subject: Option<String>,
    /// Body; the signature is added.
    text: String,
}

/// A mail that is on its way.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::ingress::http) struct MessageQueuedView {
    /// The message; its `delivery` says when a provider accepted it.
    pub id: MessageId,
}

/// List a lead's messages, oldest first
#[utoipa::path(get, path = "/leads/{leadId}/messages", operation_id = "listLeadMessages", tag = "leads",
    params(("leadId" = LeadId, Path, description = "Lead"), PageQuery),
    responses((status = 200, body = PageView<MessageView>, description = "A page of the conversation")))]
pub(super) async fn list(
    caller: Caller,
    ApiId(id): ApiId<LeadId>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Json<PageView<MessageView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    leads::find(&mut conn, id, caller.viewer()).await?.ok_or_else(|| ApiProblem::not_found("lead"))?;
    let messages = match conversations::by_lead(&mut conn, id).await? {
        Some(conversation) => conversations::messages(&mut conn, conversation.id).await?,
        None => Vec::new(),
    };
    let messages = page_of(messages, wanted, |message| Cursor { at: message.created_at, id: message.id.0 });
    Ok(Json(messages.map(MessageView::from).into()))
}

/// Write to the prospect yourself
///
/// Automation is paused for this lead until somebody resumes it.
#[utoipa::path(post, path = "/leads/{leadId}/messages", operation_id = "sendLeadMessage", tag = "leads",
    params(("leadId" = LeadId, Path, description = "Lead"), ("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")),
    request_body = SendMessage,
    responses((status = 202, body = MessageQueuedView, description = "On its way"), (status = 409, response = ApiProblem)))]
pub(super) async fn send(
    caller: Caller,
    ApiId(id): ApiId<LeadId>,
    Once { body, key }: Once<SendMessage>,
) -> ApiResult<Response> {
    let mut check = Check::new();
    let subject = check.line("subject", body.subject);
    let text = check.required_text("text", body.text, 50_000);
    check.done()?;
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let id = assistant::send_as_agent(&mut conn, &caller.app, &caller.user, id, subject, text).await?;
    let answer = key.keep(&mut conn, &caller, StatusCode::ACCEPTED, None, &MessageQueuedView { id }).await?;
    conn.commit().await?;
    Ok(answer)
}
