//! Everything that is to be watched.

use super::model::{Connection, ConnectionAuth, ConnectionId, ConnectionKind, ConnectionTls};
use super::store::Row;
use crate::clock::Timestamp;
use crate::db::PlatformConn;
use crate::ids::TenantId;

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
