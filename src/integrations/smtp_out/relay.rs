//! SMTP to a relay, by `lettre`.

use std::time::Duration;

use async_trait::async_trait;
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::ExposeSecret;

use super::{MailTransport, Outgoing, SendError};
use crate::settings::SmtpRelay;

/// A relay.
#[derive(Debug)]
pub struct Relay(AsyncSmtpTransport<Tokio1Executor>);

impl Relay {
    /// Prepares the connection pool; connects at the first mail.
    ///
    /// # Errors
    /// When the host name cannot stand in a TLS handshake.
    pub fn new(settings: &SmtpRelay) -> Result<Self, lettre::transport::smtp::Error> {
        let tls = if settings.starttls { Tls::Required(TlsParameters::new(settings.host.clone())?) } else { Tls::None };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(Duration::from_secs(30)));
        if let (Some(username), Some(password)) = (&settings.username, &settings.password) {
            builder = builder.credentials(Credentials::new(username.clone(), password.expose_secret().to_owned()));
        }
        Ok(Self(builder.build()))
    }
}

#[async_trait]
impl MailTransport for Relay {
    async fn send(&self, mail: &Outgoing) -> Result<String, SendError> {
        let address = |text: &str| text.parse::<Address>().map_err(|error| SendError::Permanent(error.to_string()));
        let envelope = Envelope::new(Some(address(&mail.from)?), vec![address(&mail.to)?])
            .map_err(|error| SendError::Permanent(error.to_string()))?;
        let reply = self.0.send_raw(&envelope, &mail.mime).await.map_err(|error| {
            let text = error.to_string();
            if error.is_permanent() { SendError::Permanent(text) } else { SendError::Temporary(text) }
        })?;
        Ok(reply.first_line().unwrap_or("accepted").to_owned())
    }
}
