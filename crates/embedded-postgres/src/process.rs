//! The server process: starting it, taking over one that runs, stopping it.

use std::fs::{OpenOptions, read_to_string};
use std::io::{Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use crate::cluster::program;
use crate::error::{AtPath, Error};
use crate::guard;
use crate::home::Home;
use crate::postmaster::{Postmaster, answers, end_survivors};

const POLL: Duration = Duration::from_millis(5);
const START_LIMIT: Duration = Duration::from_secs(60);
const LOG_LIMIT: u64 = 10 * 1024 * 1024;
const RETRY: Duration = Duration::from_millis(50);
/// Only a lost race for the port is worth another attempt; why it ended is told by the log alone.
const ATTEMPTS: u32 = 4;

/// A server that answers.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) port: u16,
    /// If this process has started it.
    pub(crate) ours: Option<Ours>,
}

/// The processes that are ours to reap. Not tokio's `Child`: that one belongs to a runtime, and the
/// server of a test binary outlives the runtime of the test that happened to start it.
#[derive(Debug)]
pub(crate) struct Ours {
    server: Child,
    guard: Option<Child>,
}

/// How the server is to run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) durable: bool,
    pub(crate) max_connections: u16,
}

/// Takes over the running server, or starts one. The caller holds the change lock.
pub(crate) async fn ensure(home: &Home, bin: &Path, settings: Settings) -> Result<Server, Error> {
    if let Some(port) = adopt(home).await? {
        tracing::debug!(port, "using the PostgreSQL that is already running");
        return Ok(Server { port, ours: None });
    }
    let deadline = Instant::now() + START_LIMIT;
    let mut attempt = 1;
    loop {
        let port = free_port(home, attempt)?;
        let log_start = log_length(home);
        let mut child = spawn(home, bin, settings, port)?;
        if wait_ready(home, &mut child).await? {
            std::fs::write(home.port_file(), format!("{port}\n")).at(&home.port_file())?;
            let guard = guard::spawn(home, child.id());
            return Ok(Server { port, ours: Some(Ours { server: child, guard }) });
        }
        let output = log_since(home, log_start);
        // They were told to end (see `end_survivors`), which takes a moment.
        let survivors = output.contains("is still in use");
        let give_up = if survivors { Instant::now() > deadline } else { attempt == ATTEMPTS };
        if give_up {
            return Err(Error::Failed { program: "postgres", output });
        }
        tracing::debug!(attempt, output, "PostgreSQL did not start, trying again");
        if !survivors {
            attempt += 1;
        }
        sleep(RETRY).await;
    }
}

/// Shuts the server down and waits for its end: quickly but cleanly, then without ceremony.
pub(crate) async fn stop(home: &Home, ours: Option<Ours>) -> Result<(), Error> {
    let data = home.data();
    if let Some(server) = Postmaster::read(&data).filter(|server| server.is_server_of(&data)) {
        server.signal(Signal::INT);
        if !wait_gone(&server, &data, Duration::from_secs(30)).await {
            server.signal(Signal::QUIT);
            if !wait_gone(&server, &data, Duration::from_secs(10)).await {
                return Err(Error::Timeout { what: "stop", seconds: 40, log: home.log() });
            }
        }
    }
    if let Some(Ours { mut server, guard }) = ours {
        if let Some(mut guard) = guard {
            guard.kill().at(&data)?;
            guard.wait().at(&data)?;
        }
        // Gone already, unless its state file was deleted behind its back.
        let deadline = Instant::now() + Duration::from_secs(1);
        while server.try_wait().at(&data)?.is_none() && Instant::now() < deadline {
            sleep(POLL).await;
        }
        server.kill().at(&data)?;
        server.wait().at(&data)?;
    }
    Ok(())
}

/// Asks the server to shut down, for callers that cannot wait.
pub(crate) fn ask_to_stop(home: &Home) {
    let data = home.data();
    if let Some(server) = Postmaster::read(&data).filter(|server| server.is_server_of(&data)) {
        server.signal(Signal::INT);
    }
}

