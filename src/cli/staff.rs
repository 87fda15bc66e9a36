//! `immivo staff`: who the platform's own people are. On the machine only, so that the first one can exist.

use std::process::ExitCode;

use super::wire::wire;
use crate::app::App;
use crate::domain::staff;
use crate::settings::Settings;

/// Arguments of `staff`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Action {
    /// Make somebody one of the platform's people, or change their name.
    Add {
        /// Subject of their tokens (`sub`).
        #[arg(long)]
        subject: String,
        /// Name, as agencies read it in their audit log.
        #[arg(long)]
        name: String,
    },
    /// Take it from somebody; what they look at ends with that.
    Remove {
        /// Subject of their tokens (`sub`).
        #[arg(long)]
        subject: String,
    },
    /// Print all: subject, name, since when.
    List,
    /// Print the platform's log, newest first, one JSON object per line: who became or stopped being one of them, and who
    /// listed the agencies.
    Log {
        /// Lines wanted.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
        most: i64,
    },
}

pub(super) async fn run(settings: Settings, args: &Args) -> anyhow::Result<ExitCode> {
    let parts = wire(settings).await?;
    let done = act(&parts.app, &args.action).await;
    parts.close().await?;
    done
}

async fn act(app: &App, action: &Action) -> anyhow::Result<ExitCode> {
    let mut conn = app.db.platform().await?;
    match action {
        Action::Add { subject, name } => {
            anyhow::ensure!(
                !subject.trim().is_empty() && !name.trim().is_empty(),
                "subject and name must not be empty"
            );
            staff::add(&mut conn, subject.trim(), name.trim()).await?;
        }
        Action::Remove { subject } => {
            anyhow::ensure!(staff::remove(&mut conn, subject.trim()).await?, "nobody has the subject {subject}");
        }
        Action::List => {
            for one in staff::list(&mut conn).await? {
                println!("{}\t{}\t{}", one.subject, one.name, one.created_at);
            }
        }
        Action::Log { most } => {
            for event in staff::trail(&mut conn, *most).await? {
                println!("{}", serde_json::to_string(&event)?);
            }
        }
    }
    conn.commit().await?;
    Ok(ExitCode::SUCCESS)
}
