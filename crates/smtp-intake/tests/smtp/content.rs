//! What arrives is what was sent.

use super::client::Client;
use super::server::start;

#[tokio::test]
async fn every_byte_value_passes_unchanged() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    let line: Vec<u8> = (0..=255_u8).filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    let message = [b"Subject: x\r\n\r\n", &line[..], b"\r\n\0\r\n", &line, b"\r\n"].concat();
    client.begin().await;
    client.send(&message).await;
    client.send(".\r\n").await;
    client.expect_reply("250 2.0.0 ").await;
    assert_eq!(server.recorder.messages(), [message]);
}

#[tokio::test]
async fn dot_stuffing_is_removed_once_and_an_empty_message_is_one() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    assert_eq!(client.transact(".\r\n").await, "250 2.0.0 Ok: queued as Q1");
    assert_eq!(client.transact("..\r\n...\r\na.\r\n\r\n..b\r\n.\r\n").await, "250 2.0.0 Ok: queued as Q2");
    assert_eq!(server.recorder.messages(), [&b""[..], b".\r\n..\r\na.\r\n\r\n.b\r\n"]);
}

#[tokio::test]
async fn end_of_data_is_found_at_every_split_into_packets() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    client.stream.set_nodelay(true).unwrap();
    let data = b"hello\r\n.\r\nNOOP\r\n";
    for at in 4..data.len() {
        client.begin().await;
        let (head, tail) = data.split_at(at);
        client.send(head).await;
        // the server reads the first part before the second is sent
        tokio::task::yield_now().await;
        client.send(tail).await;
        client.expect_reply("250 2.0.0 Ok: queued").await;
        client.expect_reply("250 2.0.0 Ok").await;
    }
    let messages = server.recorder.messages();
    assert_eq!(messages.len(), data.len() - 4);
    assert!(messages.iter().all(|message| message == b"hello\r\n"));
}

#[tokio::test]
async fn lines_far_beyond_998_octets_are_accepted() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    let message = format!("{}\r\n", "x".repeat(64 * 1024));
    assert!(client.transact(format!("{message}.\r\n")).await.starts_with("250 "));
    assert_eq!(server.recorder.messages(), [message.as_bytes()]);
    assert!(client.transact(format!("x{message}.\r\n")).await.starts_with("554 5.6.0 "));
    assert_eq!(server.recorder.messages().len(), 1);
}

#[tokio::test]
async fn a_message_broken_off_is_not_delivered() {
    let server = start().await;
    for part in ["", "Subject: x\r\n\r\nhalf", "whole\r\n", "whole\r\n.", "whole\r\n.\r"] {
        let mut client = Client::ready(server.address).await;
        client.begin().await;
        client.send(part).await;
        drop(client);
    }
    server.recorder.until(|seen| seen.closed == 5).await;
    assert_eq!(server.recorder.seen().aborted, 5);
    assert_eq!(server.recorder.seen().delivering, 0);
}
