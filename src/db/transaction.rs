//! A transaction on a connection of the pool.
//!
//! Always true: a connection goes back to the pool without a transaction of ours on it. The library's own `Transaction`
//! (sqlx 0.9.0) does not manage that for a caller who is dropped while `BEGIN` is under way, a client that hung up say: it
//! rolls back only what it knows to have begun, and leaves role and tenant to whoever borrows the connection next.

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, PgTransactionManager, Postgres};
use sqlx::{SqlSafeStr, SqlStr};
use sqlx_core::transaction::TransactionManager as _;

/// An open transaction. Dropping it undoes it.
#[derive(Debug)]
pub(super) struct Transaction {
    conn: PoolConnection<Postgres>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It is not known whether the server has begun.
    Beginning,
    Open,
    Committed,
}

impl Transaction {
    /// Sends `sql`, which starts with `BEGIN`.
    pub(super) async fn begin(pool: &PgPool, sql: impl SqlSafeStr) -> Result<Self, sqlx::Error> {
        let mut transaction = Self { conn: pool.acquire().await?, state: State::Beginning };
        let sql: SqlStr = sql.into_sql_str();
        PgTransactionManager::begin(&mut transaction.conn, Some(sql)).await?;
        transaction.state = State::Open;
        Ok(transaction)
    }

    pub(super) fn sql(&mut self) -> &mut PgConnection {
        &mut self.conn
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        PgTransactionManager::commit(&mut self.conn).await?;
        self.state = State::Committed;
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        match self.state {
            State::Beginning => self.conn.close_on_drop(),
            // Sent when the pool takes the connection back.
            State::Open => PgTransactionManager::start_rollback(&mut self.conn),
            State::Committed => {}
        }
    }
}
