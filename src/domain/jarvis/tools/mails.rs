//! Writing to prospects. Whom it goes to is the lead's address, never an argument.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::leads::{find, lock, name};
use super::text;
use crate::domain::assistant;
use crate::domain::conversations::{self, NewDraft};
use crate::domain::jarvis::{Card, Desk, Effect, Outcome, Tool, ToolError};
use crate::domain::leads::LeadId;

/// Letters of a mail.
const LONGEST: usize = 50_000;

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DraftMail {
    /// The lead whose prospect would get it.
    lead_id: LeadId,
    /// The text, without signature.
    text: String,
}

impl Tool for DraftMail {
    const NAME: &'static str = "draft_mail";
    const TITLE: &'static str = "E-Mail entwerfen";
    const ABOUT: &'static str = "Writes a draft of an answer to a prospect. Somebody approves it later; nothing is sent. It takes the place of a draft that waits.";
    const EFFECT: Effect = Effect::Changes;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let text = text("text", &self.text, LONGEST)?;
        let mut lead = lock(desk, self.lead_id).await?;
        let conversation = conversations::open(desk.conn, lead.id, &desk.tenant.name).await?;
        let new =
            NewDraft { text, citations: json!([]), reason: "written by the assistant for a colleague".to_owned() };
        let id = conversations::write_draft(desk.conn, &mut lead, &conversation, &new).await?;
        Ok(Outcome::new(json!({"draftId": id}), format!("Entwurf an {} geschrieben", name(&lead))))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SendMail {
    /// The lead whose prospect gets it.
    lead_id: LeadId,
    /// The subject; left out, the mail answers the conversation.
    subject: Option<String>,
    /// The text, without signature.
    text: String,
}

impl Tool for SendMail {
    const NAME: &'static str = "send_mail";
    const TITLE: &'static str = "E-Mail senden";
    const ABOUT: &'static str =
        "Sends a mail to the prospect of a lead in the user's name. Automation for the lead stops.";
    const EFFECT: Effect = Effect::Asks;

    async fn card(&self, desk: &mut Desk<'_>) -> Result<Card, ToolError> {
        let (subject, body) = self.checked()?;
        let lead = find(desk, self.lead_id).await?;
        let Some(address) = &lead.email else { return Err(ToolError::Refused("the lead has no address".to_owned())) };
        let mut lines = vec![format!("An: {} <{address}>", name(&lead))];
        lines.extend(subject.map(|subject| format!("Betreff: {subject}")));
        lines.push(body);
        Ok(Card { title: "E-Mail senden".to_owned(), lines })
    }

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let (subject, body) = self.checked()?;
        let lead = find(desk, self.lead_id).await?;
        let id = assistant::send_as_agent(desk.conn, desk.app, desk.user, lead.id, subject, body).await?;
        Ok(Outcome::new(json!({"messageId": id}), format!("E-Mail an {} ist unterwegs", name(&lead))))
    }
}

impl SendMail {
    fn checked(&self) -> Result<(Option<String>, String), ToolError> {
        let subject = self.subject.as_deref().map(|subject| text("subject", subject, 200)).transpose()?;
        if subject.as_deref().is_some_and(|subject| subject.chars().any(char::is_control)) {
            return Err(ToolError::Arguments("subject must be one line".to_owned()));
        }
        Ok((subject, text("text", &self.text, LONGEST)?))
    }
}
