//! SQL of requests.

use std::collections::BTreeMap;

use sqlx::types::Json;

use super::model::{ErasureReason, Request, RequestId, RequestKind, RequestState, Step, Work};
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::leads::LeadId;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::users::UserId;

/// What was done, in numbers by table.
pub(super) type Counts = BTreeMap<String, i64>;

macro_rules! requests_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Request,
            r#"SELECT id AS "id: RequestId", kind AS "kind: RequestKind", lead_id AS "lead_id: LeadId", reason AS "reason: ErasureReason",
                      state AS "state: RequestState", step AS "step: Step", receipt, parts, requested_by AS "requested_by: UserId",
                      requested_at, finished_at, expires_at
               FROM privacy_requests WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// One request.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(conn: &mut TenantConn, id: RequestId) -> Result<Option<Request>, sqlx::Error> {
    let tenant = conn.tenant();
    requests_where!("tenant_id = $1 AND id = $2", tenant.0, id.0).fetch_optional(conn.sql()).await
}

/// A page of requests, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(
    conn: &mut TenantConn,
    kind: Option<RequestKind>,
    page: PageRequest,
) -> Result<Page<Request>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = requests_where!(
        "tenant_id = $1
         AND ($2::text IS NULL OR kind = $2)
         AND ($3::timestamptz IS NULL OR (requested_at, id) < ($3, $4::uuid))
         ORDER BY requested_at DESC, id DESC LIMIT $5",
        tenant.0,
        kind.map(RequestKind::as_str),
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |request| Cursor { at: request.requested_at, id: request.id.0 }))
}

/// The request of this kind that is not at its end.
pub(super) async fn open(
    conn: &mut TenantConn,
    kind: RequestKind,
    lead: Option<LeadId>,
) -> Result<Option<Request>, sqlx::Error> {
    let tenant = conn.tenant();
    requests_where!(
        "tenant_id = $1 AND kind = $2 AND lead_id IS NOT DISTINCT FROM $3 AND state IN ('QUEUED', 'RUNNING', 'FAILED')",
        tenant.0,
        kind.as_str(),
        lead.map(|id| id.0),
    )
    .fetch_optional(conn.sql())
    .await
}

/// What a new request says.
pub(super) struct NewRequest {
    pub(super) kind: RequestKind,
    pub(super) lead: Option<LeadId>,
    pub(super) reason: Option<ErasureReason>,
    pub(super) by: Option<UserId>,
}

