//! SQL of statistics.

use std::collections::HashMap;

use jiff::ToSpan as _;
use uuid::Uuid;

use super::model::{AgentFigures, Answers, Counted, Days, Leads, PropertyFigures, Statistics, Viewings};
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::leads::Viewer;
use crate::domain::properties::PropertyId;
use crate::domain::tenants::Tenant;
use crate::domain::users::UserId;

/// Listings that are shown one by one.
const LISTINGS: usize = 100;

/// The figures of these days, of everybody or of one agent.
///
/// # Errors
/// When the database cannot be asked.
pub async fn statistics(
    conn: &mut TenantConn,
    tenant: &Tenant,
    days: Days,
    viewer: Viewer,
) -> Result<Statistics, sqlx::Error> {
    let zone = tenant.zone();
    let start = |day: jiff::civil::Date| day.to_zoned(zone.clone()).map(|start| Timestamp(start.timestamp()));
    let end = days.to().checked_add(1.day()).and_then(start);
    let (Ok(from), Ok(to)) = (start(days.from()), end) else { return Ok(Statistics::default()) };
    let span = (from, to, viewer);
    let answered = answers(conn, span).await?;
    let booked = bookings(conn, span).await?;
    let all = answered.get(&Of::All);
    let seats = booked.get(&Of::All).copied().unwrap_or_default();
    let mut agents: Vec<AgentFigures> = keys(&answered, &booked)
        .into_iter()
        .filter_map(|key| match key {
            Of::Agent(id) => Some((key, id)),
            _ => None,
        })
        .map(|(key, id)| {
            let (row, seats) = (answered.get(&key), booked.get(&key).copied().unwrap_or_default());
            AgentFigures {
                user_id: id.map(UserId),
                leads: row.map_or(0, |row| row.leads),
                answered: row.map_or(0, |row| row.answered),
                median_seconds: row.and_then(|row| row.median),
                booked: seats.booked,
            }
        })
        .collect();
    agents.sort_by_key(|agent| (std::cmp::Reverse(agent.leads), std::cmp::Reverse(agent.booked), agent.user_id));
    let mut properties: Vec<PropertyFigures> = keys(&answered, &booked)
        .into_iter()
        .filter_map(|key| match key {
            Of::Property(id) => Some((key, id)),
            _ => None,
        })
        .map(|(key, id)| {
            let (row, seats) = (answered.get(&key), booked.get(&key).copied().unwrap_or_default());
            PropertyFigures {
                property_id: id.map(PropertyId),
                leads: row.map_or(0, |row| row.leads),
                answered: row.map_or(0, |row| row.answered),
                median_seconds: row.and_then(|row| row.median),
                booked: seats.booked,
            }
        })
        .collect();
    properties.sort_by_key(|listing| {
        (std::cmp::Reverse(listing.leads), std::cmp::Reverse(listing.booked), listing.property_id)
    });
    properties.truncate(LISTINGS);
    Ok(Statistics {
        leads: leads(conn, tenant, days, span).await?,
        answers: all.map(AnswerRow::figures).unwrap_or_default(),
        viewings: Viewings { booked: seats.booked, cancelled: seats.cancelled },
        agents,
        properties,
    })
}

/// From when, until when, of whom.
type Span = (Timestamp, Timestamp, Viewer);

/// Whose figures a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Of {
    All,
    Agent(Option<Uuid>),
    Property(Option<Uuid>),
}

/// In the words of the queries: which columns were grouped by, and their values.
fn of(by_agent: bool, by_property: bool, agent: Option<Uuid>, property: Option<Uuid>) -> Of {
    match (by_agent, by_property) {
        (true, _) => Of::Agent(agent),
        (_, true) => Of::Property(property),
        _ => Of::All,
    }
}

fn keys(answered: &HashMap<Of, AnswerRow>, booked: &HashMap<Of, Seats>) -> Vec<Of> {
    let mut keys: Vec<Of> = answered.keys().copied().collect();
    keys.extend(booked.keys().filter(|key| !answered.contains_key(key)));
    keys
}

