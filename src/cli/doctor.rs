//! `immivo doctor`: checks everything this needs, and says what to fix.

use std::net::SocketAddr;
use std::process::ExitCode;

use envelope::{DataKey, KeyId};

use crate::clock::Clock;
use crate::db;
use crate::integrations::storage::{FileKey, FileStore as _, LocalFolder};
use crate::settings::{AiEngine, Environment, MailTransport, Settings};

/// One line of the report.
struct Finding {
    what: &'static str,
    result: Result<String, String>,
    /// Without it the server does not start.
    needed: bool,
}

pub(super) async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let mut findings = database(&settings).await;
    findings.push(port("http port", settings.http.listen).await);
    findings.push(port("smtp port", settings.smtp.listen).await);
    findings.push(mail(&settings).await);
    findings.push(files(&settings).await);
    findings.push(engine(&settings));
    findings.push(links(&settings));
    findings.push(key_wrapper(&settings).await);
    findings.push(chromium().await);
    let mut broken = false;
    for finding in &findings {
        match &finding.result {
            Ok(text) => println!("  ok    {:<12} {text}", finding.what),
            Err(text) if finding.needed => {
                broken = true;
                println!("  FAIL  {:<12} {text}", finding.what);
            }
            Err(text) => println!("  warn  {:<12} {text}", finding.what),
        }
    }
    println!("{}", if broken { "\nNot ready: fix what says FAIL." } else { "\nReady to serve." });
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn database(settings: &Settings) -> Vec<Finding> {
    let finding = |what, result| Finding { what, result, needed: true };
    let mut postgres = None;
    let url = match &settings.database.url {
        Some(url) => url.clone(),
        None => {
            let options = embedded_postgres::Options::new(settings.data_folder.join("postgres"));
            let started = async {
                let running = embedded_postgres::start(&options).await?;
                running.ensure_database("immivo").await?;
                Ok::<_, embedded_postgres::Error>(running)
            };
            match started.await {
                Ok(running) => {
                    let url = running.url("immivo").into();
                    postgres = Some(running);
                    url
                }
                Err(error) => return vec![finding("database", Err(format!("embedded PostgreSQL: {error}")))],
            }
        }
    };
    let findings = match db::connect(&url, 4, Clock::default()) {
        Err(error) => vec![finding("database", Err(error.to_string()))],
        Ok(database) => {
            let findings = match db::inspect(&database).await {
                Err(error) => vec![finding("database", Err(format!("cannot be reached: {error}; check DATABASE_URL")))],
                Ok(server) => inspect(&server, postgres.is_some()),
            };
            database.close().await;
            findings
        }
    };
    if let Some(postgres) = postgres
        && let Err(error) = postgres.stop().await
    {
        return vec![finding("database", Err(format!("embedded PostgreSQL does not stop: {error}")))];
    }
    findings
}

fn inspect(server: &db::Server, embedded: bool) -> Vec<Finding> {
    let finding = |what, result| Finding { what, result, needed: true };
    let where_from = if embedded { "embedded" } else { "configured" };
    let version = if server.version >= 150_000 {
        Ok(format!("PostgreSQL {}.{} ({where_from})", server.version / 10_000, server.version % 10_000))
    } else {
        Err(format!("PostgreSQL {} is too old; 15 or newer is needed", server.version / 10_000))
    };
    let vector = match (&server.pgvector, server.pgvector_available) {
        (Some(version), _) => Ok(format!("version {version}")),
        (None, true) => Ok("available; `immivo migrate` creates it".to_owned()),
        (None, false) => Err("not installed on the server; use the image pgvector/pgvector:pg17 or install the package postgresql-17-pgvector".to_owned()),
    };
    let schema = match server.pending {
        0 => Ok("up to date".to_owned()),
        count if embedded => Ok(format!("{count} migration(s) will be applied at start")),
        count => Err(format!("{count} migration(s) missing; run `immivo migrate`")),
    };
    vec![finding("database", version), finding("pgvector", vector), finding("schema", schema)]
}

