//! Logs and metrics.
//!
//! Always true: no personal data in a log line (addresses are masked by [`masked`]), and every line makes sense alone.

use std::io::IsTerminal as _;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::settings::{Environment, LogFormat, Settings};

/// Buckets of every duration, seconds: from a cached read to a slow provider.
const SECONDS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Starts logging to standard error. A second call (tests) changes nothing.
///
/// # Errors
/// When the filter cannot be read.
pub fn start_logs(settings: &Settings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.telemetry.filter)
        .map_err(|error| anyhow::anyhow!("setting `telemetry.filter`: {error}"))?
        // Tells every line at `trace`: passwords and mails.
        .add_directive("async_imap=info".parse()?);
    let json = match settings.telemetry.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => settings.environment == Environment::Prod,
    };
    let (json, text) = if json {
        (Some(fmt::layer().json().flatten_event(true).with_writer(std::io::stderr)), None)
    } else {
        // Colours are for people; a file or a pipe gets the words.
        let colours = std::io::stderr().is_terminal();
        (None, Some(fmt::layer().compact().with_target(false).with_ansi(colours).with_writer(std::io::stderr)))
    };
    let _ = tracing_subscriber::registry().with(filter).with(json).with(text).try_init();
    Ok(())
}

/// Starts counting. The handle renders the page for Prometheus.
///
/// # Errors
/// When another recorder is there already.
pub fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)?;
    Ok(handle)
}

/// An e-mail address as it may stand in a log: first letter and domain.
#[must_use]
pub fn masked(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}…@{domain}", local.chars().next().unwrap_or('…')),
        None => "…".to_owned(),
    }
}
