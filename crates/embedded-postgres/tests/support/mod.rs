//! Looking at a server from outside.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use embedded_postgres::{Options, Running};

pub(crate) fn options(folder: &tempfile::TempDir) -> Options {
    Options { max_connections: 20, ..Options::for_tests(folder.path()) }
}

/// Beside the log, wherever that lies.
pub(crate) fn data(postgres: &Running) -> PathBuf {
    postgres.log().with_file_name("data")
}

pub(crate) fn server_pid(data: &Path) -> String {
    let state = std::fs::read_to_string(data.join("postmaster.pid")).expect("a state file");
    state.lines().next().expect("a number").to_owned()
}

/// A process of its own that uses the server until its standard input is closed.
pub(crate) fn run_in_another_process(folder: &Path) -> (Child, String) {
    let test = std::env::current_exe().expect("our path");
    let program = test.ancestors().nth(2).expect("the target folder").join("examples/run");
    let mut child = Command::new(program)
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the example `run` (cargo builds it with the tests)");
    let mut url = String::new();
    let stdout = child.stdout.take().expect("piped");
    BufReader::new(stdout).read_line(&mut url).expect("its address");
    (child, url.trim().to_owned())
}

pub(crate) fn sleeper() -> Child {
    Command::new("sleep").arg("600").spawn().expect("sleep")
}

pub(crate) fn signal(name: &str, pid: &str) {
    let kill = ["-c", "kill -s \"$0\" \"$1\"", name, pid];
    assert!(Command::new("sh").args(kill).status().expect("a shell").success());
}

pub(crate) fn sql(postgres: &Running, database: &str, query: &str) -> String {
    psql(postgres.binaries(), &postgres.url(database), query).expect("an answer")
}

pub(crate) fn psql(bin: &Path, url: &str, query: &str) -> Result<String, String> {
    let output = psql_command(bin, url, query).output().expect("psql");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

pub(crate) fn psql_command(bin: &Path, url: &str, query: &str) -> Command {
    let mut psql = Command::new(bin.join("psql"));
    psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", query, url]);
    psql
}

pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "{what}, but not within 20 s");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
