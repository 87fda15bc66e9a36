//! The pool and what may be borrowed from it.

use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use super::{Actor, PlatformConn, TenantConn};
use crate::clock::Clock;
use crate::ids::TenantId;

/// How long a connection may lie idle and still be taken for alive.
const IDLE: Duration = Duration::from_secs(2);

/// The database. Cloning shares the pool.
#[derive(Debug, Clone)]
pub struct Database {
    pool: PgPool,
    clock: Clock,
}

/// Opens the pool. No connection is made before the first use.
///
/// # Errors
/// When the URL cannot be read. The message never holds the URL: it has a password in it.
pub fn connect(url: &SecretString, max_connections: u32, clock: Clock) -> Result<Database, sqlx::Error> {
    let options = PgConnectOptions::from_str(url.expose_secret())
        .map_err(|_| {
            sqlx::Error::Configuration(
                "the database URL cannot be read (postgres://user:password@host:port/name)".into(),
            )
        })?
        .application_name("immivo");
    Ok(Database { pool: pool(options, max_connections), clock })
}

fn pool(options: PgConnectOptions, max_connections: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(max_connections)
        // The library's 30 s make a missing database look like a hang.
        .acquire_timeout(Duration::from_secs(5))
        // Asking before every use costs a round trip; a connection that was in use just now is there, or its user
        // notices. Only one that lay idle may have lost its server unseen.
        .test_before_acquire(false)
        .before_acquire(|conn, meta| {
            Box::pin(async move {
                if meta.idle_for > IDLE {
                    conn.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}

impl Database {
    /// A transaction in which only `tenant`'s rows exist.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn tenant(&self, tenant: TenantId) -> Result<TenantConn, sqlx::Error> {
        TenantConn::begin(&self.pool, tenant, None, self.clock.now()).await
    }

    /// The same for somebody: what they change is in the audit log with their name.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn tenant_as(&self, tenant: TenantId, actor: &Actor) -> Result<TenantConn, sqlx::Error> {
        TenantConn::begin(&self.pool, tenant, Some(actor), self.clock.now()).await
    }

    /// A transaction that may look across tenants, at very little.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn platform(&self) -> Result<PlatformConn, sqlx::Error> {
        PlatformConn::begin(&self.pool, self.clock.now()).await
    }

    /// The same database over a few connections of its own, for work that should wait for nobody else's; what the server
    /// learned about its statements is always at hand.
    #[must_use]
    pub fn apart(&self, connections: u32) -> Self {
        Self { pool: pool((*self.pool.connect_options()).clone(), connections), clock: self.clock.clone() }
    }

    /// The bare pool, for the queue library and the migrator, which work on tables of their own.
    pub(crate) fn pool(&self) -> PgPool {
        self.pool.clone()
    }

    /// Waits for borrowed connections and closes all.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("/* db.ping */ SELECT 1").execute(&self.pool).await.map(|_| ())
    }
}
