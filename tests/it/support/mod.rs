//! What tests stand on: an application of their own, on a database of their own, at a fixed time.

mod agency;
mod dump;
mod policy;
mod reply;
mod server;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use immivo::app::App;
use immivo::clock::Clock;
use immivo::domain::jarvis::{self, Jarvis};
use immivo::domain::live::Hub;
use immivo::domain::secrets::Vault;
use immivo::integrations::smtp_out::DevelopmentMailbox;
use immivo::integrations::storage::LocalFolder;
use immivo::limits::Limits;
use immivo::links::LinkKey;
use immivo::settings::{self, Settings};
use immivo::templates::Templates;
use immivo::{db, ingress, jobs};
use secrecy::SecretString;
use serde_json::Value;
use sqlx::Connection as _;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

pub(crate) use agency::{Agency, Person};
pub(crate) use dump::Dump;
pub(crate) use reply::Reply;
pub(crate) use server::{block_on, create as create_database, remove as remove_database};

/// When it is in tests: a Monday morning.
pub(crate) const NOW: &str = "2026-11-23T08:00:00Z";

/// The application as production builds it, with a fixed clock, the built-in engine (unless the settings say otherwise) and the development mailbox.
///
/// Dropping it runs what is left in the queue, fails the test if a job failed, and removes the database.
pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) router: Router,
    /// The database's address, for a look past the application.
    pub(crate) url: String,
    database: String,
    folder: tempfile::TempDir,
}

impl TestApp {
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With other settings, by the names of their variables.
    pub(crate) async fn with(variables: &[(&str, &str)]) -> Self {
        let (database, url) = server::create().await;
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path(), &url, variables);
        let clock = Clock::fixed(NOW.parse().unwrap());
        let db = db::connect(&SecretString::from(url.clone()), 5, clock.clone()).unwrap();
        let (engine, fallback) = immivo::cli::engines(&settings).unwrap();
        let links = LinkKey::new(settings.links.secret.as_ref().unwrap());
        let vault = Vault::new(db.clone(), immivo::cli::key_wrapper(&settings, clock.clone()).unwrap());
        let app = App {
            ses: immivo::cli::ses_inbox(&settings, clock.clone()).unwrap(),
            limits: Limits::new(db.clone(), clock.clone(), links.clone(), settings.limits.clone()),
            live: Hub::new(settings.limits.live_streams),
            db,
            clock,
            vault,
            engine,
            fallback,
            jarvis: immivo::cli::jarvis(&settings).unwrap(),
            senders: immivo::cli::senders(&settings).unwrap(),
            mailer: Arc::new(DevelopmentMailbox::open(&folder.path().join("mail")).unwrap()),
            files: Arc::new(LocalFolder::new(&settings.files.folder)),
            tokens: immivo::cli::tokens(&settings, &links).unwrap(),
            links,
            templates: Templates::new().unwrap(),
            settings: Arc::new(settings),
        };
        let router = ingress::http::router(app.clone(), None);
        answer(&app);
        Self { app, router, url, database, folder }
    }

    /// With an assistant that plays what the test wrote down.
    pub(crate) async fn talking(replies: Vec<Vec<llm::Cue>>, variables: &[(&str, &str)]) -> (Self, Arc<llm::Scripted>) {
        let mut test = Self::with(variables).await;
        let script = Arc::new(llm::Scripted::new(replies));
        test.app.jarvis = Jarvis::new(script.clone(), Arc::new(jarvis::Plain), immivo::cli::jarvis_tools());
        test.router = ingress::http::router(test.app.clone(), None);
        answer(&test.app);
        (test, script)
    }

    /// A second process: the same settings and database, and nothing else in common but the time.
    pub(crate) fn another_process(&self) -> (App, Router) {
        let mut app = self.app.clone();
        app.db = db::connect(&SecretString::from(self.url.clone()), 5, app.clock.clone()).unwrap();
        app.limits = Limits::new(app.db.clone(), app.clock.clone(), app.links.clone(), app.settings.limits.clone());
        app.live = Hub::new(app.settings.limits.live_streams);
        app.jarvis = immivo::cli::jarvis(&app.settings).unwrap();
        let router = ingress::http::router(app.clone(), None);
        answer(&app);
        (app, router)
    }

    /// Sends a request with a JSON body, or none.
    pub(crate) async fn send(&self, method: Method, path: &str, token: Option<&str>, body: Option<Value>) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.call(request.body(body).unwrap()).await
    }

    /// Sends any request through the production router.
    pub(crate) async fn call(&self, request: Request<Body>) -> Reply {
        Reply::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str, person: &Person) -> Reply {
        self.send(Method::GET, path, Some(&person.token), None).await
    }

    pub(crate) async fn post(&self, path: &str, person: &Person, body: Value) -> Reply {
        self.send(Method::POST, path, Some(&person.token), Some(body)).await
    }

    /// Where this application keeps files and sent mail.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs what is in the queue, and what waits for its time as well, until nothing is left.
    pub(crate) async fn run_all_jobs(&self) {
        let mut conn = sqlx::PgConnection::connect(&self.url).await.unwrap();
        loop {
            self.run_jobs().await;
            let hurried = sqlx::query(
                "UPDATE graphile_worker._private_jobs SET run_at = now() WHERE run_at > now() AND last_error IS NULL",
            );
            if hurried.execute(&mut conn).await.unwrap().rows_affected() == 0 {
                break;
            }
        }
    }

    /// Runs what is due, while jobs of one kind wait for an hour.
    pub(crate) async fn run_jobs_but(&self, kind: &str) {
        let mut conn = sqlx::PgConnection::connect(&self.url).await.unwrap();
        sqlx::query(
            "UPDATE graphile_worker._private_jobs SET run_at = now() + interval '1 hour'
             WHERE task_id = (SELECT id FROM graphile_worker._private_tasks WHERE identifier = $1)",
        )
        .bind(kind)
        .execute(&mut conn)
        .await
        .unwrap();
        self.run_jobs().await;
    }

    /// Runs what is in the queue until nothing is due, with the production worker.
    pub(crate) async fn run_jobs(&self) {
        run_jobs(&self.app, &self.url).await;
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let (mut app, url, database) = (self.app.clone(), self.url.clone(), self.database.clone());
        let is_failing = std::thread::panicking();
        let failed = server::block_on(async move {
            let mut failed = Vec::new();
            if !is_failing {
                // The test's own connections belong to its runtime, which stands still meanwhile: a transaction that a
                // handler let go of would keep its locks.
                end_other_connections(&url).await;
                app.db = db::connect(&SecretString::from(url.clone()), 5, app.clock.clone()).unwrap();
                failed = run_jobs(&app, &url).await;
                app.db.close().await;
            }
            server::remove(&database).await;
            failed
        });
        assert!(failed.is_empty(), "jobs failed: {failed:?}");
    }
}

