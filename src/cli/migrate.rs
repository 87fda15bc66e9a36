//! `immivo migrate`: brings the database to this version's schema.

use std::process::ExitCode;

use super::wire;
use crate::clock::Clock;
use crate::db;
use crate::settings::Settings;

pub(super) async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let (url, postgres) = wire::database(&settings).await?;
    let database = db::connect(&url, settings.database.max_connections, Clock::default())?;
    let pending = db::pending(&database).await?;
    let outcome = db::migrate(&database).await;
    database.close().await;
    if let Some(postgres) = postgres {
        postgres.stop().await?;
    }
    outcome?;
    match pending {
        0 => println!("The schema was up to date."),
        count => println!("Applied {count} migration(s)."),
    }
    Ok(ExitCode::SUCCESS)
}
