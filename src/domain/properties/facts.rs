//! What holds for one listing beyond its fields, as sentences that answers cite.

use super::model::PropertyId;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::tenants::{FactError, NewFact, checked_fact};

crate::ids::id_type!(
    /// A fact of a listing.
    PropertyFactId
);

/// Something that holds for one listing.
#[derive(Debug, Clone)]
pub struct PropertyFact {
    /// Id.
    pub id: PropertyFactId,
    /// The listing.
    pub property_id: PropertyId,
    /// What it is about, in the words of [`llm::Topic`].
    pub topic: String,
    /// The fact as a sentence.
    pub text: String,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
}

macro_rules! facts_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            PropertyFact,
            r#"SELECT id AS "id: PropertyFactId", property_id AS "property_id: PropertyId", topic, text, version, created_at
               FROM property_facts WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// What holds for a listing, oldest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn facts(conn: &mut TenantConn, property: PropertyId) -> Result<Vec<PropertyFact>, sqlx::Error> {
    let tenant = conn.tenant();
    facts_where!("tenant_id = $1 AND property_id = $2 ORDER BY created_at, id", tenant.0, property.0)
        .fetch_all(conn.sql())
        .await
}

/// A page of them, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list_facts(
    conn: &mut TenantConn,
    property: PropertyId,
    page: PageRequest,
) -> Result<Page<PropertyFact>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = facts_where!(
        "tenant_id = $1 AND property_id = $2 AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $5",
        tenant.0,
        property.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |fact| Cursor { at: fact.created_at, id: fact.id.0 }))
}

/// Adds a fact to a listing of this tenant; the caller has looked that it is one.
///
/// # Errors
/// [`FactError::Invalid`].
pub async fn add_fact(conn: &mut TenantConn, property: PropertyId, new: &NewFact) -> Result<PropertyFact, FactError> {
    let new = checked_fact(new)?;
    let fact = PropertyFact {
        id: PropertyFactId::new(),
        property_id: property,
        topic: new.topic,
        text: new.text,
        version: 1,
        created_at: conn.now(),
    };
    sqlx::query!(
        "/* properties.add_fact */
         INSERT INTO property_facts (id, tenant_id, property_id, topic, text, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        fact.id.0,
        conn.tenant().0,
        property.0,
        fact.topic,
        fact.text,
        fact.created_at as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(fact)
}

/// Removes a fact of a listing. `expected_version` is what the caller read.
///
/// # Errors
/// [`FactError::NotFound`], [`FactError::Changed`].
pub async fn remove_fact(
    conn: &mut TenantConn,
    property: PropertyId,
    id: PropertyFactId,
    expected_version: Option<i32>,
) -> Result<(), FactError> {
    let tenant = conn.tenant();
    let fact = facts_where!("tenant_id = $1 AND property_id = $2 AND id = $3 FOR UPDATE", tenant.0, property.0, id.0)
        .fetch_optional(conn.sql())
        .await?
        .ok_or(FactError::NotFound)?;
    if expected_version.is_some_and(|expected| expected != fact.version) {
        return Err(FactError::Changed);
    }
    sqlx::query!(
        "/* properties.remove_fact */ DELETE FROM property_facts WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
