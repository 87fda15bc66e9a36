//! Finding words in conversations.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{limit, text, times};
use crate::domain::conversations;
use crate::domain::jarvis::{Desk, Effect, Outcome, Tool, ToolError};

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SearchConversations {
    /// A word or a few that stand next to each other.
    query: String,
    /// Rows wanted, 1 to 50; 20 if left out.
    limit: Option<u16>,
}

impl Tool for SearchConversations {
    const NAME: &'static str = "search_conversations";
    const TITLE: &'static str = "Gespräche durchsuchen";
    const ABOUT: &'static str = "Finds messages of prospects and of the agency that contain words, newest first.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let query = text("query", &self.query, 200)?;
        let viewer = desk.viewer();
        let found = conversations::search(desk.conn, viewer, &query, i64::from(limit(self.limit))).await?;
        desk.speaks_of(found.iter().map(|hit| hit.lead_id));
        let items: Vec<Value> = found
            .iter()
            .map(|hit| {
                let at = times::local(desk.tenant, hit.at);
                json!({"leadId": hit.lead_id, "line": format!("{at}: {}", hit.excerpt), "direction": hit.direction, "subject": hit.subject})
            })
            .collect();
        let summary = format!("{} Nachrichten", items.len());
        Ok(Outcome::new(json!({"items": items}), summary))
    }
}
