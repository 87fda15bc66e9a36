//! Any bytes as what a client sends: every reply is a line of three digits, every message that is acknowledged was
//! delivered, and the connection ends.
#![no_main]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use smtp_intake::{Accepted, Address, Backend, Envelope, Limits, Peer, Reply, Server, TlsMode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;

#[derive(Default)]
struct Counter(AtomicUsize);

#[async_trait::async_trait]
impl Backend for Counter {
    async fn recipient(&self, _: &Peer, _: &Address) -> Result<(), Reply> {
        Ok(())
    }

    async fn deliver(&self, _: Envelope, _: Vec<u8>) -> Result<Accepted, Reply> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Accepted { queue_id: "q".to_owned() })
    }
}

struct Running {
    runtime: tokio::runtime::Runtime,
    address: SocketAddr,
    delivered: Arc<Counter>,
}

static SERVER: LazyLock<Running> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("runtime");
    let delivered = Arc::new(Counter::default());
    let backend = Arc::clone(&delivered);
    let server = runtime
        .block_on(Server::bind("127.0.0.1:0", "mx.example.test", Limits::default(), TlsMode::Off, backend))
        .expect("server");
    let address = server.local_addr();
    let (soft, hard) = (CancellationToken::new(), CancellationToken::new());
    runtime.spawn(server.serve(soft, hard));
    Running { runtime, address, delivered }
});

fuzz_target!(|sent: &[u8]| {
    let before = SERVER.delivered.0.load(Ordering::SeqCst);
    let replies = SERVER.runtime.block_on(async {
        let talk = async {
            let mut stream = tokio::net::TcpStream::connect(SERVER.address).await?;
            let (mut read, mut write) = stream.split();
            // Refused clients are hung up on: writing may fail, what was said before that still counts.
            let sending = async {
                let _ = write.write_all(sent).await;
                let _ = write.shutdown().await;
            };
            let mut replies = Vec::new();
            let (_, _) = tokio::join!(sending, read.read_to_end(&mut replies));
            std::io::Result::Ok(replies)
        };
        tokio::time::timeout(Duration::from_secs(20), talk).await.expect("the session ends")
    });
    let Ok(replies) = replies else { return };
    let text = String::from_utf8(replies).expect("replies are ASCII");
    for line in text.lines() {
        assert!(line.len() >= 4 && line.as_bytes()[..3].iter().all(u8::is_ascii_digit), "{line:?}");
    }
    let acknowledged = text.lines().filter(|line| line.starts_with("250 2.6.0")).count();
    assert!(SERVER.delivered.0.load(Ordering::SeqCst) - before >= acknowledged);
});
