//! Runs PostgreSQL in a folder until its standard input ends or a signal comes.
//!
//! `cargo run -p embedded-postgres --example run -- FOLDER` prints the address first.

use std::io::{Read, Write};

use embedded_postgres::{Options, start};
use tokio::signal::unix::{SignalKind, signal};

type AnyError = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let folder = std::env::args_os().nth(1).ok_or("which folder?")?;
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let postgres = start(&Options::for_tests(folder)).await?;
    writeln!(std::io::stdout(), "{}", postgres.url("postgres"))?;
    let input = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    tokio::select! {
        _ = input => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    postgres.stop().await?;
    // A thread may still be blocked in reading standard input; the runtime would wait for it.
    std::process::exit(0)
}
