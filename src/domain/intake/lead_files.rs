//! What came with a lead's mails, for the assistant: a list, and pictures to look at. For administrators, like the mails
//! themselves.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::files;
use crate::db::TenantConn;
use crate::domain::jarvis::{Desk, Effect, Outcome, Tool, ToolError};
use crate::domain::leads::{self, LeadId};

/// Pictures shown at once.
const MOST: usize = 12;

/// Its arguments.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LeadFiles {
    /// The lead.
    lead_id: LeadId,
}

struct Row {
    mail: uuid::Uuid,
    id: uuid::Uuid,
    name: String,
    content_type: String,
    size: i64,
}

impl Tool for LeadFiles {
    const NAME: &'static str = "lead_files";
    const TITLE: &'static str = "Anhänge ansehen";
    const ABOUT: &'static str = "Lists the files that came with a lead's mails and shows the pictures among them to the user. For administrators.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        desk.require_admin("see incoming mail")?;
        let viewer = desk.viewer();
        leads::find(desk.conn, self.lead_id, viewer).await?.ok_or(ToolError::NotFound("lead"))?;
        desk.speaks_of([self.lead_id]);
        let rows = rows(desk.conn, self.lead_id).await?;
        let items: Vec<Value> = rows
            .iter()
            .map(|row| json!({"line": format!("{} ({} kB)", row.name, row.size.div_euclid(1024) + 1), "contentType": row.content_type}))
            .collect();
        let pictures = rows.iter().filter(|row| files::is_picture(&row.content_type)).take(MOST);
        let images = pictures
            .map(|row| (format!("/api/v1/intake/messages/{}/attachments/{}", row.mail, row.id), row.name.clone()))
            .collect();
        let summary = format!("{} Dateien", items.len());
        Ok(Outcome { images, ..Outcome::new(json!({"items": items}), summary) })
    }
}

async fn rows(conn: &mut TenantConn, lead: LeadId) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        "/* intake.lead_files */
         SELECT a.intake_message_id AS mail, a.id, a.name, a.content_type, a.size FROM attachments a
         WHERE a.tenant_id = $1 AND a.intake_message_id IN (
             SELECT m.intake_message_id FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
             WHERE m.tenant_id = $1 AND c.lead_id = $2 AND m.intake_message_id IS NOT NULL)
         ORDER BY a.intake_message_id, a.part",
        conn.tenant().0,
        lead.0,
    )
    .fetch_all(conn.sql())
    .await
}
