//! SQL of connections.

use jiff::civil::Date;

use super::model::{
    Connection, ConnectionAuth, ConnectionError, ConnectionId, ConnectionInput, ConnectionKind, ConnectionTls,
    secret_name,
};
use crate::clock::Timestamp;
use crate::db::{PlatformConn, TenantConn, broken_constraint};
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::secrets::{self, SealedSecret, SecretError};
use crate::domain::users::UserId;
use crate::ids::TenantId;

struct Row {
    id: ConnectionId,
    kind: ConnectionKind,
    host: String,
    port: i32,
    tls: ConnectionTls,
    username: String,
    auth: ConnectionAuth,
    folder: String,
    since: Option<jiff_sqlx::Date>,
    active: bool,
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
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
        Self { id, kind, input, version, created_at, updated_at }
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

/// A page of connections, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(conn: &mut TenantConn, page: PageRequest) -> Result<Page<Connection>, sqlx::Error> {
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
    let rows = rows.into_iter().map(Connection::from).collect();
    Ok(page.page(rows, |connection: &Connection| Cursor { at: connection.created_at, id: connection.id.0 }))
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
) -> Result<Connection, ConnectionError> {
    let version = lock(conn, id, expected_version).await?;
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
        version + 1,
        now as _,
    )
    .execute(conn.sql())
    .await
    .map_err(conflict)?;
    if let Some(secret) = secret {
        secrets::put(conn, secret, by, None).await?;
    }
    find(conn, id).await?.ok_or(ConnectionError::NotFound)
}

/// Removes a connection and its secret. What was read from the mailbox stays, and so does how far.
///
/// # Errors
/// [`ConnectionError`].
pub async fn remove(
    conn: &mut TenantConn,
    id: ConnectionId,
    expected_version: Option<i32>,
) -> Result<(), ConnectionError> {
    lock(conn, id, expected_version).await?;
    let tenant = conn.tenant();
    sqlx::query!("/* connections.remove */ DELETE FROM connections WHERE tenant_id = $1 AND id = $2", tenant.0, id.0)
        .execute(conn.sql())
        .await?;
    match secrets::remove(conn, &secret_name(id), None).await {
        // Somebody removed the secret by hand.
        Ok(()) | Err(SecretError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn lock(conn: &mut TenantConn, id: ConnectionId, expected_version: Option<i32>) -> Result<i32, ConnectionError> {
    let tenant = conn.tenant();
    let version = sqlx::query_scalar!(
        "/* connections.lock */ SELECT version FROM connections WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
        tenant.0,
        id.0
    )
    .fetch_optional(conn.sql())
    .await?
    .ok_or(ConnectionError::NotFound)?;
    if expected_version.is_some_and(|expected| expected != version) {
        return Err(ConnectionError::Changed);
    }
    Ok(version)
}

/// A connection that somebody must watch, and whose it is.
#[derive(Debug, Clone)]
pub struct Active {
    /// Agency.
    pub tenant: TenantId,
    /// Its time zone, IANA.
    pub time_zone: String,
    /// Connection.
    pub connection: Connection,
}

/// Everything that is to be watched, of all agencies.
///
/// # Errors
/// When the database cannot be asked.
pub async fn active(conn: &mut PlatformConn) -> Result<Vec<Active>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* connections.active */
         SELECT c.tenant_id AS "tenant: TenantId", t.time_zone, c.id AS "id: ConnectionId", c.kind AS "kind: ConnectionKind",
                c.host, c.port, c.tls AS "tls: ConnectionTls", c.username, c.auth AS "auth: ConnectionAuth", c.folder,
                c.since AS "since: jiff_sqlx::Date", c.version, c.created_at AS "created_at: Timestamp",
                c.updated_at AS "updated_at: Timestamp"
         FROM connections c JOIN tenants t ON t.id = c.tenant_id WHERE c.active AND c.kind = 'IMAP'"#
    )
    .fetch_all(conn.sql())
    .await?;
    let each = rows.into_iter().map(|row| Active {
        tenant: row.tenant,
        time_zone: row.time_zone,
        connection: Row {
            id: row.id,
            kind: row.kind,
            host: row.host,
            port: row.port,
            tls: row.tls,
            username: row.username,
            auth: row.auth,
            folder: row.folder,
            since: row.since,
            active: true,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
        .into(),
    });
    Ok(each.collect())
}
