//! Nobody holds a connection for ever.

use std::time::{Duration, Instant};

use smtp_intake::{Limits, TlsMode};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;

use super::client::Client;
use super::server::start_with;

const SHORT: Duration = Duration::from_millis(150);

/// Sends `bytes` every 10 ms until the server has said something, which must not take long.
async fn drip(client: &mut Client, bytes: &[u8]) -> String {
    let started = Instant::now();
    loop {
        // a server that has hung up is noticed by reading
        let _ = client.stream.write_all(bytes).await;
        if let Ok(reply) = tokio::time::timeout(Duration::from_millis(10), client.reply()).await {
            return reply;
        }
        assert!(started.elapsed() < SHORT * 40, "the server waits on");
    }
}

#[tokio::test]
async fn a_silent_client_is_told_and_closed() {
    let limits = Limits { command_timeout: SHORT, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut client = Client::connect(server.address).await;
    client.expect_reply("421 4.4.2 ").await;
    client.expect_closed().await;
    assert_eq!(server.recorder.seen().aborted, 0);
}

#[tokio::test]
async fn dripping_bytes_do_not_prolong_a_command() {
    let limits = Limits { command_timeout: SHORT, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut client = Client::connect(server.address).await;
    assert!(drip(&mut client, b"x").await.starts_with("421 4.4.2 "));
}

#[tokio::test]
async fn commands_do_not_prolong_a_session() {
    let limits = Limits { session_deadline: SHORT, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut client = Client::connect(server.address).await;
    let started = Instant::now();
    loop {
        let reply = client.command("NOOP").await;
        if reply.starts_with("421 4.4.2 ") {
            break;
        }
        assert!(reply.starts_with("250 ") && started.elapsed() < SHORT * 40, "{reply}");
    }
    assert!(started.elapsed() >= SHORT / 2);
}

#[tokio::test]
async fn silence_inside_a_message_ends_it() {
    let limits = Limits { data_idle_timeout: SHORT, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    client.begin().await;
    client.send("half a mess").await;
    client.expect_reply("421 4.4.2 ").await;
    client.expect_closed().await;
    assert_eq!((server.recorder.seen().aborted, server.recorder.seen().delivering), (1, 0));
}

#[tokio::test]
async fn dripping_bytes_do_not_prolong_a_message() {
    let limits = Limits { data_timeout: SHORT, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    client.begin().await;
    assert!(drip(&mut client, b"x\r\n").await.starts_with("421 4.4.2 "));
    assert_eq!((server.recorder.seen().aborted, server.recorder.seen().delivering), (1, 0));
}

#[tokio::test]
async fn a_client_that_takes_no_replies_is_closed() {
    let limits = Limits { command_timeout: SHORT, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    let talk = async {
        let commands = "HELP\r\n".repeat(1000);
        while stream.write_all(commands.as_bytes()).await.is_ok() {}
    };
    tokio::select! {
        () = talk => {}
        () = server.recorder.until(|seen| seen.closed == 1) => {}
    }
    server.recorder.until(|seen| seen.closed == 1).await;
}

#[tokio::test]
async fn a_message_that_comes_too_slowly_is_cut_off() {
    let limits = Limits { min_data_rate: 100_000, data_grace: SHORT, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    client.begin().await;
    assert!(drip(&mut client, b"x\r\n").await.starts_with("421 4.4.2 "));
    assert_eq!((server.recorder.seen().aborted, server.recorder.seen().delivering), (1, 0));
}

#[tokio::test]
async fn a_message_that_comes_fast_enough_may_pause() {
    let limits = Limits { min_data_rate: 1000, data_grace: SHORT, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    client.begin().await;
    client.send("x".repeat(5000)).await;
    tokio::time::sleep(SHORT * 3).await;
    client.send("\r\n.\r\n").await;
    client.expect_reply("250 ").await;
}

#[tokio::test]
async fn who_speaks_before_the_greeting_is_refused() {
    let limits = Limits { greeting_delay: SHORT, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut hasty = Client::dial(server.address).await;
    hasty.send("EHLO client.example\r\nMAIL FROM:<a@client.example>\r\n").await;
    hasty.expect_reply("554 5.5.1 ").await;
    hasty.expect_closed().await;
    let started = Instant::now();
    let mut patient = Client::connect(server.address).await;
    assert!(started.elapsed() >= SHORT);
    patient.expect("EHLO client.example", "250").await;
}

#[tokio::test]
async fn a_pause_before_the_greeting_does_not_hold_up_the_end() {
    let limits = Limits { greeting_delay: super::client::PATIENCE * 2, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut client = Client::dial(server.address).await;
    server.recorder.until(|seen| seen.opened == 1).await;
    server.soft.cancel();
    client.expect_reply("421 4.3.2 ").await;
}
