//! MAIL, RCPT, DATA: order, addresses, parameters, envelope.

use smtp_intake::{Limits, Peer, TlsMode};

use super::client::Client;
use super::server::{start, start_with};

#[tokio::test]
async fn backend_gets_message_and_envelope_and_its_queue_id_is_named() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    let port = client.stream.local_addr().unwrap().port();
    client.expect("MAIL FROM:<A@Client.Example> SIZE=5 BODY=8BITMIME SMTPUTF8", "250 2.1.0 ").await;
    client.expect("RCPT TO:<one@example.test>", "250 2.1.5 ").await;
    client.expect("RCPT TO:<unknown@example.test>", "550 5.1.1 ").await;
    client.expect("RCPT TO:<@relay.example:j\u{fc}@example.test>", "250 2.1.5 ").await;
    client.expect("RCPT TO:<one@example.test>", "250 2.1.5 ").await;
    client.expect("DATA", "354 ").await;
    client.send("Subject: x\r\n\r\n..\r\n.\r\n").await;
    assert_eq!(client.reply().await, "250 2.0.0 Ok: queued as Q1");
    let envelope = server.recorder.envelope();
    assert_eq!(envelope.peer, Peer { ip: [127, 0, 0, 1].into(), port });
    assert_eq!(envelope.helo, "client.example");
    assert_eq!(envelope.mail_from, "A@Client.Example");
    assert_eq!(envelope.recipients, ["one@example.test", "j\u{fc}@example.test"]);
    assert!(envelope.body_8bit && envelope.smtputf8 && !envelope.tls);
    assert_eq!(envelope.declared_size, Some(5));
    assert_eq!(server.recorder.messages(), [b"Subject: x\r\n\r\n.\r\n"]);
    assert_eq!(server.recorder.seen().accepted, [17]);
    assert_eq!(server.recorder.seen().recipients_refused, [550]);
}

#[tokio::test]
async fn nothing_carries_over_to_the_next_message() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    client.expect("MAIL FROM:<a@client.example> BODY=8BITMIME SIZE=9", "250 ").await;
    client.expect("RCPT TO:<first@example.test>", "250 ").await;
    client.expect("DATA", "354 ").await;
    client.send("1\r\n.\r\n").await;
    client.expect_reply("250 2.0.0 ").await;
    client.expect("DATA", "503 5.5.1 ").await;
    client.expect("RCPT TO:<b@example.test>", "503 5.5.1 ").await;
    assert_eq!(client.transact("2\r\n.\r\n").await, "250 2.0.0 Ok: queued as Q2");
    let (second, message) = server.recorder.kept.lock().unwrap()[1].clone();
    assert_eq!((second.recipients, second.declared_size), (vec!["b@example.test".to_owned()], None));
    assert!(!second.body_8bit);
    assert_eq!(message, b"2\r\n");
}

#[tokio::test]
async fn a_pipelined_transaction_in_one_packet_is_delivered() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    client
        .send(
            "MAIL FROM:<a@b.example>\r\nRCPT TO:<unknown@example.test>\r\n\
             RCPT TO:<b@example.test>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n",
        )
        .await;
    for start in ["250 2.1.0", "550 5.1.1", "250 2.1.5", "354", "250 2.0.0", "221"] {
        client.expect_reply(start).await;
    }
    assert_eq!(server.recorder.messages(), [b"hello\r\n"]);
    assert_eq!(server.recorder.envelope().recipients, ["b@example.test"]);
}

#[tokio::test]
async fn order_is_enforced() {
    let server = start().await;
    let mut client = Client::connect(server.address).await;
    client.expect("MAIL FROM:<a@b.example>", "503 5.5.1 ").await;
    client.expect("EHLO client.example", "250").await;
    client.expect("RCPT TO:<b@example.test>", "503 5.5.1 ").await;
    client.expect("MAIL FROM:<a@b.example>", "250 ").await;
    client.expect("MAIL FROM:<c@b.example>", "503 5.5.1 ").await;
    client.expect("DATA", "503 5.5.1 ").await;
    client.expect("DATA x", "501 5.5.4 ").await;
    client.expect("RCPT TO:<unknown@example.test>", "550 5.1.1 ").await;
    client.expect("DATA", "554 5.5.1 ").await;
    assert!(server.recorder.messages().is_empty());
}

#[tokio::test]
async fn rset_and_a_new_ehlo_drop_the_transaction() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    for reset in ["RSET", "EHLO again.example", "HELO again.example"] {
        client.expect("MAIL FROM:<a@b.example>", "250 ").await;
        client.expect("RCPT TO:<b@example.test>", "250 ").await;
        client.expect(reset, "250").await;
        client.expect("RCPT TO:<b@example.test>", "503 5.5.1 ").await;
    }
}

#[tokio::test]
async fn senders_are_judged_by_syntax_and_parameters() {
    let server = start_with(Limits { max_errors: 99, ..Limits::default() }, TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    for (argument, start) in [
        ("FROM:<>", "250 2.1.0 "),
        ("from: <a@b.example>", "250 2.1.0 "),
        ("FROM:<\"a b\"@c.example>", "250 2.1.0 "),
        ("FROM:<@x.example:a@b.example>", "250 2.1.0 "),
        ("FROM:<\u{fc}@b.example> SMTPUTF8", "250 2.1.0 "),
        ("FROM:<\u{fc}@b.example>", "553 5.6.7 "),
        ("FROM:<a@\u{fc}.example> BODY=8BITMIME", "553 5.6.7 "),
        ("FROM:a@b.example", "501 5.1.7 "),
        ("FROM:<a@b.example", "501 5.1.7 "),
        ("FROM:<postmaster>", "501 5.1.7 "),
        ("TO:<a@b.example>", "501 5.5.4 "),
        ("", "501 5.5.4 "),
        ("FROM:<a@b.example> SIZE=x", "501 5.5.4 "),
        ("FROM:<a@b.example> BODY=BINARYMIME", "501 5.5.4 "),
        ("FROM:<a@b.example> AUTH=<>", "555 5.5.4 "),
        ("FROM:<a@b.example> FOO=bar", "555 5.5.4 "),
    ] {
        client.expect(&format!("MAIL {argument}"), start).await;
        client.expect("RSET", "250 ").await;
    }
}

#[tokio::test]
async fn recipients_are_judged_by_syntax_then_by_the_backend() {
    let server = start_with(Limits { max_errors: 99, ..Limits::default() }, TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    client.expect("MAIL FROM:<>", "250 ").await;
    for (argument, start) in [
        ("TO:<postmaster>", "250 2.1.5 "),
        ("TO:<\"a@b\"@example.test>", "250 2.1.5 "),
        ("TO:<\"plain\"@example.test>", "250 2.1.5 "),
        ("TO:<unknown@example.test>", "550 5.1.1 "),
        ("TO:<busy@example.test>", "451 4.3.0 database is away"),
        ("TO:<>", "501 5.1.3 "),
        ("TO:<nobody>", "501 5.1.3 "),
        ("TO:b@example.test", "501 5.1.3 "),
        ("FROM:<b@example.test>", "501 5.5.4 "),
        ("TO:<b@example.test> NOTIFY=NEVER", "555 5.5.4 "),
        ("TO:<\u{fc}@example.test>", "553 5.6.7 "),
    ] {
        client.expect(&format!("RCPT {argument}"), start).await;
    }
    let asked = server.recorder.asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        ["postmaster", "\"a@b\"@example.test", "plain@example.test", "unknown@example.test", "busy@example.test"]
    );
}
