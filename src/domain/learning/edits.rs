//! How an agency rewrites drafts: pairs of words, kept without the names and contact data of the prospect.

use pgvector::Vector;

use crate::db::TenantConn;
use crate::domain::leads::Lead;
use crate::ids::new_id;

/// Of an agency's newest pairs so many are compared with a question: enough to know its style, few enough to read.
const NEWEST: i64 = 500;
/// Longest text of a pair, characters: a style shows in less.
const LONGEST: usize = 2000;

/// A draft as an engine wrote it and as a human sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What the prospect asked.
    pub question: String,
    /// The engine's words.
    pub before: String,
    /// The human's words.
    pub after: String,
}

/// Keeps a pair. `vector` is the built-in engine's, of the question.
///
/// # Errors
/// When the database cannot do it.
pub async fn remember_edit(
    conn: &mut TenantConn,
    lead: &Lead,
    language: &str,
    edit: &Edit,
    vector: Vec<f32>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* learning.remember_edit */
         INSERT INTO draft_edits (id, tenant_id, lead_id, language, question, before, after, embedding, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new_id(),
        conn.tenant().0,
        lead.id.0,
        language,
        without_person(&edit.question, lead),
        without_person(&edit.before, lead),
        without_person(&edit.after, lead),
        Vector::from(vector) as _,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// The pairs of this agency and language whose questions are nearest to one.
///
/// # Errors
/// When the database cannot be asked.
pub async fn nearest_edits(
    conn: &mut TenantConn,
    language: &str,
    question: Vec<f32>,
    limit: i64,
) -> Result<Vec<Edit>, sqlx::Error> {
    sqlx::query_as!(
        Edit,
        r#"/* learning.nearest_edits */
         SELECT question AS "question!", before AS "before!", after AS "after!"
         FROM (SELECT question, before, after, embedding FROM draft_edits
               WHERE tenant_id = $1 AND language = $2 ORDER BY created_at DESC LIMIT $5) AS newest
         ORDER BY embedding <=> $3 LIMIT $4"#,
        conn.tenant().0,
        language,
        Vector::from(question) as _,
        limit,
        NEWEST,
    )
    .fetch_all(conn.sql())
    .await
}

/// The text without what would tell another prospect whom it was written to.
fn without_person(text: &str, lead: &Lead) -> String {
    let mut text: String = text.chars().take(LONGEST).collect();
    for own in [&lead.first_name, &lead.last_name, &lead.email, &lead.phone].into_iter().flatten() {
        let own = own.trim();
        if own.chars().count() > 1 {
            text = replace_words(&text, own);
        }
    }
    text
}

/// Replaces a name wherever it stands as a word, in any case.
fn replace_words(text: &str, name: &str) -> String {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let wanted = name.to_lowercase();
    let (mut kept, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(first) = rest.chars().next() {
        let begins = rest.get(..name.len()).is_some_and(|piece| piece.to_lowercase() == wanted);
        if begins
            && !is_part(kept.chars().next_back())
            && !is_part(rest.get(name.len()..).and_then(|after| after.chars().next()))
        {
            kept.push('…');
            rest = rest.get(name.len()..).unwrap_or_default();
        } else {
            kept.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::replace_words;

    #[test]
    fn a_name_goes_wherever_it_is_a_word() {
        assert_eq!(replace_words("Sehr geehrte Frau GRÖSSE, Grösse!", "Grösse"), "Sehr geehrte Frau …, …!");
        assert_eq!(replace_words("Liebe Ida, die Idana heißt Ida", "Ida"), "Liebe …, die Idana heißt …");
        assert_eq!(replace_words("ida@example.org schrieb", "ida@example.org"), "… schrieb");
        assert_eq!(replace_words("Größe", "Ida"), "Größe");
    }
}
