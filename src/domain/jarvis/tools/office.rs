//! The agency itself: who works there, how leads are given out, how it is set up; and what the assistant remembers.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::text;
use crate::domain::jarvis::{Card, Desk, Effect, Outcome, Tool, ToolError, memory};
use crate::domain::tenants::TenantSettings;
use crate::domain::{routing, users};

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ReadRouting {}

impl Tool for ReadRouting {
    const NAME: &'static str = "read_routing";
    const TITLE: &'static str = "Verteilregeln lesen";
    const ABOUT: &'static str = "Reads the rules by which new leads are given to colleagues. For administrators.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        desk.require_admin("see the rules for new leads")?;
        let rules = routing::read(desk.conn).await?.rules;
        let items: Vec<Value> = rules.iter().map(|rule| json!({"line": rule.kind(), "rule": rule})).collect();
        let summary = format!("{} Regeln", items.len());
        Ok(Outcome::new(json!({"items": items, "without": "the listing's agent gets the lead"}), summary))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ReadTeam {}

impl Tool for ReadTeam {
    const NAME: &'static str = "read_team";
    const TITLE: &'static str = "Team ansehen";
    const ABOUT: &'static str = "Lists the agency's people with their roles and ids.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let people = users::list(desk.conn).await?;
        let items: Vec<Value> = people
            .iter()
            .filter(|user| user.active)
            .map(|user| json!({"userId": user.id, "line": format!("{} ({})", user.name(), user.role), "role": user.role, "email": user.email}))
            .collect();
        let summary = format!("{} Personen", items.len());
        Ok(Outcome::new(json!({"items": items}), summary))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ReadSettings {}

impl Tool for ReadSettings {
    const NAME: &'static str = "read_settings";
    const TITLE: &'static str = "Einstellungen lesen";
    const ABOUT: &'static str = "Reads the agency's settings: automation, viewing hours, languages, addresses.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let settings = serde_json::to_value(TenantSettings::from(desk.tenant)).unwrap_or_default();
        Ok(Outcome::new(settings, "Einstellungen gelesen"))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Remember {
    /// What to remember, in one sentence.
    text: String,
}

impl Tool for Remember {
    const NAME: &'static str = "remember";
    const TITLE: &'static str = "Merken";
    const ABOUT: &'static str =
        "Remembers something for all later chats with this user. Only when the user asks for it.";
    // A mail that got something in here would be heard in every chat.
    const EFFECT: Effect = Effect::Asks;

    async fn card(&self, _desk: &mut Desk<'_>) -> Result<Card, ToolError> {
        Ok(Card { title: "Merken".to_owned(), lines: vec![text("text", &self.text, 500)?] })
    }

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let text = text("text", &self.text, 500)?;
        match memory::remember(desk.conn, desk.user.id, &text).await? {
            true => Ok(Outcome::new(json!({"remembered": text}), format!("Gemerkt: {text}"))),
            false => {
                Err(ToolError::Refused("there is no room for more; the user has to forget something first".to_owned()))
            }
        }
    }
}
