//! Building the application from its settings.

use std::sync::Arc;
use std::time::{Duration, Instant};

use llm::{Builtin, ChatEngine, EmbeddingService, EmbeddingSettings, Engine, OpenAi, OpenAiSettings};
use secrecy::SecretString;
use sender_auth::Checker;

use crate::app::App;
use crate::clock::Clock;
use crate::db;
use crate::domain::intake::LeadFiles;
use crate::domain::jarvis::{self, Jarvis, Registry};
use crate::domain::live::Hub;
use crate::domain::secrets::Vault;
use crate::integrations::cognito::PublishedKeys;
use crate::integrations::key_wrapper::{KeyWrapper, Kms, LocalFile};
use crate::integrations::ses::SesInbox;
use crate::integrations::smtp_out::{DevelopmentMailbox, MailTransport, Relay};
use crate::integrations::storage::{FileStore, LocalFolder};
use crate::limits::Limits;
use crate::links::LinkKey;
use crate::settings::{self, AiEngine, Authentication, Environment, KeyWrapperKind, Settings};
use crate::templates::Templates;
use crate::tokens::Tokens;

/// The application and, in the embedded default, the database server it brought along.
pub struct Parts {
    /// The application.
    pub app: App,
    /// The embedded server; to be stopped after the application.
    pub postgres: Option<embedded_postgres::Running>,
    /// How long the embedded server took to start.
    pub postgres_took: Duration,
}

/// Builds everything: starts the embedded database if none is configured, and brings a development database up to date.
///
/// # Errors
/// What is missing, and what to do about it.
pub async fn wire(settings: Settings) -> anyhow::Result<Parts> {
    let started = Instant::now();
    let (url, postgres) = database(&settings).await?;
    let postgres_took = started.elapsed();
    let clock = Clock::default();
    let db = db::connect(&url, settings.database.max_connections, clock.clone())?;
    if let Err(error) = db.ping().await {
        anyhow::bail!("the database cannot be reached: {error}. Check DATABASE_URL, or run `immivo doctor`");
    }
    if settings.environment == Environment::Dev {
        db::migrate(&db).await?;
    }
    let links = match &settings.links.secret {
        Some(secret) => LinkKey::new(secret),
        None => LinkKey::development(&settings.data_folder)?,
    };
    let vault = Vault::new(db.clone(), key_wrapper(&settings, clock.clone())?);
    let (engine, fallback) = engines(&settings)?;
    let jarvis = jarvis(&settings)?;
    let ses = ses_inbox(&settings, clock.clone())?;
    let mailer: Arc<dyn MailTransport> = match settings.mail.transport {
        settings::MailTransport::Development => Arc::new(DevelopmentMailbox::open(&settings.data_folder.join("mail"))?),
        settings::MailTransport::Smtp => Arc::new(Relay::new(&settings.mail.smtp)?),
    };
    let files: Arc<dyn FileStore> = Arc::new(LocalFolder::new(&settings.files.folder));
    let limits = Limits::new(db.clone(), clock.clone(), links.clone(), settings.limits.clone());
    let tokens = tokens(&settings, &links)?;
    let senders = senders(&settings)?;
    let app = App {
        live: Hub::new(settings.limits.live_streams),
        limits,
        settings: Arc::new(settings),
        db,
        clock,
        engine,
        fallback,
        jarvis,
        mailer,
        senders,
        ses,
        files,
        vault,
        links,
        tokens,
        templates: Templates::new()?,
    };
    Ok(Parts { app, postgres, postgres_took })
}

/// Where the database is: the configured one, or the embedded server, started.
pub(super) async fn database(
    settings: &Settings,
) -> anyhow::Result<(SecretString, Option<embedded_postgres::Running>)> {
    if let Some(url) = &settings.database.url {
        return Ok((url.clone(), None));
    }
    let options = embedded_postgres::Options::new(settings.data_folder.join("postgres"));
    let postgres = embedded_postgres::start(&options).await?;
    postgres.ensure_database("immivo").await?;
    Ok((SecretString::from(postgres.url("immivo")), Some(postgres)))
}

/// What finds out who a mail comes from, as the settings ask for.
///
/// # Errors
/// When there are no name servers that could be asked.
pub fn senders(settings: &Settings) -> anyhow::Result<Option<Checker>> {
    let servers = &settings.intake.name_servers;
    let checker = match settings.authentication() {
        Authentication::Off => return Ok(None),
        _ if servers.is_empty() => Checker::system(),
        _ => Checker::new(servers),
    };
    Ok(Some(checker.map_err(|error| {
        anyhow::anyhow!("{error}. Set intake.name_servers, or intake.authentication = \"off\" where there is no DNS")
    })?))
}

