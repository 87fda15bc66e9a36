//! Erasing a whole agency.
//!
//! Its doors close when it is asked for: mail to it is refused and nobody signs in but who asked. Then its rows go, some at
//! a time, with every process running; a job of it that runs meanwhile finds its rows or its tenant gone and ends. The
//! files follow when no such job runs any more, its own row comes last. The receipt belongs to the platform.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::types::Json;
use uuid::Uuid;

use super::model::PrivacyError;
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::tenants;
use crate::domain::users::UserId;
use crate::ids::{TenantId, new_id};
use crate::jobs::{self, Job, JobError, Placement};

/// Rows erased in one transaction.
const AT_ONCE: i64 = 1000;
/// Pause before looking again whether jobs of the tenant have ended.
const PAUSE: Duration = Duration::from_secs(2);
/// Folders of the file store with a folder for each tenant.
const FOLDERS: [&str; 3] = ["attachments", "documents", "exports"];

/// The erasure of an agency and what became of it.
#[derive(Debug, Clone)]
pub struct TenantErasure {
    /// Id of the receipt.
    pub id: Uuid,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Rows erased so far, by table.
    pub erased: serde_json::Value,
}

/// Has the agency of this transaction erased. `confirmation` is its short name, typed by the human who asks.
///
/// # Errors
/// [`PrivacyError::NotConfirmed`] or [`PrivacyError::TenantErasureOpen`].
pub async fn erase_tenant(
    conn: &mut TenantConn,
    confirmation: &str,
    by: UserId,
) -> Result<TenantErasure, PrivacyError> {
    let tenant = tenants::current(conn).await?;
    if tenant.slug != confirmation.trim() {
        return Err(PrivacyError::NotConfirmed);
    }
    let id = new_id();
    let inserted = sqlx::query!(
        "/* privacy.erase_tenant */
         INSERT INTO tenant_erasures (id, tenant_id, name_sha256, requested_by, requested_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT ON CONSTRAINT tenant_erasures_tenant_key DO NOTHING",
        id,
        conn.tenant().0,
        Sha256::digest(tenant.name.as_bytes()).to_vec(),
        by.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    if inserted.rows_affected() == 0 {
        return Err(PrivacyError::TenantErasureOpen);
    }
    close_doors(conn, by).await?;
    let job = EraseTenant { tenant_id: conn.tenant() };
    jobs::enqueue(conn, &job, placement(conn.tenant())).await?;
    tenant_erasure(conn).await?.ok_or(PrivacyError::NotFound)
}

/// The erasure of this agency, if it was asked for.
///
/// # Errors
/// When the database cannot be asked.
pub async fn tenant_erasure(conn: &mut TenantConn) -> Result<Option<TenantErasure>, sqlx::Error> {
    sqlx::query_as!(
        TenantErasure,
        "/* privacy.tenant_erasure */ SELECT id, requested_at, erased FROM tenant_erasures WHERE tenant_id = $1",
        conn.tenant().0
    )
    .fetch_optional(conn.sql())
    .await
}

/// Nothing new comes in: the intake address and the forms on web pages are nobody's any more, and people are signed out.
async fn close_doors(conn: &mut TenantConn, except: UserId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* privacy.close_intake */ UPDATE tenants SET intake_prefix = 'closed-' || id, automation_mode = 'OFF' WHERE id = $1",
        conn.tenant().0
    )
    .execute(conn.sql())
    .await?;
    sqlx::query!(
        "/* privacy.close_widgets */ UPDATE widget_keys SET active = false WHERE tenant_id = $1",
        conn.tenant().0
    )
    .execute(conn.sql())
    .await?;
    sqlx::query!(
        "/* privacy.sign_out */ UPDATE users SET active = false WHERE tenant_id = $1 AND id <> $2",
        conn.tenant().0,
        except.0
    )
    .execute(conn.sql())
    .await?;
    sqlx::query!(
        "/* privacy.withdraw_all */ UPDATE outbox SET state = 'CANCELLED', finished_at = $2 WHERE tenant_id = $1 AND state = 'QUEUED'",
        conn.tenant().0,
        conn.now() as _
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

fn placement(tenant: TenantId) -> Placement {
    Placement::default().keyed(format!("privacy.erase_tenant:{tenant}"))
}

/// Job `privacy.erase_tenant`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EraseTenant {
    /// Tenant.
    pub tenant_id: TenantId,
}

impl Job for EraseTenant {
    const NAME: &'static str = "privacy.erase_tenant";
    /// Over days: nobody of the agency is left who could ask again.
    const ATTEMPTS: i16 = 20;

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        if app.mailer.development().is_some() {
            self.forget_sent(app).await?;
        }
        while self.erase_some(app).await? {}
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let running = sqlx::query_scalar!(
            r#"/* privacy.tenant_jobs */ SELECT other_jobs_of_tenant($1) AS "running!""#,
            Self::NAME
        )
        .fetch_one(conn.sql())
        .await?;
        if running > 0 {
            // What they write meanwhile is erased by the next look.
            jobs::enqueue(&mut conn, self, placement(self.tenant_id).after(PAUSE)).await?;
            return Ok(conn.commit().await?);
        }
        drop(conn);
        for folder in FOLDERS {
            let folder = format!("{folder}/{}", self.tenant_id).parse().map_err(anyhow::Error::from)?;
            app.files.remove_all(&folder).await.map_err(anyhow::Error::from)?;
        }
        let mut conn = app.db.tenant(self.tenant_id).await?;
        sqlx::query_scalar!("/* privacy.erase_tenant_row */ SELECT erase_tenant_row($1)", conn.now() as _)
            .fetch_one(conn.sql())
            .await?;
        conn.commit().await?;
        tracing::info!(tenant = %self.tenant_id, "tenant erased");
        Ok(())
    }

    /// The receipt shows it to the platform's people, who enqueue it again.
    async fn give_up(&self, app: &App, error: &JobError) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        sqlx::query!(
            "/* privacy.give_up_tenant */
             UPDATE tenant_erasures SET given_up_at = $2, error = $3 WHERE tenant_id = $1 AND finished_at IS NULL",
            self.tenant_id.0,
            conn.now() as _,
            error.to_string()
        )
        .execute(conn.sql())
        .await?;
        Ok(conn.commit().await?)
    }
}

