//! One PostgreSQL per run, one migrated template in it, one database per test.
//!
//! Every process of a run joins the same server (each test is a process of its own under nextest); it ends by itself
//! when the last one has. The template is named after the migrations, so a changed schema gets its own.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::thread;

use immivo::clock::Clock;
use immivo::db;
use immivo::ids::new_id;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::runtime::Runtime;
use tokio::sync::Mutex;

static SERVER: OnceLock<Server> = OnceLock::new();

struct Server {
    /// URL of a database, with `DATABASE` in its name's place.
    pattern: String,
    template: String,
    /// For making and removing databases. Signing in takes a test binary 70 ms, so one connection does it for all.
    admin: Arc<Mutex<PgConnection>>,
    runtime: &'static Runtime,
    /// Keeps the embedded server in use until the process ends.
    embedded: Option<embedded_postgres::Running>,
}

/// A new database: its name and its URL.
pub(crate) async fn create() -> (String, String) {
    let server = server();
    let name = format!("immivo_test_{}", new_id().simple());
    // Copying files is quicker than writing the copy to the log, as long as the server need not be safe.
    let strategy = if server.embedded.is_some() { "FILE_COPY" } else { "WAL_LOG" };
    server.run(format!("CREATE DATABASE {name} TEMPLATE {} STRATEGY {strategy}", server.template)).await;
    let url = server.url(&name);
    (name, url)
}

/// Removes a database, whoever is still connected to it.
pub(crate) async fn remove(name: &str) {
    server().run(format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

/// Runs something to its end from a place that cannot wait.
pub(crate) fn block_on<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> T {
    thread::spawn(|| Runtime::new().unwrap().block_on(task)).join().unwrap()
}

fn server() -> &'static Server {
    SERVER.get_or_init(|| {
        // The server's own tasks outlive the test that happens to come first.
        let runtime: &'static Runtime = Box::leak(Box::new(Runtime::new().unwrap()));
        thread::spawn(move || runtime.block_on(start(runtime))).join().unwrap()
    })
}

async fn start(runtime: &'static Runtime) -> Server {
    let (pattern, embedded) = match given_url() {
        Some(url) => (pattern(&url), None),
        None => {
            let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/postgres");
            let running = embedded_postgres::start(&embedded_postgres::Options::for_tests(folder)).await.unwrap();
            (pattern(&running.url("postgres")), Some(running))
        }
    };
    let admin = PgConnection::connect(&pattern.replace("DATABASE", "postgres")).await.unwrap();
    let template = format!("immivo_template_{}", migrations());
    let server = Server { pattern, template, admin: Arc::new(Mutex::new(admin)), runtime, embedded };
    server.make_template().await;
    server
}

impl Server {
    fn url(&self, database: &str) -> String {
        self.pattern.replace("DATABASE", database)
    }

    /// Runs a statement on the one connection, which belongs to the server's runtime and not to the test's.
    async fn run(&self, sql: String) {
        let admin = self.admin.clone();
        let statement = async move { sqlx::query(AssertSqlSafe(sql)).execute(&mut *admin.lock().await).await };
        self.runtime.spawn(statement).await.unwrap().unwrap();
    }

    /// Migrates the template once, whichever process comes first.
    async fn make_template(&self) {
        self.run("SELECT pg_advisory_lock(4711)".to_owned()).await;
        let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&self.template)
            .fetch_one(&mut *self.admin.lock().await)
            .await
            .unwrap();
        if !there {
            let unfinished = format!("{}_unfinished", self.template);
            self.run(format!("DROP DATABASE IF EXISTS {unfinished}")).await;
            self.run(format!("CREATE DATABASE {unfinished}")).await;
            let database = db::connect(&SecretString::from(self.url(&unfinished)), 2, Clock::default()).unwrap();
            db::migrate(&database).await.unwrap();
            database.close().await;
            self.run(format!("ALTER DATABASE {unfinished} RENAME TO {}", self.template)).await;
        }
        self.run("SELECT pg_advisory_unlock(4711)".to_owned()).await;
    }
}

#[allow(clippy::disallowed_methods, reason = "no settings are there yet")]
fn given_url() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

fn pattern(url: &str) -> String {
    let (address, options) = url.split_once('?').map_or((url, None), |(address, options)| (address, Some(options)));
    let host = address.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{host}/DATABASE{options}")
}

/// A short name for the schema.
fn migrations() -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(std::fs::read(file).unwrap());
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
