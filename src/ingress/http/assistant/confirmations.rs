//! `/assistant/chats/{id}/confirmations`: saying yes or no to a card.

use axum::Json;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::view::{ConfirmationView, card};
use crate::app::App;
use crate::domain::jarvis::{self, ChatId, ConfirmationId, Decision};
use crate::ingress::http::caller::Caller;
use crate::ingress::http::json::ApiJson;
use crate::ingress::http::problem::{ApiProblem, ApiResult};
use crate::ingress::http::query::ApiIds;

/// What the user says to a card.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CardDecision {
    /// Yes or no.
    decision: Decision,
    /// The card's token; needed to confirm.
    token: Option<String>,
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(decide))
}

/// Confirm or decline a card
///
/// What was confirmed is carried out with exactly the arguments the card was made from, in the name and with the rights of the
/// caller, before the answer comes. Each card is decided once. Where it could not be carried out (409) it still waits.
#[utoipa::path(post, path = "/assistant/chats/{chatId}/confirmations/{confirmationId}", operation_id = "decideConfirmation", tag = "assistant",
    params(("chatId" = ChatId, Path, description = "Chat"), ("confirmationId" = ConfirmationId, Path, description = "Card")),
    request_body = CardDecision,
    responses((status = 200, body = ConfirmationView, description = "Decided"), (status = 409, response = ApiProblem)))]
async fn decide(
    caller: Caller,
    ApiIds(chat, id): ApiIds<ChatId, ConfirmationId>,
    ApiJson(body): ApiJson<CardDecision>,
) -> ApiResult<Json<ConfirmationView>> {
    let mut conn = caller.tenant_conn().await?;
    let decision = (body.decision, body.token.as_deref());
    let decided = jarvis::decide(&mut conn, &caller.app, &caller.user, chat, id, decision).await?;
    conn.commit().await?;
    Ok(Json(card(&caller.app, chat, decided)))
}
