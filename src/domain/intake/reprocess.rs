//! Reading many mails again, after the readers became better. What became a lead stays one and is not read again; a mail
//! whose enquiry is a lead by now ends as its copy.
//!
//! The job hands mails to their own jobs, some in each transaction, and a mail notes for which request it was. So a process
//! that dies loses nothing and hands out nothing twice, and how far it is can be counted.

use serde::{Deserialize, Serialize};

use super::cause::{Cause, Why};
use super::model::{IntakeId, IntakeState};
use super::process::Process;
use super::store;
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::codes::code;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::users::UserId;
use crate::ids::TenantId;
use crate::jobs::{self, Job, JobError, Placement};

/// Mails handed out in one transaction.
const AT_ONCE: i64 = 100;

crate::ids::id_type!(
    /// A request to read many mails again.
    ReprocessId
);

code! {
    /// How far handing out is.
    ReprocessState { /// Mails are being handed to the readers.
        Queued = "QUEUED", /// All are; their own states say the rest.
        HandedOut = "HANDED_OUT", /// Given up; ask again for those that are left.
        Failed = "FAILED" }
}

/// Which mails are to be read again; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct NewReprocess {
    /// Where they are: tray, ignored or discarded.
    pub states: Vec<IntakeState>,
    /// Which portal.
    pub portal: Option<String>,
    /// Whose; lower case.
    pub sender: Option<String>,
    /// Not before.
    pub received_from: Option<Timestamp>,
    /// Not after.
    pub received_to: Option<Timestamp>,
}

/// A request and how far it is.
#[derive(Debug, Clone)]
pub struct Reprocessing {
    /// Id.
    pub id: ReprocessId,
    /// How far handing out is.
    pub state: ReprocessState,
    /// How many mails there were when it was asked for.
    pub total: i64,
    /// How many were read again.
    pub done: i64,
    /// How many of those are part of a lead now, copies among them.
    pub leads: i64,
    /// How many of those are in the tray again.
    pub tray: i64,
    /// Who asked.
    pub requested_by: Option<UserId>,
    /// When.
    pub requested_at: Timestamp,
}

macro_rules! reprocessings_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Reprocessing,
            r#"SELECT r.id AS "id: ReprocessId", r.state AS "state: ReprocessState", r.total, m.done AS "done!", m.leads AS "leads!",
                      m.tray AS "tray!", r.requested_by AS "requested_by: UserId", r.requested_at
               FROM intake_reprocesses r CROSS JOIN LATERAL (
                   SELECT count(*) FILTER (WHERE i.state <> 'RECEIVED') AS done,
                          count(*) FILTER (WHERE i.state IN ('DONE', 'DUPLICATE')) AS leads,
                          count(*) FILTER (WHERE i.state = 'TRAY') AS tray
                   FROM intake_messages i WHERE i.tenant_id = r.tenant_id AND i.reprocess_id = r.id) m
               WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// Asks for mails to be read again.
///
/// # Errors
/// When the database cannot do it.
pub async fn reprocess_all(
    conn: &mut TenantConn,
    user: UserId,
    new: &NewReprocess,
) -> Result<Reprocessing, sqlx::Error> {
    let id = ReprocessId::new();
    let (tenant, now) = (conn.tenant(), conn.now());
    let states: Vec<String> = new.states.iter().map(|state| state.as_str().to_owned()).collect();
    let to = new.received_to.map_or(now, |to| to.min(now));
    sqlx::query!(
        "/* intake.reprocess_all */
         INSERT INTO intake_reprocesses (id, tenant_id, states, portal, sender, received_from, received_to, total, requested_by, requested_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, count(*), $8, $9 FROM intake_messages i
         WHERE i.tenant_id = $2 AND i.state = ANY ($3) AND (i.cause IS NULL OR i.cause NOT IN ('COULD_NOT_BE_TAKEN', 'TEST_MAIL')) AND ($4::text IS NULL OR i.portal = $4) AND ($5::text IS NULL OR lower(i.sender) = $5)
           AND ($6::timestamptz IS NULL OR i.received_at >= $6) AND i.received_at <= $7",
        id.0,
        tenant.0,
        &states,
        new.portal,
        new.sender,
        new.received_from as _,
        to as _,
        user.0,
        now as _,
    )
    .execute(conn.sql())
    .await?;
    let job = Reprocess { tenant_id: tenant, reprocess_id: id };
    jobs::enqueue(conn, &job, Placement::default().keyed(format!("intake.reprocess:{id}"))).await?;
    find_reprocessing(conn, id).await?.ok_or(sqlx::Error::RowNotFound)
}

/// One request.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find_reprocessing(conn: &mut TenantConn, id: ReprocessId) -> Result<Option<Reprocessing>, sqlx::Error> {
    let tenant = conn.tenant();
    reprocessings_where!("r.tenant_id = $1 AND r.id = $2", tenant.0, id.0).fetch_optional(conn.sql()).await
}

