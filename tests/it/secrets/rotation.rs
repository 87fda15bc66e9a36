//! Keys change while everybody goes on, and a rotation may end anywhere.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Instant;

use immivo::domain::secrets::{self, KeyState, SecretError};
use secrecy::SecretString;
use sqlx::{Connection as _, PgConnection};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::{another_process, keys, name, put, read, sql};
use crate::support::{Agency, TestApp};

/// Many secrets in one transaction; each says its own name.
async fn put_many(app: &TestApp, agency: &Agency, count: usize) {
    let mut conn = app.tenant_conn(agency).await;
    for number in 0..count {
        let secret = format!("s{number}");
        let value = SecretString::from(secret.clone());
        let sealed = secrets::seal(&app.app.vault, agency.tenant, name(&secret), &value).await.unwrap();
        secrets::put(&mut conn, &sealed, agency.admin.user.id, None).await.unwrap();
    }
    conn.commit().await.unwrap();
}

#[tokio::test]
async fn a_rotation_seals_everything_anew_and_other_processes_follow() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    put_many(&app, &here, 130).await;
    put_many(&app, &there, 3).await;
    let other = another_process(&app);
    assert_eq!(read(&other, &here, "s1").await.unwrap(), "s1");
    let before: Vec<(String, i32)> = versions(&app, &here).await;

    let mut reports = Vec::new();
    let rotated =
        secrets::rotate(&app.app.vault, |progress| reports.push((progress.done, progress.left))).await.unwrap();
    assert!(rotated.is_new && rotated.broken.is_empty());
    assert_eq!((rotated.done, rotated.retired), (133, 1));
    assert_eq!(reports, [(100, 33), (133, 0)]);
    assert_eq!(keys(&app).await, [(KeyState::Retired, 0), (KeyState::Current, 133)]);
    assert_eq!(versions(&app, &here).await, before, "the secrets are the same");

    // The other process knows nothing of it, opens what is there and seals with the new key.
    for secret in ["s0", "s129"] {
        assert_eq!(read(&other, &here, secret).await.unwrap(), secret);
    }
    put(&app, &other, &here, "s0", "new").await;
    assert_eq!(keys(&app).await, [(KeyState::Retired, 0), (KeyState::Current, 133)]);
}

async fn versions(app: &TestApp, agency: &Agency) -> Vec<(String, i32)> {
    let mut conn = app.tenant_conn(agency).await;
    sqlx::query_as("SELECT name, version FROM secrets WHERE tenant_id = $1 ORDER BY name")
        .bind(agency.tenant.0)
        .fetch_all(conn.sql())
        .await
        .unwrap()
}

/// A process seals, sleeps through a rotation, and writes.
#[tokio::test]
async fn what_was_sealed_with_an_old_key_is_found_and_with_a_retired_one_refused() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    put(&app, &app.app.vault, &agency, "one", "1").await;
    let sleeper = another_process(&app);
    let late = async |secret| secrets::seal(&sleeper, agency.tenant, name(secret), &SecretString::from("late")).await;
    let (accepted, refused) = (late("accepted").await.unwrap(), late("refused").await.unwrap());

    app.app.vault.generate().await.unwrap();
    let mut conn = app.tenant_conn(&agency).await;
    secrets::put(&mut conn, &accepted, agency.admin.user.id, None).await.unwrap();
    conn.commit().await.unwrap();
    assert_eq!(keys(&app).await, [(KeyState::Previous, 2), (KeyState::Current, 0)]);
    let rotated = secrets::rotate(&app.app.vault, |_| {}).await.unwrap();
    assert!(!rotated.is_new, "the key that was made by hand is used");
    assert_eq!(keys(&app).await, [(KeyState::Retired, 0), (KeyState::Current, 2)]);
    assert_eq!(read(&sleeper, &agency, "accepted").await.unwrap(), "late");

    let mut conn = app.tenant_conn(&agency).await;
    let error = secrets::put(&mut conn, &refused, agency.admin.user.id, None).await.unwrap_err();
    assert!(matches!(error, SecretError::KeyRetired), "{error:?}");
}

