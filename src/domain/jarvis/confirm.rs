//! Cards: what a tool would do waits here until its user decides.
//!
//! Always true: only the user for whom the card was made decides, once, before it expires, with the token of this card; what
//! is carried out is what is stored. The token is bound to chat, user, tool and arguments, so a row that somebody changed in
//! between has another one. It is made for the user's client alone: no model ever reads it.

use sha2::{Digest as _, Sha256};
use sqlx::types::Json;

use super::model::{ChatId, ChatMessageId, ConfirmationId};
use super::run::Run;
use super::tool::{Card, Desk, ToolError};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::codes::code;
use crate::domain::tenants;
use crate::domain::users::{self, User, UserId};

code! {
    /// Where a card stands.
    ConfirmationState { /// It waits.
        Open = "OPEN", /// Carried out.
        Confirmed = "CONFIRMED", /// Not wanted.
        Declined = "DECLINED", /// Nobody decided in time.
        Expired = "EXPIRED" }
}

code! {
    /// What the user says to a card.
    Decision { /// Do it.
        Confirm = "CONFIRM", /// Do not.
        Decline = "DECLINE" }
}

/// A card.
#[derive(Debug, Clone)]
pub struct Confirmation {
    /// Id.
    pub id: ConfirmationId,
    /// The answer it belongs to.
    pub message_id: ChatMessageId,
    /// Whose decision it is.
    pub user_id: UserId,
    /// Which tool.
    pub tool: String,
    arguments: String,
    /// What it says.
    pub card: Card,
    /// Where it stands.
    pub state: ConfirmationState,
    /// What came of it.
    pub outcome: Option<String>,
    /// Until when it can be confirmed.
    pub expires_at: Timestamp,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// No such card of this user in this chat.
    #[error("no such card")]
    NotFound,
    /// It was decided already, or its time is over.
    #[error("the card is {0}")]
    NotOpen(ConfirmationState),
    /// The token is not this card's.
    #[error("the token is not this card's")]
    WrongToken,
    /// The tool could not do it; nothing was changed, and the card still waits.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

/// The token that confirms a card.
#[must_use]
pub fn token(app: &App, chat: ChatId, card: &Confirmation) -> String {
    let arguments = Sha256::digest(card.arguments.as_bytes());
    let mut bound = Vec::with_capacity(160);
    for id in [card.id.0, card.user_id.0, chat.0, card.message_id.0] {
        bound.extend_from_slice(id.as_bytes());
    }
    bound.extend_from_slice(&card.expires_at.as_microsecond().to_be_bytes());
    bound.extend_from_slice(&arguments);
    bound.extend_from_slice(card.tool.as_bytes());
    app.links.keyed_hash("assistant confirmation", &bound).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether two tokens are the same, in a time that says nothing of where they differ.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// Puts a card before the user.
pub(super) async fn wait(
    conn: &mut TenantConn,
    app: &App,
    run: &Run,
    call: &llm::ToolCall,
    card: &Card,
) -> Result<ConfirmationId, sqlx::Error> {
    let id = ConfirmationId::new();
    let minutes = i64::from(app.settings.assistant.confirmation_minutes);
    let expires = Timestamp(conn.now().0 + jiff::SignedDuration::from_mins(minutes));
    sqlx::query!(
        "/* jarvis.wait */
         INSERT INTO chat_confirmations (id, tenant_id, message_id, user_id, tool, arguments, card, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.0,
        conn.tenant().0,
        run.message.0,
        run.user.0,
        call.name,
        call.arguments,
        Json(card) as _,
        conn.now() as _,
        expires as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(id)
}

/// The cards of answers, oldest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn confirmations(
    conn: &mut TenantConn,
    messages: &[ChatMessageId],
) -> Result<Vec<Confirmation>, sqlx::Error> {
    let ids: Vec<uuid::Uuid> = messages.iter().map(|id| id.0).collect();
    let now = conn.now();
    let rows = sqlx::query!(
        r#"/* jarvis.confirmations */
         SELECT id AS "id: ConfirmationId", message_id AS "message_id: ChatMessageId", user_id AS "user_id: UserId", tool, arguments,
                card AS "card: Json<Card>", state AS "state: ConfirmationState", outcome, expires_at AS "expires_at: Timestamp"
         FROM chat_confirmations WHERE tenant_id = $1 AND message_id = ANY ($2) ORDER BY created_at, id"#,
        conn.tenant().0,
        &ids,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let is_over = row.state == ConfirmationState::Open && row.expires_at <= now;
            Confirmation {
                id: row.id,
                message_id: row.message_id,
                user_id: row.user_id,
                tool: row.tool,
                arguments: row.arguments,
                card: row.card.0,
                state: if is_over { ConfirmationState::Expired } else { row.state },
                outcome: row.outcome,
                expires_at: row.expires_at,
            }
        })
        .collect())
}

async fn of_user(
    conn: &mut TenantConn,
    user: UserId,
    chat: ChatId,
    id: ConfirmationId,
) -> Result<Confirmation, DecideError> {
    let message = sqlx::query_scalar!(
        r#"/* jarvis.message_of_card */
         SELECT c.message_id AS "message_id: ChatMessageId" FROM chat_confirmations c
         JOIN chat_messages m ON m.tenant_id = c.tenant_id AND m.id = c.message_id
         JOIN chats h ON h.tenant_id = m.tenant_id AND h.id = m.chat_id
         WHERE c.tenant_id = $1 AND c.id = $2 AND c.user_id = $3 AND h.id = $4 AND h.user_id = $3"#,
        conn.tenant().0,
        id.0,
        user.0,
        chat.0,
    )
    .fetch_optional(conn.sql())
    .await?
    .ok_or(DecideError::NotFound)?;
    let cards = confirmations(conn, &[message]).await?;
    cards.into_iter().find(|card| card.id == id).ok_or(DecideError::NotFound)
}

/// Decides a card, and carries out exactly what it holds, in this transaction. After an error the transaction must be
/// dropped.
///
/// # Errors
/// [`DecideError`].
pub async fn decide(
    conn: &mut TenantConn,
    app: &App,
    user: &User,
    chat: ChatId,
    id: ConfirmationId,
    (decision, given): (Decision, Option<&str>),
) -> Result<Confirmation, DecideError> {
    let card = of_user(conn, user.id, chat, id).await?;
    if card.state != ConfirmationState::Open {
        return Err(DecideError::NotOpen(card.state));
    }
    let (state, outcome) = match decision {
        Decision::Decline => (ConfirmationState::Declined, None),
        Decision::Confirm => {
            if !given.is_some_and(|given| same(given, &token(app, chat, &card))) {
                return Err(DecideError::WrongToken);
            }
            (ConfirmationState::Confirmed, Some(carry_out(conn, app, user, &card).await?))
        }
    };
    // The row is not locked before: what the tool locks comes first, as everywhere. Who comes second finds it decided here, and what they
    // did is undone with their transaction.
    let decided = sqlx::query!(
        "/* jarvis.decide */
         UPDATE chat_confirmations SET state = $3, outcome = $4, decided_at = $5
         WHERE tenant_id = $1 AND id = $2 AND state = 'OPEN' AND arguments = $6",
        conn.tenant().0,
        id.0,
        state.as_str(),
        outcome,
        conn.now() as _,
        card.arguments,
    )
    .execute(conn.sql())
    .await?;
    if decided.rows_affected() == 0 {
        return Err(DecideError::NotOpen(of_user(conn, user.id, chat, id).await?.state));
    }
    Ok(Confirmation { state, outcome, ..card })
}

async fn carry_out(conn: &mut TenantConn, app: &App, user: &User, card: &Confirmation) -> Result<String, DecideError> {
    let gone = || ToolError::Refused(format!("the tool {} is no longer there", card.tool));
    let tool = app.jarvis.tools().get(&card.tool).ok_or_else(gone)?;
    let user = users::active_one(conn, user.id).await?.ok_or(DecideError::NotFound)?;
    let tenant = tenants::current(conn).await?;
    let mut desk = Desk::new(app, conn, &user, &tenant);
    let outcome = tool.run(&mut desk, &card.arguments).await?;
    let leads = desk.into_leads();
    super::messages::note_leads(conn, card.message_id, &leads).await?;
    Ok(outcome.summary)
}