impl EraseTenant {
    /// Erases some rows, and says whether there may be more.
    async fn erase_some(&self, app: &App) -> Result<bool, JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let receipt = sqlx::query_scalar!(
            r#"/* privacy.lock_tenant_erasure */
             SELECT erased AS "erased: Json<BTreeMap<String, i64>>" FROM tenant_erasures
             WHERE tenant_id = $1 AND finished_at IS NULL FOR UPDATE"#,
            self.tenant_id.0
        )
        .fetch_optional(conn.sql())
        .await?;
        let Some(Json(mut receipt)) = receipt else { return Ok(false) };
        let erased = sqlx::query_scalar!(
            r#"/* privacy.erase_tenant_rows */ SELECT erase_tenant_rows($1) AS "erased!: Json<BTreeMap<String, i64>>""#,
            AT_ONCE
        )
        .fetch_one(conn.sql())
        .await?
        .0;
        for (table, rows) in &erased {
            *receipt.entry(table.clone()).or_default() += rows;
        }
        sqlx::query!(
            "/* privacy.note_tenant_rows */ UPDATE tenant_erasures SET erased = $2, given_up_at = NULL, error = NULL WHERE tenant_id = $1",
            self.tenant_id.0,
            Json(&receipt) as _
        )
        .execute(conn.sql())
        .await?;
        conn.commit().await?;
        Ok(!erased.is_empty())
    }

    /// The development mailbox keeps what was sent. Before the rows go: they say which mails these are.
    async fn forget_sent(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let sent = sqlx::query_scalar!(
            "/* privacy.sent */ SELECT rfc_message_id FROM outbox WHERE tenant_id = $1",
            self.tenant_id.0
        )
        .fetch_all(conn.sql())
        .await?;
        drop(conn);
        for message_id in sent {
            app.mailer.forget(&message_id).await.map_err(anyhow::Error::from)?;
        }
        Ok(())
    }
}
