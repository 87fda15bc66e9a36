//! `immivo parse`: what intake would make of mails; without a database, unless an agency is named.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use portal_mail::{Context, Country, Understood, understand};
use serde::Serialize;

use super::wire::wire;
use crate::app::App;
use crate::domain::intake::replay::{self, Readers};
use crate::domain::tenants;
use crate::settings::Settings;

/// Arguments of `parse`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// Country of the agency: how phone numbers without a country code are read.
    #[arg(long, value_enum, ignore_case = true, default_value = "DE")]
    country: CountryArg,
    /// Address of somebody in the agency, whose forwarded mails are unwrapped. May be given more than once.
    #[arg(long = "team", value_name = "ADDRESS")]
    team: Vec<String>,
    /// Read as this agency does: its country, its people and the layouts it remembers, from the database. Named by the part
    /// of its intake address before the @.
    #[arg(long, value_name = "PREFIX", conflicts_with_all = ["country", "team"])]
    tenant: Option<String>,
    /// Mails as files (.eml); `-` reads one from standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "UPPER")]
enum CountryArg {
    De,
    At,
    Ch,
}

#[derive(Serialize)]
struct Line<'a> {
    file: String,
    #[serde(flatten)]
    understood: &'a portal_mail::Understood,
    /// Language of what is new in the mail, whoever wrote it.
    language: Option<portal_mail::Language>,
    attachments: Vec<FileLine<'a>>,
}

/// A file in the mail, by its content.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileLine<'a> {
    name: Option<&'a str>,
    content_type: &'a str,
    size: usize,
    sha256: &'a str,
    executable: bool,
}

fn file_line(file: &portal_mail::AttachmentFacts) -> FileLine<'_> {
    FileLine {
        name: file.name.as_deref(),
        content_type: &file.content_type,
        size: file.size,
        sha256: &file.sha256,
        executable: file.executable,
    }
}

impl Args {
    /// Whether the mails are read as an agency of the database reads them.
    pub(super) fn asks_database(&self) -> bool {
        self.tenant.is_some()
    }
}

/// Reads with what the arguments say.
pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let country = match args.country {
        CountryArg::De => Country::De,
        CountryArg::At => Country::At,
        CountryArg::Ch => Country::Ch,
    };
    let context = Context { country, team: args.team.iter().map(|address| address.trim().to_lowercase()).collect() };
    print(args, &|raw| understand(raw, &context))
}

/// Reads as an agency does.
pub(super) async fn run_for_tenant(settings: Settings, args: &Args) -> anyhow::Result<ExitCode> {
    let parts = wire(settings).await?;
    let readers = readers(&parts.app, args.tenant.as_deref().unwrap_or_default()).await;
    parts.close().await?;
    let readers = readers?;
    print(args, &|raw| readers.read(raw))
}

async fn readers(app: &App, prefix: &str) -> anyhow::Result<Readers> {
    let found = tenants::by_intake_prefix(&mut app.db.platform().await?, prefix).await?;
    let tenant = found.ok_or_else(|| anyhow::anyhow!("no agency has the intake prefix {prefix}"))?.id;
    Ok(replay::readers(&mut app.db.tenant(tenant).await?, app).await?)
}

fn print(args: &Args, read: &dyn Fn(&[u8]) -> Understood) -> anyhow::Result<ExitCode> {
    let mut output = std::io::stdout().lock();
    let mut unread = false;
    for file in &args.files {
        let raw = if file.as_os_str() == "-" {
            let mut raw = Vec::new();
            std::io::stdin().lock().read_to_end(&mut raw).map(|_| raw)
        } else {
            std::fs::read(file)
        };
        // One file that cannot be read is no reason to leave the others unread.
        let raw = match raw {
            Ok(raw) => raw,
            Err(error) => {
                eprintln!("immivo: {}: {error}", file.display());
                unread = true;
                continue;
            }
        };
        let understood = read(&raw);
        let line = Line {
            file: file.display().to_string(),
            understood: &understood,
            language: understood.mail.language,
            attachments: understood.mail.attachments.iter().map(file_line).collect(),
        };
        serde_json::to_writer(&mut output, &line)?;
        match output.write_all(b"\n") {
            // `immivo parse … | head` closes the pipe early; that is no failure.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
            result => result?,
        }
    }
    Ok(if unread { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
