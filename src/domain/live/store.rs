//! SQL of events: reading them in an order in which nothing is missed.
//!
//! Transactions commit in another order than they began, so the newest visible event is no good place to go on from: an
//! older one may become visible later. PostgreSQL knows the oldest transaction that is still running (`xmin` of a
//! snapshot); everything before it has ended and will not change any more. Readers go as far as that and no further.
//! The price: a transaction that writes for long, whoever's it is, holds events back while it lasts.

use sqlx::PgConnection;

use super::{Bookmark, Entity};
use crate::clock::Timestamp;
use crate::db::{PlatformConn, TenantConn};
use crate::domain::leads::{LeadId, Viewer};
use crate::ids::TenantId;

/// Something changed.
#[derive(Debug, Clone)]
pub struct LiveEvent {
    /// Where it stands in the order.
    pub bookmark: Bookmark,
    /// What kind of thing.
    pub entity: Entity,
    /// Which one.
    pub entity_id: uuid::Uuid,
    /// The lead it belongs to.
    pub lead_id: Option<LeadId>,
    /// Its version after the change, if it has one.
    pub version: Option<i32>,
    /// When.
    pub at: Timestamp,
}

/// What there was to read.
#[derive(Debug)]
pub struct Batch {
    /// In order. A thing that changed several times in one transaction is there once.
    pub events: Vec<LiveEvent>,
    /// Where to go on.
    pub bookmark: Bookmark,
    /// There is more to read at once.
    pub more: bool,
    /// Somebody's rights changed on the way: what is told holds for the viewer's rights before that, perhaps.
    pub people: bool,
}

/// Events read at once.
const MOST: i64 = 500;

/// The present end of what can be read: for a reader who begins.
///
/// # Errors
/// When the database cannot be asked.
pub async fn here(conn: &mut TenantConn) -> Result<Bookmark, sqlx::Error> {
    let horizon = horizon(conn.sql()).await?;
    Ok(Bookmark { xid: horizon, id: 0, at: conn.now().as_second() })
}

/// What `viewer` may know of what happened after a bookmark; `None` when it is no longer, or was never, possible to say.
///
/// # Errors
/// When the database cannot be asked.
pub async fn after(conn: &mut TenantConn, viewer: Viewer, from: Bookmark) -> Result<Option<Batch>, sqlx::Error> {
    // Asked first: all that ended before this snapshot is visible to the query below.
    let horizon = horizon(conn.sql()).await?;
    // Numbers of transactions that have yet to come are another server's (it was restored from a backup).
    if !from.is_fresh(conn.now()) || from.xid > horizon {
        return Ok(None);
    }
    let now = conn.now().as_second();
    let tenant = conn.tenant();
    let rows = sqlx::query!(
        r#"/* live.after */
         SELECT e.xid, e.id, e.at, e.entity AS "entity: Entity", e.entity_id, e.lead_id AS "lead_id: LeadId", e.version
         FROM events e
         WHERE e.tenant_id = $1 AND (e.xid, e.id) > ($2, $3) AND e.xid < $4 AND e.entity <> 'USER'
           AND ($5::uuid IS NULL OR e.former_id = $5
                OR EXISTS (
                    SELECT FROM leads l WHERE l.tenant_id = $1 AND l.id = e.lead_id
                    AND (l.assignee_id = $5 OR l.assignee_id IS NULL
                         AND (SELECT t.unassigned_visible FROM tenants t WHERE t.id = $1)))
                OR e.entity = 'TASK' AND EXISTS (
                    SELECT FROM tasks t WHERE t.tenant_id = $1 AND t.id = e.entity_id AND t.owner_id = $5)
                OR e.entity = 'VIEWING' AND EXISTS (
                    SELECT FROM viewings v WHERE v.tenant_id = $1 AND v.id = e.entity_id
                    AND (v.agent_id = $5 OR EXISTS (
                        SELECT FROM viewing_seats s JOIN leads l ON l.tenant_id = s.tenant_id AND l.id = s.lead_id
                        WHERE s.tenant_id = $1 AND s.viewing_id = v.id
                        AND (l.assignee_id = $5 OR l.assignee_id IS NULL
                             AND (SELECT t.unassigned_visible FROM tenants t WHERE t.id = $1))))))
         ORDER BY e.xid, e.id LIMIT $6"#,
        tenant.0,
        from.xid,
        from.id,
        horizon,
        viewer.0,
        MOST,
    )
    .fetch_all(conn.sql())
    .await?;
    let people = sqlx::query_scalar!(
        r#"/* live.people_after */
         SELECT EXISTS (SELECT FROM events e WHERE e.tenant_id = $1 AND (e.xid, e.id) > ($2, $3) AND e.xid < $4
                        AND e.entity = 'USER') AS "people!""#,
        tenant.0,
        from.xid,
        from.id,
        horizon,
    )
    .fetch_one(conn.sql())
    .await?;
    let more = i64::try_from(rows.len()).is_ok_and(|count| count == MOST);
    let all = rows.into_iter().map(|row| LiveEvent {
        bookmark: Bookmark { xid: row.xid, id: row.id, at: now },
        entity: row.entity,
        entity_id: row.entity_id,
        lead_id: row.lead_id,
        version: row.version,
        at: row.at,
    });
    let events = once_each(all.collect());
    let end = Bookmark { xid: horizon, id: 0, at: now };
    let bookmark = if more { events.last().map_or(end, |event| event.bookmark) } else { end };
    Ok(Some(Batch { events, bookmark, more, people }))
}

/// The oldest transaction that is still running, or the next one.
pub(super) async fn horizon(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"/* live.horizon */ SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS "xmin!""#)
        .fetch_one(conn)
        .await
}

/// A tenant at whose something happened.
pub(super) struct News {
    pub(super) tenant: TenantId,
    /// To somebody's rights as well.
    pub(super) people: bool,
}

/// Which tenants have events of transactions from `seen` on and before `up_to`.
pub(super) async fn news(conn: &mut PlatformConn, seen: i64, up_to: i64) -> Result<Vec<News>, sqlx::Error> {
    sqlx::query_as!(
        News,
        r#"/* live.news */
         SELECT tenant_id AS "tenant: TenantId", bool_or(entity = 'USER') AS "people!"
         FROM events WHERE xid >= $1 AND xid < $2 GROUP BY tenant_id"#,
        seen,
        up_to,
    )
    .fetch_all(conn.sql())
    .await
}

/// Leaves the last of several events of one transaction about the same thing.
fn once_each(events: Vec<LiveEvent>) -> Vec<LiveEvent> {
    let key = |event: &LiveEvent| (event.bookmark.xid, event.entity, event.entity_id, event.lead_id);
    let mut seen = std::collections::HashSet::new();
    let mut kept: Vec<LiveEvent> = events.into_iter().rev().filter(|event| seen.insert(key(event))).collect();
    kept.reverse();
    kept
}

/// Removes what is older than a day. Returns how many there were.
///
/// # Errors
/// When the database cannot do it.
pub async fn forget_old(conn: &mut PlatformConn) -> Result<u64, sqlx::Error> {
    let gone = sqlx::query!("/* live.forget_old */ DELETE FROM events WHERE at < now() - interval '24 hours'")
        .execute(conn.sql())
        .await?;
    Ok(gone.rows_affected())
}
