//! Answers that wait for approval.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::leads::{find as find_lead, name};
use super::{limit, text};
use crate::domain::assistant;
use crate::domain::conversations::{self, Draft, DraftId, DraftState};
use crate::domain::jarvis::{Card, Desk, Effect, Outcome, Tool, ToolError};
use crate::domain::page::PageRequest;

fn short(draft: &Draft) -> Value {
    let beginning: String = draft.text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect();
    json!({
        "draftId": draft.id, "leadId": draft.lead_id, "line": format!("{}: {beginning}", draft.subject), "state": draft.state,
        "subject": draft.subject, "text": draft.text, "reason": draft.reason,
    })
}

async fn find(desk: &mut Desk<'_>, id: DraftId) -> Result<Draft, ToolError> {
    let viewer = desk.viewer();
    let draft = conversations::find_draft(desk.conn, id, viewer).await?.ok_or(ToolError::NotFound("draft"))?;
    desk.speaks_of([draft.lead_id]);
    Ok(draft)
}

/// A draft.
pub(in crate::domain::jarvis) async fn whole(desk: &mut Desk<'_>, id: DraftId) -> Result<Value, ToolError> {
    Ok(short(&find(desk, id).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListDrafts {
    /// Where it stands; OPEN if left out.
    state: Option<DraftState>,
    /// Rows wanted, 1 to 50; 20 if left out.
    limit: Option<u16>,
}

impl Tool for ListDrafts {
    const NAME: &'static str = "list_drafts";
    const TITLE: &'static str = "Entwürfe ansehen";
    const ABOUT: &'static str = "Lists answers that wait for approval, newest first, with their text.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let state = self.state.unwrap_or(DraftState::Open);
        let viewer = desk.viewer();
        let page = PageRequest { after: None, limit: limit(self.limit) };
        let found = conversations::list_drafts(desk.conn, Some(state), viewer, page).await?;
        desk.speaks_of(found.items.iter().map(|draft| draft.lead_id));
        let items: Vec<Value> = found.items.iter().map(short).collect();
        let more = found.next.is_some();
        let summary = format!("{} Entwürfe{}", items.len(), if more { ", es gibt weitere" } else { "" });
        Ok(Outcome::new(json!({"items": items, "more": more}), summary))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EditDraft {
    /// The draft.
    draft_id: DraftId,
    /// The new subject; left out, it stays.
    subject: Option<String>,
    /// The new text, without signature; left out, it stays.
    text: Option<String>,
}

impl Tool for EditDraft {
    const NAME: &'static str = "edit_draft";
    const TITLE: &'static str = "Entwurf ändern";
    const ABOUT: &'static str = "Changes the words of a draft that waits for approval. It is not sent.";
    const EFFECT: Effect = Effect::Changes;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let subject = self.subject.as_deref().map(|subject| text("subject", subject, 200)).transpose()?;
        if subject.as_deref().is_some_and(|subject| subject.chars().any(char::is_control)) {
            return Err(ToolError::Arguments("subject must be one line".to_owned()));
        }
        let body = self.text.as_deref().map(|body| text("text", body, 50_000)).transpose()?;
        let viewer = desk.viewer();
        let draft =
            conversations::edit_draft(desk.conn, self.draft_id, viewer, subject.as_deref(), body.as_deref(), None)
                .await?;
        desk.speaks_of([draft.lead_id]);
        Ok(Outcome::new(short(&draft), "Entwurf geändert"))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ApproveDraft {
    /// The draft.
    draft_id: DraftId,
}

impl Tool for ApproveDraft {
    const NAME: &'static str = "approve_draft";
    const TITLE: &'static str = "Entwurf freigeben";
    const ABOUT: &'static str = "Sends a draft to the prospect as it stands.";
    const EFFECT: Effect = Effect::Asks;

    async fn card(&self, desk: &mut Desk<'_>) -> Result<Card, ToolError> {
        let draft = find(desk, self.draft_id).await?;
        if draft.state != DraftState::Open {
            return Err(ToolError::Refused("the draft is not open any more".to_owned()));
        }
        let lead = find_lead(desk, draft.lead_id).await?;
        let lines = vec![format!("An: {}", name(&lead)), format!("Betreff: {}", draft.subject), draft.text];
        Ok(Card { title: "Entwurf senden".to_owned(), lines })
    }

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let draft = find(desk, self.draft_id).await?;
        let viewer = desk.viewer();
        assistant::approve_draft(desk.conn, desk.app, desk.user, viewer, draft.id).await?;
        Ok(Outcome::new(json!({"draftId": draft.id}), "Entwurf gesendet"))
    }
}