/// A page of requests, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list_reprocessings(conn: &mut TenantConn, page: PageRequest) -> Result<Page<Reprocessing>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = reprocessings_where!(
        "r.tenant_id = $1 AND ($2::timestamptz IS NULL OR (r.requested_at, r.id) < ($2, $3::uuid))
         ORDER BY r.requested_at DESC, r.id DESC LIMIT $4",
        tenant.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |row| Cursor { at: row.requested_at, id: row.id.0 }))
}

/// Job `intake.reprocess`: hands the mails of one request to their readers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reprocess {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Request.
    pub reprocess_id: ReprocessId,
}

impl Job for Reprocess {
    const NAME: &'static str = "intake.reprocess";

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        loop {
            let mut conn = app.db.tenant(self.tenant_id).await?;
            let some = next(&mut conn, self.reprocess_id).await?;
            for id in &some {
                let why = Why::about(Cause::ByHand, "read again with many");
                store::write_state(&mut conn, *id, IntakeState::Received, &why, None).await?;
                let (job, key) = Process::anew(self.tenant_id, *id);
                jobs::enqueue(&mut conn, &job, Placement::default().keyed(key)).await?;
            }
            if some.is_empty() {
                write_state(&mut conn, self.reprocess_id, ReprocessState::HandedOut).await?;
            }
            conn.commit().await?;
            if some.is_empty() {
                return Ok(());
            }
        }
    }

    async fn give_up(&self, app: &App, _error: &JobError) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        write_state(&mut conn, self.reprocess_id, ReprocessState::Failed).await?;
        Ok(conn.commit().await?)
    }
}

/// Some mails that were not handed out yet, marked as handed out. Those a human sorts at this moment are left to them.
async fn next(conn: &mut TenantConn, id: ReprocessId) -> Result<Vec<IntakeId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* intake.next_to_reprocess */
         UPDATE intake_messages SET reprocess_id = $2
         WHERE tenant_id = $1 AND id IN (
             SELECT i.id FROM intake_messages i JOIN intake_reprocesses r ON r.tenant_id = i.tenant_id AND r.id = $2
             WHERE i.tenant_id = $1 AND i.reprocess_id IS DISTINCT FROM r.id AND i.state = ANY (r.states)
               AND (i.cause IS NULL OR i.cause NOT IN ('COULD_NOT_BE_TAKEN', 'TEST_MAIL')) AND (i.processed_at IS NULL OR i.processed_at <= r.requested_at)
               AND (r.portal IS NULL OR i.portal = r.portal) AND (r.sender IS NULL OR lower(i.sender) = r.sender)
               AND (r.received_from IS NULL OR i.received_at >= r.received_from) AND i.received_at <= r.received_to
             ORDER BY i.received_at, i.id LIMIT $3 FOR UPDATE OF i SKIP LOCKED)
         RETURNING id AS "id: IntakeId""#,
        conn.tenant().0,
        id.0,
        AT_ONCE,
    )
    .fetch_all(conn.sql())
    .await
}

async fn write_state(conn: &mut TenantConn, id: ReprocessId, state: ReprocessState) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* intake.reprocess_state */ UPDATE intake_reprocesses SET state = $3 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        state as _
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
