//! Connections of an agency, from the API to the lead: seen by running pollers, changed, stopped, tried out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use immivo::app::App;
use immivo::ingress::{self, imap};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use super::dovecot::Dovecot;
use super::mail;
use crate::support::{Agency, Reply, TestApp};

/// An agency, a mail server, and what is asked of the API.
pub(super) struct Office {
    pub(super) test: TestApp,
    pub(super) agency: Agency,
    pub(super) sql: PgPool,
    pub(super) dovecot: Dovecot,
}

impl Office {
    pub(super) async fn new() -> Option<Self> {
        let dovecot = Dovecot::start()?;
        let mut test = TestApp::new().await;
        let agency = test.agency("doebling").await;
        let sql = PgPool::connect(&test.url).await.unwrap();
        // What new mail does not cause, takes longer than a test.
        change(&mut test, |settings| {
            settings.imap.poll_seconds = 3000;
            settings.imap.idle_seconds = 1700;
        });
        Some(Self { test, agency, sql, dovecot })
    }

    pub(super) fn body(&self) -> Value {
        json!({"host": "127.0.0.1", "port": self.dovecot.port(), "tls": "NONE", "username": "info", "secret": "secret"})
    }

    /// Makes a connection and tells its path.
    pub(super) async fn connect(&self, body: Value) -> String {
        let made = self.test.post("/api/v1/connections", &self.agency.admin, body).await.json(201);
        format!("/api/v1/connections/{}", made["id"].as_str().unwrap())
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> Reply {
        self.test.send(Method::PUT, path, Some(&self.agency.admin.token), Some(body)).await
    }

    async fn try_out(&self, path: &str) -> Value {
        self.test.post(&format!("{path}/test"), &self.agency.admin, json!({})).await.json(200)
    }

    pub(super) async fn health(&self, path: &str) -> Value {
        self.test.get(path, &self.agency.admin).await.json(200)["health"].clone()
    }

    pub(super) fn deliver(&mut self, subject: &str) -> PathBuf {
        let now = self.test.app.clock.now();
        self.dovecot.deliver(now, &mail(subject))
    }

    pub(super) async fn subjects(&self) -> Vec<String> {
        let raw: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT raw FROM intake_messages ORDER BY id").fetch_all(&self.sql).await.unwrap();
        raw.iter().map(|raw| super::subject(raw)).collect()
    }

    /// Waits until `found` says yes.
    pub(super) async fn until(&self, what: &str, mut found: impl AsyncFnMut(&Self) -> bool) {
        for _ in 0..600 {
            if found(self).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("in half a minute: not {what}; {:?} {}", self.subjects().await, self.dovecot.log());
    }

    pub(super) async fn until_state(&self, path: &str, state: &str) {
        self.until(state, async |office| office.health(path).await["state"] == state).await;
    }
}

pub(super) fn change(test: &mut TestApp, change: impl FnOnce(&mut immivo::settings::Settings)) {
    let mut settings = (*test.app.settings).clone();
    change(&mut settings);
    test.app.settings = Arc::new(settings);
    test.router = ingress::http::router(test.app.clone(), None);
}

/// A process that watches mailboxes until it is asked to end, or dropped: then it dies.
pub(super) struct Process {
    soft: CancellationToken,
    task: tokio::task::JoinHandle<anyhow::Result<()>>,
}

impl Process {
    #[expect(clippy::disallowed_methods, reason = "the test ends it")]
    pub(super) fn start(app: &App) -> Self {
        let (soft, app) = (CancellationToken::new(), app.clone());
        let asked = soft.clone();
        Self { soft, task: tokio::spawn(async move { imap::run(&app, asked).await }) }
    }

    pub(super) async fn end(self) {
        self.soft.cancel();
        self.task.await.unwrap().unwrap();
    }

    /// Without giving anything back.
    pub(super) async fn die(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

#[tokio::test]
async fn a_new_connection_is_watched_and_mail_is_told_by_the_server() {
    let Some(mut office) = Office::new().await else { return };
    let process = Process::start(&office.test.app);
    let path = office.connect(office.body()).await;
    let health = office.health(&path).await;
    assert_eq!((health["state"].as_str(), &health["lastOkAt"]), (Some("PENDING"), &Value::Null));
    office.until_state(&path, "OK").await;
    for subject in ["one", "two", "three"] {
        office.deliver(subject);
        // No poll comes for half an hour: the server says it.
        office.until("stored", async |office| office.subjects().await.last().is_some_and(|last| last == subject)).await;
    }
    let listed = office.test.get("/api/v1/connections", &office.agency.admin).await.json(200);
    assert_eq!(listed["items"][0]["health"]["secondsSinceOk"], 0);
    process.end().await;
    assert_eq!(office.subjects().await, ["one", "two", "three"]);
}

#[tokio::test]
async fn what_is_changed_or_removed_counts_for_running_pollers() {
    let Some(mut office) = Office::new().await else { return };
    let process = Process::start(&office.test.app);
    let with = |office: &Office, name: &str, value: Value| {
        let mut body = office.body();
        body[name] = value;
        body
    };
    let path = office.connect(with(&office, "secret", json!("wrong"))).await;
    office.until_state(&path, "NEEDS_ATTENTION").await;
    let health = office.health(&path).await;
    assert_eq!(health["problem"], "LOGIN_REFUSED");
    assert!(health["reason"]["de"].as_str().unwrap().contains("Anmeldung"), "{health}");
    assert!(health["since"].is_string() && health["detail"].as_str().unwrap().contains("login"), "{health}");

    // The next attempt would come after minutes.
    office.put(&path, office.body()).await.json(200);
    office.until_state(&path, "OK").await;

    office.put(&path, with(&office, "active", json!(false))).await.json(200);
    assert_eq!(office.health(&path).await["state"], "PAUSED");
    let owner = async |office: &Office| -> Option<uuid::Uuid> {
        sqlx::query_scalar("SELECT owner FROM imap_cursors").fetch_one(&office.sql).await.unwrap()
    };
    office.until("let go", async |office| owner(office).await.is_none()).await;
    office.deliver("while paused");
    office.put(&path, office.body()).await.json(200);
    office.until("stored", async |office| office.subjects().await == ["while paused"]).await;

    office.test.send(Method::DELETE, &path, Some(&office.agency.admin.token), None).await;
    office.until("let go", async |office| owner(office).await.is_none()).await;
    process.end().await;
}

#[tokio::test]
async fn old_mail_is_taken_from_the_day_on_that_is_asked_for() {
    let Some(mut office) = Office::new().await else { return };
    for (day, subject) in [("2026-01-10", "january"), ("2026-05-10", "may"), ("2026-11-22", "yesterday")] {
        let at = immivo::clock::Timestamp(format!("{day}T12:00:00Z").parse().unwrap());
        office.dovecot.deliver(at, &mail(subject));
    }
    let process = Process::start(&office.test.app);
    let mut body = office.body();
    body["since"] = json!("2026-05-10");
    let path = office.connect(body.clone()).await;
    office.until("stored", async |office| office.subjects().await == ["may", "yesterday"]).await;
    office.until_state(&path, "OK").await;
    // Moved forward nothing happens, moved back more comes in.
    for since in ["2026-06-01", "2026-01-01"] {
        body["since"] = json!(since);
        office.put(&path, body.clone()).await.json(200);
        office
            .until("watched again", async |office| {
                let fence: i64 =
                    sqlx::query_scalar("SELECT fence FROM imap_cursors").fetch_one(&office.sql).await.unwrap();
                fence == if since == "2026-06-01" { 2 } else { 3 }
            })
            .await;
    }
    office.until("stored", async |office| office.subjects().await == ["may", "yesterday", "january"]).await;
    process.end().await;
}

#[tokio::test]
async fn a_folder_that_is_renamed_is_told_of_and_its_successor_begins_anew() {
    let Some(mut office) = Office::new().await else { return };
    office.dovecot.make_folder("Anfragen");
    let process = Process::start(&office.test.app);
    let mut body = office.body();
    body["folder"] = json!("Anfragen");
    let path = office.connect(body.clone()).await;
    office.until_state(&path, "OK").await;
    let move_one = |office: &mut Office, subject: &str| {
        let path = office.deliver(subject);
        office.dovecot.move_to(&path, "Anfragen");
    };
    move_one(&mut office, "one");
    office.until("stored", async |office| office.subjects().await == ["one"]).await;
    process.end().await;
    office.dovecot.rename_folder("Anfragen", "Archiv");
    let process = Process::start(&office.test.app);
    office.until("missed", async |office| office.health(&path).await["problem"] == "FOLDER_MISSING").await;
    // Somebody makes a new one of that name: its mails are numbered from 1 again.
    office.dovecot.make_folder("Anfragen");
    move_one(&mut office, "two");
    office.put(&path, body).await.json(200);
    office.until("stored", async |office| office.subjects().await == ["one", "two"]).await;
    process.end().await;
}

#[tokio::test]
async fn a_connection_can_be_tried_out() {
    let Some(mut office) = Office::new().await else { return };
    office.deliver("one");
    let path = office.connect(office.body()).await;
    let found = office.try_out(&path).await;
    let expected =
        json!({"ok": true, "problem": null, "reason": null, "detail": null, "mails": 1, "tellsOfMail": true});
    assert_eq!(found, expected);
    for (name, value, problem) in [
        ("secret", json!("wrong"), "LOGIN_REFUSED"),
        ("folder", json!("Nirgends"), "FOLDER_MISSING"),
        ("tls", json!("TLS"), "TLS_FAILED"),
        ("tls", json!("STARTTLS"), "TLS_FAILED"),
        ("port", json!(9), "UNREACHABLE"),
        ("host", json!("imap.nirgends.test"), "UNREACHABLE"),
    ] {
        let mut body = office.body();
        body[name] = value;
        if name == "host" {
            body["tls"] = json!("TLS");
        }
        office.put(&path, body).await.json(200);
        let found = office.try_out(&path).await;
        assert_eq!((&found["ok"], &found["problem"]), (&json!(false), &json!(problem)), "{found}");
        assert!(found["reason"]["en"].is_string() && found["detail"].is_string(), "{found}");
    }
    assert_eq!(office.subjects().await, Vec::<String>::new());
}

/// A token in place of a password, and both ways to TLS with a certificate of the operator's own authority.
#[tokio::test]
async fn tokens_and_encryption() {
    let Some(mut office) = Office::new().await else { return };
    office.dovecot.with_tokens();
    let path = office.connect(office.body()).await;
    let mut body = office.body();
    body["auth"] = json!("XOAUTH2");
    office.put(&path, body.clone()).await.json(200);
    assert_eq!(office.try_out(&path).await["ok"], true, "{}", office.dovecot.log());
    body["secret"] = json!("outdated");
    office.put(&path, body).await.json(200);
    assert_eq!(office.try_out(&path).await["problem"], "LOGIN_REFUSED");

    let Some((certificate, port)) = office.dovecot.with_tls() else { return };
    let mut body = office.body();
    body["host"] = json!("localhost");
    for (tls, port) in [("STARTTLS", office.dovecot.port()), ("TLS", port)] {
        body["tls"] = json!(tls);
        body["port"] = json!(port);
        office.put(&path, body.clone()).await.json(200);
        change(&mut office.test, |settings| settings.imap.ca_certificates = None);
        assert_eq!(office.try_out(&path).await["problem"], "TLS_FAILED");
        change(&mut office.test, |settings| settings.imap.ca_certificates = Some(certificate.clone()));
        let found = office.try_out(&path).await;
        assert_eq!(found["ok"], true, "{tls}: {found} {}", office.dovecot.log());
    }
}

#[tokio::test]
async fn networks_of_our_own_are_not_asked() {
    let Some(mut office) = Office::new().await else { return };
    change(&mut office.test, |settings| settings.imap.allow_private_addresses = Some(false));
    let path = office.connect(office.body()).await;
    assert_eq!(office.try_out(&path).await["problem"], "ADDRESS_NOT_ALLOWED");
    let process = Process::start(&office.test.app);
    office.until("refused", async |office| office.health(&path).await["problem"] == "ADDRESS_NOT_ALLOWED").await;
    process.end().await;
    assert!(!office.dovecot.log().contains("Login"), "{}", office.dovecot.log());
}
