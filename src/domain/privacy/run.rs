//! Doing a request, step by step.
//!
//! Always true: each step ends with a transaction that notes how far it is, so a process that dies loses nothing and the
//! next one goes on there; doing a piece twice is harmless. What has to happen outside the database (removing files,
//! reading mails) happens between transactions.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::mention::Mentions;
use super::model::{RequestId, RequestKind, Step, Work};
use super::store::{self, Running};
use super::{erase, export, person, retention, stop, tenant_export};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::intake::{self, IntakeId};
use crate::ids::TenantId;
use crate::jobs::{self, Job, JobError, Placement};

/// Job `privacy.run`: does one request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Request.
    pub request_id: RequestId,
}

/// How the job goes on.
pub(super) enum Next {
    /// With the next piece.
    Go,
    /// With another look a little later.
    Later,
    /// Not at all.
    Stop,
}

/// Pause before looking again whether what an erasure waits for has happened.
const PAUSE: Duration = Duration::from_secs(2);
/// An erasure waits no longer than this for mails to go out and to be read. Where name servers are silent, reading one
/// takes 41 minutes (`intake/authenticate.rs`).
const MOST_PATIENCE: jiff::SignedDuration = jiff::SignedDuration::from_mins(60);
/// Mails looked through between two notes of how far it is.
const AT_ONCE: i64 = 50;

/// Has a request done as part of this transaction.
pub(super) async fn soon(conn: &mut TenantConn, request: RequestId, delay: Duration) -> Result<(), sqlx::Error> {
    let job = Run { tenant_id: conn.tenant(), request_id: request };
    jobs::enqueue(conn, &job, Placement::default().keyed(format!("privacy.run:{request}")).after(delay)).await
}

impl Job for Run {
    const NAME: &'static str = "privacy.run";

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        loop {
            match Box::pin(self.step(app)).await? {
                Next::Go => {}
                Next::Stop => return Ok(()),
                Next::Later => {
                    let mut conn = app.db.tenant(self.tenant_id).await?;
                    soon(&mut conn, self.request_id, PAUSE).await?;
                    return Ok(conn.commit().await?);
                }
            }
        }
    }

    async fn give_up(&self, app: &App, _error: &JobError) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        store::fail(&mut conn, self.request_id).await?;
        Ok(conn.commit().await?)
    }
}

impl Run {
    /// One piece of work.
    async fn step(&self, app: &App) -> Result<Next, JobError> {
        erase::tidy(app, self.tenant_id, self.request_id).await?;
        let mut conn = app.db.tenant(self.tenant_id).await?;
        // Ended by an attempt whose end the queue never heard of, or overtaken by the erasure of the person.
        let Some(mut running) = store::take_up(&mut conn, self.request_id).await? else { return Ok(Next::Stop) };
        match running.step {
            Step::Find => {
                let Some(lead) = running.lead else { return Ok(Next::Stop) };
                person::gather(&mut conn, lead, &mut running.work).await?;
                running.work.until = Some(conn.now());
                running.advance();
                store::save(&mut conn, &running).await?;
            }
            Step::Stop => return stop::stop(app, conn, running).await,
            Step::Wait => {
                if waits(&mut conn, &running).await? {
                    conn.commit().await?;
                    return Ok(Next::Later);
                }
                // Mail read meanwhile may have made further leads.
                if let Some(lead) = running.lead {
                    person::gather(&mut conn, lead, &mut running.work).await?;
                }
                running.work.until = Some(conn.now());
                let Work { leads, stopped, .. } = &running.work;
                if leads.iter().all(|lead| stopped.contains(lead)) {
                    running.advance();
                } else {
                    running.step = Step::Stop;
                }
                store::save(&mut conn, &running).await?;
            }
            Step::Leads if running.kind == RequestKind::Retention => {
                return retention::leads(app, conn, running).await;
            }
            Step::Leads => {
                match running.work.leads.pop() {
                    Some(lead) if stop::holds_appointment(&mut conn, lead).await? => {
                        // Booked since it was stopped: the agent must hear that the time is free again.
                        running.work.leads.push(lead);
                        running.work.stopped.retain(|stopped| *stopped != lead);
                        running.step = Step::Stop;
                    }
                    Some(lead) => drop(erase::lead(&mut conn, app, &mut running, lead).await?),
                    None => running.advance(),
                }
                store::save(&mut conn, &running).await?;
            }
            Step::Search => return self.search(app, conn, running).await,
            Step::Mails => return retention::mails(conn, running).await,
            Step::Tables | Step::Files => return tenant_export::write(app, conn, running).await,
            Step::Write if running.kind == RequestKind::TenantExport => {
                return tenant_export::write(app, conn, running).await;
            }
            Step::Write => return export::write(app, conn, running).await,
            Step::End => {
                let expires_at = export::expiry(&running, conn.now());
                store::finish(&mut conn, running.id, expires_at).await?;
                conn.commit().await?;
                tracing::info!(tenant = %self.tenant_id, request = %self.request_id, kind = %running.kind, "privacy request done");
                metrics::counter!("immivo_privacy_requests_total", "kind" => running.kind.as_str()).increment(1);
                return Ok(Next::Stop);
            }
        }
        conn.commit().await?;
        Ok(Next::Go)
    }

