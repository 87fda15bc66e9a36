//! Where a person's data lies. A table that a later migration hangs on leads belongs in this list; `tests/it/privacy`
//! compares it with the schema.

use serde_json::{Map, Value};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::db::TenantConn;
use crate::domain::leads::LeadId;

/// Tables with rows of leads, and which rows: `$1` is the tenant, `$2` the leads.
pub const HELD: [(&str, &str); 19] = [
    ("leads", "id = ANY ($2)"),
    ("lead_disclosures", "lead_id = ANY ($2)"),
    ("lead_events", "lead_id = ANY ($2)"),
    ("widget_enquiries", "lead_id = ANY ($2)"),
    ("conversations", "lead_id = ANY ($2)"),
    ("knowledge_chunks", "lead_id = ANY ($2)"),
    ("messages", "conversation_id IN (SELECT id FROM conversations WHERE tenant_id = $1 AND lead_id = ANY ($2))"),
    ("drafts", "lead_id = ANY ($2)"),
    ("tasks", "lead_id = ANY ($2)"),
    ("follow_ups", "lead_id = ANY ($2)"),
    ("fact_proposals", "lead_id = ANY ($2)"),
    ("draft_edits", "lead_id = ANY ($2)"),
    ("catch_ups", "lead_id = ANY ($2)"),
    ("viewing_seats", "lead_id = ANY ($2)"),
    ("outbox", "lead_id = ANY ($2)"),
    ("ai_calls", "lead_id = ANY ($2)"),
    // That an answer of the assistant spoke of them. What it said is erased by `jarvis::forget`, and is no export's: it may speak of others.
    ("chat_leads", "lead_id = ANY ($2)"),
    // The person, with the last of their leads.
    (
        "prospects",
        "id IN (SELECT prospect_id FROM leads WHERE tenant_id = $1 AND id = ANY ($2))
         AND NOT EXISTS (SELECT FROM leads o WHERE o.tenant_id = $1 AND o.prospect_id = prospects.id AND o.id <> ALL ($2))",
    ),
    (
        "prospect_contacts",
        "lead_id = ANY ($2) OR prospect_id IN (SELECT prospect_id FROM leads WHERE tenant_id = $1 AND id = ANY ($2))
         AND NOT EXISTS (SELECT FROM leads o WHERE o.tenant_id = $1 AND o.prospect_id = prospect_contacts.prospect_id AND o.id <> ALL ($2))",
    ),
];

/// The ids of a lead's rows, by table.
pub(super) async fn ids(conn: &mut TenantConn, lead: LeadId) -> Result<Vec<(&'static str, Vec<Uuid>)>, sqlx::Error> {
    let mut all = Vec::with_capacity(HELD.len());
    for (table, rows) in HELD {
        let key = if table == "lead_disclosures" { "lead_id" } else { "id" };
        // Only names and conditions from the list above.
        let sql = format!("/* privacy.ids */ SELECT {key} FROM {table} WHERE tenant_id = $1 AND ({rows})");
        let ids = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(conn.tenant().0)
            .bind(vec![lead.0])
            .fetch_all(conn.sql())
            .await?;
        all.push((table, ids));
    }
    Ok(all)
}

/// Everything the tables say of these leads and mails, by table, as it stands there; only keys of our own and the bytes
/// of mails are left out.
pub(super) async fn rows(
    conn: &mut TenantConn,
    leads: &[LeadId],
    mails: &[Uuid],
) -> Result<Map<String, Value>, sqlx::Error> {
    let leads: Vec<Uuid> = leads.iter().map(|lead| lead.0).collect();
    let mut all = Map::new();
    let of_mails = [("intake_messages", "id = ANY ($2)"), ("attachments", "intake_message_id = ANY ($2)")];
    let of_leads = HELD.into_iter().map(|table| (table, leads.as_slice()));
    // What they looked at: which listing, and when the appointment is.
    let around = [
        ("viewings", "id IN (SELECT viewing_id FROM viewing_seats WHERE tenant_id = $1 AND lead_id = ANY ($2))"),
        ("audit_events", "entity_id = ANY ($2)"),
    ];
    let around = around.into_iter().map(|table| (table, leads.as_slice()));
    for ((table, condition), ids) in of_leads.chain(around).chain(of_mails.map(|table| (table, mails))) {
        let sql = format!(
            "/* privacy.rows */
             SELECT to_jsonb(held) - '{{tenant_id,enquiry_key,raw,raw_sha256,file_key,words,source_sha256,embedding}}'::text[]
             FROM (SELECT * FROM {table} WHERE tenant_id = $1 AND ({condition})) AS held"
        );
        let rows: Vec<Value> =
            sqlx::query_scalar(AssertSqlSafe(sql)).bind(conn.tenant().0).bind(ids).fetch_all(conn.sql()).await?;
        all.insert(table.to_owned(), Value::Array(rows));
    }
    Ok(all)
}
