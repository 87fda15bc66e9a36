//! Answers of agents that may become facts.

use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::codes::code;
use crate::domain::leads::LeadId;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::properties::{self, PropertyId};
use crate::domain::tasks::TaskId;
use crate::domain::tenants::{self, FactError, NewFact};
use crate::domain::users::UserId;

crate::ids::id_type!(
    /// A proposed fact.
    ProposalId
);

code! {
    /// Where a proposal stands.
    ProposalState { /// Waiting for somebody to decide.
        Proposed = "PROPOSED", /// It holds for all listings of the agency.
        TenantFact = "TENANT_FACT", /// It holds for the listing that was asked about.
        PropertyFact = "PROPERTY_FACT", /// It is no fact.
        Rejected = "REJECTED" }
}

code! {
    /// What a fact holds for.
    Scope { /// All listings of the agency.
        Tenant = "TENANT", /// The listing that was asked about.
        Property = "PROPERTY" }
}

/// An answer that may become a fact.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Id.
    pub id: ProposalId,
    /// Whose question it answered.
    pub lead_id: LeadId,
    /// The task that was resolved with it.
    pub task_id: TaskId,
    /// The listing that was asked about.
    pub property_id: Option<PropertyId>,
    /// What it is about, in the words of [`llm::Topic`].
    pub topic: String,
    /// What the prospect asked.
    pub question: String,
    /// What the agent answered.
    pub text: String,
    /// Where it stands.
    pub state: ProposalState,
    /// The fact it became.
    pub fact_id: Option<uuid::Uuid>,
    /// By whom it was decided.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What is needed to propose one.
#[derive(Debug, Clone)]
pub struct NewProposal {
    /// Whose question it answers.
    pub lead_id: LeadId,
    /// The task that was resolved with it.
    pub task_id: TaskId,
    /// The listing that was asked about.
    pub property_id: Option<PropertyId>,
    /// What the prospect asked.
    pub question: String,
    /// What the agent answered.
    pub text: String,
}

/// Why a proposal was not changed or decided.
#[derive(Debug, thiserror::Error)]
pub enum ProposalError {
    /// No such proposal.
    #[error("no such proposal")]
    NotFound,
    /// It was decided already.
    #[error("the proposal is decided already")]
    Decided,
    /// Somebody else changed it since the caller read it.
    #[error("the proposal was changed meanwhile")]
    Changed,
    /// It was about no listing, so it can hold for none.
    #[error("the question was about no property")]
    NoProperty,
    /// The words make no fact.
    #[error(transparent)]
    Fact(#[from] FactError),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

macro_rules! proposals_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Proposal,
            r#"SELECT id AS "id: ProposalId", lead_id AS "lead_id: LeadId", task_id AS "task_id: TaskId",
                      property_id AS "property_id: PropertyId", topic, question, text, state AS "state: ProposalState", fact_id,
                      decided_by AS "decided_by: UserId", decided_at, version, created_at
               FROM fact_proposals WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// Proposes an agent's answer as a fact. A task proposes one fact.
///
/// # Errors
/// When the database cannot do it.
pub async fn propose(conn: &mut TenantConn, new: &NewProposal) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* learning.propose */
         INSERT INTO fact_proposals (id, tenant_id, lead_id, task_id, property_id, topic, question, text, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (task_id) DO NOTHING",
        ProposalId::new().0,
        conn.tenant().0,
        new.lead_id.0,
        new.task_id.0,
        new.property_id.map(|id| id.0),
        topic_of(&new.question),
        new.question,
        new.text,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// The first topic of a question, in the words of facts; `other` when none is known.
fn topic_of(question: &str) -> String {
    let topic = llm::topics_in(question).into_iter().next();
    let word = topic.and_then(|topic| serde_json::to_value(topic).ok());
    word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_else(|| "other".to_owned())
}

/// A page of proposals, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(
    conn: &mut TenantConn,
    state: Option<ProposalState>,
    page: PageRequest,
) -> Result<Page<Proposal>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = proposals_where!(
        "tenant_id = $1 AND ($2::text IS NULL OR state = $2)
         AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid)) ORDER BY created_at DESC, id DESC LIMIT $5",
        tenant.0,
        state.map(ProposalState::as_str),
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |proposal| Cursor { at: proposal.created_at, id: proposal.id.0 }))
}

