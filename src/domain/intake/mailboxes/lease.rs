//! Which process watches which mailbox.
//!
//! A process says every few seconds that it lives ([`beat`]); a mailbox is free when it has no owner or its owner was
//! not seen for a while. Each new owner gets the next number of the mailbox, and everything that is stored names it
//! ([`super::MailboxPlace`]), so a process that slept while another took over stores nothing. The database's clock counts.

use std::time::Duration;

use sqlx::postgres::types::PgInterval;
use uuid::Uuid;

use crate::db::PlatformConn;
use crate::ids::TenantId;

crate::ids::id_type!(
    /// One process that watches mailboxes, from its start to its end.
    PollerId
);

/// The right to watch a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Whose it is.
    pub owner: PollerId,
    /// Grows with each owner.
    pub fence: i64,
}

/// A mailbox of an agency.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MailboxName {
    /// Agency.
    pub tenant: TenantId,
    /// user@host/folder.
    pub mailbox: String,
}

fn columns<'a>(names: impl Iterator<Item = &'a MailboxName>) -> (Vec<Uuid>, Vec<String>) {
    names.map(|name| (name.tenant.0, name.mailbox.clone())).unzip()
}

/// Says that this process lives, and forgets those that have been dead for a day.
///
/// # Errors
/// When the database cannot do it.
pub async fn beat(conn: &mut PlatformConn, poller: PollerId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* intake.beat */
         WITH forgotten AS (DELETE FROM imap_pollers WHERE seen_at < now() - interval '1 day' AND id <> $1)
         INSERT INTO imap_pollers (id, seen_at) VALUES ($1, now()) ON CONFLICT (id) DO UPDATE SET seen_at = now()",
        poller.0
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Takes those of the mailboxes that are free: without an owner, or with one that was not seen for `dead_after`.
///
/// # Errors
/// When the database cannot do it.
pub async fn claim(
    conn: &mut PlatformConn,
    poller: PollerId,
    wanted: &[MailboxName],
    dead_after: Duration,
) -> Result<Vec<(MailboxName, Lease)>, sqlx::Error> {
    // In one order, so that two processes that claim at once do not wait for each other.
    let mut wanted: Vec<&MailboxName> = wanted.iter().collect();
    wanted.sort();
    let (tenants, mailboxes) = columns(wanted.into_iter());
    let dead_after =
        PgInterval { microseconds: i64::try_from(dead_after.as_micros()).unwrap_or(i64::MAX), ..Default::default() };
    let rows = sqlx::query!(
        r#"/* intake.claim */
         INSERT INTO imap_cursors AS c (tenant_id, mailbox, owner, fence)
         SELECT w.tenant_id, w.mailbox, $1, 1 FROM unnest($2::uuid[], $3::text[]) AS w (tenant_id, mailbox)
         WHERE EXISTS (SELECT FROM tenants t WHERE t.id = w.tenant_id)
         ON CONFLICT (tenant_id, mailbox) DO UPDATE SET owner = $1, fence = c.fence + 1
         WHERE c.owner IS NULL
            OR NOT EXISTS (SELECT FROM imap_pollers p WHERE p.id = c.owner AND p.seen_at > now() - $4::interval)
         RETURNING c.tenant_id AS "tenant: TenantId", c.mailbox, c.fence"#,
        poller.0,
        &tenants,
        &mailboxes,
        dead_after,
    )
    .fetch_all(conn.sql())
    .await?;
    let each = rows.into_iter().map(|row| {
        (MailboxName { tenant: row.tenant, mailbox: row.mailbox }, Lease { owner: poller, fence: row.fence })
    });
    Ok(each.collect())
}

/// The mailboxes that are this process's now.
///
/// # Errors
/// When the database cannot be asked.
pub async fn held(conn: &mut PlatformConn, poller: PollerId) -> Result<Vec<(MailboxName, Lease)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* intake.held */
         SELECT tenant_id AS "tenant: TenantId", mailbox, fence FROM imap_cursors WHERE owner = $1"#,
        poller.0
    )
    .fetch_all(conn.sql())
    .await?;
    let each = rows.into_iter().map(|row| {
        (MailboxName { tenant: row.tenant, mailbox: row.mailbox }, Lease { owner: poller, fence: row.fence })
    });
    Ok(each.collect())
}

/// Gives mailboxes back, so that another process can have them at once.
///
/// # Errors
/// When the database cannot do it.
pub async fn release(conn: &mut PlatformConn, poller: PollerId, mailboxes: &[MailboxName]) -> Result<(), sqlx::Error> {
    let (tenants, mailboxes) = columns(mailboxes.iter());
    sqlx::query!(
        "/* intake.release */
         UPDATE imap_cursors c SET owner = NULL
         FROM unnest($2::uuid[], $3::text[]) AS w (tenant_id, mailbox)
         WHERE c.tenant_id = w.tenant_id AND c.mailbox = w.mailbox AND c.owner = $1",
        poller.0,
        &tenants,
        &mailboxes,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Gives everything back; the process ends.
///
/// # Errors
/// When the database cannot do it.
pub async fn retire(conn: &mut PlatformConn, poller: PollerId) -> Result<(), sqlx::Error> {
    sqlx::query!("/* intake.give_back */ UPDATE imap_cursors SET owner = NULL WHERE owner = $1", poller.0)
        .execute(conn.sql())
        .await?;
    sqlx::query!("/* intake.retire_poller */ DELETE FROM imap_pollers WHERE id = $1", poller.0)
        .execute(conn.sql())
        .await?;
    Ok(())
}