async fn leads(conn: &mut TenantConn, tenant: &Tenant, days: Days, span: Span) -> Result<Leads, sqlx::Error> {
    let (from, to, viewer) = span;
    let rows = sqlx::query!(
        r#"/* statistics.leads */
         SELECT l.status AS "status?", l.origin AS "origin?", l.day AS "day?", count(*) AS "count!"
         FROM (SELECT status, coalesce(portal, source) AS origin, (created_at AT TIME ZONE $4)::date::text AS day FROM leads
               WHERE tenant_id = $1 AND created_at >= $2 AND created_at < $3 AND ($5::uuid IS NULL OR assignee_id = $5)) AS l
         GROUP BY GROUPING SETS ((l.status), (l.origin), (l.day)) ORDER BY count(*) DESC, 1, 2, 3"#,
        conn.tenant().0,
        from as _,
        to as _,
        tenant.time_zone,
        viewer.0,
    )
    .fetch_all(conn.sql())
    .await?;
    let mut found = Leads::default();
    let mut by_day = HashMap::new();
    for row in rows {
        match (row.status, row.origin, row.day) {
            (Some(name), ..) => {
                found.total += row.count;
                found.by_status.push(Counted { name, count: row.count });
            }
            (_, Some(name), _) => found.by_portal.push(Counted { name, count: row.count }),
            (.., Some(day)) => {
                by_day.insert(day, row.count);
            }
            _ => {}
        }
    }
    found.by_day = days
        .from()
        .series(1.day())
        .take_while(|day| *day <= days.to())
        .map(|day| day.to_string())
        .map(|name| Counted { count: by_day.get(&name).copied().unwrap_or(0), name })
        .collect();
    Ok(found)
}

/// How leads were answered.
#[derive(Debug, Clone, Copy)]
struct AnswerRow {
    leads: i64,
    answered: i64,
    median: Option<f64>,
    p90: Option<f64>,
    without_human: i64,
}

impl AnswerRow {
    #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 leads")]
    fn figures(&self) -> Answers {
        Answers {
            answered: self.answered,
            median_seconds: self.median,
            p90_seconds: self.p90,
            without_human: self.without_human,
            without_human_share: (self.answered > 0).then(|| self.without_human as f64 / self.answered as f64),
        }
    }
}

async fn answers(conn: &mut TenantConn, (from, to, viewer): Span) -> Result<HashMap<Of, AnswerRow>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* statistics.answers */
         WITH came AS (
             SELECT l.assignee_id, l.property_id, extract(epoch FROM l.first_response_at - l.created_at)::float8 AS took,
                    l.first_response_at IS NOT NULL AND NOT EXISTS (
                        SELECT FROM conversations c JOIN messages m ON m.conversation_id = c.id
                        WHERE c.lead_id = l.id AND c.tenant_id = l.tenant_id AND m.tenant_id = l.tenant_id AND m.direction = 'OUTBOUND'
                          AND m.origin IN ('AGENT', 'AI_APPROVED') AND m.sent_at IS NOT NULL) AS alone
             FROM leads l
             WHERE l.tenant_id = $1 AND l.created_at >= $2 AND l.created_at < $3 AND ($4::uuid IS NULL OR l.assignee_id = $4))
         SELECT grouping(assignee_id) = 0 AS "by_agent!", grouping(property_id) = 0 AS "by_property!",
                assignee_id AS "assignee_id?", property_id AS "property_id?",
                count(*) AS "leads!", count(took) AS "answered!", count(*) FILTER (WHERE alone) AS "without_human!",
                percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS median, percentile_cont(0.9) WITHIN GROUP (ORDER BY took) AS p90
         FROM came GROUP BY GROUPING SETS ((), (assignee_id), (property_id))"#,
        conn.tenant().0,
        from as _,
        to as _,
        viewer.0,
    )
    .fetch_all(conn.sql())
    .await?;
    let rows = rows.into_iter().map(|row| {
        let key = of(row.by_agent, row.by_property, row.assignee_id, row.property_id);
        let figures = AnswerRow {
            leads: row.leads,
            answered: row.answered,
            median: row.median,
            p90: row.p90,
            without_human: row.without_human,
        };
        (key, figures)
    });
    Ok(rows.collect())
}

/// Appointments.
#[derive(Debug, Clone, Copy, Default)]
struct Seats {
    booked: i64,
    cancelled: i64,
}

async fn bookings(conn: &mut TenantConn, (from, to, viewer): Span) -> Result<HashMap<Of, Seats>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* statistics.bookings */
         SELECT grouping(v.agent_id) = 0 AS "by_agent!", grouping(v.property_id) = 0 AS "by_property!",
                v.agent_id AS "agent_id?", v.property_id AS "property_id?", count(*) AS "booked!",
                count(*) FILTER (WHERE s.state = 'CANCELLED' OR v.state = 'CANCELLED') AS "cancelled!"
         FROM viewing_seats s JOIN viewings v ON v.tenant_id = s.tenant_id AND v.id = s.viewing_id
         WHERE s.tenant_id = $1 AND s.created_at >= $2 AND s.created_at < $3 AND ($4::uuid IS NULL OR v.agent_id = $4)
         GROUP BY GROUPING SETS ((), (v.agent_id), (v.property_id))"#,
        conn.tenant().0,
        from as _,
        to as _,
        viewer.0,
    )
    .fetch_all(conn.sql())
    .await?;
    let rows = rows.into_iter().map(|row| {
        let key = of(row.by_agent, row.by_property, row.agent_id, row.property_id);
        (key, Seats { booked: row.booked, cancelled: row.cancelled })
    });
    Ok(rows.collect())
}
