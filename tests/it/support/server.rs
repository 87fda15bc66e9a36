//! One PostgreSQL per run, one migrated template in it, one database per test.
//!
//! Every process of a run joins the same server (each test is a process of its own under nextest); it ends by itself
//! when the last one has. The template is named after the migrations, so a changed schema gets its own.

use std::future::Future;
use std::sync::OnceLock;
use std::thread;

use immivo::clock::Clock;
use immivo::db;
use immivo::ids::new_id;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::runtime::Runtime;

static SERVER: OnceLock<Server> = OnceLock::new();

struct Server {
    /// URL of a database, with `DATABASE` in its name's place.
    pattern: String,
    template: String,
    /// Keeps the embedded server in use until the process ends.
    _postgres: Option<embedded_postgres::Running>,
}

/// A new database: its name and its URL.
pub(crate) async fn create() -> (String, String) {
    let server = server();
    let name = format!("immivo_test_{}", new_id().simple());
    run(&server.url("postgres"), &format!("CREATE DATABASE {name} TEMPLATE {}", server.template)).await;
    let url = server.url(&name);
    (name, url)
}

/// Removes a database, whoever is still connected to it.
pub(crate) async fn remove(name: &str) {
    run(&server().url("postgres"), &format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

/// Runs something to its end from a place that cannot wait.
pub(crate) fn block_on<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> T {
    thread::spawn(|| Runtime::new().unwrap().block_on(task)).join().unwrap()
}

fn server() -> &'static Server {
    SERVER.get_or_init(|| {
        // The server's own tasks outlive the test that happens to come first.
        let runtime: &'static Runtime = Box::leak(Box::new(Runtime::new().unwrap()));
        thread::spawn(|| runtime.block_on(start())).join().unwrap()
    })
}

async fn start() -> Server {
    let (pattern, postgres) = match given_url() {
        Some(url) => (pattern(&url), None),
        None => {
            let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/postgres");
            let running = embedded_postgres::start(&embedded_postgres::Options::for_tests(folder)).await.unwrap();
            (pattern(&running.url("postgres")), Some(running))
        }
    };
    let server = Server { template: format!("immivo_template_{}", migrations()), pattern, _postgres: postgres };
    server.make_template().await;
    server
}

impl Server {
    fn url(&self, database: &str) -> String {
        self.pattern.replace("DATABASE", database)
    }

    /// Migrates the template once, whichever process comes first.
    async fn make_template(&self) {
        let mut admin = PgConnection::connect(&self.url("postgres")).await.unwrap();
        sqlx::query("SELECT pg_advisory_lock(4711)").execute(&mut admin).await.unwrap();
        let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&self.template)
            .fetch_one(&mut admin)
            .await
            .unwrap();
        if !there {
            let unfinished = format!("{}_unfinished", self.template);
            run(&self.url("postgres"), &format!("DROP DATABASE IF EXISTS {unfinished}")).await;
            run(&self.url("postgres"), &format!("CREATE DATABASE {unfinished}")).await;
            let database = db::connect(&SecretString::from(self.url(&unfinished)), 2, Clock::default()).unwrap();
            db::migrate(&database).await.unwrap();
            database.close().await;
            run(&self.url("postgres"), &format!("ALTER DATABASE {unfinished} RENAME TO {}", self.template)).await;
        }
    }
}

async fn run(url: &str, sql: &str) {
    let mut conn = PgConnection::connect(url).await.unwrap();
    sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
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
