//! Mail by SMTP: the protocol is the crate `smtp-intake`; here stands what a recipient is and where a message goes.
//!
//! Always true: `250` is said only after the transaction that holds the raw bytes and the job was committed; mails of
//! several sessions may share it. Mail for the postmaster is no tenant's; it is handed on before `250`.

mod recipients;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use smtp_intake::{Accepted, Address, Backend, Envelope, Events, Limits, Peer, Reply, Server, TlsMode};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::recipients::Recipients;
use crate::app::App;
use crate::domain::intake::{self, Committer, Counter, Door, NotStored, Parcel};
use crate::domain::mail;
use crate::settings::{self, SmtpSettings};

/// The open port, and what stores the mail that comes in by it.
pub struct Listener {
    server: Server,
    committer: Committer,
}

impl Listener {
    /// Receives mail until told to stop ([`Server::serve`]); returns when every session is over and their mail stored, or
    /// when nothing can be stored any more.
    pub async fn serve(self, soft: CancellationToken, hard: CancellationToken) {
        let mut committing = JoinSet::new();
        committing.spawn(self.committer.run());
        tokio::select! {
            // The committer ends when the sessions have: they hold the counter where mail is handed in.
            () = self.server.serve(soft, hard) => drop(committing.join_next().await),
            ended = committing.join_next() => tracing::error!(?ended, "the committer ended by itself"),
        }
    }
}

/// Opens the port. Nothing is accepted before [`Listener::serve`].
///
/// # Errors
/// When the port is taken or the certificate cannot be read.
pub async fn bind(app: &App) -> std::io::Result<Listener> {
    let settings = &app.settings.smtp;
    let limits = Limits {
        max_message_bytes: settings.max_message_bytes,
        max_recipients: settings.max_recipients,
        max_connections: settings.max_connections,
        max_connections_per_ip: settings.max_connections_per_address,
        command_timeout: Duration::from_secs(settings.command_timeout_seconds),
        data_timeout: Duration::from_secs(settings.data_timeout_seconds),
        greeting_delay: Duration::from_secs(settings.greeting_delay_seconds),
        min_data_rate: settings.min_data_bytes_per_second,
        max_buffered_bytes: settings.max_buffered_bytes,
        max_new_connections_per_minute_and_ip: settings.max_new_connections_per_minute_and_address,
        max_messages_per_connection: settings.max_messages_per_connection,
        ..Limits::default()
    };
    let (counter, committer) = intake::counter(&app.db);
    let backend = Arc::new(Intake { app: app.clone(), recipients: Recipients::new(app), counter });
    let server = Server::bind(settings.listen, settings.hostname.clone(), limits, tls(settings)?, backend).await?;
    let server = server.with_events(Arc::new(Counted)).with_proxies(settings.proxies.clone());
    Ok(Listener { server, committer })
}

/// Where a bound server listens; port 0 in the settings means "any".
#[must_use]
pub fn address(listener: &Listener) -> SocketAddr {
    listener.server.local_addr()
}

fn tls(settings: &SmtpSettings) -> std::io::Result<TlsMode> {
    let missing = || std::io::Error::other("smtp.tls.mode = \"files\" needs smtp.tls.certificate and smtp.tls.key");
    Ok(match settings.tls.mode {
        settings::TlsMode::Off => TlsMode::Off,
        settings::TlsMode::SelfSigned => TlsMode::SelfSigned,
        settings::TlsMode::Files => TlsMode::Files {
            cert: settings.tls.certificate.clone().ok_or_else(missing)?,
            key: settings.tls.key.clone().ok_or_else(missing)?,
        },
    })
}

/// What happens to recipients and messages.
struct Intake {
    app: App,
    recipients: Recipients,
    counter: Counter,
}

impl Intake {
    /// Who reads what is for the postmaster, if `address` is theirs.
    fn postmaster(&self, address: &Address) -> Option<String> {
        let domain = &self.app.settings.smtp.intake_domain;
        let ours = address.domain().is_none_or(|named| named.eq_ignore_ascii_case(domain));
        (ours && address.local().eq_ignore_ascii_case("postmaster")).then(|| mail::postmaster(&self.app)).flatten()
    }

