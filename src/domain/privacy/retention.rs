//! Forgetting by time: every night, for every tenant, what its retention time has passed for.
//!
//! A lost lead nothing happened to for that long is erased as if its person had asked for it; so is mail that became no
//! lead. Exports go at their time, kept answers of the API after a day, what test addresses showed and refused rows
//! of imports said after a month. A night that finds nothing leaves no receipt.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::erase::{self, part_key};
use super::model::RequestKind;
use super::run::{self, Next};
use super::store::{self, NewRequest, Running};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::imports;
use crate::domain::intake::trial;
use crate::domain::leads::LeadId;
use crate::domain::{leads as all_leads, once, tenants};
use crate::ids::TenantId;
use crate::integrations::storage::FileKey;
use crate::jobs::{Job, JobError, NightlyJob};

/// Leads and mails found at once.
const AT_ONCE: i64 = 100;

/// Job `privacy.nightly`: has every tenant's night work done.
#[derive(Debug, Clone, Copy)]
pub struct Nightly;

impl NightlyJob for Nightly {
    const NAME: &'static str = "privacy.nightly";
    const AT: (u32, u32) = (1, 30);

    async fn run(app: &App) -> Result<(), JobError> {
        Ok(tenants::enqueue_for_all(&app.db, |tenant_id| Retain { tenant_id }).await?)
    }
}

/// Job `privacy.retain`: one tenant's night work.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Retain {
    /// Tenant.
    pub tenant_id: TenantId,
}

impl Job for Retain {
    const NAME: &'static str = "privacy.retain";

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        once::forget(&mut conn).await?;
        trial::forget_old(&mut conn).await?;
        imports::forget_old(&mut conn).await?;
        let expired = store::expired(&mut conn).await?;
        conn.commit().await?;
        for (export, parts) in expired {
            for part in 1..=parts {
                let key = part_key(self.tenant_id, export, part).parse::<FileKey>().map_err(anyhow::Error::from)?;
                app.files.remove(&key).await.map_err(anyhow::Error::from)?;
            }
            let mut conn = app.db.tenant(self.tenant_id).await?;
            store::expire(&mut conn, export).await?;
            conn.commit().await?;
        }

        let mut conn = app.db.tenant(self.tenant_id).await?;
        let Some(before) = before(&mut conn).await? else { return Ok(()) };
        if due_leads(&mut conn, before, None).await?.is_empty() && due_mails(&mut conn, before).await?.is_empty() {
            return Ok(());
        }
        let request = match store::open(&mut conn, RequestKind::Retention, None).await? {
            // One that failed in a night before is taken up again.
            Some(open) => {
                store::requeue(&mut conn, open.id).await?;
                Some(open.id)
            }
            None => {
                let new = NewRequest { kind: RequestKind::Retention, lead: None, reason: None, by: None };
                store::insert(&mut conn, &new).await?
            }
        };
        if let Some(request) = request {
            run::soon(&mut conn, request, std::time::Duration::ZERO).await?;
        }
        Ok(conn.commit().await?)
    }

    /// The worker has written that it was given up; the next night does what this one did not.
    async fn give_up(&self, _app: &App, _error: &JobError) -> Result<(), JobError> {
        Ok(())
    }
}

/// Erases some of the leads whose time has passed.
pub(super) async fn leads(app: &App, mut conn: TenantConn, mut running: Running) -> Result<Next, JobError> {
    // Switched off meanwhile: nothing is due any more.
    let due = match before(&mut conn).await? {
        Some(before) => due_leads(&mut conn, before, None).await?.into_iter().next().map(|lead| (lead, before)),
        None => None,
    };
    match due {
        Some((lead, before)) => {
            all_leads::lock(&mut conn, lead, all_leads::Viewer::SYSTEM).await?;
            // The prospect may have written while the lock was waited for.
            if !due_leads(&mut conn, before, Some(lead)).await?.is_empty() {
                erase::lead(&mut conn, app, &mut running, lead).await?;
            }
        }
        None => running.advance(),
    }
    store::save(&mut conn, &running).await?;
    conn.commit().await?;
    Ok(Next::Go)
}

/// Erases some of the mails whose time has passed.
pub(super) async fn mails(mut conn: TenantConn, mut running: Running) -> Result<Next, JobError> {
    let due = match before(&mut conn).await? {
        Some(before) => due_mails(&mut conn, before).await?,
        None => Vec::new(),
    };
    if due.is_empty() {
        running.advance();
    } else {
        erase::mails(&mut conn, &mut running, &due).await?;
    }
    store::save(&mut conn, &running).await?;
    conn.commit().await?;
    Ok(Next::Go)
}

/// What is older than this is due; `None`: the tenant forgets nothing by itself.
async fn before(conn: &mut TenantConn) -> Result<Option<Timestamp>, sqlx::Error> {
    let days = sqlx::query_scalar!(
        r#"/* privacy.retention_days */ SELECT retention_days::integer AS "days?" FROM tenants WHERE id = $1"#,
        conn.tenant().0
    )
    .fetch_optional(conn.sql())
    .await?
    .flatten();
    Ok(days.map(|days| Timestamp(conn.now().0 - jiff::SignedDuration::from_hours(24 * i64::from(days)))))
}

/// Lost leads nothing happened to since; of `only` if given.
async fn due_leads(conn: &mut TenantConn, before: Timestamp, only: Option<LeadId>) -> Result<Vec<LeadId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* privacy.due_leads */
         SELECT id AS "id: LeadId" FROM leads l
         WHERE tenant_id = $1 AND status = 'LOST' AND updated_at < $2 AND ($3::uuid IS NULL OR id = $3)
           AND NOT EXISTS (SELECT FROM lead_events e WHERE e.tenant_id = l.tenant_id AND e.lead_id = l.id AND e.at >= $2)
           AND NOT EXISTS (SELECT FROM viewing_seats s JOIN viewings v ON v.tenant_id = s.tenant_id AND v.id = s.viewing_id
                           WHERE s.tenant_id = l.tenant_id AND s.lead_id = l.id AND s.state = 'CONFIRMED' AND v.ends_at >= $2)
         ORDER BY updated_at LIMIT $4"#,
        conn.tenant().0,
        before as _,
        only.map(|id| id.0),
        AT_ONCE,
    )
    .fetch_all(conn.sql())
    .await
}

/// Mails that became no part of a conversation.
async fn due_mails(conn: &mut TenantConn, before: Timestamp) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "/* privacy.due_mails */
         SELECT id FROM intake_messages i
         WHERE tenant_id = $1 AND received_at < $2 AND state <> 'RECEIVED'
           AND NOT EXISTS (SELECT FROM messages m WHERE m.tenant_id = i.tenant_id AND m.intake_message_id = i.id)
         ORDER BY received_at LIMIT $3 FOR UPDATE",
        conn.tenant().0,
        before as _,
        AT_ONCE,
    )
    .fetch_all(conn.sql())
    .await
}