    /// Looks through some of the mails that belong to no conversation: tray, ignored, copies, bounces.
    async fn search(&self, app: &App, mut conn: TenantConn, mut running: Running) -> Result<Next, JobError> {
        let mentions = Mentions::of(&running.work);
        let mails = if mentions.is_empty() { Vec::new() } else { loose(&mut conn, &running.work).await? };
        conn.commit().await?;

        let mut found = Vec::new();
        for mail in &mails {
            let mut conn = app.db.tenant(self.tenant_id).await?;
            let Some(raw) = intake::raw(&mut conn, IntakeId(mail.id)).await? else { continue };
            drop(conn);
            // A mail of many megabytes takes a while to read; other tasks of this thread should not wait for it.
            let (mentions, known) = (mentions.clone(), mail.known.clone());
            let names = move || mentions.text(&known) || mentions.mail(&raw);
            if tokio::task::spawn_blocking(names).await.map_err(anyhow::Error::from)? {
                found.push(mail.id);
            }
        }

        let mut conn = app.db.tenant(self.tenant_id).await?;
        let before = running.work.cursor;
        let Some(now) = store::take_up(&mut conn, self.request_id).await? else { return Ok(Next::Stop) };
        running = now;
        if running.work.cursor != before {
            return Ok(Next::Go); // another process was faster
        }
        if running.kind == RequestKind::Export {
            running.work.mails.extend(&found);
        } else {
            let found = still_loose(&mut conn, &found).await?;
            erase::mails(&mut conn, &mut running, &found).await?;
        }
        match mails.last() {
            Some(last) => running.work.cursor = Some(last.id),
            None => {
                if running.kind == RequestKind::Erasure {
                    erase::rules(&mut conn, &mut running).await?;
                }
                running.advance();
            }
        }
        store::save(&mut conn, &running).await?;
        conn.commit().await?;
        Ok(Next::Go)
    }
}

/// Whether mail is on its way out or came before the request and is not read yet; not for ever.
async fn waits(conn: &mut TenantConn, running: &Running) -> Result<bool, sqlx::Error> {
    let patience = Timestamp(running.requested_at.0 + MOST_PATIENCE);
    if conn.now() > patience {
        return Ok(false);
    }
    let leads: Vec<Uuid> = running.work.leads.iter().map(|lead| lead.0).collect();
    sqlx::query_scalar!(
        r#"/* privacy.waits */
         SELECT EXISTS (SELECT FROM outbox WHERE tenant_id = $1 AND lead_id = ANY ($2) AND state = 'QUEUED')
             OR EXISTS (SELECT FROM intake_messages WHERE tenant_id = $1 AND state = 'RECEIVED' AND received_at <= $3) AS "waits!""#,
        conn.tenant().0,
        &leads,
        running.requested_at as _,
    )
    .fetch_one(conn.sql())
    .await
}

/// A mail that belongs to no conversation.
struct LooseMail {
    id: Uuid,
    /// What was noted of it.
    known: String,
}

/// The next of them. What came after the erasure began is new and stays, except copies: they would be copies of nothing.
async fn loose(conn: &mut TenantConn, work: &Work) -> Result<Vec<LooseMail>, sqlx::Error> {
    sqlx::query_as!(
        LooseMail,
        r#"/* privacy.loose */
         SELECT id, concat_ws(' ', envelope_from, sender, subject, parsed) AS "known!"
         FROM intake_messages i
         WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2) AND state <> 'RECEIVED' AND (received_at <= $3 OR state = 'DUPLICATE')
           AND NOT EXISTS (SELECT FROM messages m WHERE m.tenant_id = i.tenant_id AND m.intake_message_id = i.id)
         ORDER BY id LIMIT $4"#,
        conn.tenant().0,
        work.cursor,
        work.until as _,
        AT_ONCE,
    )
    .fetch_all(conn.sql())
    .await
}

/// A human may have made a lead of one meanwhile: that is a new lead, and its mail is its own.
async fn still_loose(conn: &mut TenantConn, ids: &[Uuid]) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "/* privacy.still_loose */
         SELECT id FROM intake_messages i
         WHERE tenant_id = $1 AND id = ANY ($2)
           AND NOT EXISTS (SELECT FROM messages m WHERE m.tenant_id = i.tenant_id AND m.intake_message_id = i.id)
         FOR UPDATE",
        conn.tenant().0,
        ids,
    )
    .fetch_all(conn.sql())
    .await
}
