//! The life of a real server: every way to start, share, lose and stop it.

mod support;

use std::path::Path;

use embedded_postgres::{Options, Running, start};
use support::{
    data, eventually, options, psql, psql_command, run_in_another_process, server_pid, signal, sleeper, sql,
};

#[tokio::test]
async fn first_start_makes_a_cluster_with_pgvector() {
    let folder = tempfile::tempdir().expect("a folder");
    let postgres = start(&options(&folder)).await.expect("a server");
    postgres.ensure_database("immivo").await.expect("a database");
    postgres.ensure_database("immivo").await.expect("the same database");
    let query = "create extension vector; select '[1,2,3]'::vector <-> '[1,2,5]', version() ~ '18.6'";
    assert_eq!(sql(&postgres, "immivo", query), "2|t");
    assert_eq!(sql(&postgres, "immivo", "show timezone"), "UTC");
    assert_eq!(sql(&postgres, "immivo", "select lower('ÄÖÜ'), 'ä' < 'b'"), "äöü|f");
    postgres.remove().await.expect("a clean end");
    assert!(!folder.path().exists(), "the folder is gone");
}

#[tokio::test]
async fn restart_keeps_data_port_and_password_and_leaves_nothing_running() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options { max_connections: 20, ..Options::new(folder.path().join("deep/pg")) };
    let postgres = start(&options).await.expect("a server");
    let (url, data) = (postgres.url("postgres"), data(&postgres));
    sql(&postgres, "postgres", "create table kept as select 42 as n");
    assert!(data.join("postmaster.pid").exists());
    let pid = server_pid(&data);
    postgres.stop().await.expect("a clean end");
    assert!(!data.join("postmaster.pid").exists());
    assert!(!Path::new(&format!("/proc/{pid}")).exists(), "not even a zombie");

    let postgres = start(&options).await.expect("a server again");
    assert_eq!(postgres.url("postgres"), url);
    assert_eq!(sql(&postgres, "postgres", "select n from kept"), "42");
    postgres.remove().await.expect("a clean end");
}

#[tokio::test]
async fn server_of_a_killed_owner_serves_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut owner, url) = run_in_another_process(folder.path());
    owner.kill().expect("SIGKILL");
    owner.wait().expect("its end");

    let postgres = start(&options(&folder)).await.expect("a server");
    assert_eq!(postgres.url("postgres"), url);
    assert_eq!(sql(&postgres, "postgres", "select 1"), "1");
    let data = data(&postgres);
    postgres.stop().await.expect("a clean end");
    assert!(!data.join("postmaster.pid").exists(), "the last user stops it, whoever started it");
    start(&options(&folder)).await.expect("a server").remove().await.expect("a clean end");
}

#[tokio::test]
async fn server_of_a_killed_owner_does_not_outlive_it_for_long() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut owner, url) = run_in_another_process(folder.path());
    let port: u16 =
        url.split([':', '/', '@']).find_map(|part| part.parse().ok().filter(|n| *n > 1024)).expect("a port");
    owner.kill().expect("SIGKILL");
    owner.wait().expect("its end");
    let refused = || std::net::TcpStream::connect(("127.0.0.1", port)).is_err();
    eventually("the guard stops it", refused).await;
    start(&options(&folder)).await.expect("a server").remove().await.expect("a clean end");
}

#[tokio::test]
async fn killed_server_recovers_what_was_committed() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options::new(folder.path());
    let postgres = start(&options).await.expect("a server");
    sql(&postgres, "postgres", "create table kept as select 42 as n");
    let data = data(&postgres);
    // Server and owner die together, as they do when a container is killed.
    signal("KILL", &server_pid(&data));
    std::mem::forget(postgres);
    assert!(data.join("postmaster.pid").exists(), "a stale file is left");

    let postgres = start(&options).await.expect("a server again");
    assert_eq!(sql(&postgres, "postgres", "select n from kept"), "42");
    postgres.remove().await.expect("a clean end");
}

