//! What the clock begins: follow-ups whose time has come, and answers that are owed since a service was down.

use serde::{Deserialize, Serialize};

use super::catch_up::{self, CatchUp};
use super::follow_up::FollowUp;
use crate::app::App;
use crate::domain::conversations;
use crate::domain::leads::follow_ups;
use crate::ids::TenantId;
use crate::jobs::{self, Job, JobError, PeriodicJob, Placement};

/// Steps begun by one job; the next beat finds the rest.
const AT_ONCE: i64 = 500;

/// Job `assistant.clock`: finds agencies for which something is due.
#[derive(Debug, Clone, Copy)]
pub struct Clock;

impl PeriodicJob for Clock {
    const NAME: &'static str = "assistant.clock";
    const EVERY: u32 = 5;

    async fn run(app: &App) -> Result<(), JobError> {
        let mut conn = app.db.platform().await?;
        let mut tenants = follow_ups::tenants_with_due(&mut conn).await?;
        tenants.extend(catch_up::tenants_with_debts(&mut conn).await?);
        drop(conn);
        tenants.sort_unstable();
        tenants.dedup();
        for tenant_id in tenants {
            let mut conn = app.db.tenant(tenant_id).await?;
            let placement = Placement::default().keyed(format!("assistant.due:{tenant_id}"));
            jobs::enqueue(&mut conn, &Due { tenant_id }, placement).await?;
            conn.commit().await?;
        }
        Ok(())
    }
}

/// Job `assistant.due`: begins what is due for one agency, each as a job of its own among those of its conversation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Due {
    /// Tenant.
    pub tenant_id: TenantId,
}

impl Job for Due {
    const NAME: &'static str = "assistant.due";

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let tenant_id = self.tenant_id;
        let mut conn = app.db.tenant(tenant_id).await?;
        for (follow_up_id, lead) in follow_ups::due(&mut conn, AT_ONCE).await? {
            let Some(conversation) = conversations::by_lead(&mut conn, lead).await? else { continue };
            let placement = Placement::conversation(conversation.id.0);
            let placement = placement.keyed(format!("assistant.follow_up:{follow_up_id}"));
            jobs::enqueue(&mut conn, &FollowUp { tenant_id, follow_up_id }, placement).await?;
        }
        for (catch_up_id, lead) in catch_up::debts(&mut conn, AT_ONCE).await? {
            let Some(conversation) = conversations::by_lead(&mut conn, lead).await? else { continue };
            let placement = Placement::conversation(conversation.id.0);
            let placement = placement.keyed(format!("assistant.catch_up:{catch_up_id}"));
            jobs::enqueue(&mut conn, &CatchUp { tenant_id, catch_up_id }, placement).await?;
        }
        Ok(conn.commit().await?)
    }

    /// The worker has written that it was given up; the next beat finds the same rows.
    async fn give_up(&self, _app: &App, _error: &JobError) -> Result<(), JobError> {
        Ok(())
    }
}
