//! Watched mailboxes against a real Dovecot.

use std::sync::Arc;
use std::time::Duration;

use immivo::clock::Timestamp;
use immivo::ingress::imap::{self, CheckError, Checked, SessionError, Target};
use immivo::settings::{ImapMailbox, Settings};
use sqlx::{AssertSqlSafe, PgPool};
use tokio_util::sync::CancellationToken;

use crate::support::{Agency, Person, TestApp};

mod alarms;
mod connections;
mod dovecot;
mod servers;
mod sharing;

use dovecot::{Dovecot, set_readable};

const PREFIX: &str = "doebling";

/// An agency and its mailbox.
struct Post {
    test: TestApp,
    agency: Agency,
    /// The superuser's view.
    sql: PgPool,
    dovecot: Dovecot,
    mailbox: ImapMailbox,
}

impl Post {
    /// With a mailbox that was looked at once. `None` where there is no Dovecot.
    async fn new() -> Option<Self> {
        let dovecot = Dovecot::start()?;
        let test = TestApp::new().await;
        let agency = test.agency(PREFIX).await;
        let mailbox = dovecot.mailbox(PREFIX);
        let mut post = Self { sql: PgPool::connect(&test.url).await.unwrap(), test, agency, dovecot, mailbox };
        post.deliver("from before");
        assert_eq!(post.check().await.unwrap(), Checked::default());
        post.pass(60);
        Some(post)
    }

    async fn check(&self) -> Result<Checked, CheckError> {
        let target = Target::of_settings(&self.test.app, &self.mailbox).await?;
        imap::check(&self.test.app, &target).await
    }

    /// The administrator, with a token that is good at the time it is now.
    fn admin(&self) -> Person {
        Person { token: self.test.token(&format!("{PREFIX}-admin")), ..self.agency.admin.clone() }
    }

    fn agent(&self) -> Person {
        Person { token: self.test.token(&format!("{PREFIX}-agent")), ..self.agency.agent.clone() }
    }

    fn now(&self) -> Timestamp {
        self.test.app.clock.now()
    }

    /// Lets seconds pass.
    fn pass(&self, seconds: i64) {
        self.test.app.clock.set(self.now().0 + jiff::SignedDuration::from_secs(seconds));
    }

    /// A mail arrives now.
    fn deliver(&mut self, subject: &str) -> std::path::PathBuf {
        let at = self.now();
        self.dovecot.deliver(at, &mail(subject))
    }

    fn change_settings(&mut self, change: impl FnOnce(&mut Settings)) {
        let mut settings = (*self.test.app.settings).clone();
        change(&mut settings);
        self.test.app.settings = Arc::new(settings);
    }

    /// Subjects of what was stored, in order; the production worker reads it first.
    async fn stored(&self) -> Vec<String> {
        self.test.run_jobs().await;
        let mails: Vec<(Vec<u8>, String, String, String)> = sqlx::query_as(
            "SELECT raw, envelope_to, peer, state FROM intake_messages WHERE door = 'IMAP' AND position('[the mail '::bytea IN raw) = 0 ORDER BY id",
        )
        .fetch_all(&self.sql)
        .await
        .unwrap();
        mails
            .iter()
            .map(|(raw, to, peer, state)| {
                assert_eq!((to.as_str(), peer.as_str()), ("info", "info@127.0.0.1/INBOX"));
                assert_ne!(state, "RECEIVED");
                subject(raw)
            })
            .collect()
    }

    /// Subject and reason of the notes in the tray.
    async fn tray(&self) -> Vec<(Option<String>, String)> {
        let query = "SELECT subject, reasons[1] FROM intake_messages WHERE state = 'TRAY' AND position('[the mail '::bytea IN raw) > 0 ORDER BY id";
        sqlx::query_as(query).fetch_all(&self.sql).await.unwrap()
    }

    async fn last_error(&self) -> Option<String> {
        sqlx::query_scalar("SELECT last_error FROM imap_cursors").fetch_one(&self.sql).await.unwrap()
    }

    async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&self.sql).await.unwrap()
    }
}

fn mail(subject: &str) -> Vec<u8> {
    format!("From: portal@example.org\r\nTo: info@agentur.test\r\nSubject: {subject}\r\n\r\nIch interessiere mich.\r\n")
        .into_bytes()
}

fn subject(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap().to_owned()
}

const STORED: fn(usize) -> Checked = |stored| Checked { stored, left: 0, before: 0 };

#[tokio::test]
async fn new_mail_is_stored_once_and_the_mailbox_stays_as_it_is() {
    let Some(mut post) = Post::new().await else { return };
    post.deliver("one");
    post.deliver("two");
    assert_eq!(post.check().await.unwrap(), STORED(2));
    assert_eq!(post.check().await.unwrap(), STORED(0));
    assert_eq!(post.stored().await, ["one", "two"]);
    // Seen or not is the agency's own business.
    assert!(post.dovecot.files().iter().all(|file| !file.contains('S')), "{:?}", post.dovecot.files());
    assert_eq!(post.last_error().await, None);
}