    /// What is stored of a mail for one recipient.
    async fn parcel(&self, envelope: &Envelope, to: &str, raw: &Arc<Vec<u8>>) -> Result<Parcel, Reply> {
        let address = Address::parse(to).ok_or_else(Reply::unknown_recipient)?;
        let found = self.recipients.find(&address).await.map_err(|error| later(&error))?;
        let (tenant, prefix) = found.ok_or_else(Reply::unknown_recipient)?;
        Ok(Parcel {
            tenant,
            prefix,
            door: Door::Smtp,
            peer: envelope.peer.ip.to_string(),
            envelope_from: envelope.mail_from.clone(),
            envelope_to: to.to_owned(),
            authentication: Some(json!({"door": {"helo": envelope.helo, "tls": envelope.tls}})),
            raw: raw.clone(),
        })
    }
}

/// What the sender hears when the database is away. It keeps the mail and tries again.
fn later(error: &crate::db::Error) -> Reply {
    tracing::error!(%error, "intake: the database could not be used");
    Reply::temporary_failure("Local error, please try again later")
}

#[async_trait]
impl Backend for Intake {
    async fn recipient(&self, _peer: &Peer, address: &Address) -> Result<(), Reply> {
        if self.postmaster(address).is_some() {
            return Ok(());
        }
        match self.recipients.find(address).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(Reply::unknown_recipient()),
            Err(error) => Err(later(&error)),
        }
    }

    async fn deliver(&self, envelope: Envelope, message: Vec<u8>) -> Result<Accepted, Reply> {
        let message = Arc::new(message);
        let mut queue_id = None;
        let mut parcels = Vec::new();
        for recipient in &envelope.recipients {
            let address = Address::parse(recipient);
            if let Some(reader) = address.as_ref().and_then(|address| self.postmaster(address)) {
                let id = mail::hand_on(&self.app, reader, message.to_vec()).await.map_err(|error| {
                    tracing::error!(%error, "a mail to the postmaster could not be handed on");
                    Reply::temporary_failure("Local error, please try again later")
                })?;
                queue_id.get_or_insert(id);
                continue;
            }
            parcels.push(self.parcel(&envelope, recipient, &message).await?);
        }
        drop(message);
        let storing = parcels.into_iter().map(|parcel| self.counter.store(parcel));
        let stored = futures::future::join_all(storing).await;
        let is_gone = |outcome: &Result<_, _>| *outcome == Err(NotStored::NoSuchAddress);
        if queue_id.is_none() && stored.iter().all(is_gone) {
            return Err(Reply::unknown_recipient());
        }
        // If one is not stored the sender keeps the mail for all; those who have it already recognise the same bytes, and
        // an address that is gone is refused as such when it is named again.
        for outcome in stored {
            let id = outcome.map_err(|_| Reply::temporary_failure("Local error, please try again later"))?;
            queue_id.get_or_insert(id.to_string());
        }
        queue_id.map(|queue_id| Accepted { queue_id }).ok_or_else(Reply::unknown_recipient)
    }
}

/// Counts what the listener does.
struct Counted;

impl Events for Counted {
    fn connection_opened(&self, _peer: &Peer) {
        metrics::gauge!("immivo_smtp_connections").increment(1.0);
    }
    fn connection_closed(&self, _peer: &Peer) {
        metrics::gauge!("immivo_smtp_connections").decrement(1.0);
    }
    fn connection_refused(&self, _peer: &Peer) {
        metrics::counter!("immivo_smtp_connections_refused_total").increment(1);
    }
    fn recipient_refused(&self, code: u16) {
        metrics::counter!("immivo_smtp_recipients_refused_total", "code" => code.to_string()).increment(1);
    }
    fn message_accepted(&self, _bytes: usize, took: Duration) {
        metrics::histogram!("immivo_smtp_accept_seconds").record(took.as_secs_f64());
    }
    fn message_refused(&self, code: u16) {
        metrics::counter!("immivo_smtp_messages_refused_total", "code" => code.to_string()).increment(1);
    }
    fn message_aborted(&self) {
        metrics::counter!("immivo_smtp_messages_aborted_total").increment(1);
    }
}
