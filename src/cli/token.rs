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
    #[arg(long, value_name = "EMAIL", required_unless_present = "subject")]
    user: Option<String>,
    /// Subject of somebody who may be nobody's user yet, for trying the onboarding.
    #[arg(long, conflicts_with = "user", requires = "email")]
    subject: Option<String>,
    /// Their address, which counts as verified.
    #[arg(long, requires = "subject")]
    email: Option<String>,
}

pub(super) async fn run(settings: Settings, args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        settings.environment == Environment::Dev,
        "the local token issuer is for development; in production tokens come from auth.issuer"
    );
    anyhow::ensure!(
        settings.auth.issuer.is_none(),
        "auth.issuer is set, so tokens of the local issuer are worth nothing; sign in there"
    );
    let parts = wire(settings).await?;
    let token = match (&args.subject, &args.email, &args.user) {
        (Some(subject), Some(email), _) => {
            until(&parts.app).map(|until| Some(parts.app.links.token_with_email(subject, email, until)))
        }
        (_, _, user) => issue(&parts.app, user.as_deref().unwrap_or_default()).await,
    };
    parts.close().await?;
    match token? {
        Some(token) => {
            println!("{token}");
            Ok(ExitCode::SUCCESS)
        }
        None => anyhow::bail!(
            "no active user has the address {}; `immivo demo` makes an agency with two",
            args.user.as_deref().unwrap_or_default()
        ),
    }
}

fn until(app: &App) -> anyhow::Result<Timestamp> {
    let seconds = i64::try_from(app.settings.auth.token_seconds)?;
    Ok(Timestamp(app.clock.now().0 + SignedDuration::from_secs(seconds)))
}

/// A token for the user with this address, if there is one.
pub(super) async fn issue(app: &App, email: &str) -> anyhow::Result<Option<String>> {
    let mut conn = app.db.platform().await?;
    let Some(user) = users::by_email_anywhere(&mut conn, email).await? else { return Ok(None) };
    Ok(Some(app.links.token(&user.subject, until(app)?)))
}
