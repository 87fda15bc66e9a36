//! What people do with an import: begin it, say what its columns are, start it, take it back.

use std::collections::HashSet;

use super::fields::fields;
use super::model::{Import, ImportError, ImportId, ImportKind, ImportState, NewImport, RowProblem};
use super::propose::propose;
use super::run::{Reader, Run, Undo};
use super::store::{self, Locked};
use crate::db::TenantConn;
use crate::domain::fields::FieldProblem;
use crate::domain::users::UserId;
use crate::jobs::{self, Placement};

/// Rows checked and written at once.
const AT_ONCE: usize = 1000;

/// Keeps what a file holds, with a proposal of what its columns are.
///
/// # Errors
/// [`ImportError`].
pub async fn begin(conn: &mut TenantConn, user: UserId, new: NewImport) -> Result<Import, ImportError> {
    let NewImport { kind, file_name, table } = new;
    let columns = table.columns;
    let numbers: Vec<i32> = table.rows.iter().map(|row| i32::try_from(row.number).unwrap_or(i32::MAX)).collect();
    let cells: Vec<Vec<String>> = table.rows.into_iter().map(|row| row.cells).collect();
    let mapping = propose(kind, &columns, &cells);
    let id = store::insert(conn, user, (kind, &file_name), (&columns, &mapping)).await?;
    let mut reader = Some(Reader::new(conn, kind, mapping).await?);
    let mut rows = numbers.into_iter().zip(cells);
    loop {
        let some: Vec<(i32, Vec<String>)> = rows.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            break;
        }
        let now = reader.take().ok_or(ImportError::NotRead)?;
        let (back, checked) = tokio::task::spawn_blocking(move || {
            let checked: Vec<_> = some
                .into_iter()
                .map(|(number, cells)| {
                    let problems = now.problems(&cells);
                    (number, cells, problems)
                })
                .collect();
            (now, checked)
        })
        .await
        .map_err(|_| ImportError::NotRead)?;
        reader = Some(back);
        store::insert_rows(conn, id, &checked).await?;
    }
    store::find(conn, id).await?.ok_or(ImportError::NotFound)
}

/// Says what each column is, by the name of a field or `None`, and reads every row again.
///
/// # Errors
/// [`ImportError`].
pub async fn map(
    conn: &mut TenantConn,
    id: ImportId,
    columns: &[Option<String>],
    expected_version: Option<i32>,
) -> Result<Import, ImportError> {
    let locked = store::lock(conn, id).await?;
    allowed(&locked, &[ImportState::Proposed])?;
    if expected_version.is_some_and(|version| version != locked.version) {
        return Err(ImportError::Changed);
    }
    let mapping = checked(locked.kind, columns, locked.mapping.len())?;
    store::write_mapping(conn, id, &mapping).await?;
    let mut reader = Some(Reader::new(conn, locked.kind, mapping).await?);
    let mut after = 0;
    loop {
        let some = store::rows(conn, id, None, after, i64::try_from(AT_ONCE).unwrap_or(i64::MAX)).await?;
        let Some(last) = some.last() else { break };
        after = last.number;
        let now = reader.take().ok_or(ImportError::NotRead)?;
        let (back, problems) = tokio::task::spawn_blocking(move || {
            let read = |cells: Vec<String>| now.problems(&cells);
            let problems: Vec<(i32, Vec<RowProblem>)> =
                some.into_iter().filter_map(|row| Some((row.number, read(row.cells?)))).collect();
            (now, problems)
        })
        .await
        .map_err(|_| ImportError::NotRead)?;
        reader = Some(back);
        store::write_problems(conn, id, &problems).await?;
    }
    store::find(conn, id).await?.ok_or(ImportError::NotFound)
}

fn checked(kind: ImportKind, columns: &[Option<String>], width: usize) -> Result<Vec<String>, ImportError> {
    let mut problems = Vec::new();
    if columns.len() != width {
        problems.push(FieldProblem::new("columns", format!("must have one entry for each of the {width} columns")));
    }
    let mut seen = HashSet::new();
    for (at, name) in columns.iter().enumerate() {
        let Some(name) = name else { continue };
        if !fields(kind).iter().any(|field| field.name == name) {
            let known: Vec<&str> = fields(kind).iter().map(|field| field.name).collect();
            problems.push(FieldProblem::new(format!("columns[{at}]"), format!("must be one of {}", known.join(", "))));
        } else if !seen.insert(name) {
            problems.push(FieldProblem::new(format!("columns[{at}]"), "is given to another column already"));
        }
    }
    if problems.is_empty() {
        Ok(columns.iter().map(|name| name.clone().unwrap_or_default()).collect())
    } else {
        Err(ImportError::Invalid(problems))
    }
}

/// Has every row made that can be. A failed import goes on where it was.
///
/// # Errors
/// [`ImportError`].
pub async fn start(conn: &mut TenantConn, id: ImportId) -> Result<Import, ImportError> {
    let locked = store::lock(conn, id).await?;
    allowed(&locked, &[ImportState::Proposed, ImportState::Failed])?;
    let import = store::find(conn, id).await?.ok_or(ImportError::NotFound)?;
    if import.counts.waiting == 0 {
        return Err(ImportError::NothingToMake);
    }
    store::write_state(conn, id, ImportState::Running).await?;
    let job = Run { tenant_id: conn.tenant(), import_id: id };
    jobs::enqueue(conn, &job, Placement::default().keyed(format!("imports.run:{id}"))).await?;
    store::find(conn, id).await?.ok_or(ImportError::NotFound)
}

/// Has everything taken back that it made and nobody worked on since.
///
/// # Errors
/// [`ImportError`].
pub async fn undo(conn: &mut TenantConn, id: ImportId) -> Result<Import, ImportError> {
    let locked = store::lock(conn, id).await?;
    allowed(&locked, &[ImportState::Done, ImportState::Failed])?;
    store::write_state(conn, id, ImportState::Undoing).await?;
    let job = Undo { tenant_id: conn.tenant(), import_id: id };
    jobs::enqueue(conn, &job, Placement::default().keyed(format!("imports.undo:{id}"))).await?;
    store::find(conn, id).await?.ok_or(ImportError::NotFound)
}

/// Throws away an import that was not started, with all it read.
///
/// # Errors
/// [`ImportError`].
pub async fn discard(conn: &mut TenantConn, id: ImportId) -> Result<(), ImportError> {
    let locked = store::lock(conn, id).await?;
    allowed(&locked, &[ImportState::Proposed])?;
    Ok(store::remove(conn, id).await?)
}

fn allowed(locked: &Locked, states: &[ImportState]) -> Result<(), ImportError> {
    if states.contains(&locked.state) { Ok(()) } else { Err(ImportError::NotNow(locked.state)) }
}
