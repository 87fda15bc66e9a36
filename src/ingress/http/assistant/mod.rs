//! `/assistant`: chats of the signed-in user with Jarvis. A chat is its user's alone: another user's id is a 404, also for
//! administrators.

mod chats;
mod confirmations;
mod memories;
mod messages;
mod stream;
mod view;

use utoipa_axum::router::OpenApiRouter;

use super::problem::ApiProblem;
use crate::app::App;
use crate::domain::jarvis::{ChatError, DecideError, ToolError};

/// Its routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(chats::router())
        .merge(messages::router())
        .merge(confirmations::router())
        .merge(memories::router())
}

impl From<ChatError> for ApiProblem {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::NotFound => Self::not_found("chat, message or memory"),
            ChatError::Changed => Self::changed(),
            ChatError::Running => {
                Self::conflict("An answer is being made in this chat. Wait for it, or cancel it first.")
            }
            ChatError::NotRunning => Self::conflict("This answer has ended already."),
            ChatError::NotRetryable => Self::conflict(
                "Only the last message of a chat can be tried again, if it is an answer that did not come to its end.",
            ),
            ChatError::Database(error) => Self::internal(&error),
        }
    }
}

impl From<DecideError> for ApiProblem {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::NotFound => Self::not_found("card"),
            DecideError::NotOpen(state) => Self::conflict(format!("The card is {state}. Ask again for a new one.")),
            DecideError::WrongToken => Self::field("token", "is not this card's"),
            DecideError::Tool(ToolError::Internal(error)) => Self::internal(&*error),
            DecideError::Tool(error) => Self::conflict(format!("Nothing was done, and the card still waits: {error}.")),
            DecideError::Database(error) => Self::internal(&error),
        }
    }
}
