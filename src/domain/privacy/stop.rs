//! The first step of an erasure: nothing is sent to the person any more, and appointments to come are cancelled, so that
//! the agency's calendar is right.

use super::person;
use super::run::Next;
use super::store::{self, Running};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::conversations;
use crate::domain::leads::{self, Actor, FollowUpStop, LeadId, Viewer, follow_ups};
use crate::domain::tenants;
use crate::domain::viewings::{self, CancelError};
use crate::jobs::JobError;

/// Stops one lead after the other, each in a transaction of its own, which also notes that it was: what is queued by
/// cancelling is not withdrawn by another attempt.
pub(super) async fn stop(app: &App, mut conn: TenantConn, mut running: Running) -> Result<Next, JobError> {
    if let Some(lead) = running.lead {
        person::gather(&mut conn, lead, &mut running.work).await?;
    }
    let stopped = &running.work.stopped;
    match running.work.leads.iter().find(|lead| !stopped.contains(lead)).copied() {
        Some(lead) => {
            stop_lead(app, &mut conn, lead).await?;
            running.work.stopped.push(lead);
        }
        None => running.advance(),
    }
    store::save(&mut conn, &running).await?;
    conn.commit().await?;
    Ok(Next::Go)
}

async fn stop_lead(app: &App, conn: &mut TenantConn, id: LeadId) -> Result<(), JobError> {
    let Some(mut lead) = leads::lock(conn, id, Viewer::SYSTEM).await? else { return Ok(()) };
    if let Some(conversation) = conversations::by_lead(conn, id).await? {
        conversations::withdraw(conn, id, conversation.id).await?;
    }
    follow_ups::stop(conn, id, FollowUpStop::Erased).await?;
    withdraw_rest(conn, id).await?;
    let tenant = tenants::current(conn).await?;
    let parts = (&*app.settings, &app.templates, &app.links);
    match viewings::cancel_seat(conn, parts, &tenant, &mut lead, (Actor::System, None)).await {
        Ok(_) | Err(CancelError::NotFound | CancelError::Past) => Ok(()),
        Err(error) => Err(anyhow::Error::from(error).into()),
    }
}

/// Withdraws every other mail that waits, whoever wrote it.
async fn withdraw_rest(conn: &mut TenantConn, lead: LeadId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* privacy.withdraw */
         WITH withdrawn AS (
             UPDATE outbox SET state = 'CANCELLED', finished_at = $3
             WHERE tenant_id = $1 AND lead_id = $2 AND state = 'QUEUED' RETURNING message_id
         )
         UPDATE messages SET delivery = 'CANCELLED'
         WHERE tenant_id = $1 AND id IN (SELECT message_id FROM withdrawn) AND delivery = 'QUEUED'",
        conn.tenant().0,
        lead.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Whether the lead holds an appointment to come, and nobody books one until this transaction ends.
pub(super) async fn holds_appointment(conn: &mut TenantConn, id: LeadId) -> Result<bool, sqlx::Error> {
    leads::lock(conn, id, Viewer::SYSTEM).await?;
    let now = conn.now();
    Ok(viewings::appointment(conn, id).await?.is_some_and(|appointment| appointment.starts_at > now))
}