/// Makes the assistant's answers, as `serve` does.
#[allow(clippy::disallowed_methods, reason = "beside the test, ended with it")]
fn answer(app: &App) {
    tokio::spawn(jarvis::work(app.clone(), CancellationToken::new()));
}

async fn end_other_connections(url: &str) {
    let mut conn = sqlx::PgConnection::connect(url).await.unwrap();
    sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        .execute(&mut conn)
        .await
        .unwrap();
}

/// Runs what is due, and tells which jobs' last attempt failed, with the error.
async fn run_jobs(app: &App, url: &str) -> Vec<(String, Option<String>)> {
    let mut conn = sqlx::PgConnection::connect(url).await.unwrap();
    let due = "SELECT count(*) FROM graphile_worker._private_jobs WHERE attempts = 0 AND run_at <= now()";
    while sqlx::query_scalar::<_, i64>(due).fetch_one(&mut conn).await.unwrap() > 0 {
        jobs::worker(app, CancellationToken::new()).await.unwrap().run_once().await.unwrap();
    }
    sqlx::query_as(
        "SELECT t.identifier, j.last_error FROM graphile_worker._private_jobs j
         JOIN graphile_worker._private_tasks t ON t.id = j.task_id WHERE j.last_error IS NOT NULL",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap()
}

fn settings(folder: &Path, url: &str, variables: &[(&str, &str)]) -> Settings {
    let mut all: HashMap<String, String> = HashMap::from(
        [
            ("DATABASE_URL", url),
            ("IMMIVO__DATA_FOLDER", folder.to_str().unwrap()),
            ("IMMIVO__FILES__FOLDER", folder.join("files").to_str().unwrap()),
            ("IMMIVO__HTTP__LISTEN", "127.0.0.1:0"),
            ("IMMIVO__SMTP__LISTEN", "127.0.0.1:0"),
            ("IMMIVO__LINKS__SECRET", "a-secret-for-tests-of-more-than-32-characters"),
            // Tests ask no name servers of the machine they run on.
            ("IMMIVO__INTAKE__AUTHENTICATION", "off"),
            // Time stands still, so nothing refills: tests that are not about limits must not meet them.
            ("IMMIVO__LIMITS__TENANT__BURST", "100000"),
            ("IMMIVO__LIMITS__ADDRESS__BURST", "100000"),
            ("IMMIVO__LIMITS__FAILED_SIGN_IN__BURST", "100000"),
            ("IMMIVO__LIMITS__FORM_ADDRESS__BURST", "100000"),
            ("IMMIVO__LIMITS__FORM_TENANT__BURST", "100000"),
            ("IMMIVO__LIMITS__QUESTION__BURST", "100000"),
            // Some work, but none a test waits for.
            ("IMMIVO__WIDGET__WORK_BITS", "4"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    all.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    settings::load_from(Path::new("no-such-folder"), all).unwrap()
}

/// Says loudly that something was not tried; in CI, where everything is there, that is a failure.
#[allow(clippy::disallowed_methods, reason = "no settings are there")]
pub(crate) fn skip(what: &str, why: &str) {
    use std::io::Write as _;
    assert!(std::env::var("CI").is_err(), "CI must try {what}: {why}");
    // Not by `eprintln!`: what it prints is hidden when a test passes.
    let mut loud = std::io::stderr();
    writeln!(loud, "\n*** SKIPPED a test of {what}: {why} ***\n").unwrap();
}
