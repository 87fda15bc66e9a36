//! Commands outside of a transaction.

use smtp_intake::{Limits, TlsMode};

use super::client::Client;
use super::server::{start, start_with};

#[tokio::test]
async fn ehlo_announces_what_is_implemented_and_no_starttls_without_certificate() {
    let server = start().await;
    let mut client = Client::connect(server.address).await;
    assert_eq!(
        client.command("EHLO client.example").await,
        "250-mx.example.test greets you\n250-PIPELINING\n250-8BITMIME\n250-SMTPUTF8\n\
         250-SIZE 26214400\n250 ENHANCEDSTATUSCODES"
    );
}

#[tokio::test]
async fn helo_is_answered_in_one_line_and_opens_the_session() {
    let server = start().await;
    let mut client = Client::connect(server.address).await;
    assert_eq!(client.command("helo client.example").await, "250 mx.example.test");
    client.expect("MAIL FROM:<a@b.example>", "250 2.1.0 ").await;
}

#[tokio::test]
async fn greeting_needs_a_name() {
    let server = start().await;
    let mut client = Client::connect(server.address).await;
    client.expect("EHLO", "501 5.5.4 ").await;
    client.expect("HELO ", "501 5.5.4 ").await;
    client.expect("MAIL FROM:<a@b.example>", "503 5.5.1 ").await;
}

#[tokio::test]
async fn small_commands_have_their_codes() {
    let server = start_with(Limits { max_errors: 99, ..Limits::default() }, TlsMode::Off).await;
    let mut client = Client::connect(server.address).await;
    for (line, start) in [
        ("NOOP", "250 2.0.0 "),
        ("noop with words", "250 2.0.0 "),
        ("RSET", "250 2.0.0 "),
        ("RSET now", "501 5.5.4 "),
        ("VRFY someone", "252 2.5.0 "),
        ("VRFY", "501 5.5.4 "),
        ("HELP", "214 2.0.0 "),
        ("HELP mail", "214 2.0.0 "),
        ("EXPN list", "502 5.5.1 "),
        ("AUTH PLAIN AGEAYg==", "502 5.5.1 "),
        ("BDAT 10 LAST", "502 5.5.1 "),
        ("ETRN x", "502 5.5.1 "),
        ("STARTTLS", "502 5.5.1 "),
        ("XYZZY", "500 5.5.2 "),
        ("", "500 5.5.2 "),
        ("NO\u{1}OP", "500 5.5.2 "),
        ("NO\0OP", "500 5.5.2 "),
        ("QUIT now", "501 5.5.4 "),
        ("DATA", "503 5.5.1 "),
        ("RCPT TO:<b@example.test>", "503 5.5.1 "),
    ] {
        client.expect(line, start).await;
    }
}

#[tokio::test]
async fn quit_says_goodbye_and_closes() {
    let server = start().await;
    let mut client = Client::connect(server.address).await;
    client.expect("QUIT", "221 2.0.0 ").await;
    client.expect_closed().await;
}

#[tokio::test]
async fn pipelined_commands_are_answered_in_order_in_one_packet() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    client.send("NOOP\r\nVRFY x\r\nHELP\r\nXYZZY\r\nRSET\r\nMAIL FROM:<>\r\nNOOP\r\n").await;
    let replies = client.one_read().await;
    let codes: Vec<&str> = replies.lines().map(|line| &line[..3]).collect();
    assert_eq!(codes, ["250", "252", "214", "500", "250", "250", "250"]);
}

#[tokio::test]
async fn a_command_may_arrive_byte_by_byte() {
    let server = start().await;
    let mut client = Client::connect(server.address).await;
    client.stream.set_nodelay(true).unwrap();
    for byte in b"VRFY x\r\n" {
        client.send([*byte]).await;
        tokio::task::yield_now().await;
    }
    client.expect_reply("252 ").await;
}

#[tokio::test]
async fn http_is_hung_up_on_before_its_body_is_read() {
    let server = start().await;
    let mut client = Client::connect(server.address).await;
    client.send("POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO x\r\nMAIL FROM:<a@b.example>\r\n").await;
    client.expect_reply("421 4.7.0 ").await;
    client.expect_closed().await;
}

#[tokio::test]
async fn a_host_name_that_could_forge_replies_is_refused_at_start() {
    for name in ["", "mx example", "mx\r\n250 ok", "m\u{fc}ller.example"] {
        let recorder = std::sync::Arc::new(super::recorder::Recorder::new());
        let bound = smtp_intake::Server::bind("127.0.0.1:0", name, Limits::default(), TlsMode::Off, recorder);
        assert_eq!(bound.await.err().unwrap().kind(), std::io::ErrorKind::InvalidInput);
    }
}
