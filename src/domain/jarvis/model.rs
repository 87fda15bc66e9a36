//! What chats, messages and steps are.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::domain::users::UserId;

crate::ids::id_type!(
    /// A chat of one user with the assistant.
    ChatId
);
crate::ids::id_type!(
    /// A question or an answer in a chat.
    ChatMessageId
);
crate::ids::id_type!(
    /// A card that waits for its user.
    ConfirmationId
);

code! {
    /// Who wrote a message of a chat.
    ChatRole { /// The user.
        User = "USER", /// The assistant.
        Assistant = "ASSISTANT" }
}

code! {
    /// Where a message of a chat stands.
    ChatState { /// The answer is being made.
        Running = "RUNNING", /// Whole.
        Done = "DONE", /// Something went wrong; try again.
        Failed = "FAILED", /// The user stopped it.
        Cancelled = "CANCELLED", /// The process that made it ended; try again.
        Interrupted = "INTERRUPTED" }
}

code! {
    /// What the user looked at while asking.
    ContextKind { /// A lead.
        Lead = "LEAD", /// A listing.
        Property = "PROPERTY", /// A task.
        Task = "TASK", /// A draft.
        Draft = "DRAFT", /// A viewing.
        Viewing = "VIEWING" }
}

code! {
    /// What a user should know of how an answer was made.
    Notice { /// The agency's limit for language engines is used up: the built-in one answers.
        BudgetSpent = "BUDGET_SPENT", /// The language service cannot be had: the built-in engine answers.
        EngineDown = "ENGINE_DOWN", /// The answer ends here because it used as much as one answer may.
        AnswerLimit = "ANSWER_LIMIT", /// The text was cut at its longest.
        Cut = "CUT" }
}

/// A page of the user interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PageContext {
    /// What is shown there.
    pub kind: ContextKind,
    /// Which one.
    pub id: uuid::Uuid,
}

/// A chat.
#[derive(Debug, Clone)]
pub struct Chat {
    /// Id.
    pub id: ChatId,
    /// Whose it is.
    pub user_id: UserId,
    /// In one line.
    pub title: String,
    /// What was said up to [`Chat::summarised_up_to`], for the model.
    pub summary: Option<String>,
    /// Number of the last message in the summary; 0 without one.
    pub summarised_up_to: i32,
    /// Grows with each change of the title.
    pub version: i32,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it last got a question or another title.
    pub updated_at: Timestamp,
}

/// A question or an answer.
#[derive(Debug, Clone)]
pub struct ChatMessage {
    /// Id.
    pub id: ChatMessageId,
    /// The chat.
    pub chat_id: ChatId,
    /// Place in the chat, from 1.
    pub number: i32,
    /// Who wrote it.
    pub role: ChatRole,
    /// What it says; of a running answer, nothing yet.
    pub text: String,
    /// Where it stands.
    pub state: ChatState,
    /// Why it failed, in a word for programs.
    pub error: Option<String>,
    /// The question an answer is for.
    pub answers: Option<ChatMessageId>,
    /// What the user looked at.
    pub context: Option<PageContext>,
    /// When it was written or begun.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Something that happened while an answer was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub enum Step {
    /// The model said something; grows while it does.
    Text {
        /// What.
        text: String,
    },
    /// A tool begins.
    ToolStarted {
        /// The model's name for the call.
        call: String,
        /// In which round, from 1.
        round: u8,
        /// Which tool.
        tool: String,
        /// The same for people.
        title: String,
        /// What the model gave it, unchecked.
        arguments: String,
    },
    /// A tool has ended.
    ToolFinished {
        /// The model's name for the call.
        call: String,
        /// Which tool.
        tool: String,
        /// Whether it did its work.
        ok: bool,
        /// What came of it, in one line.
        summary: String,
        /// What the model reads.
        result: String,
    },
    /// A picture to show.
    Image {
        /// Path in this API; the client asks for it with its token.
        path: String,
        /// What it shows.
        caption: String,
    },
    /// A card waits for the user.
    Confirmation {
        /// The model's name for the call.
        call: String,
        /// The card.
        id: ConfirmationId,
    },
    /// Something the user should know.
    Notice {
        /// What.
        notice: Notice,
    },
}

/// What the steps of an answer say, as one text.
#[must_use]
pub(super) fn said(steps: &[Step]) -> String {
    let texts = steps.iter().filter_map(|step| match step {
        Step::Text { text } => Some(text.trim()),
        _ => None,
    });
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}