/// Whose tokens the settings ask for.
///
/// # Errors
/// When this machine has no usable TLS.
pub fn tokens(settings: &Settings, links: &LinkKey) -> anyhow::Result<Tokens> {
    let auth = &settings.auth;
    let (Some(issuer), Some(url)) = (&auth.issuer, auth.keys_url()) else { return Ok(Tokens::local(links.clone())) };
    Ok(Tokens::of_issuer(issuer, auth, Box::new(PublishedKeys::new(&url)?)))
}

/// What wraps the keys of the tenants' secrets.
///
/// # Errors
/// When the settings cannot work, or the key file cannot be used.
pub fn key_wrapper(settings: &Settings, clock: Clock) -> anyhow::Result<Arc<dyn KeyWrapper>> {
    Ok(match settings.keys.wrapper {
        KeyWrapperKind::LocalFile => Arc::new(LocalFile::open(&settings.data_folder)?),
        KeyWrapperKind::Kms => Arc::new(Kms::new(&settings.keys.kms, &settings.aws, clock)?),
    })
}

/// The door for mail that Amazon SES takes in.
///
/// # Errors
/// When this machine has no usable TLS.
pub fn ses_inbox(settings: &Settings, clock: Clock) -> anyhow::Result<Arc<SesInbox>> {
    let most = settings.smtp.max_message_bytes;
    Ok(Arc::new(SesInbox::new(&settings.ses, &settings.aws, most, clock)?))
}

/// The engine the settings ask for, and the one that steps in for it.
///
/// # Errors
/// When the settings cannot work.
pub fn engines(settings: &Settings) -> anyhow::Result<(Arc<dyn Engine>, Arc<dyn Engine>)> {
    let fallback: Arc<dyn Engine> = Arc::new(Builtin);
    let engine: Arc<dyn Engine> = match settings.ai.engine {
        AiEngine::Builtin => fallback.clone(),
        AiEngine::Openai => {
            let fuse = &settings.ai.breaker;
            let fuse = llm::BreakerSettings {
                failures: fuse.failures,
                pause: Duration::from_secs(fuse.seconds),
                longest: Duration::from_secs(fuse.longest_seconds),
            };
            Arc::new(llm::Breaker::new(Arc::new(OpenAi::new(openai(settings))?), fuse))
        }
    };
    let engine: Arc<dyn Engine> = match embeddings(settings) {
        Some(service) => Arc::new(EmbeddingService::new(engine, service)?),
        None => engine,
    };
    Ok((engine, fallback))
}

fn embeddings(settings: &Settings) -> Option<EmbeddingSettings> {
    let section = &settings.ai.embeddings;
    Some(EmbeddingSettings {
        base_url: section.base_url.clone()?,
        model: section.model.clone(),
        api_key: section.api_key.clone(),
        timeout: Duration::from_secs(section.timeout_seconds),
    })
}

/// The assistant of the agency's people.
///
/// # Errors
/// When the settings cannot work.
pub fn jarvis(settings: &Settings) -> anyhow::Result<Jarvis> {
    let fallback: Arc<dyn ChatEngine> = Arc::new(jarvis::Plain);
    let engine: Arc<dyn ChatEngine> = match settings.ai.engine {
        AiEngine::Builtin => fallback.clone(),
        AiEngine::Openai => Arc::new(OpenAi::new(openai(settings))?),
    };
    Ok(Jarvis::new(engine, fallback, jarvis_tools()))
}

/// What the assistant can do: the tools of the capabilities before it, and those that later ones bring.
#[must_use]
pub fn jarvis_tools() -> Registry {
    jarvis::tools().with::<LeadFiles>()
}

/// What the OpenAI engine needs, whether or not it is the one in use.
pub(super) fn openai(settings: &Settings) -> OpenAiSettings {
    let section = &settings.ai.openai;
    OpenAiSettings {
        // The settings refuse `openai` without a key.
        api_key: section.api_key.clone().unwrap_or_default(),
        base_url: section.base_url.clone(),
        model: section.model.clone(),
        embedding_model: section.embedding_model.clone(),
        timeout: Duration::from_secs(section.timeout_seconds),
    }
}

impl Parts {
    /// Lets go of the database and stops the embedded server.
    ///
    /// # Errors
    /// When the server does not stop.
    pub async fn close(self) -> anyhow::Result<()> {
        self.app.db.close().await;
        if let Some(postgres) = self.postgres {
            postgres.stop().await?;
        }
        Ok(())
    }
}
