//! One struct per section. Every field has its default in `config/default.toml`, never here, so that the file shows all.
//! The larger sections have files of their own.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use super::{
    AiSettings, AssistantSettings, AwsSettings, HttpSettings, ImapSettings, IntakeSettings, KeySettings, LimitSettings,
    MailSettings, SesSettings, SmtpSettings, WidgetSettings,
};

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `dev` allows the embedded stand-ins; `prod` refuses each of them.
    pub environment: Environment,
    /// Where the embedded database, the development mailbox and development keys live.
    pub data_folder: PathBuf,
    /// Database.
    pub database: DatabaseSettings,
    /// HTTP API and public pages.
    pub http: HttpSettings,
    /// How much one caller may ask.
    pub limits: LimitSettings,
    /// The form on agencies' web pages.
    pub widget: WidgetSettings,
    /// Receiving SMTP listener.
    pub smtp: SmtpSettings,
    /// What happens to mail that came in.
    pub intake: IntakeSettings,
    /// Mailboxes that are watched.
    pub imap: ImapSettings,
    /// Mail that Amazon SES takes in for us.
    pub ses: SesSettings,
    /// Job queue.
    pub jobs: JobSettings,
    /// Outgoing mail.
    pub mail: MailSettings,
    /// Kept files.
    pub files: FileSettings,
    /// Language engine.
    pub ai: AiSettings,
    /// The assistant of the agency's people.
    pub assistant: AssistantSettings,
    /// Who may call the API.
    pub auth: AuthSettings,
    /// Signed links for prospects.
    pub links: LinkSettings,
    /// What guards the keys of the tenants' secrets.
    pub keys: KeySettings,
    /// Amazon Web Services.
    pub aws: AwsSettings,
    /// Logs.
    pub telemetry: TelemetrySettings,
}

/// Where this runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// A developer's machine.
    Dev,
    /// Real prospects.
    Prod,
}

/// `[database]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// `postgres://…`; absent: the embedded server under `data_folder`.
    pub url: Option<SecretString>,
    /// Largest number of connections of this process.
    pub max_connections: u32,
}

/// `[jobs]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobSettings {
    /// Jobs at once in this process.
    pub concurrency: usize,
    /// How long a silent worker is believed alive before its jobs go to others, seconds.
    pub dead_after_seconds: u64,
    /// How often a worker looks at the queue unasked, seconds: for jobs whose time comes, and announcements that got lost.
    pub poll_seconds: u64,
}

/// `[files]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSettings {
    /// Folder in which files are kept; development only.
    pub folder: PathBuf,
}

/// `[auth]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    /// Whose tokens are taken, as `iss` names it; Cognito: `https://cognito-idp.<region>.amazonaws.com/<pool>`. Absent in
    /// development: the local issuer.
    pub issuer: Option<String>,
    /// Where its keys are published; absent: `<issuer>/.well-known/jwks.json`.
    pub jwks_url: Option<String>,
    /// The clients whose tokens are taken: `aud` of ID tokens, `client_id` of access tokens.
    pub client_ids: Vec<String>,
    /// Lifetime of a token of the local issuer (`immivo token`), seconds.
    pub token_seconds: u64,
    /// How long an invitation can be accepted, days.
    pub invitation_days: u32,
}

impl AuthSettings {
    /// Where the issuer's keys are published; `None` without an issuer.
    #[must_use]
    pub fn keys_url(&self) -> Option<String> {
        let issuer = self.issuer.as_ref()?;
        Some(self.jwks_url.clone().unwrap_or_else(|| format!("{issuer}/.well-known/jwks.json")))
    }
}

/// `[links]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSettings {
    /// Signs links in mails, at least 32 characters; absent in development: made once and kept in `data_folder`.
    pub secret: Option<SecretString>,
    /// How long a booking link works, days.
    pub days: u32,
}

/// `[telemetry]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetrySettings {
    /// Filter in the form of `tracing_subscriber::EnvFilter`.
    pub filter: String,
    /// Form of the lines.
    pub format: LogFormat,
}

/// Form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// `json` in production, `text` else.
    Auto,
    /// For people.
    Text,
    /// For machines.
    Json,
}
