//! Making the cluster on disk: once, and either completely or not at all.

use std::fs::{DirBuilder, OpenOptions, read_to_string, remove_dir_all, remove_file, rename};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use crate::error::{AtPath, Error};
use crate::home::{Home, random_hex};

/// The name of the superuser.
pub(crate) const SUPERUSER: &str = "postgres";

/// Runs `initdb` unless the cluster exists. The caller holds the change lock.
pub(crate) async fn ensure(home: &Home, bin: &Path, durable: bool) -> Result<(), Error> {
    let data = home.data();
    if data.exists() {
        return Ok(());
    }
    let partial = home.folder.join("data.partial");
    if partial.exists() {
        remove_dir_all(&partial).at(&partial)?;
    }
    DirBuilder::new().mode(0o700).create(&partial).at(&partial)?;
    home.run_as.give(&partial)?;
    write_password(home)?;

    let mut initdb = program(home, bin, "initdb");
    initdb
        .arg("--pgdata")
        .arg(&partial)
        .arg("--pwfile")
        .arg(home.password_file())
        .args(["--username", SUPERUSER, "--encoding", "UTF8", "--auth", "scram-sha-256"])
        // Sorting and case from PostgreSQL itself, so that every machine agrees.
        .args(["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]);
    if cfg!(target_os = "macos") {
        initdb.args(["--locale", "C", "--lc-ctype", "en_US.UTF-8"]);
    } else {
        initdb.args(["--locale", "C.UTF-8"]);
    }
    if !durable {
        initdb.arg("--no-sync");
    }
    run(initdb, "initdb").await?;
    rename(&partial, &data).at(&data)
}

/// The superuser's password.
pub(crate) fn password(home: &Home) -> Result<String, Error> {
    let path = home.password_file();
    Ok(read_to_string(&path).at(&path)?.trim_end().to_owned())
}

/// One of PostgreSQL's programs, as the server's user, in an environment that cannot mislead it
/// (`PGDATA`, `PGPORT`, a locale that is not installed …).
pub(crate) fn program(home: &Home, bin: &Path, name: &str) -> Command {
    let mut command = Command::new(bin.join(name));
    command.env_clear().env("LC_ALL", "C").env("TZ", "UTC").env("PATH", "/usr/bin:/bin");
    command.current_dir("/").stdin(Stdio::null());
    home.run_as.apply(&mut command);
    command
}

/// Runs a program to its end; a failure carries what it wrote.
pub(crate) async fn run(mut command: Command, name: &'static str) -> Result<(), Error> {
    let output = command
        .output()
        .await
        .map_err(|source| Error::Spawn { program: command.as_std().get_program().into(), source })?;
    if output.status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::Failed { program: name, output })
}

/// For the server's user to read (`initdb` needs it) and for nobody else.
fn write_password(home: &Home) -> Result<(), Error> {
    let path = home.password_file();
    if path.exists() {
        remove_file(&path).at(&path)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).at(&path)?;
    writeln!(file, "{}", random_hex(24)?).at(&path)?;
    home.run_as.give(&path)
}
