//! A message is acknowledged only when the backend has it.

use std::time::Duration;

use smtp_intake::{Limits, Reply, TlsMode};

use super::client::Client;
use super::recorder::Mood;
use super::server::{start, start_with};

#[tokio::test]
async fn refusals_of_the_backend_are_passed_on() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    server.mood(Mood::Refuse(Reply::refused("spam")));
    assert_eq!(client.transact("x\r\n.\r\n").await, "550 5.7.1 spam");
    server.mood(Mood::Refuse(Reply::insufficient_storage()));
    assert!(client.transact("x\r\n.\r\n").await.starts_with("452 4.3.1 "));
    assert_eq!(server.recorder.seen().refused, [550, 452]);
    assert!(server.recorder.seen().accepted.is_empty());
}

#[tokio::test]
async fn a_panic_is_a_temporary_failure_and_the_session_goes_on() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    server.mood(Mood::Panic);
    assert!(client.transact("x\r\n.\r\n").await.starts_with("451 4.3.0 "));
    server.mood(Mood::Keep);
    assert!(client.transact("y\r\n.\r\n").await.starts_with("250 2.0.0 "));
    assert_eq!(server.recorder.messages(), [b"y\r\n"]);
    client.expect("MAIL FROM:<>", "250 ").await;
    client.expect("RCPT TO:<panic@example.test>", "451 4.3.0 ").await;
    client.expect("DATA", "554 5.5.1 ").await;
}

#[tokio::test]
async fn a_refusal_that_reads_like_success_is_not_sent() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    server.mood(Mood::Refuse(Reply::new(250, (2, 0, 0), "ok")));
    assert!(client.transact("x\r\n.\r\n").await.starts_with("451 4.3.0 "));
    client.expect("MAIL FROM:<>", "250 ").await;
    client.expect("RCPT TO:<liar@example.test>", "451 4.3.0 ").await;
}

#[tokio::test]
async fn a_backend_without_an_answer_is_a_temporary_failure() {
    let limits = Limits { backend_timeout: Duration::from_millis(50), ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    server.mood(Mood::Hang);
    assert!(client.transact("x\r\n.\r\n").await.starts_with("451 4.3.0 "));
    assert_eq!(server.recorder.seen().delivering, 1);
}

#[tokio::test]
async fn a_421_of_the_backend_closes_the_connection() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    client.expect("MAIL FROM:<>", "250 ").await;
    client.expect("RCPT TO:<goodbye@example.test>", "421 4.3.2 go away").await;
    client.expect_closed().await;
}

#[tokio::test]
async fn a_client_that_hangs_up_after_the_final_dot_has_delivered() {
    let server = start().await;
    server.mood(Mood::Gate);
    let mut client = Client::ready(server.address).await;
    client.begin().await;
    client.send("x\r\n.\r\n").await;
    server.recorder.until(|seen| seen.delivering == 1).await;
    drop(client);
    assert!(server.recorder.messages().is_empty());
    server.recorder.gate.notify_one();
    server.recorder.until(|seen| seen.closed == 1).await;
    assert_eq!(server.recorder.messages(), [b"x\r\n"]);
    assert_eq!(server.recorder.seen().accepted, [3]);
}

#[tokio::test]
async fn no_reply_comes_before_the_backend_has_answered() {
    let server = start().await;
    server.mood(Mood::Gate);
    let mut client = Client::ready(server.address).await;
    client.begin().await;
    client.send("x\r\n.\r\n").await;
    server.recorder.until(|seen| seen.delivering == 1).await;
    let early = tokio::time::timeout(Duration::from_millis(50), client.reply()).await;
    assert!(early.is_err(), "{early:?}");
    server.recorder.gate.notify_one();
    client.expect_reply("250 2.0.0 ").await;
}