#[tokio::test]
async fn busy_backend_of_a_killed_server_does_not_block_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let postgres = start(&options(&folder)).await.expect("a server");
    let endless = "do $$ begin loop null; end loop; end $$";
    let mut client = psql_command(postgres.binaries(), &postgres.url("postgres"), endless)
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("psql");
    let active = "select count(*) from pg_stat_activity where query like 'do %' and state = 'active' and pid <> pg_backend_pid()";
    eventually("the query runs", || sql(&postgres, "postgres", active) == "1").await;
    signal("KILL", &server_pid(&data(&postgres)));
    std::mem::forget(postgres);

    let postgres = start(&options(&folder)).await.expect("a server again");
    assert!(!client.wait().expect("its end").success());
    postgres.remove().await.expect("a clean end");
}

#[tokio::test]
async fn number_of_a_dead_server_that_now_belongs_to_somebody_else_is_no_obstacle() {
    let folder = tempfile::tempdir().expect("a folder");
    let postgres = start(&options(&folder)).await.expect("a server");
    let state = data(&postgres).join("postmaster.pid");
    let text = std::fs::read_to_string(&state).expect("the state");
    postgres.stop().await.expect("a clean end");

    let mut stranger = sleeper();
    let lines: Vec<&str> = text.lines().skip(1).collect();
    std::fs::write(&state, format!("{}\n{}\n", stranger.id(), lines.join("\n"))).expect("written");
    let postgres = start(&options(&folder)).await.expect("a server");
    assert!(stranger.try_wait().expect("its state").is_none(), "the stranger lives");
    stranger.kill().expect("its end");
    stranger.wait().expect("its end");
    postgres.remove().await.expect("a clean end");
}

#[tokio::test]
async fn last_user_stops_the_server_and_not_the_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut owner, url) = run_in_another_process(folder.path());
    let postgres = start(&options(&folder)).await.expect("the same server");
    assert_eq!(postgres.url("postgres"), url);

    signal("TERM", &owner.id().to_string());
    assert!(owner.wait().expect("its end").success());
    assert_eq!(sql(&postgres, "postgres", "select 1"), "1", "we still use it");

    let (mut other, _) = run_in_another_process(folder.path());
    let data = data(&postgres);
    postgres.stop().await.expect("given back");
    assert!(data.join("postmaster.pid").exists(), "another process uses it");
    drop(other.stdin.take());
    assert!(other.wait().expect("its end").success());
    assert!(!data.join("postmaster.pid").exists());
    start(&options(&folder)).await.expect("a server").remove().await.expect("a clean end");
}

#[tokio::test]
async fn many_first_starts_at_once_make_one_cluster() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let options = options(&folder);
        starts.spawn(async move { start(&options).await.expect("a server") });
    }
    let mut servers = starts.join_all().await;
    let ports: std::collections::BTreeSet<u16> = servers.iter().map(Running::port).collect();
    assert_eq!(ports.len(), 1);
    let last = servers.pop().expect("eight servers");
    for server in servers {
        server.stop().await.expect("given back");
    }
    assert_eq!(sql(&last, "postgres", "select 1"), "1");
    last.remove().await.expect("a clean end");
}

#[tokio::test]
async fn port_that_was_taken_meanwhile_is_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let postgres = start(&options(&folder)).await.expect("a server");
    let port = postgres.port();
    postgres.stop().await.expect("a clean end");
    let _thief = std::net::TcpListener::bind(("127.0.0.1", port)).expect("the port");
    let postgres = start(&options(&folder)).await.expect("a server");
    assert_ne!(postgres.port(), port);
    postgres.remove().await.expect("a clean end");
}

#[tokio::test]
async fn dropped_server_goes_away_soon() {
    let folder = tempfile::tempdir().expect("a folder");
    let postgres = start(&options(&folder)).await.expect("a server");
    let state = data(&postgres).join("postmaster.pid");
    drop(postgres);
    eventually("the server stops", || !state.exists()).await;
    start(&options(&folder)).await.expect("a server").remove().await.expect("a clean end");
}

#[tokio::test]
async fn wrong_password_is_refused_and_the_right_one_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let postgres = start(&options(&folder)).await.expect("a server");
    let wrong = format!("postgres://postgres:wrong@127.0.0.1:{}/postgres", postgres.port());
    let refused = psql(postgres.binaries(), &wrong, "select 1");
    assert!(refused.is_err_and(|message| message.contains("password authentication failed")));
    let password = data(&postgres).with_file_name("password");
    let mode = std::fs::metadata(password).expect("the password").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    postgres.remove().await.expect("a clean end");
}
