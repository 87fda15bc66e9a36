//! What holds for every listing of the agency ("pets are allowed in all our houses").

use llm::Topic;

use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::fields::FieldProblem;
use crate::domain::page::{Cursor, Page, PageRequest};

crate::ids::id_type!(
    /// A fact of an agency.
    FactId
);

/// Something that holds for every listing of the agency.
#[derive(Debug, Clone)]
pub struct TenantFact {
    /// Id.
    pub id: FactId,
    /// What it is about, in the words of [`llm::Topic`].
    pub topic: String,
    /// The fact as a sentence.
    pub text: String,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a fact says.
#[derive(Debug, Clone)]
pub struct NewFact {
    /// What it is about, in the words of [`llm::Topic`].
    pub topic: String,
    /// The fact as a sentence.
    pub text: String,
}

/// Why a fact was not changed.
#[derive(Debug, thiserror::Error)]
pub enum FactError {
    /// No such fact of this agency.
    #[error("no such fact")]
    NotFound,
    /// Somebody else changed it since the caller read it.
    #[error("the fact was changed meanwhile")]
    Changed,
    /// Some fields are wrong.
    #[error("{} fields are not valid", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

const TEXT: usize = 1000;

macro_rules! facts_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            TenantFact,
            r#"SELECT id AS "id: FactId", topic, text, version, created_at FROM tenant_facts WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// What holds for all listings of this tenant, oldest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn facts(conn: &mut TenantConn) -> Result<Vec<TenantFact>, sqlx::Error> {
    let tenant = conn.tenant();
    facts_where!("tenant_id = $1 ORDER BY created_at, id", tenant.0).fetch_all(conn.sql()).await
}

/// A page of them, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list_facts(conn: &mut TenantConn, page: PageRequest) -> Result<Page<TenantFact>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = facts_where!(
        "tenant_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $4",
        tenant.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |fact| Cursor { at: fact.created_at, id: fact.id.0 }))
}

/// Adds a fact.
///
/// # Errors
/// [`FactError::Invalid`].
pub async fn add_fact(conn: &mut TenantConn, new: &NewFact) -> Result<TenantFact, FactError> {
    let new = checked_fact(new)?;
    let id = FactId::new();
    sqlx::query!(
        "/* tenants.add_fact */ INSERT INTO tenant_facts (id, tenant_id, topic, text, created_at) VALUES ($1, $2, $3, $4, $5)",
        id.0,
        conn.tenant().0,
        new.topic,
        new.text,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(TenantFact { id, topic: new.topic, text: new.text, version: 1, created_at: conn.now() })
}

/// Replaces what a fact says. `expected_version` is what the caller read.
///
/// # Errors
/// [`FactError`].
pub async fn change_fact(
    conn: &mut TenantConn,
    id: FactId,
    new: &NewFact,
    expected_version: Option<i32>,
) -> Result<TenantFact, FactError> {
    let mut fact = lock(conn, id, expected_version).await?;
    let new = checked_fact(new)?;
    sqlx::query!(
        "/* tenants.change_fact */
         UPDATE tenant_facts SET topic = $3, text = $4, version = version + 1 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        new.topic,
        new.text,
    )
    .execute(conn.sql())
    .await?;
    (fact.topic, fact.text) = (new.topic, new.text);
    fact.version += 1;
    Ok(fact)
}

/// Removes a fact.
///
/// # Errors
/// [`FactError::NotFound`], [`FactError::Changed`].
pub async fn remove_fact(conn: &mut TenantConn, id: FactId, expected_version: Option<i32>) -> Result<(), FactError> {
    lock(conn, id, expected_version).await?;
    sqlx::query!(
        "/* tenants.remove_fact */ DELETE FROM tenant_facts WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

async fn lock(conn: &mut TenantConn, id: FactId, expected_version: Option<i32>) -> Result<TenantFact, FactError> {
    let tenant = conn.tenant();
    let fact = facts_where!("tenant_id = $1 AND id = $2 FOR UPDATE", tenant.0, id.0)
        .fetch_optional(conn.sql())
        .await?
        .ok_or(FactError::NotFound)?;
    if expected_version.is_some_and(|expected| expected != fact.version) { Err(FactError::Changed) } else { Ok(fact) }
}

/// The fact trimmed; or what is wrong with it.
///
/// # Errors
/// [`FactError::Invalid`].
pub fn checked_fact(new: &NewFact) -> Result<NewFact, FactError> {
    let new = NewFact { topic: new.topic.trim().to_owned(), text: new.text.trim().to_owned() };
    let mut problems = Vec::new();
    let topics =
        Topic::ALL.map(|topic| serde_json::to_value(topic).ok().and_then(|word| word.as_str().map(str::to_owned)));
    if !topics.iter().flatten().any(|topic| *topic == new.topic) {
        let known = topics.into_iter().flatten().collect::<Vec<_>>().join(", ");
        problems.push(FieldProblem::new("topic", format!("must be one of {known}")));
    }
    if new.text.is_empty() || new.text.chars().count() > TEXT {
        problems.push(FieldProblem::new("text", format!("must have 1 to {TEXT} characters")));
    }
    if problems.is_empty() { Ok(new) } else { Err(FactError::Invalid(problems)) }
}
