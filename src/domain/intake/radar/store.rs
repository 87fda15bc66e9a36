//! SQL of the radar.

use std::collections::BTreeMap;

use super::FIELDS;
use super::rule::{LATELY, PAST, Share};
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::tenants;

/// Days the radar shows, today among them.
const DAYS: i32 = 30;
/// A portal that has been silent for longer is not watched any more.
const WATCHED: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 120);

/// What the portals sent in the last 30 days.
#[derive(Debug, Clone)]
pub struct Radar {
    /// First day, in the agency's zone.
    pub from: jiff::civil::Date,
    /// Last day: today.
    pub to: jiff::civil::Date,
    /// One per portal, by name.
    pub portals: Vec<PortalRadar>,
}

/// What one portal sent.
#[derive(Debug, Clone, Default)]
pub struct PortalRadar {
    /// Portal.
    pub portal: String,
    /// Every day, the days without leads as well.
    pub leads_per_day: Vec<DayOfPortal>,
    /// Mails that are or may be enquiries.
    pub mails: i64,
    /// How often each field was told in those that were read.
    pub fields: Vec<FieldRate>,
    /// Of those that were read, the share without machine-readable XML.
    pub without_xml: Option<f64>,
    /// Of all, the share that waits in the tray.
    pub in_tray: Option<f64>,
    /// From the mail's arrival to the lead.
    pub time_to_lead: Option<TimeToLead>,
    /// When the last one came.
    pub last_at: Option<Timestamp>,
}

/// Leads of one day.
#[derive(Debug, Clone, Copy)]
pub struct DayOfPortal {
    /// Day in the agency's zone.
    pub day: jiff::civil::Date,
    /// Leads made.
    pub leads: i64,
}

/// How often a field was told.
#[derive(Debug, Clone, Copy)]
pub struct FieldRate {
    /// Field.
    pub field: &'static str,
    /// Mails that told it.
    pub filled: i64,
    /// Mails that were read.
    pub of: i64,
    /// The share of them.
    pub rate: f64,
}

/// Seconds from a mail's arrival to its lead.
#[derive(Debug, Clone, Copy)]
pub struct TimeToLead {
    /// Half of them took less.
    pub median_seconds: f64,
    /// 95 of 100 took less.
    pub p95_seconds: f64,
}

/// Counts the last 30 days.
///
/// # Errors
/// When the database cannot be asked.
pub async fn radar(conn: &mut TenantConn) -> Result<Radar, sqlx::Error> {
    let zone = tenants::current(conn).await?.zone();
    let to = conn.now().to_zoned(zone.clone()).date();
    let from = to.saturating_sub(jiff::Span::new().days(DAYS - 1));
    let since = from.to_zoned(zone).map_or(conn.now(), |start| Timestamp(start.timestamp()));
    let mut portals = mails(conn, since).await?;
    let days: Vec<jiff::civil::Date> = from.series(jiff::Span::new().days(1)).take_while(|day| *day <= to).collect();
    let mut leads = leads(conn, since).await?;
    for portal in leads.keys() {
        if !portals.iter().any(|known| known.portal == *portal) {
            portals.push(PortalRadar { portal: portal.clone(), ..PortalRadar::default() });
        }
    }
    portals.sort_by(|a, b| a.portal.cmp(&b.portal));
    for portal in &mut portals {
        let counts = leads.remove(&portal.portal).unwrap_or_default();
        let day = |day: &jiff::civil::Date| DayOfPortal { day: *day, leads: counts.get(day).copied().unwrap_or(0) };
        portal.leads_per_day = days.iter().map(day).collect();
    }
    Ok(Radar { from, to, portals })
}

async fn mails(conn: &mut TenantConn, since: Timestamp) -> Result<Vec<PortalRadar>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* radar.mails */
         SELECT portal AS "portal!", count(*) AS "mails!", count(filled) AS "read!",
                count(filled) FILTER (WHERE adapter NOT LIKE 'openimmo_feedback@%' AND adapter NOT LIKE 'immowelt.objektanfrage@%') AS "without_xml!",
                count(*) FILTER (WHERE state = 'TRAY') AS "tray!",
                ARRAY[count(*) FILTER (WHERE strpos(filled, 'e') > 0), count(*) FILTER (WHERE strpos(filled, 'p') > 0),
                      count(*) FILTER (WHERE strpos(filled, 'f') > 0), count(*) FILTER (WHERE strpos(filled, 'l') > 0),
                      count(*) FILTER (WHERE strpos(filled, 'm') > 0), count(*) FILTER (WHERE strpos(filled, 'r') > 0)] AS "fields!",
                percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM processed_at - received_at)::double precision)
                    FILTER (WHERE state = 'DONE') AS times,
                max(received_at) AS "last_at: Timestamp"
         FROM intake_messages
         WHERE tenant_id = $1 AND received_at >= $2 AND portal IS NOT NULL AND class IN ('lead', 'unknown')
         GROUP BY portal"#,
        conn.tenant().0,
        since as _,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| PortalRadar {
            portal: row.portal,
            leads_per_day: Vec::new(),
            mails: row.mails,
            fields: FIELDS
                .iter()
                .zip(row.fields)
                .map(|((field, _), filled)| {
                    let share = Share { filled, of: row.read };
                    FieldRate { field, filled, of: row.read, rate: share.rate() }
                })
                .collect(),
            without_xml: (row.read > 0).then(|| Share { filled: row.without_xml, of: row.read }.rate()),
            in_tray: (row.mails > 0).then(|| Share { filled: row.tray, of: row.mails }.rate()),
            time_to_lead: row.times.as_deref().and_then(|times| match times {
                [median, p95] => Some(TimeToLead { median_seconds: *median, p95_seconds: *p95 }),
                _ => None,
            }),
            last_at: row.last_at,
        })
        .collect())
}

