//! The texts that are indexed, read from where they stand.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::model::Source;
use crate::db::TenantConn;

/// A text that is to be found.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) source: Source,
    pub(super) id: Uuid,
    /// The listing it belongs to, if it does.
    pub(super) property_id: Option<Uuid>,
    pub(super) text: String,
}

impl Text {
    /// Tells whether its pieces are those of what stands there now.
    pub(super) fn sha256(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(self.property_id.unwrap_or_default().as_bytes());
        hash.update(self.text.as_bytes());
        hash.finalize().to_vec()
    }
}

/// The text of a source as it stands now, and nobody removes the source until this transaction ends. `None`: it is gone.
pub(super) async fn text_of(conn: &mut TenantConn, source: Source, id: Uuid) -> Result<Option<Text>, sqlx::Error> {
    let tenant = conn.tenant().0;
    let text = |(property_id, text)| Text { source, id, property_id, text };
    Ok(match source {
        Source::Property => sqlx::query_scalar!(
            "/* knowledge.text_of_property */ SELECT description FROM properties WHERE tenant_id = $1 AND id = $2 FOR KEY SHARE",
            tenant,
            id
        )
        .fetch_optional(conn.sql())
        .await?
        .map(|description| text((Some(id), description))),
        Source::Fact => sqlx::query_scalar!(
            "/* knowledge.text_of_fact */ SELECT text FROM tenant_facts WHERE tenant_id = $1 AND id = $2 FOR KEY SHARE",
            tenant,
            id
        )
        .fetch_optional(conn.sql())
        .await?
        .map(|said| text((None, said))),
        Source::Document => sqlx::query!(
            "/* knowledge.text_of_document */
             SELECT property_id, text FROM documents WHERE tenant_id = $1 AND id = $2 FOR KEY SHARE",
            tenant,
            id
        )
        .fetch_optional(conn.sql())
        .await?
        .map(|document| text((document.property_id, document.text))),
        Source::Conversation => {
            let lead = sqlx::query_scalar!(
                "/* knowledge.lead_of_text */ SELECT id FROM leads WHERE tenant_id = $1 AND id = $2 FOR KEY SHARE",
                tenant,
                id
            )
            .fetch_optional(conn.sql())
            .await?;
            if lead.is_none() {
                return Ok(None);
            }
            Some(text((None, conversation(conn, id).await?)))
        }
    })
}

/// What was written with a prospect, by whom, oldest first. What never went out is left out.
async fn conversation(conn: &mut TenantConn, lead: Uuid) -> Result<String, sqlx::Error> {
    let messages = sqlx::query!(
        "/* knowledge.text_of_conversation */
         SELECT m.direction, m.text FROM messages m
         JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
         WHERE m.tenant_id = $1 AND c.lead_id = $2 AND coalesce(m.delivery, 'SENT') NOT IN ('CANCELLED', 'FAILED')
         ORDER BY m.created_at, m.id",
        conn.tenant().0,
        lead,
    )
    .fetch_all(conn.sql())
    .await?;
    let line = |direction: &str, text: &str| {
        let who = if direction == "INBOUND" { "Interessent" } else { "Agentur" };
        format!("{who}: {}", text.trim())
    };
    Ok(messages.iter().map(|message| line(&message.direction, &message.text)).collect::<Vec<_>>().join("\n\n"))
}
