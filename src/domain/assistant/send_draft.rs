//! Sending a draft, and remembering how a human rewrote it.

use crate::app::App;
use crate::db::TenantConn;
use crate::domain::conversations::{self, DraftError, DraftId, MessageId};
use crate::domain::leads::{self, Viewer};
use crate::domain::learning::{self, Edit};
use crate::domain::tenants;
use crate::domain::users::User;

/// Sends an open draft that `viewer` may see, in the name of `user`. Where a human gave it other words, the pair is kept as an example of the agency's style.
///
/// # Errors
/// [`DraftError`].
pub async fn approve_draft(
    conn: &mut TenantConn,
    app: &App,
    user: &User,
    viewer: Viewer,
    id: DraftId,
) -> Result<MessageId, DraftError> {
    let draft = conversations::find_draft(conn, id, viewer).await?.ok_or(DraftError::NotFound)?;
    let lead = leads::lock(conn, draft.lead_id, Viewer::SYSTEM).await?.ok_or(DraftError::NotFound)?;
    // Before it is sent: afterwards nothing is open any more.
    let asked = conversations::open_messages_since(conn, draft.conversation_id).await?;
    let tenant = tenants::current(conn).await?;
    let message = conversations::approve(conn, (&app.settings, &app.templates), &tenant, (user, viewer), id).await?;
    if let Some(before) = conversations::words_of_engine(conn, id).await? {
        let question = asked.iter().map(|message| message.text.as_str()).collect::<Vec<_>>().join("\n\n");
        // The built-in engine is in this process, so the transaction waits for nobody.
        let vector = app.fallback.embed(std::slice::from_ref(&question)).await.ok().and_then(|(mut all, _)| all.pop());
        if let Some(vector) = vector {
            let language = tenant.answer_language(lead.language.as_deref());
            let edit = Edit { question, before, after: draft.text };
            learning::remember_edit(conn, &lead, language, &edit, vector).await?;
        }
    }
    Ok(message)
}
