//! Behind a load balancer that speaks the PROXY protocol.

use smtp_intake::Limits;

use super::client::Client;
use super::server::{Running, start_behind};

async fn start(limits: Limits) -> Running {
    start_behind(limits, &["127.0.0.0/8"]).await
}

async fn dial(server: &Running, header: &[u8]) -> Client {
    let mut client = Client::dial(server.address).await;
    client.send(header).await;
    client
}

#[tokio::test]
async fn the_client_is_whom_the_header_names() {
    let server = start(Limits::default()).await;
    let two = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0C\xC0\x00\x02\x07\x0A\x00\x00\x01\x1F\x90\x00\x19";
    for (header, ip) in [(&b"PROXY TCP4 192.0.2.7 10.0.0.1 8080 25\r\n"[..], "192.0.2.7"), (two, "192.0.2.7")] {
        let mut client = dial(&server, header).await;
        client.expect_reply("220 ").await;
        client.expect("EHLO client.example", "250").await;
        assert!(client.transact("x\r\n.\r\n").await.starts_with("250 "));
        let (envelope, _) = server.recorder.kept.lock().unwrap().pop().unwrap();
        assert_eq!((envelope.peer.ip.to_string(), envelope.peer.port), (ip.to_owned(), 8080));
    }
}

#[tokio::test]
async fn a_health_check_is_the_balancers_own() {
    let server = start(Limits::default()).await;
    let mut client = dial(&server, b"PROXY UNKNOWN\r\n").await;
    client.expect_reply("220 ").await;
    client.expect("EHLO client.example", "250").await;
    assert!(client.transact("x\r\n.\r\n").await.starts_with("250 "));
    assert_eq!(server.recorder.envelope().peer.ip.to_string(), "127.0.0.1");
}

#[tokio::test]
async fn limits_count_the_real_client() {
    let server = start(Limits { max_connections_per_ip: 1, ..Limits::default() }).await;
    let mut first = dial(&server, b"PROXY TCP4 192.0.2.7 10.0.0.1 1 25\r\n").await;
    first.expect_reply("220 ").await;
    let mut other = dial(&server, b"PROXY TCP4 192.0.2.8 10.0.0.1 1 25\r\n").await;
    other.expect_reply("220 ").await;
    let mut again = dial(&server, b"PROXY TCP4 192.0.2.7 10.0.0.1 2 25\r\n").await;
    again.expect_reply("421 4.3.2 ").await;
    again.expect_closed().await;
    assert_eq!(server.recorder.seen().turned_away, 1);
}

#[tokio::test]
async fn a_balancer_must_say_whose_connection_it_is() {
    let server = start(Limits::default()).await;
    let mut client = dial(&server, b"EHLO client.example\r\n").await;
    client.expect_closed().await;
    assert_eq!(server.recorder.seen().opened, 0);
}

#[tokio::test]
async fn nobody_else_is_believed() {
    let server = start_behind(Limits::default(), &["192.0.2.0/24"]).await;
    let mut client = Client::connect(server.address).await;
    client.expect("PROXY TCP4 192.0.2.7 10.0.0.1 1 25", "500 ").await;
}

#[tokio::test]
async fn a_silent_balancer_does_not_hold_up_the_end() {
    let server = start(Limits::default()).await;
    let mut client = Client::dial(server.address).await;
    server.soft.cancel();
    client.expect_closed().await;
    server.ended().await;
}