#[tokio::test]
async fn the_same_bytes_twice_are_one_mail() {
    let Some(mut post) = Post::new().await else { return };
    post.deliver("one");
    post.deliver("one");
    assert_eq!(post.check().await.unwrap(), STORED(2));
    assert_eq!(post.stored().await, ["one"]);
}

#[tokio::test]
async fn a_mail_restored_from_an_archive_is_not_taken() {
    let Some(mut post) = Post::new().await else { return };
    let long_ago = Timestamp(post.now().0 - jiff::SignedDuration::from_hours(24 * 90));
    post.deliver("one");
    post.dovecot.deliver(long_ago, &mail("archived"));
    assert_eq!(post.check().await.unwrap(), Checked { stored: 1, left: 0, before: 1 });
    assert_eq!(post.check().await.unwrap(), STORED(0));
    assert_eq!(post.stored().await, ["one"]);
}

#[tokio::test]
async fn a_server_that_was_away_loses_nothing() {
    let Some(mut post) = Post::new().await else { return };
    post.deliver("one");
    assert_eq!(post.check().await.unwrap(), STORED(1));
    post.dovecot.down();
    post.deliver("two");
    let error = post.check().await.unwrap_err();
    assert!(matches!(error, CheckError::Session(SessionError::Connect(_))), "{error:?}");
    assert_eq!(post.last_error().await.unwrap(), "the server cannot be reached: connection refused");
    post.pass(3600 * 24);
    post.dovecot.up();
    post.deliver("three");
    assert_eq!(post.check().await.unwrap(), STORED(2));
    assert_eq!(post.stored().await, ["one", "two", "three"]);
    assert_eq!(post.last_error().await, None);
}

#[tokio::test]
async fn a_new_numbering_loses_nothing_and_doubles_nothing() {
    for other_validity in [true, false] {
        let Some(mut post) = Post::new().await else { return };
        post.pass(3600 * 24 * 7);
        post.deliver("one");
        post.deliver("two");
        post.deliver("three");
        assert_eq!(post.check().await.unwrap(), STORED(3));
        // Nobody looks for a day, mail comes in, and then the server numbers anew: with a folder that is smaller now,
        // so that the old cursor stands above everything.
        post.pass(3600 * 24);
        post.deliver("four");
        let oldest = post.dovecot.files().into_iter().take(3).collect::<Vec<_>>();
        post.dovecot.down();
        post.dovecot.remove(&oldest);
        post.dovecot.renumber(other_validity);
        let checked = post.check().await.unwrap();
        assert_eq!(checked, STORED(2), "three is recognised, four is new");
        post.deliver("five");
        assert_eq!(post.check().await.unwrap(), STORED(1));
        assert_eq!(post.stored().await, ["one", "two", "three", "four", "five"]);
        let epoch = post.count("SELECT epoch::bigint FROM imap_cursors").await;
        assert_eq!(epoch, 2);
    }
}

#[tokio::test]
async fn a_new_numbering_does_not_reach_into_the_time_before() {
    let Some(mut post) = Post::new().await else { return };
    post.pass(3600 * 24 * 7);
    assert_eq!(post.check().await.unwrap(), STORED(0));
    post.dovecot.renumber(true);
    post.deliver("one");
    // The server itself is asked for what is not older than a day before.
    assert_eq!(post.check().await.unwrap(), STORED(1));
    assert_eq!(post.stored().await, ["one"]);
}

