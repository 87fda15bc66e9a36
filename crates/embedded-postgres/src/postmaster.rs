//! Reading the state of a server that somebody, perhaps a process long dead, has started.

use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::error::{AtPath, Error};

/// What `postmaster.pid` says; PostgreSQL writes it at start and removes it at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Postmaster {
    pub(crate) pid: i32,
    pub(crate) port: Option<u16>,
    pub(crate) ready: bool,
}

impl Postmaster {
    /// Reads the file of a data folder; `None` without one, or when it is not written yet.
    pub(crate) fn read(data: &Path) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(data.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        Some(Self {
            pid: lines.first()?.parse().ok().filter(|pid| *pid > 1)?,
            port: lines.get(3).and_then(|port| port.parse().ok()),
            ready: lines.get(7) == Some(&"ready"),
        })
    }

    /// Whether that process lives *and* is the server of this data folder. A number alone proves
    /// nothing: after a reboot it may belong to anything, which we must not signal.
    pub(crate) fn is_server_of(&self, data: &Path) -> bool {
        let line = match std::fs::read(format!("/proc/{}/cmdline", self.pid)) {
            Ok(bytes) => bytes,
            Err(_) if Path::new("/proc/self/cmdline").exists() => return false,
            Err(_) => ps(self.pid),
        };
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        line.contains("postgres") && line.contains(&format!("{} ", data.display()))
    }

    /// Whether any process has this number.
    pub(crate) fn number_is_taken(&self) -> bool {
        Pid::from_raw(self.pid)
            .is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
    }

    /// Puts a number nobody has into the state file of a dead server whose own now belongs to
    /// somebody else (or to a zombie), which would make PostgreSQL refuse to start. The rest stays:
    /// from it PostgreSQL sees whether processes of the dead server still touch the data.
    pub(crate) fn disown(data: &Path) -> Result<(), Error> {
        let path = data.join("postmaster.pid");
        let text = std::fs::read_to_string(&path).at(&path)?;
        let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
        std::fs::write(&path, format!("{}\n{rest}", i32::MAX)).at(&path)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(pid) = Pid::from_raw(self.pid)
            && let Err(error) = kill_process(pid, signal)
        {
            tracing::debug!(pid = self.pid, %error, "the server could not be signalled");
        }
    }
}

/// Ends what is left of a server whose postmaster is dead. A backend in the middle of a long query
/// does not notice that death, and as long as it lives PostgreSQL rightly refuses to start again.
/// Without `/proc`, on macOS, it ends by itself when its query does.
pub(crate) fn end_survivors(data: &Path) {
    let Ok(data) = data.canonicalize() else {
        return;
    };
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let works_here = std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == data);
        let title = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid.filter(|_| works_here && title.starts_with(b"postgres: ")) {
            tracing::debug!(pid = pid.as_raw_nonzero(), "ending a survivor of a killed PostgreSQL");
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}

/// Whether a server on that port talks to clients: it asks for a password, nothing more is needed.
pub(crate) async fn answers(port: u16) -> bool {
    // Length, protocol 3.0, one parameter and the end of the list.
    let mut hello = vec![0, 0, 0, 0, 0, 3, 0, 0];
    hello.extend_from_slice(b"user\0postgres\0\0");
    hello[3] = u8::try_from(hello.len()).unwrap_or(u8::MAX);
    let talk = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        stream.write_all(&hello).await.ok()?;
        stream.read_u8().await.ok()
    };
    timeout(Duration::from_secs(1), talk).await.ok().flatten() == Some(b'R')
}

/// The command line where there is no `/proc`, that is on macOS.
fn ps(pid: i32) -> Vec<u8> {
    std::process::Command::new("ps")
        .args(["-ww", "-o", "command=", "-p", &pid.to_string()])
        .output()
        .map(|output| output.stdout)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_file_is_read_at_every_stage() {
        let whole = "4711\n/d\n1763838000\n40123\n\n127.0.0.1\n  1 2\nready   \n";
        assert_eq!(Postmaster::parse(whole), Some(Postmaster { pid: 4711, port: Some(40123), ready: true }));
        let early = "4711\n/d\n1763838000\n40123\n\n";
        assert_eq!(Postmaster::parse(early), Some(Postmaster { pid: 4711, port: Some(40123), ready: false }));
        assert_eq!(Postmaster::parse(""), None);
        assert_eq!(Postmaster::parse("-1\n"), None);
    }

    #[test]
    fn living_process_that_is_no_server_is_not_taken_for_one() {
        let pid = i32::try_from(std::process::id()).expect("a pid");
        let us = Postmaster { pid, port: None, ready: true };
        assert!(us.number_is_taken());
        assert!(!us.is_server_of(Path::new("/nowhere/data")));
    }
}
