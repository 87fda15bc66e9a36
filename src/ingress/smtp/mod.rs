//! Mail by SMTP: the protocol is the crate `smtp-intake`; here stands what a recipient is and where a message goes.
//!
//! Always true: `250` is said only after the transaction that holds the raw bytes and the job was committed. Mail for
//! the postmaster is no tenant's; it is handed on before `250`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use smtp_intake::{Accepted, Address, Backend, Envelope, Events, Limits, Peer, Reply, Server, TlsMode};

use crate::app::App;
use crate::domain::intake::{self, Door, Received, Recipient};
use crate::domain::mail;
use crate::settings::{self, SmtpSettings};

/// Opens the port. Nothing is accepted before [`Server::serve`].
///
/// # Errors
/// When the port is taken or the certificate cannot be read.
pub async fn bind(app: &App) -> std::io::Result<Server> {
    let settings = &app.settings.smtp;
    let limits = Limits {
        max_message_bytes: settings.max_message_bytes,
        max_recipients: settings.max_recipients,
        max_connections: settings.max_connections,
        max_connections_per_ip: settings.max_connections_per_address,
        command_timeout: Duration::from_secs(settings.command_timeout_seconds),
        data_timeout: Duration::from_secs(settings.data_timeout_seconds),
        ..Limits::default()
    };
    let backend = Arc::new(Intake { app: app.clone() });
    let server = Server::bind(settings.listen, settings.hostname.clone(), limits, tls(settings)?, backend).await?;
    Ok(server.with_events(Arc::new(Counted)))
}

/// Where a bound server listens; port 0 in the settings means "any".
#[must_use]
pub fn address(server: &Server) -> SocketAddr {
    server.local_addr()
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
}

impl Intake {
    /// Who gets mail for an address.
    async fn whose(&self, address: &Address) -> Result<Recipient, Reply> {
        intake::recipient(&self.app, address.local(), address.domain()).await.map_err(|error| later(&error))
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
        match self.whose(address).await? {
            Recipient::Tenant(_) | Recipient::Postmaster(_) => Ok(()),
            Recipient::Nobody => Err(Reply::unknown_recipient()),
        }
    }

    async fn deliver(&self, envelope: Envelope, message: Vec<u8>) -> Result<Accepted, Reply> {
        let mut queue_id = None;
        // One transaction per tenant. If a later one fails the sender keeps the mail for all; those who have it already
        // recognise the same bytes.
        for recipient in &envelope.recipients {
            let address = Address::parse(recipient).ok_or_else(Reply::unknown_recipient)?;
            let tenant = match self.whose(&address).await? {
                Recipient::Tenant(tenant) => tenant,
                Recipient::Postmaster(reader) => {
                    let id = mail::hand_on(&self.app, reader, message.clone()).await.map_err(|error| {
                        tracing::error!(%error, "a mail to the postmaster could not be handed on");
                        Reply::temporary_failure("Local error, please try again later")
                    })?;
                    queue_id.get_or_insert(id);
                    continue;
                }
                Recipient::Nobody => return Err(Reply::unknown_recipient()),
            };
            let stored = async {
                let mut conn = self.app.db.tenant(tenant).await?;
                let mail = Received {
                    door: Door::Smtp,
                    peer: &envelope.peer.ip.to_string(),
                    envelope_from: &envelope.mail_from,
                    envelope_to: recipient,
                    raw: &message,
                };
                let id = intake::receive(&mut conn, mail).await?;
                conn.commit().await?;
                Ok(id)
            };
            let id = stored.await.map_err(|error: crate::db::Error| later(&error))?;
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
