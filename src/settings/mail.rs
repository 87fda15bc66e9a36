//! `[mail]`: mail that goes out.

use secrecy::SecretString;
use serde::Deserialize;

/// `[mail]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// Where outgoing mail goes.
    pub transport: MailTransport,
    /// Sender of notifications to the agency's own people.
    pub system_from: String,
    /// The relay, for `smtp`.
    pub smtp: SmtpRelay,
}

/// Where outgoing mail goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTransport {
    /// Kept under `data_folder`, shown at `/dev/mail`.
    Development,
    /// `[mail.smtp]`.
    Smtp,
}

/// `[mail.smtp]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpRelay {
    /// Server.
    pub host: String,
    /// Port.
    pub port: u16,
    /// STARTTLS required. Off only for a relay on the same machine or network.
    pub starttls: bool,
    /// Login, if the relay wants one.
    pub username: Option<String>,
    /// Password.
    pub password: Option<SecretString>,
}
