//! SQL of connections.

use jiff::civil::Date;

use super::model::{
    Connection, ConnectionAuth, ConnectionError, ConnectionId, ConnectionInput, ConnectionKind, ConnectionManager,
    ConnectionTls, mailbox, secret_name,
};
use crate::clock::Timestamp;
use crate::db::{TenantConn, broken_constraint};
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::secrets::{self, SealedSecret, SecretError};
use crate::domain::users::UserId;

/// A row as it is read.
pub(super) struct Row {
    pub(super) id: ConnectionId,
    pub(super) kind: ConnectionKind,
    pub(super) host: String,
    pub(super) port: i32,
    pub(super) tls: ConnectionTls,
    pub(super) username: String,
    pub(super) auth: ConnectionAuth,
    pub(super) folder: String,
    pub(super) since: Option<jiff_sqlx::Date>,
    pub(super) active: bool,
    pub(super) version: i32,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

impl From<Row> for Connection {
    fn from(row: Row) -> Self {
        let input = ConnectionInput {
            host: row.host,
            // The database has the range.
            port: u16::try_from(row.port).unwrap_or_default(),
            tls: row.tls,
            username: row.username,
            auth: row.auth,
            folder: row.folder,
            since: row.since.map(jiff_sqlx::Date::to_jiff),
            active: row.active,
        };
        let Row { id, kind, version, created_at, updated_at, .. } = row;
        Self { id, kind, managed_by: ConnectionManager::Agency, input, version, created_at, updated_at }
    }
}

macro_rules! connections_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"SELECT id AS "id: ConnectionId", kind AS "kind: ConnectionKind", host, port, tls AS "tls: ConnectionTls", username,
                      auth AS "auth: ConnectionAuth", folder, since AS "since: jiff_sqlx::Date", active, version,
                      created_at, updated_at
               FROM connections WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// One connection.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(conn: &mut TenantConn, id: ConnectionId) -> Result<Option<Connection>, sqlx::Error> {
    let tenant = conn.tenant();
    let row = connections_where!("tenant_id = $1 AND id = $2", tenant.0, id.0).fetch_optional(conn.sql()).await?;
    Ok(row.map(Connection::from))
}

/// A page of connections, newest first; at the end those of the operator ([`super::of_operator`]).
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(
    conn: &mut TenantConn,
    of_operator: Vec<Connection>,
    page: PageRequest,
) -> Result<Page<Connection>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = connections_where!(
        "tenant_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $4",
        tenant.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    let is_seen = |connection: &Connection| {
        let Cursor { at, id } = place(connection);
        page.after.is_some_and(|after| (after.at, after.id) <= (at, id))
    };
    let rest = of_operator.into_iter().filter(|connection| !is_seen(connection));
    Ok(page.page(rows.into_iter().map(Connection::from).chain(rest).collect(), place))
}

/// Where a connection stands in the list.
fn place(connection: &Connection) -> Cursor {
    let at = match connection.managed_by {
        ConnectionManager::Agency => connection.created_at,
        ConnectionManager::Operator => Timestamp(jiff::Timestamp::UNIX_EPOCH),
    };
    Cursor { at, id: connection.id.0 }
}

fn date(since: Option<Date>) -> Option<jiff_sqlx::Date> {
    since.map(jiff_sqlx::Date::from)
}

fn conflict(error: sqlx::Error) -> ConnectionError {
    match broken_constraint(&error) {
        Some("connections_mailbox_key") => ConnectionError::Taken,
        _ => error.into(),
    }
}