/// Adds a request; `None` when another one was faster.
pub(super) async fn insert(conn: &mut TenantConn, new: &NewRequest) -> Result<Option<RequestId>, sqlx::Error> {
    let id = RequestId::new();
    let inserted = sqlx::query!(
        "/* privacy.insert */
         INSERT INTO privacy_requests (id, tenant_id, kind, lead_id, reason, step, requested_by, requested_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT DO NOTHING",
        id.0,
        conn.tenant().0,
        new.kind as _,
        new.lead.map(|id| id.0),
        new.reason.map(ErasureReason::as_str),
        Step::of(new.kind).first().copied().unwrap_or(Step::End) as _,
        new.by.map(|id| id.0),
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok((inserted.rows_affected() == 1).then_some(id))
}

/// A request that is being done, with its work.
pub(super) struct Running {
    pub(super) id: RequestId,
    pub(super) kind: RequestKind,
    pub(super) lead: Option<LeadId>,
    pub(super) step: Step,
    pub(super) work: Work,
    pub(super) receipt: Counts,
    pub(super) parts: i32,
    pub(super) requested_at: Timestamp,
}

impl Running {
    /// Goes on to the next step.
    pub(super) fn advance(&mut self) {
        self.step = self.step.next(self.kind);
        self.work.cursor = None;
    }

    /// Adds to the receipt.
    pub(super) fn count(&mut self, what: &str, number: usize) {
        if number > 0 {
            *self.receipt.entry(what.to_owned()).or_default() += i64::try_from(number).unwrap_or(i64::MAX);
        }
    }
}

/// Takes a request up, and nobody else works on it until this transaction ends. `None`: there is nothing to do.
pub(super) async fn take_up(conn: &mut TenantConn, id: RequestId) -> Result<Option<Running>, sqlx::Error> {
    let row = sqlx::query!(
        r#"/* privacy.take_up */
         UPDATE privacy_requests SET state = 'RUNNING'
         WHERE tenant_id = $1 AND id = $2 AND state IN ('QUEUED', 'RUNNING')
         RETURNING kind AS "kind: RequestKind", lead_id AS "lead_id: LeadId", step AS "step: Step", work AS "work: Json<Work>",
                   receipt AS "receipt: Json<Counts>", parts, requested_at"#,
        conn.tenant().0,
        id.0,
    )
    .fetch_optional(conn.sql())
    .await?;
    Ok(row.map(|row| Running {
        id,
        kind: row.kind,
        lead: row.lead_id,
        step: row.step,
        work: row.work.map(|work| work.0).unwrap_or_default(),
        receipt: row.receipt.0,
        parts: row.parts,
        requested_at: row.requested_at,
    }))
}

/// Writes how far a request is.
pub(super) async fn save(conn: &mut TenantConn, running: &Running) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* privacy.save */
         UPDATE privacy_requests SET step = $3, work = $4, receipt = $5, parts = $6 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        running.id.0,
        running.step as _,
        Json(&running.work) as _,
        Json(&running.receipt) as _,
        running.parts,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Ends a request; whom it was about is forgotten.
pub(super) async fn finish(
    conn: &mut TenantConn,
    id: RequestId,
    expires_at: Option<Timestamp>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* privacy.finish */
         UPDATE privacy_requests SET state = 'DONE', work = NULL, finished_at = $3, expires_at = $4 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        conn.now() as _,
        expires_at as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Says that a request was given up. What is left to do stays with it.
pub(super) async fn fail(conn: &mut TenantConn, id: RequestId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* privacy.fail */
         UPDATE privacy_requests SET state = 'FAILED', finished_at = $3
         WHERE tenant_id = $1 AND id = $2 AND state IN ('QUEUED', 'RUNNING')",
        conn.tenant().0,
        id.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Takes up a request that failed. Whether it had.
pub(super) async fn requeue(conn: &mut TenantConn, id: RequestId) -> Result<bool, sqlx::Error> {
    let requeued = sqlx::query!(
        "/* privacy.requeue */
         UPDATE privacy_requests SET state = 'QUEUED', finished_at = NULL WHERE tenant_id = $1 AND id = $2 AND state = 'FAILED'",
        conn.tenant().0,
        id.0,
    )
    .execute(conn.sql())
    .await?;
    Ok(requeued.rows_affected() == 1)
}

/// Exports whose files are to be removed by now, and how many files each has.
pub(super) async fn expired(conn: &mut TenantConn) -> Result<Vec<(RequestId, i32)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* privacy.expired */
         SELECT id AS "id: RequestId", parts FROM privacy_requests
         WHERE tenant_id = $1 AND kind IN ('EXPORT', 'TENANT_EXPORT') AND state = 'DONE' AND expires_at <= $2 ORDER BY id"#,
        conn.tenant().0,
        conn.now() as _,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.parts)).collect())
}

/// Says that the files of an export are gone.
pub(super) async fn expire(conn: &mut TenantConn, id: RequestId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* privacy.expire */ UPDATE privacy_requests SET state = 'EXPIRED' WHERE tenant_id = $1 AND id = $2 AND state = 'DONE'",
        conn.tenant().0,
        id.0,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Ends the exports of this lead, and those of the agency, which hold it, too; how many files each may have: a process that
/// died may have written one more than it noted.
pub(super) async fn expire_exports_of(
    conn: &mut TenantConn,
    lead: Option<LeadId>,
) -> Result<Vec<(RequestId, i32)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* privacy.expire_exports_of */
         UPDATE privacy_requests SET state = 'EXPIRED', work = NULL, finished_at = coalesce(finished_at, $3)
         WHERE tenant_id = $1 AND (kind = 'EXPORT' AND lead_id = $2 OR kind = 'TENANT_EXPORT') AND state <> 'EXPIRED'
         RETURNING id AS "id: RequestId", parts"#,
        conn.tenant().0,
        lead.map(|lead| lead.0),
        conn.now() as _,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.parts + 1)).collect())
}
