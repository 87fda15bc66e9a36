//! `[smtp]`, `[intake]`, `[imap]`: mail that comes in.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use secrecy::SecretString;
use serde::Deserialize;

use super::{Environment, Settings};

/// `[smtp]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// Address to listen on; production: port 25.
    pub listen: SocketAddr,
    /// Name in the greeting.
    pub hostname: String,
    /// Domain of the intake addresses `<prefix>@<intake_domain>`.
    pub intake_domain: String,
    /// Largest message, bytes; announced as SIZE.
    pub max_message_bytes: usize,
    /// Connections at once.
    pub max_connections: usize,
    /// Connections at once from one address.
    pub max_connections_per_address: usize,
    /// New connections within a minute from one address; 0: any number.
    pub max_new_connections_per_minute_and_address: usize,
    /// Messages over one connection.
    pub max_messages_per_connection: usize,
    /// Bytes of messages that are being received, of all connections together.
    pub max_buffered_bytes: usize,
    /// Recipients of one message.
    pub max_recipients: usize,
    /// Pause before the greeting, seconds; who speaks in it is refused. 0: none.
    pub greeting_delay_seconds: u64,
    /// Speed a message must come with once DATA is half a minute old, bytes per second; 0: any.
    pub min_data_bytes_per_second: usize,
    /// Networks of load balancers in front, which speak the PROXY protocol; nobody else is believed.
    pub proxies: Vec<IpNet>,
    /// Longest silence between two commands, seconds.
    pub command_timeout_seconds: u64,
    /// Longest time for one DATA, seconds.
    pub data_timeout_seconds: u64,
    /// STARTTLS.
    pub tls: SmtpTls,
}

/// `[smtp.tls]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpTls {
    /// Where the certificate comes from.
    pub mode: TlsMode,
    /// PEM chain, for `files`.
    pub certificate: Option<PathBuf>,
    /// PEM key, for `files`.
    pub key: Option<PathBuf>,
}

/// Where a certificate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TlsMode {
    /// No STARTTLS.
    Off,
    /// Made at start; development only.
    SelfSigned,
    /// From `certificate` and `key`.
    Files,
}

/// `[intake]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntakeSettings {
    /// What becomes of mail that reads like a portal's and is not proven to be; absent: `record` in development, `hold`
    /// in production. Asked for by [`Settings::authentication`].
    pub authentication: Option<Authentication>,
    /// Who is asked about senders' domains; empty: the name servers of this machine.
    pub name_servers: Vec<SocketAddr>,
}

/// What is done about who a mail comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// Nothing is asked.
    Off,
    /// What is found is kept with the mail.
    Record,
    /// Mail that reads like a portal's and is not proven to be waits for a human.
    Hold,
}

impl Settings {
    /// What is done about who a mail comes from.
    #[must_use]
    pub fn authentication(&self) -> Authentication {
        self.intake.authentication.unwrap_or(match self.environment {
            Environment::Dev => Authentication::Record,
            Environment::Prod => Authentication::Hold,
        })
    }
}

/// `[imap]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImapSettings {
    /// Seconds between two looks at a mailbox whose server does not tell of new mail (IDLE).
    pub poll_seconds: u64,
    /// Seconds between two looks at one whose server does; less than the 29 minutes of RFC 2177.
    pub idle_seconds: u64,
    /// How long a silent process is believed alive before its mailboxes go to others, seconds.
    pub dead_after_seconds: u64,
    /// Agencies' connections may lead into networks that are not public; if left out, only in development.
    pub allow_private_addresses: Option<bool>,
    /// Certificates (PEM) that are trusted beside the public ones.
    pub ca_certificates: Option<PathBuf>,
    /// The mailboxes.
    pub mailboxes: Vec<ImapMailbox>,
}

/// `[[imap.mailboxes]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImapMailbox {
    /// Intake prefix of the tenant its mail belongs to.
    pub intake_prefix: String,
    /// Server.
    pub host: String,
    /// Port; 993 for `tls`.
    pub port: u16,
    /// TLS from the first byte. Off only on loopback.
    pub tls: bool,
    /// Login.
    pub username: String,
    /// Password; or `password_secret`.
    pub password: Option<SecretString>,
    /// Name of the tenant's secret that is the password (`PUT /api/v1/secrets/{secretName}`).
    pub password_secret: Option<String>,
    /// Folder to watch.
    #[serde(default = "inbox")]
    pub folder: String,
}

fn inbox() -> String {
    "INBOX".to_owned()
}
