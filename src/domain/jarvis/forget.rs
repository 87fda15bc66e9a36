//! Erasing a person from chats: answers that looked at their lead, and whatever anybody wrote that names them.
//!
//! A text that quotes a person cannot be cut; it is replaced as a whole. In a chat that spoke of the person, their first or
//! last name alone is enough; elsewhere it takes both, an address or a telephone number.

use uuid::Uuid;

use crate::db::TenantConn;
use crate::domain::leads::LeadId;

/// What stands in the place of an erased text.
const GONE: &str = "(gelöscht: nannte eine Person, deren Daten gelöscht wurden)";
/// Shorter names are too easily a word.
const SHORTEST_NAME: usize = 3;

/// Who is to be forgotten, as far as known; lower case.
#[derive(Debug, Clone, Default)]
pub struct Named {
    /// The lead.
    pub lead: Option<LeadId>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Addresses.
    pub addresses: Vec<String>,
    /// Telephone numbers, E.164.
    pub phones: Vec<String>,
}

/// What was erased: table and id.
pub type Forgotten = Vec<(String, Uuid)>;

/// Erases the person from all chats of the agency. Call while the lead's row is still there.
///
/// # Errors
/// When the database cannot do it.
pub async fn forget(conn: &mut TenantConn, who: &Named) -> Result<Forgotten, sqlx::Error> {
    let name = |name: &Option<String>| {
        name.as_ref().map(|name| name.trim().to_lowercase()).filter(|name| name.chars().count() >= SHORTEST_NAME)
    };
    let (first, last) = (name(&who.first_name), name(&who.last_name));
    let whole = first.as_ref().zip(last.as_ref()).map(|(first, last)| format!("{first} {last}"));
    let words: Vec<String> =
        whole.into_iter().chain(who.addresses.iter().map(|address| address.to_lowercase())).collect();
    let names: Vec<String> = [first, last].into_iter().flatten().collect();
    // The last digits are written alike with and without the country's code.
    let phones: Vec<String> = who
        .phones
        .iter()
        .map(|phone| phone.chars().filter(char::is_ascii_digit).collect::<String>())
        .filter_map(|digits| digits.len().checked_sub(8).map(|at| digits[at..].to_owned()))
        .collect();
    let rows = sqlx::query!(
        r#"/* jarvis.forget */
         WITH texts AS (
             SELECT m.id, m.chat_id,
                    lower(m.text || ' ' || coalesce((SELECT string_agg(s.step::text, ' ') FROM chat_steps s WHERE s.tenant_id = $1 AND s.message_id = m.id), '')
                          || ' ' || coalesce((SELECT string_agg(c.arguments || c.card::text || coalesce(c.outcome, ''), ' ') FROM chat_confirmations c
                                              WHERE c.tenant_id = $1 AND c.message_id = m.id), '')) AS text,
                    EXISTS (SELECT FROM chat_leads l WHERE l.tenant_id = $1 AND l.message_id = m.id AND l.lead_id = $2) AS speaks
             FROM chat_messages m WHERE m.tenant_id = $1
         ), named AS (
             SELECT id, chat_id, text, speaks
                    OR EXISTS (SELECT FROM unnest($3::text[]) AS word WHERE strpos(text, word) > 0)
                    OR EXISTS (SELECT FROM unnest($5::text[]) AS phone WHERE strpos(regexp_replace(text, '[^0-9a-z]+', '', 'g'), phone) > 0) AS hit
             FROM texts
         ), around AS (
             SELECT DISTINCT chat_id FROM named WHERE hit
         ), gone AS (
             UPDATE chat_messages m
             SET text = $6, state = CASE m.state WHEN 'RUNNING' THEN 'CANCELLED' ELSE m.state END,
                 ended_at = coalesce(m.ended_at, $7)
             FROM named n
             WHERE m.tenant_id = $1 AND m.id = n.id
               AND (n.hit OR (n.chat_id IN (SELECT chat_id FROM around)
                              AND EXISTS (SELECT FROM unnest($4::text[]) AS name WHERE strpos(n.text, name) > 0)))
             RETURNING m.id
         ), steps AS (
             DELETE FROM chat_steps WHERE tenant_id = $1 AND message_id IN (SELECT id FROM gone)
         ), cards AS (
             DELETE FROM chat_confirmations WHERE tenant_id = $1 AND message_id IN (SELECT id FROM gone) RETURNING id
         ), frames AS (
             UPDATE chats SET title = 'Chat', summary = NULL, summarised_up_to = 0
             WHERE tenant_id = $1
               AND (id IN (SELECT chat_id FROM around)
                    OR EXISTS (SELECT FROM unnest($3::text[]) AS word WHERE strpos(lower(title || ' ' || coalesce(summary, '')), word) > 0))
             RETURNING id
         ), memories AS (
             DELETE FROM chat_memories
             WHERE tenant_id = $1
               AND (EXISTS (SELECT FROM unnest($3::text[]) AS word WHERE strpos(lower(text), word) > 0)
                    OR EXISTS (SELECT FROM unnest($5::text[]) AS phone WHERE strpos(regexp_replace(lower(text), '[^0-9a-z]+', '', 'g'), phone) > 0))
             RETURNING id
         )
         SELECT id AS "id!", place AS "place!" FROM (
             SELECT id, 'chat_messages' AS place FROM gone UNION ALL SELECT id, 'chat_confirmations' FROM cards
             UNION ALL SELECT id, 'chats' FROM frames UNION ALL SELECT id, 'chat_memories' FROM memories) AS forgotten"#,
        conn.tenant().0,
        who.lead.map(|lead| lead.0),
        &words,
        &names,
        &phones,
        GONE,
        conn.now() as _,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows.into_iter().map(|row| (row.place, row.id)).collect())
}
