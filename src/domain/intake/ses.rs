//! The door of Amazon SES: a mail it took in goes to whoever its recipients are.

use crate::app::App;
use crate::db;
use crate::domain::mail;
use crate::ids::TenantId;
use crate::integrations::ses::{SesBytes, SesError, SesMail, Told};
use crate::telemetry::masked;

use super::leave::{Left, leave};
use super::model::Door;
use super::receive::{Received, receive};
use super::recipient::{Recipient, recipient};
use super::store;

/// Why a delivery was not taken. Whoever sent it should send it again, or not, as each says.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// It cannot be read, is not ours, or names what cannot be fetched.
    #[error(transparent)]
    Ses(#[from] SesError),
    /// The provider of outgoing mail does not take the postmaster's mail now.
    #[error("a mail to the postmaster could not be handed on")]
    Postmaster(#[source] crate::integrations::smtp_out::SendError),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] db::Error),
}

/// Takes what SNS posted. When this returns `Ok`, all that was in it is committed, and it need not come again. What comes
/// again all the same is what is here already.
///
/// # Errors
/// [`DeliveryError`].
pub async fn take_delivery(app: &App, body: &[u8]) -> Result<(), DeliveryError> {
    let outcome = match app.ses.read(body).await {
        Ok(Told::Mail(told)) => mail_of(app, &told).await?,
        Ok(Told::Subscribed(topic)) => {
            tracing::info!(topic, "SES: the subscription of this topic is confirmed");
            "subscribed"
        }
        Ok(Told::Unsubscribed(topic)) => {
            tracing::error!(topic, "SES: somebody ended the subscription of this topic; no more mail comes by it");
            "unsubscribed"
        }
        Ok(Told::Other(kind)) => {
            tracing::info!(kind, "SES: a notification that is not about mail that came in");
            "other"
        }
        Err(error) => {
            metrics::counter!("immivo_ses_refused_total", "why" => why(&error)).increment(1);
            return Err(error.into());
        }
    };
    metrics::counter!("immivo_ses_deliveries_total", "outcome" => outcome).increment(1);
    Ok(())
}

fn why(error: &SesError) -> &'static str {
    match error {
        SesError::Closed => "closed",
        SesError::Malformed(_) => "malformed",
        SesError::NotOurs(_) => "not_ours",
        SesError::NoBytes(_) => "no_bytes",
        SesError::Unreachable(_) => "unreachable",
    }
}

/// One transaction per tenant. If a later one fails the mail comes again for all; those who have it recognise it.
async fn mail_of(app: &App, told: &SesMail) -> Result<&'static str, DeliveryError> {
    let mut is_somebodys = false;
    for address in &told.recipients {
        let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
        match recipient(app, local, Some(domain)).await? {
            Recipient::Tenant(tenant) => {
                store_for(app, told, tenant, address).await?;
                is_somebodys = true;
            }
            Recipient::Postmaster(reader) => {
                let (SesBytes::Whole(raw) | SesBytes::TooLarge { beginning: raw, .. }) = &told.bytes;
                mail::hand_on(app, reader, raw.clone()).await.map_err(DeliveryError::Postmaster)?;
                is_somebodys = true;
            }
            // SES has told its sender that it arrived, and SNS would send it until it gives up: no answer of ours helps.
            Recipient::Nobody => {
                metrics::counter!("immivo_ses_unknown_recipients_total").increment(1);
                tracing::warn!(recipient = masked(address), ses = told.message_id, "SES: a mail for nobody here");
            }
        }
    }
    Ok(if is_somebodys { "taken" } else { "nobodys" })
}

async fn store_for(app: &App, told: &SesMail, tenant: TenantId, address: &str) -> Result<(), DeliveryError> {
    let mut conn = app.db.tenant(tenant).await?;
    let (peer, envelope_from) = (told.topic.as_str(), told.envelope_from.as_str());
    let id = match &told.bytes {
        SesBytes::Whole(raw) => {
            let mail =
                Received { door: Door::Ses, peer, envelope_from, envelope_to: address, authentication: None, raw };
            receive(&mut conn, mail).await?
        }
        SesBytes::TooLarge { beginning, place } => {
            let most = app.settings.smtp.max_message_bytes;
            let reason = format!("larger than {most} bytes; it is still at {place}");
            let mail = Left { door: Door::Ses, peer, envelope_from, envelope_to: address, beginning, reason: &reason };
            leave(&mut conn, mail).await?
        }
    };
    store::write_provider_verdicts(&mut conn, id, &told.verdicts).await?;
    Ok(conn.commit().await?)
}
