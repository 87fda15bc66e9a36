//! `immivo serve`: the long-running process.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::ValueEnum;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::wire::wire;
use crate::app::App;
use crate::domain::{jarvis, live};
use crate::ingress;
use crate::jobs;
use crate::lifecycle::Lifecycle;
use crate::settings::Settings;
use crate::telemetry;

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// HTTP API and public pages.
    Http,
    /// Receiving SMTP listener.
    Smtp,
    /// Watching mailboxes.
    Imap,
    /// Background work.
    Jobs,
}

/// Arguments of `serve`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// What this process does. Several processes with any mix of roles may share one database.
    #[arg(long, value_delimiter = ',', default_value = "http,smtp,imap,jobs")]
    roles: Vec<Role>,
}

impl Default for Args {
    fn default() -> Self {
        Self { roles: Role::value_variants().to_vec() }
    }
}

/// A started server: where it listens.
#[derive(Debug, Default)]
pub struct Running {
    /// The tasks.
    pub lifecycle: Lifecycle,
    /// Where HTTP listens.
    pub http: Option<SocketAddr>,
    /// Where SMTP listens.
    pub smtp: Option<SocketAddr>,
}

/// Runs until a signal comes.
pub(super) async fn run(settings: Settings, args: &Args) -> anyhow::Result<ExitCode> {
    telemetry::start_logs(&settings)?;
    let started = std::time::Instant::now();
    let parts = wire(settings).await?;
    let running = match start(&parts.app, &args.roles).await {
        Ok(running) => running,
        Err(error) => {
            parts.close().await?;
            return Err(error);
        }
    };
    tracing::info!(
        roles = ?args.roles,
        http = running.http.map(tracing::field::display),
        smtp = running.smtp.map(tracing::field::display),
        embedded_database = parts.postgres.is_some(),
        milliseconds = started.elapsed().as_millis(),
        own_milliseconds = started.elapsed().saturating_sub(parts.postgres_took).as_millis(),
        "ready"
    );
    let outcome = running.lifecycle.run(CancellationToken::new()).await;
    parts.close().await?;
    outcome.map(|()| ExitCode::SUCCESS)
}

/// Opens the ports and starts the tasks of the given roles. All ports are open when this returns.
///
/// # Errors
/// When a port is taken; says which.
pub async fn start(app: &App, roles: &[Role]) -> anyhow::Result<Running> {
    let mut running = Running::default();
    if roles.contains(&Role::Jobs) {
        start_jobs(app, &mut running).await?;
    }
    if roles.contains(&Role::Smtp) {
        start_smtp(app, &mut running).await?;
    }
    if roles.contains(&Role::Imap) {
        let (app, soft) = (app.clone(), running.lifecycle.soft());
        running.lifecycle.spawn("imap", async move { ingress::imap::run(&app, soft).await });
    }
    if roles.contains(&Role::Http) {
        start_http(app, &mut running).await?;
    }
    Ok(running)
}

async fn start_jobs(app: &App, running: &mut Running) -> anyhow::Result<()> {
    let worker = jobs::worker(app, running.lifecycle.soft()).await?;
    let soft = running.lifecycle.soft();
    running.lifecycle.spawn("jobs", async move {
        worker.run().await?;
        anyhow::ensure!(soft.is_cancelled(), "the worker stopped by itself");
        Ok(())
    });
    Ok(())
}

async fn start_smtp(app: &App, running: &mut Running) -> anyhow::Result<()> {
    let listen = app.settings.smtp.listen;
    let server = ingress::smtp::bind(app).await.map_err(|error| {
        anyhow::anyhow!("SMTP cannot listen on {listen}: {error}. Set IMMIVO__SMTP__LISTEN to a free address")
    })?;
    running.smtp = Some(ingress::smtp::address(&server));
    let (soft, hard) = (running.lifecycle.soft(), running.lifecycle.hard());
    running.lifecycle.spawn("smtp", async move {
        server.serve(soft, hard).await;
        Ok(())
    });
    Ok(())
}

async fn start_http(app: &App, running: &mut Running) -> anyhow::Result<()> {
    let listen = app.settings.http.listen;
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        anyhow::anyhow!("HTTP cannot listen on {listen}: {error}. Set IMMIVO__HTTP__LISTEN to a free address")
    })?;
    running.http = Some(listener.local_addr()?);
    // Tests start several servers in one process; they share the first one's counters.
    let metrics = telemetry::start_metrics().ok();
    let router = ingress::http::router(app.clone(), metrics);
    let (listening, soft) = (app.clone(), running.lifecycle.soft());
    running.lifecycle.spawn("live", async move {
        live::follow(&listening.db, &listening.live, soft).await;
        Ok(())
    });
    let (talking, soft) = (app.clone(), running.lifecycle.soft());
    running.lifecycle.spawn("assistant", async move {
        jarvis::work(talking, soft).await;
        Ok(())
    });
    running.lifecycle.spawn("sweep", super::sweep::sweep(app.clone(), running.lifecycle.soft()));
    let (soft, hard) = (running.lifecycle.soft(), running.lifecycle.hard());
    let settings = app.settings.clone();
    running.lifecycle.spawn("http", async move {
        ingress::http::serve(listener, router, &settings.http, soft, hard).await;
        Ok(())
    });
    Ok(())
}