/// Makes a connection with its secret, which was sealed under the name that belongs to `id`.
///
/// # Errors
/// [`ConnectionError`].
pub async fn create(
    conn: &mut TenantConn,
    id: ConnectionId,
    input: &ConnectionInput,
    secret: &SealedSecret,
    by: UserId,
) -> Result<Connection, ConnectionError> {
    let (tenant, now) = (conn.tenant(), conn.now());
    sqlx::query!(
        "/* connections.create */
         INSERT INTO connections (id, tenant_id, host, port, tls, username, auth, folder, since, active, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        id.0,
        tenant.0,
        input.host,
        i32::from(input.port),
        input.tls as _,
        input.username,
        input.auth as _,
        input.folder,
        date(input.since) as _,
        input.active,
        now as _,
    )
    .execute(conn.sql())
    .await
    .map_err(conflict)?;
    secrets::put(conn, secret, by, None).await?;
    find(conn, id).await?.ok_or(ConnectionError::NotFound)
}

/// A connection before and after a change.
#[derive(Debug)]
pub struct Replaced {
    /// Before.
    pub before: Connection,
    /// After.
    pub after: Connection,
}

/// Replaces what was decided about a connection; its secret too, if one is given. `expected_version` is what the caller
/// read.
///
/// # Errors
/// [`ConnectionError`].
pub async fn replace(
    conn: &mut TenantConn,
    id: ConnectionId,
    input: &ConnectionInput,
    secret: Option<&SealedSecret>,
    by: UserId,
    expected_version: Option<i32>,
) -> Result<Replaced, ConnectionError> {
    let before = lock(conn, id, expected_version).await?;
    let (tenant, now) = (conn.tenant(), conn.now());
    sqlx::query!(
        "/* connections.replace */
         UPDATE connections SET host = $3, port = $4, tls = $5, username = $6, auth = $7, folder = $8, since = $9, active = $10,
                version = $11, updated_at = $12
         WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        input.host,
        i32::from(input.port),
        input.tls as _,
        input.username,
        input.auth as _,
        input.folder,
        date(input.since) as _,
        input.active,
        before.version + 1,
        now as _,
    )
    .execute(conn.sql())
    .await
    .map_err(conflict)?;
    if let Some(secret) = secret {
        secrets::put(conn, secret, by, None).await?;
    }
    let after = find(conn, id).await?.ok_or(ConnectionError::NotFound)?;
    Ok(Replaced { before, after })
}

/// Removes a connection and its secret, and tells what it was. What was read from the mailbox stays, and so does how far.
///
/// # Errors
/// [`ConnectionError`].
pub async fn remove(
    conn: &mut TenantConn,
    id: ConnectionId,
    expected_version: Option<i32>,
) -> Result<Connection, ConnectionError> {
    let gone = lock(conn, id, expected_version).await?;
    let tenant = conn.tenant();
    sqlx::query!("/* connections.remove */ DELETE FROM connections WHERE tenant_id = $1 AND id = $2", tenant.0, id.0)
        .execute(conn.sql())
        .await?;
    match secrets::remove(conn, &secret_name(id), None).await {
        // Somebody removed the secret by hand.
        Ok(()) | Err(SecretError::NotFound) => Ok(gone),
        Err(error) => Err(error.into()),
    }
}

/// The connection as it is, and nobody else changes it until the transaction ends.
async fn lock(
    conn: &mut TenantConn,
    id: ConnectionId,
    expected_version: Option<i32>,
) -> Result<Connection, ConnectionError> {
    let tenant = conn.tenant();
    let row = connections_where!("tenant_id = $1 AND id = $2 FOR UPDATE", tenant.0, id.0)
        .fetch_optional(conn.sql())
        .await?
        .ok_or(ConnectionError::NotFound)?;
    if expected_version.is_some_and(|expected| expected != row.version) {
        return Err(ConnectionError::Changed);
    }
    Ok(row.into())
}

/// Whether this connection is to be watched and means this mailbox; if so, it stays so until the transaction ends.
///
/// # Errors
/// When the database cannot be asked.
pub async fn hold_watched(conn: &mut TenantConn, id: ConnectionId, name: &str) -> Result<bool, sqlx::Error> {
    let tenant = conn.tenant();
    let row = sqlx::query!(
        "/* connections.hold_watched */
         SELECT username, host, folder FROM connections WHERE tenant_id = $1 AND id = $2 AND active FOR SHARE",
        tenant.0,
        id.0
    )
    .fetch_optional(conn.sql())
    .await?;
    Ok(row.is_some_and(|row| mailbox(&row.username, &row.host, &row.folder) == name))
}