#[tokio::test]
async fn a_mail_too_big_leaves_a_note_and_stops_nothing() {
    let Some(mut post) = Post::new().await else { return };
    post.change_settings(|settings| settings.smtp.max_message_bytes = 5000);
    let mut big = mail("Exposé anfordern");
    big.resize(6000, b'x');
    post.deliver("one");
    post.dovecot.deliver(post.now(), &big);
    post.deliver("two");
    assert_eq!(post.check().await.unwrap(), Checked { stored: 2, left: 1, before: 0 });
    assert_eq!(post.check().await.unwrap(), STORED(0));
    assert_eq!(post.stored().await, ["one", "two"]);
    let tray = post.tray().await;
    assert_eq!(tray.len(), 1);
    assert_eq!(tray[0].0.as_deref(), Some("Exposé anfordern"));
    assert!(tray[0].1.starts_with("the mail has 60"), "{tray:?}");
    assert!(tray[0].1.ends_with("it is still in the mailbox info@127.0.0.1/INBOX (UID 3)"), "{tray:?}");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_a_mail_too() {
    let Some(mut post) = Post::new().await else { return };
    let mut odd = mail("odd");
    odd.extend((1..=255).cycle().take(10_000));
    odd.extend_from_slice(b"\r\n* 1 FETCH (UID 1)\r\nA0001 OK\r\n");
    post.dovecot.deliver(post.now(), &odd);
    post.dovecot.deliver(post.now(), b"");
    post.deliver("one");
    assert_eq!(post.check().await.unwrap(), STORED(3));
    assert_eq!(post.count("SELECT count(*) FROM intake_messages").await, 3);
    post.test.run_jobs().await;
}

#[tokio::test]
async fn a_poisonous_mail_leaves_a_note_after_three_checks_and_the_others_come_through() {
    let Some(mut post) = Post::new().await else { return };
    post.deliver("one");
    let unreadable = post.dovecot.deliver(post.now(), &mail("unreadable"));
    set_readable(&unreadable, false);
    post.deliver("two");
    // Its file is much shorter than its name says: Dovecot breaks the answer off in the middle.
    post.dovecot.deliver_named(post.now(), &mail("short"), ",S=4000,W=4000");
    post.deliver("three");
    let mut checks = 0;
    while post.check().await.is_err() {
        checks += 1;
        assert!(checks < 12, "{:?} {}", post.last_error().await, post.dovecot.log());
    }
    assert_eq!(post.stored().await, ["one", "two", "three"]);
    let tray = post.tray().await;
    assert!(tray.iter().all(|(_, reason)| reason.starts_with("the mail could not be fetched: ")), "{tray:?}");
    let subjects: Vec<_> = tray.iter().map(|(subject, _)| subject.as_deref()).collect();
    assert_eq!(subjects, [None, Some("short")]);
    assert_eq!(post.last_error().await, None);
    assert_eq!(post.check().await.unwrap(), STORED(0));
}

#[tokio::test]
async fn a_server_that_hands_out_no_mail_at_all_is_waited_for() {
    let Some(mut post) = Post::new().await else { return };
    post.deliver("one");
    post.deliver("two");
    post.dovecot.set_all_readable(false);
    for _ in 0..6 {
        post.check().await.unwrap_err();
    }
    assert!(matches!(post.check().await, Err(CheckError::Session(SessionError::Broken(..)))));
    assert_eq!(post.tray().await, []);
    post.dovecot.set_all_readable(true);
    assert_eq!(post.check().await.unwrap(), STORED(2));
    assert_eq!(post.stored().await, ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_processes_store_each_mail_once() {
    let Some(mut post) = Post::new().await else { return };
    let subjects: Vec<String> = (0..20).map(|number| format!("{number:02}")).collect();
    for subject in &subjects {
        post.deliver(subject);
    }
    let (a, b, c) = tokio::join!(post.check(), post.check(), post.check());
    let mut stored = 0;
    for outcome in [a, b, c] {
        match outcome {
            Ok(checked) => stored += checked.stored,
            // Another one watches it at this moment.
            Err(CheckError::Lost) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(stored, 20);
    assert_eq!(post.stored().await, subjects);
}

/// Trouble that usually passes bothers nobody for five minutes; a refused login does at once.
#[tokio::test]
async fn a_problem_is_told_when_a_human_has_to_do_something() {
    let Some(mut post) = Post::new().await else { return };
    let problem = async |post: &Post| -> Option<String> {
        sqlx::query_scalar("SELECT problem FROM imap_cursors").fetch_one(&post.sql).await.unwrap()
    };
    post.dovecot.down();
    let since = post.now();
    for (wait, expected) in [(0, None), (299, None), (1, Some("UNREACHABLE"))] {
        post.pass(wait);
        post.check().await.unwrap_err();
        assert_eq!(problem(&post).await.as_deref(), expected);
    }
    let failing: Option<Timestamp> =
        sqlx::query_scalar("SELECT failing_since FROM imap_cursors").fetch_one(&post.sql).await.unwrap();
    assert_eq!(failing.unwrap(), since);
    post.dovecot.up();
    post.check().await.unwrap();
    assert_eq!(problem(&post).await, None);
    post.mailbox.password = Some("wrong".into());
    post.check().await.unwrap_err();
    assert_eq!(problem(&post).await.as_deref(), Some("LOGIN_REFUSED"));
}

/// `password_secret`: the agency gives the password, the settings only its name.
#[tokio::test]
async fn the_password_may_be_a_secret_of_the_agency() {
    let Some(mut post) = Post::new().await else { return };
    post.mailbox.password = None;
    post.mailbox.password_secret = Some("mailbox-office".to_owned());
    let error = post.check().await.unwrap_err();
    assert!(matches!(&error, CheckError::NoPassword(name) if name == "mailbox-office"), "{error:?}");
    assert_eq!(post.last_error().await.unwrap(), error.to_string());

    let agency = post.test.agency("other").await;
    let put = async |person: &crate::support::Person, value: &str| {
        let body = Some(serde_json::json!({"value": value}));
        post.test.send(axum::http::Method::PUT, "/api/v1/secrets/mailbox-office", Some(&person.token), body).await
    };
    // Another agency's secret of the same name is no use.
    put(&agency.admin, "secret").await.json(201);
    assert!(matches!(post.check().await, Err(CheckError::NoPassword(_))));

    let own = crate::support::Person { token: post.test.token(&format!("{PREFIX}-admin")), ..agency.admin.clone() };
    put(&own, "wrong").await.json(201);
    assert!(post.check().await.unwrap_err().to_string().starts_with("the login was refused: "));
    put(&own, "secret").await.json(200);
    post.deliver("with a secret");
    assert_eq!(post.check().await.unwrap(), STORED(1));
}

#[tokio::test]
async fn what_cannot_work_says_why() {
    let Some(mut post) = Post::new().await else { return };
    post.mailbox.password = Some("wrong".into());
    let error = post.check().await.unwrap_err();
    assert!(error.to_string().starts_with("the login was refused: "), "{error}");
    assert_eq!(post.last_error().await.unwrap(), error.to_string());

    post.mailbox = post.dovecot.mailbox(PREFIX);
    post.mailbox.folder = "Anfragen/Käufer".to_owned();
    let error = post.check().await.unwrap_err();
    assert!(error.to_string().starts_with("opening the folder was refused: "), "{error}");

    post.mailbox.intake_prefix = "nobody".to_owned();
    assert!(matches!(post.check().await.unwrap_err(), CheckError::UnknownPrefix(_)));

    post.mailbox = ImapMailbox { tls: true, ..post.dovecot.mailbox(PREFIX) };
    let error = post.check().await.unwrap_err();
    assert!(matches!(error, CheckError::Session(SessionError::Tls(_))), "{error:?}");
}

#[tokio::test]
async fn watching_goes_on_until_asked_to_stop() {
    let Some(mut post) = Post::new().await else { return };
    let lost = ImapMailbox { intake_prefix: "nobody".to_owned(), ..post.mailbox.clone() };
    let mailboxes = vec![lost, post.mailbox.clone()];
    post.change_settings(|settings| {
        settings.imap.poll_seconds = 1;
        settings.imap.mailboxes = mailboxes;
    });
    let soft = CancellationToken::new();
    let app = post.test.app.clone();
    let watching = imap::run(&app, soft.clone());
    let arrival = async {
        for (stored, subject) in [(1, "one"), (2, "two")] {
            post.deliver(subject);
            while post.count("SELECT count(*) FROM intake_messages").await < stored {
                tokio::task::yield_now().await;
            }
        }
        soft.cancel();
    };
    let both = tokio::time::timeout(Duration::from_secs(30), async { tokio::join!(watching, arrival) });
    both.await.unwrap().0.unwrap();
    assert_eq!(post.stored().await, ["one", "two"]);
}

#[tokio::test]
async fn deleted_mails_hold_up_nothing() {
    let Some(mut post) = Post::new().await else { return };
    let one = post.deliver("one");
    let two = post.deliver("two");
    assert_eq!(post.check().await.unwrap(), STORED(2));
    let three = post.deliver("three");
    for path in [one, two, three] {
        post.dovecot.remove_mail(&path);
    }
    assert_eq!(post.check().await.unwrap(), STORED(0));
    post.deliver("four");
    assert_eq!(post.check().await.unwrap(), STORED(1));
    assert_eq!(post.stored().await, ["one", "two", "four"]);
}

#[tokio::test]
async fn many_mails_come_in_batches_and_a_bad_one_among_them_stops_none() {
    let Some(mut post) = Post::new().await else { return };
    let subjects: Vec<String> = (0..250).map(|number| format!("{number:03}")).collect();
    for subject in &subjects {
        post.deliver(subject);
        if subject == "120" {
            let path = post.dovecot.deliver(post.now(), &mail("unreadable"));
            set_readable(&path, false);
        }
    }
    let mut checks = 0;
    while post.check().await.is_err() {
        checks += 1;
        assert!(checks < 8, "{:?}", post.last_error().await);
    }
    assert_eq!(post.stored().await, subjects);
    assert_eq!(post.tray().await.len(), 1);
}

#[tokio::test]
async fn with_no_mailbox_watching_still_lasts() {
    let test = TestApp::new().await;
    let soft = CancellationToken::new();
    let mut watching = std::pin::pin!(imap::run(&test.app, soft.clone()));
    assert!(futures::poll!(watching.as_mut()).is_pending());
    soft.cancel();
    watching.await.unwrap();
}
