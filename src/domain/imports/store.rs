//! Imports and their rows in the database.

use sqlx::types::Json;
use uuid::Uuid;

use super::model::{Counts, Import, ImportError, ImportId, ImportKind, ImportRow, ImportState, RowProblem, RowState};
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::users::UserId;
use crate::ids::new_id;

/// Days that refused rows, and imports nobody started, are kept.
const KEPT_DAYS: i64 = 30;

/// A row of the database; sqlx fills no struct inside a struct.
struct Row {
    id: ImportId,
    kind: ImportKind,
    file_name: String,
    state: ImportState,
    columns: Vec<String>,
    mapping: Vec<String>,
    requested_by: Option<UserId>,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    version: i32,
    total: i64,
    waiting: i64,
    invalid: i64,
    created: i64,
    duplicate: i64,
    undone: i64,
    kept: i64,
}

impl From<Row> for Import {
    fn from(row: Row) -> Self {
        let counts = Counts {
            total: row.total,
            waiting: row.waiting,
            invalid: row.invalid,
            created: row.created,
            duplicate: row.duplicate,
            undone: row.undone,
            kept: row.kept,
        };
        Self {
            id: row.id,
            kind: row.kind,
            file_name: row.file_name,
            state: row.state,
            columns: row.columns,
            mapping: row.mapping,
            requested_by: row.requested_by,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            version: row.version,
            counts,
        }
    }
}

macro_rules! imports_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"SELECT i.id AS "id: ImportId", i.kind AS "kind: ImportKind", i.file_name, i.state AS "state: ImportState", i.columns,
                      i.mapping, i.requested_by AS "requested_by: UserId", i.created_at, i.started_at, i.finished_at, i.version,
                      c.total AS "total!", c.waiting AS "waiting!", c.invalid AS "invalid!", c.created AS "created!",
                      c.duplicate AS "duplicate!", c.undone AS "undone!", c.kept AS "kept!"
               FROM imports i CROSS JOIN LATERAL (
                   SELECT count(*) AS total,
                          count(*) FILTER (WHERE r.state = 'WAITING') AS waiting, count(*) FILTER (WHERE r.state = 'INVALID') AS invalid,
                          count(*) FILTER (WHERE r.state = 'CREATED') AS created, count(*) FILTER (WHERE r.state = 'DUPLICATE') AS duplicate,
                          count(*) FILTER (WHERE r.state = 'UNDONE') AS undone, count(*) FILTER (WHERE r.state = 'KEPT') AS kept
                   FROM import_rows r WHERE r.tenant_id = i.tenant_id AND r.import_id = i.id) c
               WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// One import.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(conn: &mut TenantConn, id: ImportId) -> Result<Option<Import>, sqlx::Error> {
    let tenant = conn.tenant();
    let row = imports_where!("i.tenant_id = $1 AND i.id = $2", tenant.0, id.0).fetch_optional(conn.sql()).await?;
    Ok(row.map(Import::from))
}

/// A page of imports, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(conn: &mut TenantConn, page: PageRequest) -> Result<Page<Import>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = imports_where!(
        "i.tenant_id = $1 AND ($2::timestamptz IS NULL OR (i.created_at, i.id) < ($2, $3::uuid))
         ORDER BY i.created_at DESC, i.id DESC LIMIT $4",
        tenant.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |row| Cursor { at: row.created_at, id: row.id.0 }).map(Import::from))
}

/// Rows of an import in the order of the file: at most `limit` after the row `after`, in one state if given.
///
/// # Errors
/// When the database cannot be asked.
pub async fn rows(
    conn: &mut TenantConn,
    id: ImportId,
    state: Option<RowState>,
    after: i32,
    limit: i64,
) -> Result<Vec<ImportRow>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* imports.rows */
         SELECT number, cells, state AS "state: RowState", problems AS "problems: Json<Vec<RowProblem>>", entity_id
         FROM import_rows WHERE tenant_id = $1 AND import_id = $2 AND number > $3 AND ($4::text IS NULL OR state = $4)
         ORDER BY number LIMIT $5"#,
        conn.tenant().0,
        id.0,
        after,
        state.map(RowState::as_str),
        limit,
    )
    .fetch_all(conn.sql())
    .await?;
    let rows = rows.into_iter().map(|row| ImportRow {
        number: row.number,
        cells: row.cells,
        state: row.state,
        problems: row.problems.0,
        entity_id: row.entity_id,
    });
    Ok(rows.collect())
}

