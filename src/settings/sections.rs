//! One struct per section. Every field has its default in `config/default.toml`, never here, so that the file shows all.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use secrecy::SecretString;
use serde::Deserialize;

use super::{AwsSettings, KeySettings, SesSettings};

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

/// `[http]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// How prospects reach us; the start of every link in a mail.
    pub public_url: String,
    /// Where the agencies' people work: the start of links in mails to them.
    pub app_url: String,
    /// Largest request body, bytes.
    pub max_body_bytes: usize,
    /// A request that takes longer is ended with 503, seconds.
    pub timeout_seconds: u64,
    /// A new connection that has not sent the head of a request by then is closed, seconds.
    pub head_seconds: u64,
    /// A connection without a request is kept open for as long, seconds; the next one's head must be there by then.
    pub idle_seconds: u64,
    /// Connections open at once, per process; more wait until one is closed.
    pub max_connections: usize,
    /// Origins (`https://app.example`) whose pages a browser lets call the API.
    pub allowed_origins: Vec<String>,
    /// Networks of our own proxies: what they say in `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Longest silence on the stream of live events, seconds; as often it is asked anew whether its reader may read.
    pub heartbeat_seconds: u64,
}

/// `[limits]`; docs/decisions/0011 says how they hold across processes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// Requests of a signed-in tenant.
    pub tenant: RateSettings,
    /// Requests of one address without a sign-in: pages for prospects, the public API.
    pub address: RateSettings,
    /// Refused sign-ins of one address.
    pub failed_sign_in: RateSettings,
    /// Forms of web pages that one address sends.
    pub form_address: RateSettings,
    /// Forms of web pages that one tenant gets.
    pub form_tenant: RateSettings,
    /// Streams of live events at once, per tenant and process.
    pub live_streams: usize,
}

/// A rate: so many a minute, and so many at once after a quiet while.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateSettings {
    /// Requests a minute in the long run.
    pub per_minute: u32,
    /// Requests at once.
    pub burst: u32,
}

/// `[widget]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WidgetSettings {
    /// How hard a browser works before an enquiry is taken: each bit more doubles it.
    pub work_bits: u8,
}

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

/// `[files]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSettings {
    /// Folder in which files are kept; development only.
    pub folder: PathBuf,
}

/// `[ai]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AiSettings {
    /// Which engine understands and answers.
    pub engine: AiEngine,
    /// ISO 4217: in which the prices below are kept, and agencies' budgets with them. Chosen once.
    pub currency: String,
    /// When a service that fails is left alone.
    pub breaker: BreakerSettings,
    /// What models cost; each configured one needs its price.
    pub prices: Vec<ModelPrice>,
    /// For `openai`.
    pub openai: OpenAiSection,
}

/// The engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AiEngine {
    /// Deterministic, in this binary.
    Builtin,
    /// OpenAI or a server that speaks its API.
    Openai,
}

/// `[ai.breaker]`; each process finds out by itself (docs/decisions/0030).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakerSettings {
    /// Failed calls in a row after which the service is left alone.
    pub failures: u32,
    /// For how long, seconds; doubled each time it still fails.
    pub seconds: u64,
    /// At most for how long, seconds.
    pub longest_seconds: u64,
}

/// `[[ai.prices]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelPrice {
    /// Name of the model.
    pub model: String,
    /// A million tokens read, in cents.
    pub input: f64,
    /// A million tokens written, in cents.
    pub output: f64,
}

/// `[ai.openai]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenAiSection {
    /// Key; usually `OPENAI_API_KEY`.
    pub api_key: Option<SecretString>,
    /// Up to and with `/v1`.
    pub base_url: String,
    /// Chat model.
    pub model: String,
    /// Embedding model; must give 1536 dimensions.
    pub embedding_model: String,
    /// One call may take, seconds.
    pub timeout_seconds: u64,
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
