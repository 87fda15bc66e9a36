//! Sockets: none is held by a client that says nothing, and only so many are open at once.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use immivo::cli::{self, Role, Running};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::support::TestApp;

const GET: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Longer than any wait of the server's own in these tests.
const PATIENCE: Duration = Duration::from_secs(20);

async fn serve(app: &TestApp) -> (Running, SocketAddr) {
    let running = cli::start(&app.app, &[Role::Http]).await.unwrap();
    let address = running.http.unwrap();
    (running, address)
}

/// Waits for the server to close the connection; what it said before, and how long it took.
async fn end(stream: &mut TcpStream) -> (String, Duration) {
    let began = Instant::now();
    let mut said = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut said)).await.expect("nobody closes it");
    // A reset says the same as an end.
    let _ = read;
    (String::from_utf8(said).unwrap(), began.elapsed())
}

/// Reads until the server answered with 200.
async fn answer(stream: &mut TcpStream) {
    let mut said = Vec::new();
    while !said.ends_with(b"}") {
        let read = tokio::time::timeout(PATIENCE, stream.read_buf(&mut said)).await.expect("no answer").unwrap();
        assert!(read > 0, "closed after {:?}", String::from_utf8_lossy(&said));
    }
    assert!(said.starts_with(b"HTTP/1.1 200 "), "{:?}", String::from_utf8_lossy(&said));
}

#[tokio::test]
async fn who_does_not_finish_a_head_is_cut_off() {
    let app = TestApp::with(&[("IMMIVO__HTTP__HEAD_SECONDS", "1")]).await;
    let (_running, address) = serve(&app).await;
    for beginning in ["", "GET /healthz HTTP/1.1\r\nHost: loc"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let (said, took) = end(&mut stream).await;
        assert_eq!(said, "", "{beginning:?}");
        assert!(took >= Duration::from_millis(700), "{took:?}: a slow client gets its time");
    }
    // The time for the first head does not end a connection that came to its request.
    let mut stream = TcpStream::connect(address).await.unwrap();
    for _ in 0..2 {
        stream.write_all(GET).await.unwrap();
        answer(&mut stream).await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
    }
}

#[tokio::test]
async fn a_connection_without_requests_ends_and_so_does_half_a_later_one() {
    let app = TestApp::with(&[("IMMIVO__HTTP__IDLE_SECONDS", "1")]).await;
    let (_running, address) = serve(&app).await;
    for beginning in ["", "GET /healthz HT"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        for _ in 0..2 {
            stream.write_all(GET).await.unwrap();
            answer(&mut stream).await;
        }
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let (_, took) = end(&mut stream).await;
        assert!(took >= Duration::from_millis(700), "{took:?}: it is kept for a while");
    }
}

#[tokio::test]
async fn so_many_connections_and_the_next_one_waits() {
    let app = TestApp::with(&[("IMMIVO__HTTP__MAX_CONNECTIONS", "1")]).await;
    let (_running, address) = serve(&app).await;
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(GET).await.unwrap();
    answer(&mut first).await;
    let mut second = TcpStream::connect(address).await.unwrap();
    second.write_all(GET).await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(500), answer(&mut second)).await;
    assert!(early.is_err(), "answered beside the first");
    drop(first);
    answer(&mut second).await;
}

#[tokio::test]
async fn the_end_of_the_process_waits_for_no_idle_connection() {
    let app = TestApp::new().await;
    let (running, address) = serve(&app).await;
    let mut idle = TcpStream::connect(address).await.unwrap();
    let mut used = TcpStream::connect(address).await.unwrap();
    used.write_all(GET).await.unwrap();
    answer(&mut used).await;
    let stop = CancellationToken::new();
    stop.cancel();
    let began = Instant::now();
    running.lifecycle.run(stop).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    end(&mut idle).await;
    end(&mut used).await;
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_request_that_was_begun_is_answered_although_the_process_ends() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (running, address) = serve(&app).await;
    let body = r#"{"lastName": "Probe"}"#;
    let head = format!(
        "POST /api/v1/leads HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        agency.admin.token,
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body.as_bytes()[..5]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let stop = CancellationToken::new();
    stop.cancel();
    let rest = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        stream.write_all(&body.as_bytes()[5..]).await.unwrap();
        end(&mut stream).await.0
    };
    let (ended, said) = tokio::join!(running.lifecycle.run(stop), rest);
    ended.unwrap();
    assert!(said.starts_with("HTTP/1.1 201 "), "{said:?}");
}