/// A writer with the old key is under way when the rotation would retire it: the rotation waits, and takes its row along.
#[tokio::test]
async fn a_rotation_waits_for_a_writer_under_way() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    put(&app, &app.app.vault, &agency, "one", "1").await;
    let late = secrets::seal(&app.app.vault, agency.tenant, name("late"), &SecretString::from("late")).await.unwrap();
    app.app.vault.generate().await.unwrap();
    let mut conn = app.tenant_conn(&agency).await;
    secrets::put(&mut conn, &late, agency.admin.user.id, None).await.unwrap();

    let commit = async {
        // The rotation cannot see the row that is not committed; it comes to wait for the key.
        let mut watch = PgConnection::connect(&app.url).await.unwrap();
        let waiting = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')";
        while !sqlx::query_scalar::<_, bool>(waiting).fetch_one(&mut watch).await.unwrap() {}
        conn.commit().await.unwrap();
        Instant::now()
    };
    let rotation = async { (secrets::rotate(&app.app.vault, |_| {}).await.unwrap(), Instant::now()) };
    let ((rotated, ended), committed) = tokio::join!(rotation, commit);
    assert!(committed < ended);
    assert_eq!((rotated.done, rotated.retired), (2, 1));
    assert_eq!(keys(&app).await, [(KeyState::Retired, 0), (KeyState::Current, 2)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rotation_runs_while_secrets_are_put_and_read() {
    let app = Arc::new(TestApp::new().await);
    let agency = app.agency("here").await;
    put_many(&app, &agency, 300).await;
    let (stop, rounds) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let mut tasks = JoinSet::new();
    for worker in 0..2 {
        let (app, agency, stop, rounds) = (app.clone(), agency.clone(), stop.clone(), rounds.clone());
        tasks.spawn(async move {
            let (writes, reads) = (another_process(&app), another_process(&app));
            let mut last = BTreeMap::new();
            let mut round = 0_u32;
            while !stop.load(Ordering::Relaxed) || round < 5 {
                let secret = format!("s{}", (round * 7 + worker) * 2 % 300 + worker);
                let value = format!("{worker}-{round}");
                put(&app, &writes, &agency, &secret, &value).await;
                assert_eq!(read(&reads, &agency, &secret).await.unwrap(), value);
                last.insert(secret, value);
                round += 1;
                rounds.fetch_add(1, Ordering::Relaxed);
            }
            last
        });
    }
    while rounds.load(Ordering::Relaxed) < 4 {
        tokio::task::yield_now().await;
    }
    for _ in 0..2 {
        let rotated = secrets::rotate(&app.app.vault, |_| {}).await.unwrap();
        assert!(rotated.broken.is_empty() && rotated.done > 0, "{rotated:?}");
    }
    stop.store(true, Ordering::Relaxed);
    let mut last = BTreeMap::new();
    while let Some(task) = tasks.join_next().await {
        last.extend(task.unwrap());
    }
    // Whatever came in between, one more run leaves everything under one key, and nothing was lost.
    let rotated = secrets::rotate(&app.app.vault, |_| {}).await.unwrap();
    assert!(rotated.broken.is_empty());
    let keys = keys(&app).await;
    assert_eq!(keys.last(), Some(&(KeyState::Current, 300)));
    assert!(keys.iter().rev().skip(1).all(|key| *key == (KeyState::Retired, 0)), "{keys:?}");
    let reader = another_process(&app);
    for number in 0..300 {
        let secret = format!("s{number}");
        assert_eq!(&read(&reader, &agency, &secret).await.unwrap(), last.get(&secret).unwrap_or(&secret));
    }
}

#[tokio::test]
async fn a_rotation_that_is_cut_off_is_gone_on_with() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    put_many(&app, &agency, 250).await;
    let (first_batch, cut) = oneshot::channel();
    let mut first_batch = Some(first_batch);
    let report = move |_| {
        if let Some(first_batch) = first_batch.take() {
            first_batch.send(()).unwrap();
        }
    };
    tokio::select! {
        biased;
        _ = cut => {}
        _ = secrets::rotate(&app.app.vault, report) => panic!("it came to its end"),
    }
    let under_way = keys(&app).await;
    let [(KeyState::Previous, left), (KeyState::Current, done)] = under_way[..] else { panic!("{under_way:?}") };
    assert!(left >= 50 && done >= 100 && left + done == 250, "{under_way:?}");

    let rotated = secrets::rotate(&another_process(&app), |_| {}).await.unwrap();
    assert!(!rotated.is_new);
    assert_eq!((i64::try_from(rotated.done).unwrap(), rotated.retired), (left, 1));
    assert_eq!(keys(&app).await, [(KeyState::Retired, 0), (KeyState::Current, 250)]);
}

#[tokio::test]
async fn a_secret_that_does_not_open_is_named_and_holds_up_no_other() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    put_many(&app, &agency, 120).await;
    sql(&app, "UPDATE secrets SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) WHERE name = 's7'").await;
    // One whose envelope names a key that its row does not.
    sql(&app, "UPDATE secrets SET sealed = set_byte(sealed, 3, get_byte(sealed, 3) # 1) WHERE name = 's8'").await;
    let rotated = secrets::rotate(&app.app.vault, |_| {}).await.unwrap();
    assert_eq!((rotated.done, rotated.broken.len(), rotated.retired), (118, 2, 0));
    assert!(rotated.broken.iter().all(|(tenant, _)| *tenant == agency.tenant));
    assert_eq!(keys(&app).await, [(KeyState::Previous, 2), (KeyState::Current, 118)]);
    // And one whose row names a key that its envelope does not.
    let relabel = "UPDATE secrets SET key_id = (SELECT id FROM data_keys WHERE state = 'PREVIOUS') WHERE name = 's9'";
    assert_eq!(sql(&app, relabel).await, 1);
    let again = secrets::rotate(&app.app.vault, |_| {}).await.unwrap();
    assert_eq!((again.is_new, again.done, again.broken.len()), (false, 0, 3));
    put(&app, &app.app.vault, &agency, "s9", "set again").await;
    put(&app, &app.app.vault, &agency, "s7", "set again").await;
    put(&app, &app.app.vault, &agency, "s8", "set again").await;
    secrets::rotate(&app.app.vault, |_| {}).await.unwrap();
    assert_eq!(keys(&app).await.last(), Some(&(KeyState::Current, 120)));
}

