//! Messages, their steps and cards as the API shows them.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::{Error, TenantConn};
use crate::domain::jarvis::{
    self, Card, ChatId, ChatMessage, ChatMessageId, ChatRole, ChatState, Confirmation, ConfirmationId,
    ConfirmationState, Notice, PageContext, Step,
};

/// A question or an answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChatMessageView {
    /// Id.
    pub id: ChatMessageId,
    /// Place in the chat, from 1.
    pub number: i32,
    /// Who wrote it.
    pub role: ChatRole,
    /// What it says, as plain text; of a running answer, nothing yet.
    pub text: String,
    /// Where it stands. What FAILED, was CANCELLED or INTERRUPTED can be tried again while it is the last of its chat.
    pub state: ChatState,
    /// Why it failed, in a word for programs: `engine-unavailable`, `engine-busy` …
    pub error: Option<String>,
    /// The question an answer is for.
    pub answers: Option<ChatMessageId>,
    /// What the user looked at.
    pub context: Option<PageContext>,
    /// What happened while an answer was made, in order.
    pub steps: Vec<StepView>,
    /// When it was written or begun.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Something that happened while an answer was made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub(super) enum StepView {
    /// The assistant said something.
    Text {
        /// What.
        text: String,
    },
    /// A tool began.
    ToolStarted {
        /// Names the call within the answer.
        call: String,
        /// Which tool.
        tool: String,
        /// The same for people.
        title: String,
    },
    /// A tool ended.
    ToolFinished {
        /// Names the call within the answer.
        call: String,
        /// Which tool.
        tool: String,
        /// Whether it did its work.
        ok: bool,
        /// What came of it, in one line.
        summary: String,
    },
    /// A picture to show.
    Image {
        /// Path in this API; ask for it with your token.
        path: String,
        /// What it shows.
        caption: String,
    },
    /// A card waits for the user.
    Confirmation {
        /// Names the call within the answer.
        call: String,
        /// The card; null once it is erased.
        confirmation: Option<ConfirmationView>,
    },
    /// Something the user should know.
    Notice {
        /// What.
        notice: Notice,
    },
}

/// What the assistant may do only after its user said so.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfirmationView {
    /// Id.
    pub id: ConfirmationId,
    /// Which tool.
    pub tool: String,
    /// What it says.
    pub card: Card,
    /// Where it stands.
    pub state: ConfirmationState,
    /// What came of it.
    pub outcome: Option<String>,
    /// Until when it can be confirmed.
    pub expires_at: Timestamp,
    /// Send it with the confirmation; null once the card is decided.
    pub token: Option<String>,
}

/// A card of a chat.
pub(super) fn card(app: &App, chat: ChatId, card: Confirmation) -> ConfirmationView {
    let token = (card.state == ConfirmationState::Open).then(|| jarvis::token(app, chat, &card));
    ConfirmationView {
        id: card.id,
        tool: card.tool,
        card: card.card,
        state: card.state,
        outcome: card.outcome,
        expires_at: card.expires_at,
        token,
    }
}

/// One step, with its card.
pub(super) fn step(step: Step, cards: &HashMap<ConfirmationId, ConfirmationView>) -> StepView {
    match step {
        Step::Text { text } => StepView::Text { text },
        Step::ToolStarted { call, tool, title, .. } => StepView::ToolStarted { call, tool, title },
        Step::ToolFinished { call, tool, ok, summary, .. } => StepView::ToolFinished { call, tool, ok, summary },
        Step::Image { path, caption } => StepView::Image { path, caption },
        Step::Confirmation { call, id } => StepView::Confirmation { call, confirmation: cards.get(&id).cloned() },
        Step::Notice { notice } => StepView::Notice { notice },
    }
}

/// The cards of answers, by id.
pub(super) async fn cards(
    conn: &mut TenantConn,
    app: &App,
    chat: ChatId,
    messages: &[ChatMessageId],
) -> Result<HashMap<ConfirmationId, ConfirmationView>, Error> {
    let cards = jarvis::confirmations(conn, messages).await?;
    Ok(cards.into_iter().map(|found| (found.id, card(app, chat, found))).collect())
}

/// Messages of one chat with their steps.
pub(super) async fn views(
    conn: &mut TenantConn,
    app: &App,
    chat: ChatId,
    messages: Vec<ChatMessage>,
) -> Result<Vec<ChatMessageView>, Error> {
    let ids: Vec<ChatMessageId> = messages.iter().map(|message| message.id).collect();
    let cards = cards(conn, app, chat, &ids).await?;
    let mut steps: HashMap<ChatMessageId, Vec<StepView>> = HashMap::new();
    for (id, found) in jarvis::steps(conn, &ids).await? {
        steps.entry(id).or_default().push(step(found, &cards));
    }
    let view = |message: ChatMessage| ChatMessageView {
        steps: steps.remove(&message.id).unwrap_or_default(),
        id: message.id,
        number: message.number,
        role: message.role,
        text: message.text,
        state: message.state,
        error: message.error,
        answers: message.answers,
        context: message.context,
        created_at: message.created_at,
        ended_at: message.ended_at,
    };
    Ok(messages.into_iter().map(view).collect())
}
