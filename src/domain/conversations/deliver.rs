//! Handing a mail to the provider and recording what it said.

use serde_json::json;

use super::model::Delivery;
use super::store;
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::leads::{self, Actor, EventKind, FollowUpStop, Lead, LeadId, Trigger, Viewer, follow_ups};
use crate::domain::mail::{self, Deliver, OutboxMail, OutboxState};
use crate::domain::tasks::{self, NewTask, TaskKind};
use crate::domain::tenants;
use crate::ids::TenantId;
use crate::integrations::smtp_out::{Outgoing, SendError};
use crate::jobs::{Job, JobError};

impl Job for Deliver {
    const NAME: &'static str = "mail.deliver";
    /// With the queue's growing pauses the last attempt comes about an hour and a half after the first.
    const ATTEMPTS: i16 = 8;

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let mail = mail::read(&mut conn, self.mail_id).await?;
        // Sent by an attempt whose end the queue never heard of, or withdrawn by a newer message.
        let Some(mail) = mail.filter(|mail| mail.state == OutboxState::Queued) else { return Ok(()) };
        drop(conn);

        let outcome = match mail::compose(&mail) {
            Ok(message) => {
                let outgoing = Outgoing {
                    from: mail.from_address.clone(),
                    to: mail.to_address.clone(),
                    message_id: mail.rfc_message_id.clone(),
                    mime: message.formatted(),
                };
                // Dying from here to the commit below sends the same Message-ID once more, never another mail.
                app.mailer.send(&outgoing).await
            }
            Err(error) => Err(SendError::Permanent(error.to_string())),
        };

        let mut conn = app.db.tenant(self.tenant_id).await?;
        match outcome {
            Ok(provider_id) => {
                accepted(&mut conn, &mail, &provider_id).await?;
                conn.commit().await?;
                metrics::counter!("immivo_mails_total", "outcome" => "accepted").increment(1);
                Ok(())
            }
            Err(SendError::Permanent(reason)) => {
                failed(&mut conn, &mail, &reason).await?;
                conn.commit().await?;
                metrics::counter!("immivo_mails_total", "outcome" => "refused").increment(1);
                Ok(())
            }
            Err(SendError::Temporary(reason)) => {
                mail::finish(&mut conn, mail.id, OutboxState::Queued, None, Some(&reason)).await?;
                conn.commit().await?;
                Err(JobError::from(anyhow::anyhow!("the provider did not take the mail for now")))
            }
        }
    }

    async fn give_up(&self, app: &App, _error: &JobError) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        if let Some(mail) = mail::lock(&mut conn, self.mail_id).await?.filter(|mail| mail.state == OutboxState::Queued)
        {
            failed(&mut conn, &mail, "no provider took it in all attempts").await?;
            conn.commit().await?;
        }
        Ok(())
    }
}

async fn accepted(conn: &mut TenantConn, mail: &OutboxMail, provider_id: &str) -> Result<(), JobError> {
    let lead = locked_lead(conn, mail).await?;
    mail::finish(conn, mail.id, OutboxState::Sent, Some(provider_id), None).await?;
    let (Some(message), Some(mut lead)) = (mail.message_id, lead) else { return Ok(()) };
    store::write_delivery(conn, message, Delivery::Sent).await?;
    leads::mark_first_response(conn, lead.id).await?;
    leads::note(conn, lead.id, EventKind::MessageSent, (Actor::System, None), json!({"messageId": message})).await?;
    leads::record(conn, &mut lead, Trigger::AnswerAccepted, (Actor::System, None), None)
        .await
        .map_err(anyhow::Error::from)?;
    // The prospect is asked again if they do not answer this.
    if let Some(revision) = store::answers_newest(conn, message).await? {
        let tenant = tenants::current(conn).await?;
        follow_ups::begin(conn, &tenant, &lead, revision).await?;
    }
    Ok(())
}

async fn failed(conn: &mut TenantConn, mail: &OutboxMail, reason: &str) -> Result<(), JobError> {
    let lead = locked_lead(conn, mail).await?;
    mail::finish(conn, mail.id, OutboxState::Failed, None, Some(reason)).await?;
    let Some(lead) = lead else {
        tracing::error!(mail = %mail.id, "a notification could not be sent");
        return Ok(());
    };
    if let Some(message) = mail.message_id {
        store::write_delivery(conn, message, Delivery::Failed).await?;
        follow_ups::stop(conn, lead.id, FollowUpStop::Bounced).await?;
    }
    leads::note(conn, lead.id, EventKind::DeliveryFailed, (Actor::System, None), json!({"mailId": mail.id})).await?;
    let task = NewTask {
        lead_id: lead.id,
        kind: TaskKind::DeliveryFailed,
        title: format!(
            "{} {} konnte nicht zugestellt werden",
            if mail.message_id.is_some() { "Mail an" } else { "Benachrichtigung über" },
            lead.name().unwrap_or_else(|| "den Interessenten".to_owned())
        ),
        details: json!({"mailId": mail.id, "reason": reason}),
        owner_id: lead.assignee_id,
    };
    tasks::open(conn, &task).await?;
    Ok(())
}

/// The lead before the mail: everybody locks in this order.
async fn locked_lead(conn: &mut TenantConn, mail: &OutboxMail) -> Result<Option<Lead>, sqlx::Error> {
    match mail.lead_id {
        Some(id) => leads::lock(conn, LeadId(id), Viewer::SYSTEM).await,
        None => Ok(None),
    }
}
