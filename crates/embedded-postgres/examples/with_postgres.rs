//! Runs a command with `DATABASE_URL` set to a new, empty database of a throw-away cluster.
//!
//! `cargo run -p embedded-postgres --example with_postgres -- COMMAND [ARGUMENT…]`; the exit status is
//! the command's. `dev/with-postgres` is the short form.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use embedded_postgres::{Options, start};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

type AnyError = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() {
    let status = run().await.unwrap_or_else(|error| {
        let causes = std::iter::successors(error.source(), |cause| cause.source());
        let causes: String = causes.map(|cause| format!(": {cause}")).collect();
        let _ = writeln!(std::io::stderr(), "with-postgres: {error}{causes}");
        1
    });
    std::process::exit(status)
}

async fn run() -> Result<i32, AnyError> {
    let mut arguments = std::env::args_os().skip(1);
    let program = arguments.next().ok_or("which command?")?;
    // Both reach the command too when they come from a terminal; it decides when to end.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);

    let folder = std::env::temp_dir().join(format!("immivo-postgres-{}", std::process::id()));
    let postgres = start(&Options::for_tests(folder)).await?;
    postgres.ensure_database("immivo").await?;

    let child =
        Command::new(&program).args(arguments).env("DATABASE_URL", postgres.url("immivo")).kill_on_drop(true).spawn();
    let status = match child {
        Err(error) => Err(error),
        Ok(mut child) => loop {
            tokio::select! {
                status = child.wait() => break status,
                _ = interrupt.recv() => {}
                _ = terminate.recv() => break child.kill().await.map(|()| ExitStatus::from_raw(15)),
            }
        },
    };
    postgres.remove().await?;
    let status = status.map_err(|error| format!("{}: {error}", program.display()))?;
    Ok(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)))
}
