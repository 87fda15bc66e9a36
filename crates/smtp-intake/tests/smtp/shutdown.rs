//! Soft and hard stop.

use tokio::net::TcpStream;

use super::client::{Client, PATIENCE};
use super::recorder::Mood;
use super::server::start;

#[tokio::test]
async fn soft_stop_closes_idle_sessions_and_lets_a_message_finish() {
    let server = start().await;
    let mut idle = Client::ready(server.address).await;
    let mut silent = Client::connect(server.address).await;
    let mut busy = Client::ready(server.address).await;
    busy.begin().await;
    busy.send("half ").await;
    server.soft.cancel();
    idle.expect_reply("421 4.3.2 ").await;
    idle.expect_closed().await;
    silent.expect_reply("421 4.3.2 ").await;
    // what was waiting to be accepted may still connect, then nothing more
    let refused = async {
        while TcpStream::connect(server.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, refused).await.expect("the port is still open");
    busy.send("whole\r\n.\r\nMAIL FROM:<>\r\n").await;
    busy.expect_reply("250 2.0.0 ").await;
    busy.expect_reply("421 4.3.2 ").await;
    busy.expect_closed().await;
    drop((idle, silent, busy));
    assert_eq!(server.ended().await.messages(), [b"half whole\r\n"]);
}

#[tokio::test]
async fn soft_stop_lets_an_open_transaction_reach_its_end() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    client.expect("MAIL FROM:<a@client.example>", "250 ").await;
    server.soft.cancel();
    client.expect("RCPT TO:<b@example.test>", "250 ").await;
    client.expect("DATA", "354 ").await;
    client.send("x\r\n.\r\n").await;
    client.expect_reply("250 2.0.0 ").await;
    client.expect_reply("421 4.3.2 ").await;
    drop(client);
    assert_eq!(server.ended().await.messages(), [b"x\r\n"]);
}

#[tokio::test]
async fn hard_stop_ends_everything_and_acknowledges_nothing() {
    let server = start().await;
    server.mood(Mood::Hang);
    let mut idle = Client::ready(server.address).await;
    let mut receiving = Client::ready(server.address).await;
    receiving.begin().await;
    let mut delivering = Client::ready(server.address).await;
    delivering.begin().await;
    delivering.send("x\r\n.\r\n").await;
    server.recorder.until(|seen| seen.delivering == 1).await;
    server.hard.cancel();
    for client in [&mut idle, &mut receiving, &mut delivering] {
        client.expect_closed().await;
    }
    let recorder = server.ended().await;
    assert!(recorder.messages().is_empty() && recorder.seen().accepted.is_empty());
    assert_eq!(recorder.seen().closed, 3);
}
