//! Brings a database to the schema this binary was built for.

use sqlx::migrate::Migrator;

use super::Database;

static MIGRATOR: Migrator = sqlx::migrate!();

/// Why a database could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A migration failed or the database is newer than this binary.
    #[error("the schema could not be brought up to date")]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// The queue library could not make its tables.
    #[error("the job queue's tables could not be made: {0}")]
    Queue(String),
    /// The database could not be asked.
    #[error("the database could not be asked")]
    Database(#[from] sqlx::Error),
}

/// Runs all migrations, ours and the queue's. Harmless when there is nothing to do; several processes may do it at
/// once (the migrator holds an advisory lock).
///
/// # Errors
/// [`MigrateError`]; what was done before the failing migration stays.
pub async fn migrate(database: &Database) -> Result<(), MigrateError> {
    MIGRATOR.run(&database.pool()).await?;
    crate::jobs::migrate(database).await.map_err(MigrateError::Queue)
}

/// How many of our migrations the database has not seen yet.
///
/// # Errors
/// When the database cannot be asked.
pub async fn pending(database: &Database) -> Result<usize, sqlx::Error> {
    let pool = database.pool();
    let table: Option<String> =
        sqlx::query_scalar("/* db.pending */ SELECT to_regclass('_sqlx_migrations')::text").fetch_one(&pool).await?;
    let applied: Vec<i64> = match table {
        None => Vec::new(),
        Some(_) => {
            sqlx::query_scalar("/* db.pending */ SELECT version FROM _sqlx_migrations WHERE success")
                .fetch_all(&pool)
                .await?
        }
    };
    Ok(MIGRATOR.iter().filter(|migration| !applied.contains(&migration.version)).count())
}

/// What a database server is like, for `immivo doctor`.
#[derive(Debug, Clone)]
pub struct Server {
    /// `server_version_num`: 170004 is 17.4.
    pub version: i32,
    /// Version of pgvector in this database.
    pub pgvector: Option<String>,
    /// The server has pgvector's files.
    pub pgvector_available: bool,
    /// Migrations this database has not seen.
    pub pending: usize,
}

/// Looks at a database server.
///
/// # Errors
/// When it cannot be asked.
pub async fn inspect(database: &Database) -> Result<Server, sqlx::Error> {
    let pool = database.pool();
    let (version, pgvector, pgvector_available): (i32, Option<String>, bool) = sqlx::query_as(
        "/* db.inspect */
         SELECT current_setting('server_version_num')::int,
                (SELECT extversion FROM pg_extension WHERE extname = 'vector'),
                EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')",
    )
    .fetch_one(&pool)
    .await?;
    Ok(Server { version, pgvector, pgvector_available, pending: pending(database).await? })
}
