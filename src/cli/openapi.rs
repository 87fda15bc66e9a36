//! `immivo openapi`: prints the API's description.

use std::process::ExitCode;

pub(super) fn run() -> anyhow::Result<ExitCode> {
    println!("{}", crate::ingress::http::openapi().to_pretty_json()?);
    Ok(ExitCode::SUCCESS)
}
