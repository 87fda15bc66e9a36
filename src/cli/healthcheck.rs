//! `immivo healthcheck`: asks a running server whether it is ready.

use std::process::ExitCode;
use std::time::Duration;

use crate::settings::Settings;

pub(super) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut address = settings.http.listen;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let client = reqwest::Client::builder().timeout(Duration::from_secs(4)).no_proxy().build()?;
    let response = client.get(format!("http://{address}/readyz")).send().await?;
    anyhow::ensure!(response.status().is_success(), "not ready: {}", response.text().await.unwrap_or_default());
    Ok(ExitCode::SUCCESS)
}
