//! `/intake/blocked-senders`: addresses an agency wants to hear nothing of. For administrators.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::check::Check;
use super::once::Once;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageQuery, PageView, page};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::intake::{self, BlockedSender, BlockedSenderId};
use crate::domain::users::UserId;

/// A blocked sender.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BlockedSenderView {
    /// Id.
    pub id: BlockedSenderId,
    /// Address, lower case.
    pub address: String,
    /// Who blocked it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}

impl From<BlockedSender> for BlockedSenderView {
    fn from(blocked: BlockedSender) -> Self {
        Self {
            id: blocked.id,
            address: blocked.address,
            created_by: blocked.created_by,
            created_at: blocked.created_at,
        }
    }
}

/// An address to block.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BlockedSenderCreate {
    /// Address.
    address: String,
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(remove))
}

const WHAT: &str = "see and change blocked senders";

/// List blocked senders, newest first
#[utoipa::path(get, path = "/intake/blocked-senders", operation_id = "listBlockedSenders", tag = "intake", params(PageQuery),
    responses((status = 200, body = PageView<BlockedSenderView>, description = "A page of blocked senders"), (status = 403, response = ApiProblem)))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<PageQuery>) -> ApiResult<Json<PageView<BlockedSenderView>>> {
    caller.require_admin(WHAT)?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(intake::list_blocked(&mut conn, wanted).await?.map(BlockedSenderView::from).into()))
}

/// Block a sender
///
/// Their mail is kept and ignored from then on, and so are enquiries that name them as the prospect.
#[utoipa::path(post, path = "/intake/blocked-senders", operation_id = "createBlockedSender", tag = "intake",
    params(("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")), request_body = BlockedSenderCreate,
    responses((status = 201, body = BlockedSenderView, description = "Blocked"), (status = 200, body = BlockedSenderView, description = "It was blocked already"),
              (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn create(caller: Caller, Once { body, key }: Once<BlockedSenderCreate>) -> ApiResult<Response> {
    caller.require_admin(WHAT)?;
    let mut check = Check::new();
    let address = check.email("address", Some(body.address)).unwrap_or_else(|| {
        check.wrong("address", "must not be empty");
        String::new()
    });
    check.done()?;
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let (blocked, is_new) = intake::block(&mut conn, caller.user.id, &address).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let answer = key.keep(&mut conn, &caller, status, None, &BlockedSenderView::from(blocked)).await?;
    conn.commit().await?;
    Ok(answer)
}

/// Unblock a sender
#[utoipa::path(delete, path = "/intake/blocked-senders/{blockedSenderId}", operation_id = "removeBlockedSender", tag = "intake",
    params(("blockedSenderId" = BlockedSenderId, Path, description = "Blocked sender")),
    responses((status = 204, description = "Unblocked; what was ignored meanwhile can be read again"), (status = 403, response = ApiProblem)))]
async fn remove(caller: Caller, ApiId(id): ApiId<BlockedSenderId>) -> ApiResult<StatusCode> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    intake::unblock(&mut conn, id).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