/// The port of a server that runs and answers; whatever else is found is cleared away.
async fn adopt(home: &Home) -> Result<Option<u16>, Error> {
    let data = home.data();
    let deadline = Instant::now() + START_LIMIT;
    let mut silent_since = None;
    while let Some(server) = Postmaster::read(&data) {
        if !server.is_server_of(&data) {
            if server.number_is_taken() {
                Postmaster::disown(&data)?;
            }
            end_survivors(&data);
            return Ok(None);
        }
        if let Some(port) = server.port.filter(|_| server.ready) {
            if answers(port).await {
                return Ok(Some(port));
            }
            let since = *silent_since.get_or_insert_with(Instant::now);
            if since.elapsed() > Duration::from_secs(5) {
                tracing::warn!(pid = server.pid, "the running PostgreSQL does not answer, restarting it");
                stop(home, None).await?;
                return Ok(None);
            }
        }
        // Coming up, perhaps from a crash, or going down.
        if Instant::now() > deadline {
            return Err(timeout(home, "start"));
        }
        sleep(POLL).await;
    }
    Ok(None)
}

fn spawn(home: &Home, bin: &Path, settings: Settings, port: u16) -> Result<Child, Error> {
    let log_path = home.log();
    let log = OpenOptions::new().create(true).append(true).open(&log_path).at(&log_path)?;
    home.run_as.give(&log_path)?;
    if log_length(home) > LOG_LIMIT {
        log.set_len(0).at(&log_path)?;
    }
    let mut postgres = program(home, bin, "postgres");
    postgres.arg("-D").arg(home.data());
    let mut set = |name: &str, value: &str| {
        postgres.arg("-c").arg(format!("{name}={value}"));
    };
    set("listen_addresses", "127.0.0.1");
    set("port", &port.to_string());
    // A socket's path may have 107 bytes, and a clone may lie deeper than that.
    set("unix_socket_directories", "");
    set("max_connections", &settings.max_connections.to_string());
    set("shared_buffers", "64MB");
    set("jit", "off");
    set("timezone", "UTC");
    set("log_timezone", "UTC");
    if !settings.durable {
        for name in ["fsync", "synchronous_commit", "full_page_writes"] {
            set(name, "off");
        }
    }
    // Its own process group: Ctrl-C in a terminal goes to us, and we shut it down in order.
    postgres.process_group(0).stdout(log.try_clone().at(&log_path)?).stderr(log);
    postgres.as_std_mut().spawn().map_err(|source| Error::Spawn { program: bin.join("postgres"), source })
}

/// `false` when it gave up.
async fn wait_ready(home: &Home, child: &mut Child) -> Result<bool, Error> {
    let data = home.data();
    let pid = i32::try_from(child.id()).ok();
    let deadline = Instant::now() + START_LIMIT;
    loop {
        if child.try_wait().at(&data)?.is_some() {
            return Ok(false);
        }
        if Postmaster::read(&data).is_some_and(|server| Some(server.pid) == pid && server.ready) {
            return Ok(true);
        }
        if Instant::now() > deadline {
            return Err(timeout(home, "start"));
        }
        sleep(POLL).await;
    }
}

async fn wait_gone(server: &Postmaster, data: &Path, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    while server.is_server_of(data) {
        if Instant::now() > deadline {
            return false;
        }
        sleep(POLL).await;
    }
    true
}

/// The port of last time, so that bookmarks keep working; otherwise any free one.
fn free_port(home: &Home, attempt: u32) -> Result<u16, Error> {
    let last: Option<u16> = read_to_string(home.port_file()).ok().and_then(|text| text.trim().parse().ok());
    if let Some(port) = last.filter(|_| attempt == 1)
        && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
    {
        return Ok(port);
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).at(Path::new("127.0.0.1"))?;
    Ok(listener.local_addr().at(Path::new("127.0.0.1"))?.port())
}

fn log_length(home: &Home) -> u64 {
    std::fs::metadata(home.log()).map_or(0, |meta| meta.len())
}

fn log_since(home: &Home, start: u64) -> String {
    let mut text = String::new();
    let read = std::fs::File::open(home.log()).and_then(|mut log| {
        log.seek(SeekFrom::Start(start.min(log_length(home))))?;
        log.take(8192).read_to_string(&mut text)
    });
    match read {
        Ok(_) => text.trim().to_owned(),
        Err(error) => format!("(its log cannot be read: {error})"),
    }
}

fn timeout(home: &Home, what: &'static str) -> Error {
    Error::Timeout { what, seconds: START_LIMIT.as_secs(), log: home.log() }
}