/// What of an import is needed to make its rows, read under its lock: nobody starts, maps or undoes it meanwhile.
#[derive(Debug, Clone)]
pub(super) struct Locked {
    pub(super) kind: ImportKind,
    pub(super) state: ImportState,
    pub(super) mapping: Vec<String>,
    pub(super) version: i32,
}

pub(super) async fn lock(conn: &mut TenantConn, id: ImportId) -> Result<Locked, ImportError> {
    sqlx::query_as!(
        Locked,
        r#"/* imports.lock */
         SELECT kind AS "kind: ImportKind", state AS "state: ImportState", mapping, version
         FROM imports WHERE tenant_id = $1 AND id = $2 FOR UPDATE"#,
        conn.tenant().0,
        id.0
    )
    .fetch_optional(conn.sql())
    .await?
    .ok_or(ImportError::NotFound)
}

/// Inserts an import; its rows follow.
pub(super) async fn insert(
    conn: &mut TenantConn,
    user: UserId,
    (kind, file_name): (ImportKind, &str),
    (columns, mapping): (&[String], &[String]),
) -> Result<ImportId, sqlx::Error> {
    let id = ImportId::new();
    sqlx::query!(
        "/* imports.insert */
         INSERT INTO imports (id, tenant_id, kind, file_name, columns, mapping, requested_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        id.0,
        conn.tenant().0,
        kind as _,
        file_name,
        columns,
        mapping,
        user.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(id)
}

/// Inserts rows, all at once.
pub(super) async fn insert_rows(
    conn: &mut TenantConn,
    id: ImportId,
    rows: &[(i32, Vec<String>, Vec<RowProblem>)],
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = rows.iter().map(|_| new_id()).collect();
    let numbers: Vec<i32> = rows.iter().map(|(number, ..)| *number).collect();
    // An array of arrays would have to be rectangular in the database, too; JSON need not be.
    let cells: Vec<serde_json::Value> = rows.iter().map(|(_, cells, _)| serde_json::json!(cells)).collect();
    let problems: Vec<serde_json::Value> = rows.iter().map(|(.., problems)| serde_json::json!(problems)).collect();
    sqlx::query!(
        "/* imports.insert_rows */
         INSERT INTO import_rows (id, tenant_id, import_id, number, cells, state, problems)
         SELECT r.id, $1, $2, r.number, ARRAY(SELECT jsonb_array_elements_text(r.cells)),
                CASE WHEN r.problems = '[]' THEN 'WAITING' ELSE 'INVALID' END, r.problems
         FROM unnest($3::uuid[], $4::integer[], $5::jsonb[], $6::jsonb[]) AS r (id, number, cells, problems)",
        conn.tenant().0,
        id.0,
        &ids,
        &numbers,
        &cells,
        &problems,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Writes what is wrong with rows that are not made yet.
pub(super) async fn write_problems(
    conn: &mut TenantConn,
    id: ImportId,
    rows: &[(i32, Vec<RowProblem>)],
) -> Result<(), sqlx::Error> {
    let numbers: Vec<i32> = rows.iter().map(|(number, _)| *number).collect();
    let problems: Vec<serde_json::Value> = rows.iter().map(|(_, problems)| serde_json::json!(problems)).collect();
    sqlx::query!(
        "/* imports.write_problems */
         UPDATE import_rows i SET problems = r.problems, state = CASE WHEN r.problems = '[]' THEN 'WAITING' ELSE 'INVALID' END
         FROM unnest($3::integer[], $4::jsonb[]) AS r (number, problems)
         WHERE i.tenant_id = $1 AND i.import_id = $2 AND i.number = r.number AND i.state IN ('WAITING', 'INVALID')",
        conn.tenant().0,
        id.0,
        &numbers,
        &problems,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Writes what the columns are.
pub(super) async fn write_mapping(conn: &mut TenantConn, id: ImportId, mapping: &[String]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* imports.write_mapping */ UPDATE imports SET mapping = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        mapping
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Writes how far an import is.
pub(super) async fn write_state(conn: &mut TenantConn, id: ImportId, state: ImportState) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* imports.write_state */
         UPDATE imports SET state = $3, version = version + 1,
             started_at = coalesce(started_at, $4), finished_at = CASE WHEN $3 IN ('RUNNING', 'UNDOING') THEN NULL ELSE $4 END
         WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        state.as_str(),
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// A row to be made or taken back.
#[derive(Debug)]
pub(super) struct Next {
    pub(super) number: i32,
    pub(super) cells: Option<Vec<String>>,
    pub(super) entity_id: Option<Uuid>,
    pub(super) entity_version: Option<i32>,
}

/// The next row in a state, locked: another process at the same import takes another one.
pub(super) async fn next(conn: &mut TenantConn, id: ImportId, state: RowState) -> Result<Option<Next>, sqlx::Error> {
    sqlx::query_as!(
        Next,
        "/* imports.next */
         SELECT number, cells, entity_id, entity_version FROM import_rows
         WHERE tenant_id = $1 AND import_id = $2 AND state = $3 ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED",
        conn.tenant().0,
        id.0,
        state.as_str(),
    )
    .fetch_optional(conn.sql())
    .await
}

/// Writes what became of a row, and forgets what it said unless it was refused.
pub(super) async fn settle(
    conn: &mut TenantConn,
    id: ImportId,
    number: i32,
    state: RowState,
    entity: Option<(Uuid, Option<i32>)>,
    problems: &[RowProblem],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* imports.settle */
         UPDATE import_rows SET state = $4, entity_id = $5, entity_version = $6, problems = $7,
             cells = CASE WHEN $4 = 'INVALID' THEN cells END
         WHERE tenant_id = $1 AND import_id = $2 AND number = $3",
        conn.tenant().0,
        id.0,
        number,
        state.as_str(),
        entity.map(|(id, _)| id),
        entity.and_then(|(_, version)| version),
        serde_json::json!(problems),
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Takes back a lead an import made; `false`: somebody worked on it.
pub(super) async fn undo_lead(conn: &mut TenantConn, id: ImportId, lead: Uuid) -> Result<bool, sqlx::Error> {
    let gone =
        sqlx::query_scalar!(r#"/* imports.undo_lead */ SELECT undo_imported_lead($1, $2) AS "gone!""#, id.0, lead)
            .fetch_one(conn.sql())
            .await?;
    Ok(gone)
}

/// Removes an import nobody started.
pub(super) async fn remove(conn: &mut TenantConn, id: ImportId) -> Result<(), sqlx::Error> {
    sqlx::query!("/* imports.remove */ DELETE FROM imports WHERE tenant_id = $1 AND id = $2", conn.tenant().0, id.0)
        .execute(conn.sql())
        .await?;
    Ok(())
}

/// Forgets what refused rows say after a month, and imports nobody started. Part of every tenant's night work.
///
/// # Errors
/// When the database cannot do it.
pub async fn forget_old(conn: &mut TenantConn) -> Result<(), sqlx::Error> {
    let before = Timestamp(conn.now().0 - jiff::SignedDuration::from_hours(24 * KEPT_DAYS));
    sqlx::query!(
        "/* imports.forget_unstarted */ DELETE FROM imports WHERE tenant_id = $1 AND state = 'PROPOSED' AND created_at < $2",
        conn.tenant().0,
        before as _,
    )
    .execute(conn.sql())
    .await?;
    sqlx::query!(
        "/* imports.forget_cells */
         UPDATE import_rows r SET cells = NULL FROM imports i
         WHERE r.tenant_id = $1 AND r.state = 'INVALID' AND r.cells IS NOT NULL
           AND i.tenant_id = r.tenant_id AND i.id = r.import_id AND i.created_at < $2",
        conn.tenant().0,
        before as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Forgets rows that name a person by address (lower case) or by the digits of a telephone; such a row is not made any more.
/// Answers how many.
///
/// # Errors
/// When the database cannot do it.
pub async fn forget_person(
    conn: &mut TenantConn,
    email: Option<&str>,
    phone_digits: Option<&str>,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        r#"/* imports.forget_person */
         UPDATE import_rows SET cells = NULL, state = CASE WHEN state = 'WAITING' THEN 'INVALID' ELSE state END,
             problems = '[{"field": "", "message": "the person asked to be forgotten"}]'
         WHERE tenant_id = $1 AND cells IS NOT NULL
           AND (strpos(lower(array_to_string(cells, ' ')), $2) > 0
                OR strpos(regexp_replace(array_to_string(cells, ' '), '[^0-9]', '', 'g'), $3) > 0)"#,
        conn.tenant().0,
        email,
        phone_digits,
    )
    .execute(conn.sql())
    .await?;
    Ok(done.rows_affected())
}
