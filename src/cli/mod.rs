//! The command line: the only place that wires the parts together.
//!
//! One file per subcommand. What a command prints for people or programs goes to standard output, logs go to standard
//! error.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks")]

mod demo;
mod doctor;
mod eval;
mod eval_answers;
mod healthcheck;
mod keys;
mod migrate;
mod openapi;
mod parse;
mod replay;
mod serve;
mod staff;
mod sweep;
mod token;
mod wire;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use serve::{Role, Running, start};
pub use wire::{Parts, engines, jarvis, jarvis_tools, key_wrapper, senders, ses_inbox, tokens, wire};

/// Answers enquiries that property portals send by e-mail, and books the viewing.
///
/// With nothing configured everything runs on this machine: a PostgreSQL of its own under .immivo/, a built-in language
/// engine, and a mailbox at http://localhost:8080/dev/mail that keeps outgoing mail. Settings come from config/*.toml
/// and from variables such as IMMIVO__SMTP__LISTEN; config/default.toml explains each of them.
#[derive(Debug, Parser)]
#[command(name = "immivo", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (the default).
    Serve(serve::Args),
    /// Show the whole loop: four portal mails, their conversations, one booked viewing.
    Demo(demo::Args),
    /// Bring the database to this version's schema.
    Migrate,
    /// Check everything this needs, and say what to fix.
    Doctor,
    /// Ask a running server whether it is ready; for container health checks.
    Healthcheck,
    /// Print the OpenAPI document of the HTTP API.
    Openapi,
    /// Make, change and count the keys that seal the agencies' secrets.
    Keys(keys::Args),
    /// Print an API token for a user (development only).
    Token(token::Args),
    /// Say who the platform's own people are.
    Staff(staff::Args),
    /// Print what intake would make of mails: one JSON object per line and file.
    Parse(parse::Args),
    /// Measure how well messages are read, on a file of them.
    Eval(eval::Args),
    /// Read stored mails anew, as this version would, and print what differs from what was stored.
    Replay(replay::Args),
}

/// Reads the arguments and runs.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let command = cli.command.unwrap_or(Command::Serve(serve::Args::default()));
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("immivo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    // Two TLS providers could be compiled in one day; naming ours once keeps every client on it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // These need nothing but their arguments.
    match &command {
        Command::Openapi => return openapi::run(),
        Command::Parse(args) if !args.asks_database() => return parse::run(args),
        Command::Eval(args) => return eval::run(args),
        _ => {}
    }
    let settings = crate::settings::load()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move {
        match command {
            Command::Serve(args) => serve::run(settings, &args).await,
            Command::Demo(args) => demo::run(settings, &args).await,
            Command::Migrate => migrate::run(settings).await,
            Command::Doctor => doctor::run(settings).await,
            Command::Healthcheck => healthcheck::run(&settings).await,
            Command::Staff(args) => staff::run(settings, &args).await,
            Command::Keys(args) => keys::run(settings, &args).await,
            Command::Replay(args) => replay::run(settings, &args).await,
            Command::Token(args) => token::run(settings, &args).await,
            Command::Parse(args) => parse::run_for_tenant(settings, &args).await,
            Command::Openapi | Command::Eval(_) => Ok(ExitCode::SUCCESS),
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