/// One proposal.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(conn: &mut TenantConn, id: ProposalId) -> Result<Option<Proposal>, sqlx::Error> {
    let tenant = conn.tenant();
    proposals_where!("tenant_id = $1 AND id = $2", tenant.0, id.0).fetch_optional(conn.sql()).await
}

/// Changes the words of a proposal that waits.
///
/// # Errors
/// [`ProposalError`].
pub async fn reword(
    conn: &mut TenantConn,
    id: ProposalId,
    topic: Option<String>,
    text: Option<String>,
    expected_version: Option<i32>,
) -> Result<Proposal, ProposalError> {
    let proposal = lock(conn, id, expected_version).await?;
    let new = NewFact { topic: topic.unwrap_or(proposal.topic), text: text.unwrap_or(proposal.text) };
    let new = tenants::checked_fact(&new)?;
    sqlx::query!(
        "/* learning.reword */
         UPDATE fact_proposals SET topic = $3, text = $4, version = version + 1 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        new.topic,
        new.text,
    )
    .execute(conn.sql())
    .await?;
    find(conn, id).await?.ok_or(ProposalError::NotFound)
}

/// Makes a fact of a proposal: answers cite it from now on.
///
/// # Errors
/// [`ProposalError`].
pub async fn accept(
    conn: &mut TenantConn,
    id: ProposalId,
    scope: Scope,
    by: UserId,
    expected_version: Option<i32>,
) -> Result<Proposal, ProposalError> {
    let proposal = lock(conn, id, expected_version).await?;
    let new = NewFact { topic: proposal.topic.clone(), text: proposal.text.clone() };
    let (state, fact) = match (scope, proposal.property_id) {
        (Scope::Tenant, _) => (ProposalState::TenantFact, tenants::add_fact(conn, &new).await?.id.0),
        (Scope::Property, Some(property)) => {
            (ProposalState::PropertyFact, properties::add_fact(conn, property, &new).await?.id.0)
        }
        (Scope::Property, None) => return Err(ProposalError::NoProperty),
    };
    decide(conn, id, state, Some(fact), by).await
}

/// Decides that a proposal is no fact.
///
/// # Errors
/// [`ProposalError`].
pub async fn reject(
    conn: &mut TenantConn,
    id: ProposalId,
    by: UserId,
    expected_version: Option<i32>,
) -> Result<Proposal, ProposalError> {
    lock(conn, id, expected_version).await?;
    decide(conn, id, ProposalState::Rejected, None, by).await
}

async fn decide(
    conn: &mut TenantConn,
    id: ProposalId,
    state: ProposalState,
    fact: Option<uuid::Uuid>,
    by: UserId,
) -> Result<Proposal, ProposalError> {
    sqlx::query!(
        "/* learning.decide */
         UPDATE fact_proposals SET state = $3, fact_id = $4, decided_by = $5, decided_at = $6, version = version + 1
         WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        state as _,
        fact,
        by.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    find(conn, id).await?.ok_or(ProposalError::NotFound)
}

/// A proposal that waits, and nobody else decides it until this transaction ends.
async fn lock(conn: &mut TenantConn, id: ProposalId, expected_version: Option<i32>) -> Result<Proposal, ProposalError> {
    let tenant = conn.tenant();
    let proposal = proposals_where!("tenant_id = $1 AND id = $2 FOR UPDATE", tenant.0, id.0)
        .fetch_optional(conn.sql())
        .await?
        .ok_or(ProposalError::NotFound)?;
    if expected_version.is_some_and(|version| version != proposal.version) {
        return Err(ProposalError::Changed);
    }
    if proposal.state == ProposalState::Proposed { Ok(proposal) } else { Err(ProposalError::Decided) }
}
