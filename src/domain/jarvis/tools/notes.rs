//! Changing leads.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::leads::{find, lock, name};
use super::text;
use crate::domain::assistant;
use crate::domain::jarvis::{Card, Desk, Effect, Outcome, Tool, ToolError};
use crate::domain::leads::{self, Actor, EventKind, LeadEdit, LeadId};
use crate::domain::users::{self, UserId};

/// What to do with a lead.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum LeadAction {
    /// No further work: cancels viewings and withdraws answers.
    Close,
    /// Take a lost lead up again.
    Reopen,
    /// Stop automation.
    Pause,
    /// Give it back to the system.
    Resume,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ChangeLeadState {
    /// The lead.
    lead_id: LeadId,
    /// What to do with it.
    action: LeadAction,
    /// Why it is closed, in one line; needed for CLOSE.
    reason: Option<String>,
}

impl Tool for ChangeLeadState {
    const NAME: &'static str = "change_lead_state";
    const TITLE: &'static str = "Lead-Status ändern";
    const ABOUT: &'static str = "Closes or reopens a lead, or pauses or resumes its automation.";
    // Closing cancels a viewing with a mail, and who resumes lets the system write.
    const EFFECT: Effect = Effect::Asks;

    async fn card(&self, desk: &mut Desk<'_>) -> Result<Card, ToolError> {
        let lead = find(desk, self.lead_id).await?;
        let (title, what) = match self.action {
            LeadAction::Close => {
                ("Lead schließen", "Eine bevorstehende Besichtigung wird abgesagt, offene Aufgaben entfallen.")
            }
            LeadAction::Reopen => ("Lead wieder öffnen", "Offene Fragen werden beantwortet."),
            LeadAction::Pause => ("Automatik anhalten", "Das System schreibt nicht mehr von selbst."),
            LeadAction::Resume => ("Automatik fortsetzen", "Das System antwortet wieder von selbst."),
        };
        let mut lines = vec![name(&lead), what.to_owned()];
        lines.extend(self.reason.as_ref().map(|reason| format!("Grund: {reason}")));
        Ok(Card { title: title.to_owned(), lines })
    }

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let mut lead = lock(desk, self.lead_id).await?;
        let (app, user) = (desk.app, desk.user);
        match self.action {
            LeadAction::Close => {
                let reason = text("reason", self.reason.as_deref().unwrap_or_default(), 200)?;
                assistant::close(desk.conn, app, user, &mut lead, &reason).await?;
            }
            LeadAction::Reopen => assistant::reopen(desk.conn, user, &mut lead).await?,
            LeadAction::Pause => {
                leads::pause(desk.conn, &mut lead, user.id).await?;
            }
            LeadAction::Resume => assistant::resume(desk.conn, user, &mut lead).await?,
        }
        let summary = format!("{}: Status {}, Automatik {}", name(&lead), lead.status, lead.automation);
        Ok(Outcome::new(json!({"leadId": lead.id, "status": lead.status, "automation": lead.automation}), summary))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AssignLead {
    /// The lead.
    lead_id: LeadId,
    /// The colleague who gets it.
    assignee_id: UserId,
}

impl Tool for AssignLead {
    const NAME: &'static str = "assign_lead";
    const TITLE: &'static str = "Lead zuweisen";
    const ABOUT: &'static str = "Gives a lead to a colleague. For administrators.";
    // The colleague sees the prospect's data from then on.
    const EFFECT: Effect = Effect::Asks;

    async fn card(&self, desk: &mut Desk<'_>) -> Result<Card, ToolError> {
        desk.require_admin("assign leads")?;
        let lead = find(desk, self.lead_id).await?;
        let colleague =
            users::active_one(desk.conn, self.assignee_id).await?.ok_or(ToolError::NotFound("colleague"))?;
        Ok(Card { title: "Lead zuweisen".to_owned(), lines: vec![name(&lead), format!("An: {}", colleague.name())] })
    }

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        desk.require_admin("assign leads")?;
        let colleague =
            users::active_one(desk.conn, self.assignee_id).await?.ok_or(ToolError::NotFound("colleague"))?;
        let mut lead = lock(desk, self.lead_id).await?;
        let edit = LeadEdit { assignee_id: Some(Some(colleague.id)), ..LeadEdit::default() };
        leads::edit(desk.conn, &mut lead, desk.user.id, edit, None).await?;
        let summary = format!("{} gehört jetzt {}", name(&lead), colleague.name());
        Ok(Outcome::new(json!({"leadId": lead.id, "assigneeId": colleague.id}), summary))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NoteOnLead {
    /// The lead.
    lead_id: LeadId,
    /// The note, at most 2,000 characters.
    text: String,
}

impl Tool for NoteOnLead {
    const NAME: &'static str = "note_on_lead";
    const TITLE: &'static str = "Notiz schreiben";
    const ABOUT: &'static str = "Writes a note for colleagues on a lead's timeline. The prospect never sees it.";
    const EFFECT: Effect = Effect::Changes;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let note = text("text", &self.text, 2_000)?;
        let lead = lock(desk, self.lead_id).await?;
        let by = (Actor::Agent, Some(desk.user.id));
        leads::note(desk.conn, lead.id, EventKind::Noted, by, json!({"note": note})).await?;
        Ok(Outcome::new(json!({"leadId": lead.id}), format!("Notiz bei {} geschrieben", name(&lead))))
    }
}