async fn port(what: &'static str, address: SocketAddr) -> Finding {
    let result = match tokio::net::TcpListener::bind(address).await {
        Ok(_) => Ok(format!("{address} is free")),
        Err(error) => Err(format!(
            "{address}: {error}; stop what uses it or set IMMIVO__{}__LISTEN",
            if what.starts_with("http") { "HTTP" } else { "SMTP" }
        )),
    };
    Finding { what, result, needed: true }
}

async fn mail(settings: &Settings) -> Finding {
    let result = match settings.mail.transport {
        MailTransport::Development => {
            Ok(format!("development mailbox, shown at {}/dev/mail", settings.http.public_url))
        }
        MailTransport::Smtp => {
            let relay = (settings.mail.smtp.host.as_str(), settings.mail.smtp.port);
            let connect = tokio::net::TcpStream::connect(relay);
            match tokio::time::timeout(std::time::Duration::from_secs(5), connect).await {
                Ok(Ok(_)) => Ok(format!("relay {}:{} answers", relay.0, relay.1)),
                Ok(Err(error)) => {
                    Err(format!("relay {}:{}: {error}; check mail.smtp.host and mail.smtp.port", relay.0, relay.1))
                }
                Err(_) => Err(format!("relay {}:{} does not answer", relay.0, relay.1)),
            }
        }
    };
    Finding { what: "mail", result, needed: true }
}

/// Keeps a file and removes it again.
async fn files(settings: &Settings) -> Finding {
    let store = LocalFolder::new(&settings.files.folder);
    let folder = settings.files.folder.display();
    let tried = async {
        let key = "doctor/probe".parse::<FileKey>()?;
        store.put(&key, b"probe").await?;
        store.remove(&key).await?;
        anyhow::Ok(())
    };
    let result = match tried.await {
        Ok(()) => Ok(format!("kept in {folder}")),
        Err(error) => Err(format!("{folder}: {error:#}; check files.folder and who may write there")),
    };
    Finding { what: "files", result, needed: true }
}

fn engine(settings: &Settings) -> Finding {
    let result = match settings.ai.engine {
        AiEngine::Builtin => Ok("built in".to_owned()),
        AiEngine::Openai => {
            Ok(format!("openai, model {}, at {}", settings.ai.openai.model, settings.ai.openai.base_url))
        }
    };
    Finding { what: "engine", result, needed: true }
}

fn links(settings: &Settings) -> Finding {
    let result = match (&settings.links.secret, settings.environment) {
        (Some(_), _) => Ok("key for booking links is set".to_owned()),
        (None, Environment::Dev) => Ok(format!("key for booking links is kept in {}", settings.data_folder.display())),
        (None, Environment::Prod) => Err("links.secret is not set".to_owned()),
    };
    Finding { what: "keys", result, needed: true }
}

/// Wraps a key and unwraps it again.
async fn key_wrapper(settings: &Settings) -> Finding {
    let tried = async {
        let wrapper = super::wire::key_wrapper(settings, Clock::default())?;
        let wrapped = wrapper.wrap(&DataKey::generate(KeyId(crate::ids::new_id()))).await?;
        wrapper.unwrap(&wrapped).await?;
        anyhow::Ok(wrapped.by)
    };
    let result = match tried.await {
        Ok(by) => Ok(format!("keys are wrapped by {by}")),
        Err(error) => Err(format!("keys cannot be wrapped: {error:#}; check [keys] and the role's rights")),
    };
    Finding { what: "secrets", result, needed: true }
}

async fn chromium() -> Finding {
    for name in ["chromium", "chromium-browser", "google-chrome"] {
        if let Ok(output) = tokio::process::Command::new(name).arg("--version").output().await
            && output.status.success()
        {
            return Finding {
                what: "chromium",
                result: Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
                needed: false,
            };
        }
    }
    let text =
        "not found; exposés as PDF will need it (Debian: apt-get install chromium chromium-sandbox fonts-liberation)";
    Finding { what: "chromium", result: Err(text.to_owned()), needed: false }
}
