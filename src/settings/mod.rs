//! Settings: `config/default.toml`, then `config/<environment>.toml`, then the environment.
//!
//! A variable `IMMIVO__SMTP__LISTEN` overrides `[smtp] listen`; `DATABASE_URL`, `OPENAI_API_KEY` and the usual `AWS_…` are
//! understood too.
//! Unknown keys are refused with their path. Nothing else in the program reads the environment. To add a setting: add
//! a field to its section here and a commented default in `config/default.toml`.

mod ai;
mod doors;
mod http;
mod keys;
mod load;
mod mail;
mod sections;
mod ses;
mod validate;

pub use ai::{AiEngine, AiSettings, AssistantSettings, BreakerSettings, EmbeddingSection, ModelPrice, OpenAiSection};
pub use doors::{Authentication, ImapMailbox, ImapSettings, IntakeSettings, SmtpSettings, SmtpTls, TlsMode};
pub use http::{HttpSettings, LimitSettings, RateSettings, WidgetSettings};
pub use keys::{AwsSettings, KeySettings, KeyWrapperKind, KmsSettings};
pub use load::{SettingsError, load, load_from};
pub use mail::{MailSettings, MailTransport, SmtpRelay};
pub use sections::{
    AuthSettings, DatabaseSettings, Environment, FileSettings, JobSettings, LinkSettings, LogFormat, Settings,
    TelemetrySettings,
};
pub use ses::SesSettings;
pub use validate::refusals;