/// The command as an operating system runs it.
fn command(app: &TestApp, what: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_immivo"));
    command
        .args(["keys", what])
        .env("DATABASE_URL", &app.url)
        .env("IMMIVO__DATA_FOLDER", &app.app.settings.data_folder)
        .env("IMMIVO__FILES__FOLDER", &app.app.settings.files.folder)
        .current_dir(&app.app.settings.data_folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

fn says(app: &TestApp, what: &str) -> String {
    let output = command(app, what).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_the_command_goes_on_where_it_was() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    assert_eq!(says(&app, "status"), "No key yet; the first secret makes one.\n");
    put_many(&app, &agency, 1500).await;

    let mut rotation = command(&app, "rotate").spawn().unwrap();
    let mut lines = BufReader::new(rotation.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "100 sealed anew, 1400 left");
    rotation.kill().unwrap();
    rotation.wait().unwrap();

    let under_way = keys(&app).await;
    let [(KeyState::Previous, left), (KeyState::Current, _)] = under_way[..] else { panic!("{under_way:?}") };
    assert!(left > 0 && left <= 1400, "{under_way:?}");
    let status = says(&app, "status");
    assert!(status.contains("CURRENT") && status.contains("PREVIOUS") && status.contains("local-file"), "{status}");

    let rotated = says(&app, "rotate");
    let last = format!("(from a rotation that had not ended): {left} secret(s) sealed anew, 1 key(s) retired.\n");
    assert!(rotated.ends_with(&last), "{rotated}");
    assert_eq!(keys(&app).await, [(KeyState::Retired, 0), (KeyState::Current, 1500)]);
    assert_eq!(read(&app.app.vault, &agency, "s1499").await.unwrap(), "s1499");
    assert!(says(&app, "generate").contains("is the current one now"));
    assert_eq!(keys(&app).await.len(), 3);
}
