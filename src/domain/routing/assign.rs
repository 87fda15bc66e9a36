//! Giving a new lead to somebody.

use serde_json::json;

use super::decide::{Enquiry, Whom, decide, settle};
use super::model::Rule;
use super::store;
use super::turns::Credits;
use crate::db::TenantConn;
use crate::domain::leads::{self, By, Lead};
use crate::domain::properties;
use crate::domain::tenants;
use crate::domain::users;

/// Gives a lead that is nobody's to whom the rules find, with the reason on its timeline. `lead` is updated; call with a
/// locked or new one, in the transaction that made it: then a turn counts only if the lead does.
///
/// # Errors
/// When the database cannot do it.
pub async fn assign(conn: &mut TenantConn, lead: &mut Lead, by: By) -> Result<(), sqlx::Error> {
    if lead.assignee_id.is_some() {
        return Ok(());
    }
    let stored = store::read_for_use(conn).await?;
    let ours = !stored.list.rules.is_empty();
    let rules = if ours { stored.list.rules } else { vec![Rule::PropertyAgent {}] };
    let today = tenants::current(conn).await?.zone().to_datetime(conn.now().0).date();
    let presence = users::presence(conn, today, today).await?;
    let enquiry = enquiry(conn, lead).await?;
    let Some(found) = decide(&rules, &enquiry, &presence, today) else { return Ok(()) };
    let round = match found.whom {
        Whom::InTurn(_) => stored.ids.get(found.rule).copied(),
        Whom::One(_) => None,
    };
    let mut credits = match round {
        Some(rule) => store::lock_credits(conn, rule).await?,
        None => Credits::new(),
    };
    let Some((user, instead_of)) = settle(&found.whom, &mut credits, &presence, today) else { return Ok(()) };
    if let Some(rule) = round {
        store::write_credits(conn, rule, &credits).await?;
    }
    let kind = rules.get(found.rule).map(Rule::kind);
    let position = ours.then_some(found.rule);
    let reason = json!({"assigneeId": user, "rule": kind, "position": position, "insteadOf": instead_of});
    leads::assign(conn, lead, user, by, reason).await
}

/// What the rules may ask of this lead.
async fn enquiry(conn: &mut TenantConn, lead: &Lead) -> Result<Enquiry, sqlx::Error> {
    let property = match lead.property_id {
        Some(id) => properties::find(conn, id).await?,
        None => None,
    };
    let named = || lead.reference["zip"].as_str().map(str::to_owned);
    Ok(Enquiry {
        agent: property.as_ref().and_then(|property| property.agent_id),
        portal: lead.portal.clone(),
        zip: property.and_then(|property| property.zip).or_else(named),
        language: lead.language.clone(),
    })
}
