//! What other rules would have done with the leads of the last days. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::civil::Date;

use super::decide::{Enquiry, Whom, decide, settle};
use super::model::{RoutingError, Rule};
use super::turns::Credits;
use super::{store, validate};
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::leads::LeadId;
use crate::domain::tenants;
use crate::domain::users::{self, UserId};

/// Leads looked at, at most; the newest.
pub const LEADS: usize = 1000;
/// How far back.
const DAYS: i64 = 30;

/// What rules would have done.
#[derive(Debug, Clone)]
pub struct DryRun {
    /// Leads since then were looked at.
    pub since: Timestamp,
    /// There are more than [`LEADS`]; the older ones were left out.
    pub truncated: bool,
    /// Lead by lead, newest first.
    pub leads: Vec<WouldGet>,
    /// Person by person; nobody comes last.
    pub totals: Vec<Share>,
}

/// What rules would have done with one lead.
#[derive(Debug, Clone)]
pub struct WouldGet {
    /// Lead.
    pub lead: LeadId,
    /// When it came.
    pub at: Timestamp,
    /// Whose lead it is now.
    pub has: Option<UserId>,
    /// Whose lead it would be.
    pub would: Option<UserId>,
    /// Whom that one stands in for.
    pub instead_of: Option<UserId>,
    /// Place of the rule that decides, from 0.
    pub rule: Option<usize>,
}

/// How many leads somebody has and would have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Who; `None`: leads that are nobody's.
    pub user: Option<UserId>,
    /// Leads they have.
    pub has: u32,
    /// Leads they would have.
    pub would: u32,
}

/// Asks `rules` about the leads of the last 30 days, in the order in which they came. Listings are taken as they are now,
/// absences as they were on the day; rounds start where the agency's own stand.
///
/// # Errors
/// [`RoutingError::Invalid`], or when the database cannot be asked.
pub async fn dry_run(conn: &mut TenantConn, rules: &[Rule]) -> Result<DryRun, RoutingError> {
    validate::check(conn, rules).await?;
    let fallback = [Rule::PropertyAgent {}];
    let asked = if rules.is_empty() { &fallback } else { rules };
    let now = conn.now();
    let since = Timestamp(now.0 - SignedDuration::from_hours(DAYS * 24));
    let zone = tenants::current(conn).await?.zone();
    let day = |at: Timestamp| zone.to_datetime(at.0).date();
    let presence = users::presence(conn, day(since), day(now)).await?;
    let mut past = past(conn, since).await?;
    let truncated = past.len() > LEADS;
    past.truncate(LEADS);
    let mut rounds = Rounds::new(asked, store::rounds(conn).await?);
    let mut leads: Vec<WouldGet> = past
        .into_iter()
        .rev()
        .map(|lead| {
            let today: Date = day(lead.at);
            let found = decide(asked, &lead.enquiry, &presence, today);
            let settled = found.as_ref().and_then(|found| {
                let credits = if matches!(found.whom, Whom::InTurn(_)) { Some(found.rule) } else { None };
                settle(&found.whom, rounds.of(credits), &presence, today)
            });
            WouldGet {
                lead: lead.id,
                at: lead.at,
                has: lead.has,
                would: settled.map(|(user, _)| user),
                instead_of: settled.and_then(|(_, instead_of)| instead_of),
                // Without rules of its own the agency has one, which stands nowhere.
                rule: found.map(|found| found.rule).filter(|_| !rules.is_empty()),
            }
        })
        .collect();
    leads.reverse();
    let totals = totals(&leads);
    Ok(DryRun { since, truncated, leads, totals })
}

/// A copy of how far each round has gone.
struct Rounds(BTreeMap<Option<usize>, Credits>);

impl Rounds {
    /// The first ROUND_ROBIN goes on as the first of the agency's own, as it would if the list were replaced.
    fn new(rules: &[Rule], stand: Vec<Credits>) -> Self {
        let places = rules.iter().enumerate().filter_map(|(place, rule)| match rule {
            Rule::RoundRobin { members } => Some((place, members)),
            _ => None,
        });
        let rounds = places.zip(stand.into_iter().chain(std::iter::repeat_with(Credits::new)));
        Self(
            rounds
                .map(|((place, members), mut credits)| {
                    credits.retain(|user, _| members.iter().any(|member| member.user_id == *user));
                    (Some(place), credits)
                })
                .collect(),
        )
    }

    fn of(&mut self, rule: Option<usize>) -> &mut Credits {
        self.0.entry(rule).or_default()
    }
}

struct Past {
    id: LeadId,
    at: Timestamp,
    has: Option<UserId>,
    enquiry: Enquiry,
}

async fn past(conn: &mut TenantConn, since: Timestamp) -> Result<Vec<Past>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* routing.past_leads */
         SELECT l.id AS "id: LeadId", l.created_at, l.assignee_id AS "assignee_id: UserId", l.portal, l.language,
                p.agent_id AS "agent_id?: UserId", coalesce(p.zip, l.reference ->> 'zip') AS zip
         FROM leads l LEFT JOIN properties p ON p.tenant_id = l.tenant_id AND p.id = l.property_id
         WHERE l.tenant_id = $1 AND l.created_at > $2
         ORDER BY l.created_at DESC, l.id DESC LIMIT $3"#,
        conn.tenant().0,
        since as _,
        i64::try_from(LEADS + 1).unwrap_or(i64::MAX),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Past {
            id: row.id,
            at: row.created_at,
            has: row.assignee_id,
            enquiry: Enquiry { agent: row.agent_id, portal: row.portal, zip: row.zip, language: row.language },
        })
        .collect())
}

fn totals(leads: &[WouldGet]) -> Vec<Share> {
    let people: BTreeSet<Option<UserId>> = leads.iter().flat_map(|lead| [lead.has, lead.would]).collect();
    let count = |of: fn(&WouldGet) -> Option<UserId>, user| {
        u32::try_from(leads.iter().filter(|lead| of(lead) == user).count()).unwrap_or(u32::MAX)
    };
    let share = |user| Share { user, has: count(|lead| lead.has, user), would: count(|lead| lead.would, user) };
    let mut totals: Vec<Share> = people.into_iter().map(share).collect();
    totals.sort_by_key(|share| share.user.is_none());
    totals
}
