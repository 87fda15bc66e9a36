//! SIZE before and during DATA, and memory.

use smtp_intake::{Limits, TlsMode};

use super::client::Client;
use super::server::{start, start_with};

fn large(bytes: usize) -> Vec<u8> {
    let line = [b"." as &[u8], &[b'x'; 97], b"\r\n"].concat();
    line.iter().copied().cycle().take(bytes / 100 * 100).collect()
}

fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(message.len() / 99 * 100 + 100);
    for line in message.chunks(100) {
        data.push(b'.');
        data.extend_from_slice(line);
    }
    data.extend_from_slice(b".\r\n");
    data
}

#[tokio::test]
async fn declared_size_is_judged_at_mail() {
    let server = start_with(Limits { max_message_bytes: 1000, ..Limits::default() }, TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    client.expect("MAIL FROM:<a@b.example> SIZE=1001", "552 5.3.4 ").await;
    client.expect("RCPT TO:<b@example.test>", "503 ").await;
    client.expect("MAIL FROM:<a@b.example> SIZE=99999999999999999999", "552 5.3.4 ").await;
    client.expect("MAIL FROM:<a@b.example> SIZE=1000", "250 ").await;
}

#[tokio::test]
async fn real_size_is_judged_after_the_end_whatever_was_declared() {
    let server = start_with(Limits { max_message_bytes: 1000, ..Limits::default() }, TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    client.expect("MAIL FROM:<a@b.example> SIZE=10", "250 ").await;
    client.expect("RCPT TO:<b@example.test>", "250 ").await;
    client.expect("DATA", "354 ").await;
    client.send(stuffed(&large(1100))).await;
    client.expect_reply("552 5.3.4 ").await;
    assert!(client.transact(stuffed(&large(1000))).await.starts_with("250 "));
    assert_eq!(server.recorder.messages(), [large(1000)]);
    assert_eq!(server.recorder.seen().refused, [552]);
}

#[tokio::test]
async fn thirty_megabytes_are_swallowed_and_refused_by_default() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    assert!(client.transact(stuffed(&large(30_000_000))).await.starts_with("552 5.3.4 "));
    client.expect("NOOP", "250 ").await;
    assert_eq!(server.recorder.seen().delivering, 0);
}

#[tokio::test]
async fn thirty_megabytes_arrive_unchanged_where_allowed() {
    let limits = Limits { max_message_bytes: 40_000_000, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut client = Client::ready(server.address).await;
    let message = large(30_000_000);
    assert!(client.transact(stuffed(&message)).await.starts_with("250 "));
    assert!(server.recorder.messages() == [message], "the message differs");
}

#[tokio::test]
async fn without_memory_the_message_is_put_off_and_memory_comes_back() {
    let limits = Limits { max_buffered_bytes: 150_000, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut first = Client::ready(server.address).await;
    let mut second = Client::ready(server.address).await;
    // the first holds most of it in the middle of its message
    first.begin().await;
    first.send(&stuffed(&large(80_000))[..80_000]).await;
    let mut reply = String::from("250 ");
    // until the first has been read
    for _ in 0..1000 {
        if reply.starts_with("250 ") {
            reply = second.transact(stuffed(&large(100_000))).await;
        }
    }
    assert!(reply.starts_with("452 4.3.1 "), "{reply}");
    drop(first);
    server.recorder.until(|seen| seen.closed == 1).await;
    assert!(second.transact(stuffed(&large(100_000))).await.starts_with("250 "));
}

#[tokio::test]
async fn a_message_put_off_holds_no_memory_while_the_rest_of_it_is_swallowed() {
    let limits = Limits { max_buffered_bytes: 150_000, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut first = Client::ready(server.address).await;
    let mut second = Client::ready(server.address).await;
    first.begin().await;
    first.send(&stuffed(&large(300_000))[..300_000]).await;
    let mut last = String::new();
    // long enough for the server to have read what the first sent
    for _ in 0..20 {
        last = second.transact(stuffed(&large(70_000))).await;
    }
    assert!(last.starts_with("250 "), "{last}");
    first.send("\r\n.\r\n").await;
    first.expect_reply("452 4.3.1 ").await;
}
