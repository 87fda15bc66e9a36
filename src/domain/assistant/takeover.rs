//! The agent writes to the prospect himself: the system steps back.

use std::time::Duration;

use serde_json::json;

use super::reply::answer_soon;
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::conversations::{self, Answer, MessageId, Origin, QueueError};
use crate::domain::leads::{self, Actor, Lead, LeadError, LeadId, Status, Trigger, Viewer};
use crate::domain::tasks;
use crate::domain::tenants;
use crate::domain::users::User;
use crate::domain::viewings::{self, CancelError};

/// Why the agent's message was not queued.
#[derive(Debug, thiserror::Error)]
pub enum TakeoverError {
    /// The lead does not allow it, or the agent may not see it.
    #[error(transparent)]
    Lead(#[from] LeadError),
    /// Nothing could be queued.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

/// Sends what the agent wrote, and pauses automation for this lead until somebody resumes it.
///
/// # Errors
/// [`TakeoverError`].
pub async fn send_as_agent(
    conn: &mut TenantConn,
    app: &App,
    user: &User,
    lead: LeadId,
    subject: Option<String>,
    text: String,
) -> Result<MessageId, TakeoverError> {
    let mut lead = leads::lock(conn, lead, Viewer::from(user)).await?.ok_or(LeadError::NotFound)?;
    let tenant = tenants::current(conn).await?;
    let title = subject.clone().unwrap_or_else(|| tenant.name.clone());
    let conversation = conversations::open(conn, lead.id, &title).await?;
    // Whatever the system was about to say is overtaken.
    conversations::withdraw(conn, lead.id, conversation.id).await?;
    let answer = Answer {
        origin: Origin::Agent,
        user: Some(user.id),
        signed_by: Some(user.signs()),
        subject: subject.or_else(|| (conversation.revision == 0).then_some(title)),
        text,
        citations: json!([]),
        language: tenant.answer_language(lead.language.as_deref()).to_owned(),
        revision: conversation.revision,
        calendar: None,
        delay: Duration::ZERO,
    };
    let message =
        conversations::queue_answer(conn, (&app.settings, &app.templates), &tenant, &lead, &conversation, answer)
            .await?;
    if lead.status != Status::Lost {
        leads::record(conn, &mut lead, Trigger::AgentTookOver, (Actor::Agent, Some(user.id)), None).await?;
    }
    Ok(message)
}

/// Gives the lead back to the system, which answers what was asked meanwhile.
///
/// # Errors
/// [`LeadError::State`] when the system works on it already.
pub async fn resume(conn: &mut TenantConn, user: &User, lead: &mut Lead) -> Result<(), LeadError> {
    leads::resume(conn, lead, user.id).await?;
    answer_what_is_open(conn, lead.id).await
}

/// Why a lead was not closed.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The lead does not allow it.
    #[error(transparent)]
    Lead(#[from] LeadError),
    /// Its viewing could not be cancelled.
    #[error(transparent)]
    Viewing(#[from] CancelError),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

/// Closes a lead. Nobody waits for anybody afterwards: what was about to be said is withdrawn, a viewing that is still
/// to come is cancelled with mails to both sides, and open tasks are no longer needed.
///
/// # Errors
/// [`CloseError`].
pub async fn close(
    conn: &mut TenantConn,
    app: &App,
    user: &User,
    lead: &mut Lead,
    reason: &str,
) -> Result<(), CloseError> {
    leads::close(conn, lead, user.id, reason).await?;
    if let Some(conversation) = conversations::by_lead(conn, lead.id).await? {
        conversations::withdraw(conn, lead.id, conversation.id).await?;
    }
    let tenant = tenants::current(conn).await?;
    let parts = (&*app.settings, &app.templates, &app.links);
    viewings::cancel_ahead(conn, parts, &tenant, lead, (Actor::Agent, Some(user.id))).await?;
    tasks::cancel_open(conn, lead.id).await?;
    Ok(())
}

/// Opens a lost lead again; what was asked and not answered is answered now.
///
/// # Errors
/// [`LeadError::State`] when it is not lost.
pub async fn reopen(conn: &mut TenantConn, user: &User, lead: &mut Lead) -> Result<(), LeadError> {
    leads::reopen(conn, lead, user.id).await?;
    answer_what_is_open(conn, lead.id).await
}

async fn answer_what_is_open(conn: &mut TenantConn, lead: LeadId) -> Result<(), LeadError> {
    if let Some(conversation) = conversations::by_lead(conn, lead).await? {
        answer_soon(conn, lead, conversation.id).await?;
    }
    Ok(())
}
