//! Where an agency's data lies: every table with a `tenant_id` is either given out with an export of the agency or
//! withheld for a reason. A table that a later migration adds belongs in one of the two lists; `tests/it/privacy` compares
//! them with the schema.

use sqlx::{AssertSqlSafe, FromRow};
use uuid::Uuid;

use crate::db::TenantConn;

/// Tables that are given out, and the column they are read along. It need not be unique: rows that share a value are read
/// together, so it must not be one that many rows share.
pub const GIVEN: [(&str, &str); 47] = [
    ("tenants", "id"),
    ("users", "id"),
    ("invitations", "id"),
    ("absences", "id"),
    ("tenant_facts", "id"),
    ("routing_lists", "tenant_id"),
    ("routing_rules", "id"),
    ("routing_members", "rule_id"),
    ("routing_turns", "rule_id"),
    ("connections", "id"),
    ("imap_cursors", "tenant_id"),
    ("secrets", "id"),
    ("api_keys", "id"),
    ("widget_keys", "id"),
    ("widget_consents", "id"),
    ("blocked_senders", "id"),
    ("remembered_layouts", "id"),
    ("test_addresses", "id"),
    ("properties", "id"),
    ("property_portal_ids", "property_id"),
    ("documents", "id"),
    ("prospects", "id"),
    ("prospect_contacts", "id"),
    ("leads", "id"),
    ("lead_disclosures", "lead_id"),
    ("lead_events", "id"),
    ("widget_enquiries", "id"),
    ("conversations", "id"),
    ("messages", "id"),
    ("drafts", "id"),
    ("tasks", "id"),
    ("follow_ups", "id"),
    ("property_facts", "id"),
    ("fact_proposals", "id"),
    ("draft_edits", "id"),
    ("catch_ups", "id"),
    ("viewings", "id"),
    ("viewing_seats", "id"),
    ("outbox", "id"),
    ("ai_calls", "id"),
    ("intake_messages", "id"),
    ("intake_reprocesses", "id"),
    ("attachments", "id"),
    ("imports", "id"),
    ("import_rows", "id"),
    ("impersonations", "id"),
    ("audit_events", "id"),
];

/// What is withheld.
#[derive(Debug, Clone, Copy)]
pub struct Withheld {
    /// Table.
    pub table: &'static str,
    /// Its columns that are withheld; empty: the whole table.
    pub columns: &'static [&'static str],
    /// Why, for whoever reads the export.
    pub reason: &'static str,
}

const fn withheld(table: &'static str, columns: &'static [&'static str], reason: &'static str) -> Withheld {
    Withheld { table, columns, reason }
}

const CHATS: &str = "What somebody asks the assistant is theirs alone; they read it at GET /api/v1/assistant/chats.";

/// Tables and columns that are not given out.
pub const WITHHELD: [Withheld; 18] = [
    withheld("secrets", &["sealed", "key_id"], "Passwords and tokens, and the key that seals them, never leave."),
    withheld("api_keys", &["hash"], "Who has the hash of a key can look for the key."),
    withheld("invitations", &["secret_hash"], "Who has the hash of an invitation's secret can look for the secret."),
    withheld("leads", &["enquiry_key"], "A hash of what the other columns say, to find the same enquiry again."),
    withheld("intake_messages", &["raw", "raw_sha256"], "The mails as they came are in mails/<id>.eml."),
    withheld("draft_edits", &["embedding"], "Made from the question beside it."),
    withheld("idempotency_keys", &[], "Copies of answers, kept for a day, of which the originals are here."),
    withheld(
        "knowledge_chunks",
        &[],
        "Made from listings, documents, facts and messages, and made anew whenever these change.",
    ),
    withheld(
        "documents",
        &["sha256", "text"],
        "What is read in the files, and a hash of them; they are in files/<id>.",
    ),
    withheld("events", &[], "Notes for open windows that a row has changed; they say nothing of their own."),
    withheld("chats", &[], CHATS),
    withheld("chat_messages", &[], CHATS),
    withheld("chat_steps", &[], CHATS),
    withheld("chat_confirmations", &[], CHATS),
    withheld("chat_memories", &[], CHATS),
    withheld("chat_leads", &[], CHATS),
    withheld("privacy_requests", &[], "The platform's receipts of exports and erasures; GET /api/v1/privacy/requests."),
    withheld("tenant_erasures", &[], "The platform's receipt of an erasure; GET /api/v1/tenant/erasure."),
];

/// Rows read at once.
const AT_ONCE: i64 = 200;

/// A row as one line of JSON.
#[derive(Debug, FromRow)]
pub(super) struct Line {
    /// Its value in the column the table is read along.
    pub(super) key: Uuid,
    /// JSON without line breaks.
    pub(super) json: String,
}

/// The next rows of a table, without what is withheld.
pub(super) async fn lines(
    conn: &mut TenantConn,
    (table, key): (&str, &str),
    after: Option<Uuid>,
) -> Result<Vec<Line>, sqlx::Error> {
    let hidden: Vec<&str> = WITHHELD
        .iter()
        .filter(|withheld| withheld.table == table)
        .flat_map(|withheld| withheld.columns)
        .copied()
        .collect();
    // Columns that are withheld are not even read: mails are large.
    let columns: String = sqlx::query_scalar(
        "/* privacy.columns */
         SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = to_regclass('public.' || $1) AND attnum > 0 AND NOT attisdropped AND attname <> ALL ($2)",
    )
    .bind(table)
    .bind(hidden)
    .fetch_one(conn.sql())
    .await?;
    let tenant = if table == "tenants" { "id" } else { "tenant_id" };
    // Only names from the lists above and from the schema.
    let sql = format!(
        "/* privacy.lines */
         SELECT {key} AS key, (SELECT row_to_json(held)::text FROM (SELECT {columns}) AS held) AS json
         FROM {table} WHERE {tenant} = $1 AND {key} > $2
         ORDER BY {key} FETCH FIRST {AT_ONCE} ROWS WITH TIES"
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(conn.tenant().0).bind(after.unwrap_or_default()).fetch_all(conn.sql()).await
}
