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
