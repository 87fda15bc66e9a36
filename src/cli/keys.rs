//! `immivo keys`: the keys that seal the agencies' secrets.

use std::process::ExitCode;

use super::wire::wire;
use crate::app::App;
use crate::domain::secrets;
use crate::settings::Settings;

/// Arguments of `keys`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Copy, clap::Subcommand)]
enum What {
    /// Make a new key. From now on everything is sealed with it; what is there stays as it is.
    Generate,
    /// Make a new key and seal everything anew with it, while servers run. Started again after an interruption it goes
    /// on where it was.
    Rotate,
    /// Print each key with the number of secrets sealed with it.
    Status,
}

pub(super) async fn run(settings: Settings, args: &Args) -> anyhow::Result<ExitCode> {
    let parts = wire(settings).await?;
    let outcome = match args.what {
        What::Generate => generate(&parts.app).await,
        What::Rotate => rotate(&parts.app).await,
        What::Status => status(&parts.app).await,
    };
    parts.close().await?;
    outcome
}

async fn generate(app: &App) -> anyhow::Result<ExitCode> {
    println!("Key {} is the current one now.", app.vault.generate().await?);
    Ok(ExitCode::SUCCESS)
}

async fn rotate(app: &App) -> anyhow::Result<ExitCode> {
    let report = |progress: secrets::Progress| {
        println!("{} sealed anew, {} left", progress.done, progress.left);
    };
    let rotated = secrets::rotate(&app.vault, report).await?;
    let what = if rotated.is_new { "new" } else { "from a rotation that had not ended" };
    println!(
        "Everything is sealed with key {} ({what}): {} secret(s) sealed anew, {} key(s) retired.",
        rotated.key, rotated.done, rotated.retired
    );
    if rotated.broken.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("Except {} that do not open, because somebody changed or moved them:", rotated.broken.len());
    for (tenant, secret) in &rotated.broken {
        println!("  tenant {tenant}  secret {secret}");
    }
    println!("Let the agency set them again, then run this once more.");
    Ok(ExitCode::FAILURE)
}

async fn status(app: &App) -> anyhow::Result<ExitCode> {
    let mut conn = app.db.platform().await?;
    let keys = secrets::status(&mut conn).await?;
    if keys.is_empty() {
        println!("No key yet; the first secret makes one.");
    }
    for key in keys {
        println!(
            "{}  {:<8}  {:>6} secret(s)  made {}  wrapped by {}",
            key.id, key.state, key.rows, key.created_at, key.wrapped_by
        );
    }
    Ok(ExitCode::SUCCESS)
}
