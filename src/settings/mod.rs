//! Settings: `config/default.toml`, then `config/<environment>.toml`, then the environment.
//!
//! A variable `IMMIVO__SMTP__LISTEN` overrides `[smtp] listen`; `DATABASE_URL`, `OPENAI_API_KEY` and the usual `AWS_…` are
//! understood too.
//! Unknown keys are refused with their path. Nothing else in the program reads the environment. To add a setting: add
//! a field to its section here and a commented default in `config/default.toml`.

mod keys;
mod load;
mod sections;
mod ses;
mod validate;

pub use keys::{AwsSettings, KeySettings, KeyWrapperKind, KmsSettings};
pub use load::{SettingsError, load, load_from};
pub use sections::{
    AiEngine, AiSettings, AuthSettings, Authentication, BreakerSettings, DatabaseSettings, Environment, FileSettings,
    HttpSettings, ImapMailbox, ImapSettings, IntakeSettings, JobSettings, LimitSettings, LinkSettings, LogFormat,
    MailSettings, MailTransport, ModelPrice, OpenAiSection, RateSettings, Settings, SmtpRelay, SmtpSettings, SmtpTls,
    TelemetrySettings, TlsMode, WidgetSettings,
};
pub use ses::SesSettings;
pub use validate::refusals;
