//! `immivo token`: a token of the local issuer, for trying the API. Development only.

use std::process::ExitCode;

use jiff::SignedDuration;

use super::wire::wire;
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::users;
use crate::settings::{Environment, Settings};

/// Arguments of `token`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// E-mail address of the user.
    #[arg(long, value_name = "EMAIL")]
    user: String,
}

pub(super) async fn run(settings: Settings, args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        settings.environment == Environment::Dev,
        "the local token issuer is for development; in production tokens come from the identity provider"
    );
    let parts = wire(settings).await?;
    let token = issue(&parts.app, &args.user).await;
    parts.close().await?;
    match token? {
        Some(token) => {
            println!("{token}");
            Ok(ExitCode::SUCCESS)
        }
        None => anyhow::bail!("no active user has the address {}; `immivo demo` makes an agency with two", args.user),
    }
}

/// A token for the user with this address, if there is one.
pub(super) async fn issue(app: &App, email: &str) -> anyhow::Result<Option<String>> {
    let mut conn = app.db.platform().await?;
    let Some(user) = users::by_email_anywhere(&mut conn, email).await? else { return Ok(None) };
    let seconds = i64::try_from(app.settings.auth.token_seconds)?;
    let until = Timestamp(app.clock.now().0 + SignedDuration::from_secs(seconds));
    Ok(Some(app.links.token(&user.subject, until)))
}
