//! A small process beside the server that outlives us and then ends the server.
//!
//! A killed process cannot stop its server, and a test binary ends without saying so. The guard asks
//! for the same locks as we do, so it can never take the server from somebody who has just come.
//! Python, because it is what the binaries came with; without it the server just stays until the
//! next start takes it over.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use crate::home::Home;

const GUARD: &str = "
# Ends this PostgreSQL when the last process that uses it is gone (crate embedded-postgres).
import fcntl, os, signal, sys, time
home, server = sys.argv[1], int(sys.argv[2])
while True:
    time.sleep(0.5)
    os.kill(server, 0)
    with open(home + '/change.lock') as change, open(home + '/users.lock') as users:
        try:
            fcntl.flock(change, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        with open(home + '/data/postmaster.pid') as state:
            if int(state.readline()) == server:
                os.kill(server, signal.SIGINT)
        break
";

/// Sets a guard beside the server that this process has just started.
pub(crate) fn spawn(home: &Home, server: u32) -> Option<Child> {
    let mut python = Command::new("python3");
    python.arg("-c").arg(GUARD).arg(&home.folder).arg(server.to_string());
    python.current_dir("/").process_group(0);
    // An exception is its ordinary end: the server or the folder is gone.
    python.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    python
        .spawn()
        .inspect_err(|error| tracing::debug!(%error, "no guard for PostgreSQL: a killed process will leave it running"))
        .ok()
}
