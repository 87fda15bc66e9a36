//! `immivo demo`: the whole loop on one machine, through the real doors.
//!
//! Four portal mails go in by SMTP, the prospects answer by SMTP, one books on the public page by HTTP. Nothing here
//! reaches into the program but to read what it wrote. Every run brings new prospects to the same agency.

mod agency;
mod browser;
mod mails;
mod play;
mod show;

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::ValueEnum as _;
use tokio_util::sync::CancellationToken;

use super::serve::{self, Role};
use super::wire::wire;
use crate::settings::{Environment, MailTransport, Settings};
use crate::telemetry;

/// How long the four conversations may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Arguments of `demo`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// End when the loop is through: status 0 only if one viewing was booked, one question became a task, one prospect
    /// declined and one mail waits in the tray.
    #[arg(long)]
    exit: bool,
}

pub(super) async fn run(mut settings: Settings, args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        settings.environment == Environment::Dev,
        "the demo makes up an agency and prospects; it does not run in production"
    );
    anyhow::ensure!(
        settings.mail.transport == MailTransport::Development,
        "the demo's prospects read the development mailbox; leave mail.transport at \"development\""
    );
    // The story is told below; the log would talk over it.
    if settings.telemetry.filter == "info" {
        settings.telemetry.filter = "warn".to_owned();
    }
    telemetry::start_logs(&settings)?;
    let started = Instant::now();
    println!("Starting database, SMTP, HTTP and jobs …");
    settings.http.listen = free(settings.http.listen)?;
    settings.smtp.listen = free(settings.smtp.listen)?;
    settings.http.public_url = format!("http://localhost:{}", settings.http.listen.port());
    let parts = wire(settings).await?;
    let running = serve::start(&parts.app, Role::value_variants()).await?;
    println!("Ready after {:.1} s.\n", started.elapsed().as_secs_f64());

    let stop = CancellationToken::new();
    let server = running.lifecycle.run(stop.clone());
    let story = async {
        let outcome = play::play(&parts.app, running.smtp.context("SMTP is on")?, PATIENCE).await;
        let complete = outcome.as_ref().is_ok_and(play::Outcome::is_complete);
        if let Ok(outcome) = &outcome {
            show::outcome(outcome, started.elapsed());
        }
        if args.exit {
            stop.cancel();
        } else if outcome.is_ok() {
            show::addresses(&parts.app, outcome.as_ref().ok()).await?;
        } else {
            stop.cancel();
        }
        outcome.map(|_| complete)
    };
    let (served, played) = tokio::join!(server, story);
    parts.close().await?;
    served?;
    Ok(if played? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The wished address, or the same with another port when something else has it.
fn free(wished: SocketAddr) -> std::io::Result<SocketAddr> {
    match TcpListener::bind(wished) {
        Ok(_) => Ok(wished),
        Err(_) => TcpListener::bind(SocketAddr::new(wished.ip(), 0))?.local_addr(),
    }
}
