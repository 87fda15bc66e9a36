//! Caps on connections, errors, recipients, messages and lines.

use std::net::Ipv4Addr;

use smtp_intake::{Limits, TlsMode};
use tokio::net::TcpSocket;

use super::client::Client;
use super::server::start_with;

#[tokio::test]
async fn connections_over_the_cap_are_told_so_and_the_place_is_free_again() {
    let server = start_with(Limits { max_connections: 1, ..Limits::default() }, TlsMode::Off).await;
    let mut first = Client::connect(server.address).await;
    let mut second = Client::dial(server.address).await;
    second.expect_reply("421 4.3.2 ").await;
    second.expect_closed().await;
    first.expect("QUIT", "221 ").await;
    drop(first);
    server.recorder.until(|seen| seen.closed == 1).await;
    Client::connect(server.address).await.expect("NOOP", "250 ").await;
    assert_eq!(server.recorder.seen().turned_away, 1);
}

#[tokio::test]
async fn one_address_cannot_take_all_connections() {
    let limits = Limits { max_connections_per_ip: 2, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let _one = Client::connect(server.address).await;
    let _two = Client::connect(server.address).await;
    Client::dial(server.address).await.expect_reply("421 4.3.2 ").await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::new(127, 0, 0, 2), 0).into()).unwrap();
    let stream = socket.connect(server.address).await.unwrap();
    Client::over(stream).expect_reply("220 ").await;
}

#[tokio::test]
async fn one_address_cannot_open_connections_as_fast_as_it_likes() {
    let limits = Limits { max_new_connections_per_minute_and_ip: 3, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    for _ in 0..3 {
        Client::connect(server.address).await.expect("QUIT", "221 ").await;
    }
    let mut client = Client::dial(server.address).await;
    client.expect_reply("421 4.7.0 ").await;
    client.expect_closed().await;
}

#[tokio::test]
async fn too_many_errors_end_the_session_after_the_last_reply() {
    let server = start_with(Limits { max_errors: 3, ..Limits::default() }, TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    client.expect("XYZZY", "500 ").await;
    client.expect("MAIL FROM:<>", "250 ").await;
    client.expect("RCPT TO:<unknown@example.test>", "550 ").await;
    client.expect("RCPT TO:<busy@example.test>", "451 ").await;
    client.send("EXPN\r\nNOOP\r\nNOOP\r\n").await;
    client.expect_reply("502 ").await;
    client.expect_reply("421 4.7.0 ").await;
    client.expect_closed().await;
}

#[tokio::test]
async fn the_last_reply_survives_input_the_server_never_read() {
    let server = start_with(Limits { max_errors: 1, ..Limits::default() }, TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    client.send("XYZZY\r\n".repeat(50_000)).await;
    client.expect_reply("500 ").await;
    client.expect_reply("421 4.7.0 ").await;
    client.expect_closed().await;
    // only closed in our direction so far: a reset would follow if the server did not read on
    assert_eq!(server.recorder.seen().closed, 0);
    drop(client);
    server.recorder.until(|seen| seen.closed == 1).await;
}

#[tokio::test]
async fn recipients_over_the_limit_are_put_off_and_the_rest_delivered() {
    let server = start_with(Limits { max_recipients: 2, ..Limits::default() }, TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    client.expect("MAIL FROM:<>", "250 ").await;
    client.expect("RCPT TO:<a@example.test>", "250 ").await;
    client.expect("RCPT TO:<b@example.test>", "250 ").await;
    client.expect("RCPT TO:<c@example.test>", "452 4.5.3 ").await;
    client.expect("DATA", "354 ").await;
    client.send("x\r\n.\r\n").await;
    client.expect_reply("250 ").await;
    assert_eq!(server.recorder.envelope().recipients, ["a@example.test", "b@example.test"]);
}

#[tokio::test]
async fn a_hundred_recipients_are_taken_by_default() {
    let server = start_with(Limits::default(), TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    client.expect("MAIL FROM:<>", "250 ").await;
    for number in 0..100 {
        client.expect(&format!("RCPT TO:<r{number}@example.test>"), "250 ").await;
    }
    client.expect("RCPT TO:<r100@example.test>", "452 4.5.3 ").await;
}

#[tokio::test]
async fn messages_over_the_limit_need_a_new_connection() {
    let limits = Limits { max_messages_per_connection: 1, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    assert!(client.transact("x\r\n.\r\n").await.starts_with("250 "));
    client.expect("MAIL FROM:<>", "421 4.7.0 ").await;
    client.expect_closed().await;
}

#[tokio::test]
async fn long_command_lines_are_refused_and_the_session_goes_on() {
    let server = start_with(Limits::default(), TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    client.expect(&format!("NOOP {}", "x".repeat(2041)), "250 ").await;
    client.expect(&format!("NOOP {}", "x".repeat(2042)), "500 5.5.2 ").await;
    client.expect(&format!("NOOP {}", "x".repeat(1_000_000)), "500 5.5.2 ").await;
    client.expect("NOOP", "250 ").await;
}
