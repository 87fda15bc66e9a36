//! Dying at the worst moment: between the accepted mail and its answer.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::TestApp;

/// The binary itself, as an operating system runs it.
struct Server {
    child: Child,
    smtp: u16,
}

impl Server {
    async fn start(test: &TestApp, folder: &Path, roles: &str) -> Self {
        let (http, smtp) = (free_port().await, free_port().await);
        let child = Command::new(env!("CARGO_BIN_EXE_immivo"))
            .args(["serve", "--roles", roles])
            .env("DATABASE_URL", &test.url)
            .env("IMMIVO__DATA_FOLDER", folder)
            .env("IMMIVO__HTTP__LISTEN", format!("127.0.0.1:{http}"))
            .env("IMMIVO__SMTP__LISTEN", format!("127.0.0.1:{smtp}"))
            .env("IMMIVO__JOBS__DEAD_AFTER_SECONDS", "4")
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", smtp)).await.is_err() {
            assert!(Instant::now() < deadline, "the server does not listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { child, smtp }
    }

    /// Delivers a mail; returns once the server said 250.
    async fn deliver(&self, raw: &str) {
        let mut client = TcpStream::connect(("127.0.0.1", self.smtp)).await.unwrap();
        let mail = format!(
            "EHLO a\r\nMAIL FROM:<no-reply@willhaben.at>\r\nRCPT TO:<wien@intake.immivo.test>\r\nDATA\r\n{}\r\n.\r\nQUIT\r\n",
            raw.replace('\n', "\r\n")
        );
        client.write_all(mail.as_bytes()).await.unwrap();
        let mut said = String::new();
        client.read_to_string(&mut said).await.unwrap();
        let after_data = said.split("354").nth(1).unwrap();
        assert!(after_data.contains("\r\n250 "), "{said}");
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

fn mails(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("mail")).map_or(0, |files| {
        files
            .filter(|file| file.as_ref().is_ok_and(|file| file.path().extension().is_some_and(|end| end == "eml")))
            .count()
    })
}

#[tokio::test]
async fn killed_between_accepted_and_answered_it_answers_exactly_once_after_the_restart() {
    let test = TestApp::new().await;
    let agency = test.agency("wien").await;
    test.run_jobs().await;
    let folder = tempfile::tempdir().unwrap();
    let mut accepted = 0;
    // At different moments: at once, while the mail is read, while the answer is written, while it is handed over.
    for pause in [0, 15, 40, 80, 150, 400] {
        let mut server = Server::start(&test, folder.path(), "smtp,jobs").await;
        accepted += 1;
        let email = format!("ida{accepted}@example.org");
        server.deliver(&super::willhaben("Frau Ida Probe", &email, "Ist die Wohnung noch frei?")).await;
        tokio::time::sleep(Duration::from_millis(pause)).await;
        server.kill();
    }
    let _server = Server::start(&test, folder.path(), "smtp,jobs").await;
    let sent = || async {
        let mut conn = test.tenant_conn(&agency).await;
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT l.email, count(*) FILTER (WHERE m.delivery = 'SENT') FROM leads l
             JOIN conversations c ON c.lead_id = l.id LEFT JOIN messages m ON m.conversation_id = c.id AND m.direction = 'OUTBOUND'
             GROUP BY l.email ORDER BY l.email",
        )
        .fetch_all(conn.sql())
        .await
        .unwrap();
        rows
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let rows = sent().await;
        if rows.len() == accepted && rows.iter().all(|(_, sent)| *sent == 1) {
            break;
        }
        assert!(Instant::now() < deadline, "{rows:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Prospects are asked which listing they mean (there is none here), so the agency gets a mail each as well.
    let to_prospects = std::fs::read_dir(folder.path().join("mail"))
        .unwrap()
        .filter(|file| std::fs::read_to_string(file.as_ref().unwrap().path()).unwrap().contains("@example.org>"))
        .count();
    assert_eq!(to_prospects, accepted, "one mail per prospect, {} in all", mails(folder.path()));
}

/// A few rounds of `benches/kill`, which says what it does; with them the database dies, too, which no other test's may.
#[tokio::test]
async fn nothing_accepted_is_lost_or_doubled_by_kills_under_load() {
    let mut rounds = Command::new("python3");
    rounds
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/kill"))
        .args(["--rounds", "6", "--settle", "120"])
        .env("IMMIVO_BIN", env!("CARGO_BIN_EXE_immivo"));
    let output = tokio::task::spawn_blocking(move || rounds.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("the database killed in 1;") && said.contains("\n0 of them lost"), "{said}");
}

#[tokio::test]
async fn two_processes_share_one_database_and_divide_the_roles() {
    let test = TestApp::new().await;
    let agency = test.agency("wien").await;
    test.run_jobs().await;
    let folder = tempfile::tempdir().unwrap();
    let door = Server::start(&test, folder.path(), "smtp,http").await;
    let _first = Server::start(&test, folder.path(), "jobs,smtp").await;
    let _second = Server::start(&test, folder.path(), "jobs,smtp").await;
    for number in 0..10 {
        door.deliver(&super::willhaben("Ida Probe", &format!("ida{number}@example.org"), "Ist die Wohnung noch frei?"))
            .await;
    }
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let mut conn = test.tenant_conn(&agency).await;
        let sent: i64 =
            sqlx::query_scalar("SELECT count(*) FROM messages WHERE direction = 'OUTBOUND' AND delivery = 'SENT'")
                .fetch_one(conn.sql())
                .await
                .unwrap();
        if sent == 10 {
            break;
        }
        assert!(Instant::now() < deadline, "{sent} of 10 answered");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
