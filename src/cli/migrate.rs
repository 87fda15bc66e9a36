//! `immivo migrate`: brings the database to this version's schema.

use std::process::ExitCode;

use secrecy::SecretString;

use crate::clock::Clock;
use crate::db;
use crate::settings::Settings;

pub(super) async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let (url, postgres) = match settings.database.url {
        Some(url) => (url, None),
        None => {
            let options = embedded_postgres::Options::new(settings.data_folder.join("postgres"));
            let postgres = embedded_postgres::start(&options).await?;
            postgres.ensure_database("immivo").await?;
            (SecretString::from(postgres.url("immivo")), Some(postgres))
        }
    };
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
