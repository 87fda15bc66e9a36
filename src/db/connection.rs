//! Transactions that carry who they are for.

use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnection, PgPool};

use super::Actor;
use super::transaction::Transaction;
use crate::clock::Timestamp;
use crate::ids::TenantId;

/// A transaction of one tenant: role `immivo_app`, `app.tenant_id` set, both gone when it ends. Dropping it undoes it.
#[derive(Debug)]
pub struct TenantConn {
    transaction: Transaction,
    tenant: TenantId,
    now: Timestamp,
}

impl TenantConn {
    pub(super) async fn begin(
        pool: &PgPool,
        tenant: TenantId,
        actor: Option<&Actor>,
        now: Timestamp,
    ) -> Result<Self, sqlx::Error> {
        // One round trip for all. A UUID prints as hexadecimal digits and dashes, so nothing needs quoting.
        let mut sql = format!("BEGIN; SET LOCAL ROLE immivo_app; SET LOCAL app.tenant_id = '{tenant}'");
        if let Some(actor) = actor {
            sql.push_str(&actor.set_local(now));
        }
        Ok(Self { transaction: Transaction::begin(pool, AssertSqlSafe(sql)).await?, tenant, now })
    }

    /// Whose rows this sees. Queries name it too: row-level security is the second fence, not the first.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// When the transaction began. One instant for all rows it writes.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The connection, for a query.
    pub fn sql(&mut self) -> &mut PgConnection {
        self.transaction.sql()
    }

    /// Goes on as a transaction of another tenant, by nobody in particular: what was done so far and what follows is
    /// kept or undone together. From here on only the other one's rows exist.
    ///
    /// # Errors
    /// When the database could not be reached.
    pub async fn into_tenant(mut self, tenant: TenantId) -> Result<Self, sqlx::Error> {
        let sql = format!("SET LOCAL app.tenant_id = '{tenant}'; SET LOCAL app.actor = ''");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(self.transaction.sql()).await?;
        Ok(Self { tenant, ..self })
    }

    /// Makes it durable. Nothing outward happens before this returned.
    ///
    /// # Errors
    /// When the database refused or could not be reached; then it is not known to have happened.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.transaction.commit().await
    }
}

/// A transaction that is no tenant's: role `immivo_platform`, which sees tenants and users and little else.
#[derive(Debug)]
pub struct PlatformConn {
    transaction: Transaction,
    now: Timestamp,
}

impl PlatformConn {
    pub(super) async fn begin(pool: &PgPool, now: Timestamp) -> Result<Self, sqlx::Error> {
        Ok(Self { transaction: Transaction::begin(pool, "BEGIN; SET LOCAL ROLE immivo_platform").await?, now })
    }

    /// When the transaction began.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The connection, for a query.
    pub fn sql(&mut self) -> &mut PgConnection {
        self.transaction.sql()
    }

    /// Goes on as a transaction of `tenant`, now that it is known whose it is: what was done so far and what follows is
    /// kept or undone together. `actor` is who the audit log will name.
    ///
    /// # Errors
    /// When the database could not be reached.
    pub async fn into_tenant(mut self, tenant: TenantId, actor: Option<&Actor>) -> Result<TenantConn, sqlx::Error> {
        let mut sql = format!("SET LOCAL ROLE immivo_app; SET LOCAL app.tenant_id = '{tenant}'");
        if let Some(actor) = actor {
            sql.push_str(&actor.set_local(self.now));
        }
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(self.transaction.sql()).await?;
        Ok(TenantConn { transaction: self.transaction, tenant, now: self.now })
    }

    /// Makes it durable.
    ///
    /// # Errors
    /// When the database refused or could not be reached.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.transaction.commit().await
    }
}
