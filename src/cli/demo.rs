//! stub
use std::process::ExitCode;
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {}
pub(super) async fn run(_: crate::settings::Settings, _: &Args) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
