//! Runs a private PostgreSQL 18 with pgvector in a folder, for development and tests.
//!
//! ```no_run
//! # async fn example() -> Result<(), embedded_postgres::Error> {
//! let options = embedded_postgres::Options::new(".immivo/postgres");
//! let postgres = embedded_postgres::start(&options).await?;
//! postgres.ensure_database("immivo").await?;
//! let url = postgres.url("immivo");
//! // … connect to `url` …
//! postgres.stop().await?;
//! # Ok(()) }
//! ```
//!
//! What is always true:
//! - Several processes may start the same folder; the first starts the server, the others join, and
//!   the last to [`Running::stop`] shuts it down. Who counts as a user is a matter of file locks, so
//!   a killed process is forgotten by itself.
//! - A server whose users were all killed, or ended without a word, is ended by its guard within a
//!   second, unless a start comes first and takes it over. A server that was killed itself is started
//!   again and recovers.
//! - The server listens on the loopback interface only, on a port of its own, and wants a random
//!   password that lies in the folder, readable by its user alone.
//! - As root, the server runs as `nobody` and its data lies in `/var/lib/immivo` (see `home`).

mod binaries;
mod cluster;
mod error;
mod guard;
mod home;
mod lock;
mod postmaster;
mod privileges;
mod process;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use binaries::{binaries, default_cache};
pub use error::Error;
use home::Home;
use lock::Lock;
use process::{Ours, Settings};

/// Longer than the slowest start or stop of another process.
const CHANGE_LIMIT: Duration = Duration::from_secs(120);

/// Which cluster to run, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it lives, for example `.immivo/postgres`; made if missing.
    pub folder: PathBuf,
    /// `false` trades safety against power loss for speed. For tests only.
    pub durable: bool,
    /// Connections the server accepts at once. Ignored when it is already running.
    pub max_connections: u16,
}

impl Options {
    /// A durable cluster in `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), durable: true, max_connections: 100 }
    }

    /// A cluster for tests in `folder`: fast, and lost when the machine crashes.
    pub fn for_tests(folder: impl Into<PathBuf>) -> Self {
        Self { durable: false, max_connections: 300, ..Self::new(folder) }
    }
}

/// A server that runs and that this process uses.
///
/// Call [`Running::stop`] at the end. Dropping it only *asks* the server to stop, if nobody else
/// uses it, and does not wait.
#[derive(Debug)]
pub struct Running {
    folder: PathBuf,
    home: Home,
    bin: PathBuf,
    port: u16,
    password: String,
    ours: Option<Ours>,
    /// `None` once given back.
    in_use: Option<Lock>,
}

/// Installs PostgreSQL if needed, makes the cluster if needed, and starts or joins its server.
///
/// # Errors
/// [`Error`], each variant with what to do about it. A server that needs more than a minute to recover
/// keeps at it, and a later start finds it.
pub async fn start(options: &Options) -> Result<Running, Error> {
    let bin = binaries(&default_cache()?).await?;
    let home = open_home(&options.folder).await?;
    let _changing = Lock::exclusive(&home.change_lock(), CHANGE_LIMIT).await?;
    cluster::ensure(&home, &bin, options.durable).await?;
    let settings = Settings { durable: options.durable, max_connections: options.max_connections };
    let server = process::ensure(&home, &bin, settings).await?;
    Ok(Running {
        folder: options.folder.clone(),
        bin,
        port: server.port,
        password: cluster::password(&home)?,
        ours: server.ours,
        in_use: Some(Lock::shared(&home.users_lock())?),
        home,
    })
}

impl Running {
    /// The address of a database, for the superuser. It contains the password: never log it.
    pub fn url(&self, database: &str) -> String {
        let Self { password, port, .. } = self;
        format!("postgres://{}:{password}@127.0.0.1:{port}/{database}?sslmode=disable", cluster::SUPERUSER)
    }

    /// The port on the loopback interface.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder with `psql`, `pg_dump` and the like.
    pub fn binaries(&self) -> &Path {
        &self.bin
    }

    /// What the server has to say about itself.
    pub fn log(&self) -> PathBuf {
        self.home.log()
    }

    /// Creates the database unless it exists. The name is taken as it is: lower-case letters, please.
    ///
    /// # Errors
    /// When `createdb` cannot be run or refuses.
    pub async fn ensure_database(&self, name: &str) -> Result<(), Error> {
        let mut createdb = cluster::program(&self.home, &self.bin, "createdb");
        // By environment, because arguments are there for everybody to see.
        createdb
            .env("PGHOST", "127.0.0.1")
            .env("PGPORT", self.port.to_string())
            .env("PGUSER", cluster::SUPERUSER)
            .env("PGPASSWORD", &self.password)
            .args(["--", name]);
        match cluster::run(createdb, "createdb").await {
            Err(Error::Failed { output, .. }) if output.contains("already exists") => Ok(()),
            result => result,
        }
    }

    /// Stops using the server, and shuts it down if nobody else uses it. Waits for its end.
    ///
    /// # Errors
    /// When the server does not end, or the folder cannot be used.
    pub async fn stop(mut self) -> Result<(), Error> {
        let _changing = Lock::exclusive(&self.home.change_lock(), CHANGE_LIMIT).await?;
        self.in_use = None;
        match Lock::try_exclusive(&self.home.users_lock())? {
            Some(_alone) => process::stop(&self.home, self.ours.take()).await,
            None => Ok(()),
        }
    }

    /// Stops the server and deletes the folder with everything in it, also when others use it.
    ///
    /// # Errors
    /// When the server does not end, or the folder cannot be deleted.
    pub async fn remove(mut self) -> Result<(), Error> {
        let changing = Lock::exclusive(&self.home.change_lock(), CHANGE_LIMIT).await?;
        self.in_use = None;
        process::stop(&self.home, self.ours.take()).await?;
        home::remove(&self.folder)?;
        drop(changing);
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.in_use.take().is_some()
            && let Ok(Some(_changing)) = Lock::try_exclusive(&self.home.change_lock())
            && let Ok(Some(_alone)) = Lock::try_exclusive(&self.home.users_lock())
        {
            process::ask_to_stop(&self.home);
        }
    }
}

async fn open_home(folder: &Path) -> Result<Home, Error> {
    use error::AtPath as _;
    std::fs::create_dir_all(folder).at(folder)?;
    let _lookup = Lock::exclusive(&home::lookup_lock(folder), CHANGE_LIMIT).await?;
    Home::open(folder)
}