async fn leads(
    conn: &mut TenantConn,
    since: Timestamp,
) -> Result<BTreeMap<String, BTreeMap<jiff::civil::Date, i64>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* radar.leads */
         SELECT l.portal AS "portal!", (l.created_at AT TIME ZONE t.time_zone)::date AS "day!: jiff_sqlx::Date", count(*) AS "leads!"
         FROM leads l JOIN tenants t ON t.id = l.tenant_id
         WHERE l.tenant_id = $1 AND l.created_at >= $2 AND l.portal IS NOT NULL
         GROUP BY 1, 2"#,
        conn.tenant().0,
        since as _,
    )
    .fetch_all(conn.sql())
    .await?;
    let mut all: BTreeMap<String, BTreeMap<jiff::civil::Date, i64>> = BTreeMap::new();
    for row in rows {
        all.entry(row.portal).or_default().insert(row.day.to_jiff(), row.leads);
    }
    Ok(all)
}

/// When a portal's last enquiry came, and how many in the 28 days up to it.
pub(super) struct Habit {
    pub(super) portal: String,
    pub(super) last_at: Timestamp,
    pub(super) before: i64,
}

/// Of every portal that sent something in the last months.
pub(super) async fn habits(conn: &mut TenantConn) -> Result<Vec<Habit>, sqlx::Error> {
    let now = conn.now();
    sqlx::query_as!(
        Habit,
        r#"/* radar.habits */
         WITH last AS (
             SELECT portal, max(received_at) AS at FROM intake_messages
             WHERE tenant_id = $1 AND portal IS NOT NULL AND class = 'lead' AND received_at >= $2
               AND state IN ('DONE', 'DUPLICATE', 'TRAY') AND cause IS DISTINCT FROM 'SENDER_NOT_PROVEN' GROUP BY portal
         )
         SELECT l.portal AS "portal!", l.at AS "last_at!: Timestamp",
                (SELECT count(*) FROM intake_messages i
                 WHERE i.tenant_id = $1 AND i.portal IS NOT NULL AND i.portal = l.portal AND i.class = 'lead'
                   AND i.state IN ('DONE', 'DUPLICATE', 'TRAY') AND i.cause IS DISTINCT FROM 'SENDER_NOT_PROVEN'
                   AND i.received_at > l.at - make_interval(secs => $3) AND i.received_at <= l.at) AS "before!"
         FROM last l ORDER BY l.portal"#,
        conn.tenant().0,
        Timestamp(now.0 - WATCHED) as _,
        PAST.as_secs_f64(),
    )
    .fetch_all(conn.sql())
    .await
}

/// How often a portal told a field, in the past and lately.
pub(super) struct Telling {
    pub(super) portal: String,
    pub(super) field: &'static str,
    pub(super) before: Share,
    pub(super) lately: Share,
}

/// Of every portal that sent something in the past five weeks, every field.
pub(super) async fn tellings(conn: &mut TenantConn) -> Result<Vec<Telling>, sqlx::Error> {
    let now = conn.now();
    let rows = sqlx::query!(
        r#"/* radar.tellings */
         SELECT portal AS "portal!", f.letter AS "letter!",
                count(*) FILTER (WHERE received_at < $3) AS "before!",
                count(*) FILTER (WHERE received_at < $3 AND strpos(filled, f.letter) > 0) AS "filled_before!",
                count(*) FILTER (WHERE received_at >= $3) AS "lately!",
                count(*) FILTER (WHERE received_at >= $3 AND strpos(filled, f.letter) > 0) AS "filled_lately!"
         FROM intake_messages CROSS JOIN unnest($4::text[]) AS f (letter)
         WHERE tenant_id = $1 AND received_at >= $2 AND portal IS NOT NULL AND filled IS NOT NULL
         GROUP BY portal, f.letter ORDER BY portal, f.letter"#,
        conn.tenant().0,
        Timestamp(now.0 - LATELY - PAST) as _,
        Timestamp(now.0 - LATELY) as _,
        &FIELDS.map(|(_, letter)| letter.to_string()),
    )
    .fetch_all(conn.sql())
    .await?;
    let name = |letter: &str| FIELDS.iter().find(|(_, own)| letter.starts_with(*own)).map(|(name, _)| *name);
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(Telling {
                field: name(&row.letter)?,
                portal: row.portal,
                before: Share { filled: row.filled_before, of: row.before },
                lately: Share { filled: row.filled_lately, of: row.lately },
            })
        })
        .collect())
}
