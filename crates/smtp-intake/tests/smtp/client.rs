//! A client that says exactly what it is told and waits a bounded time for answers.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than anything here takes; a test that reaches it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Client<S = TcpStream> {
    pub(crate) stream: S,
    read: Vec<u8>,
}

impl Client {
    /// Connects without looking at the greeting.
    pub(crate) async fn dial(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }

    /// Connects and is greeted.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let mut client = Self::dial(address).await;
        assert_eq!(client.reply().await, "220 mx.example.test ESMTP");
        client
    }

    /// Connects and has said EHLO.
    pub(crate) async fn ready(address: SocketAddr) -> Self {
        let mut client = Self::connect(address).await;
        client.expect("EHLO client.example", "250").await;
        client
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self { stream, read: Vec::new() }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let write = async {
            self.stream.write_all(bytes.as_ref()).await?;
            self.stream.flush().await
        };
        timeout(PATIENCE, write).await.expect("the server does not read").unwrap();
    }

    /// One whole reply, its lines joined by `\n`.
    pub(crate) async fn reply(&mut self) -> String {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await;
            let last = line.as_bytes().get(3) != Some(&b'-');
            lines.push(line);
            if last {
                return lines.join("\n");
            }
        }
    }

    async fn line(&mut self) -> String {
        loop {
            if let Some(lf) = self.read.iter().position(|&b| b == b'\n') {
                let line: Vec<u8> = self.read.drain(..=lf).collect();
                let line = String::from_utf8(line).unwrap();
                return line.strip_suffix("\r\n").expect("a reply ends with CRLF").to_owned();
            }
            let count = self.read_some().await.unwrap();
            assert_ne!(count, 0, "connection closed where a reply was due");
        }
    }

    async fn read_some(&mut self) -> std::io::Result<usize> {
        let read = self.stream.read_buf(&mut self.read);
        timeout(PATIENCE, read).await.expect("the server is silent")
    }

    /// Everything one read brings.
    pub(crate) async fn one_read(&mut self) -> String {
        assert!(self.read.is_empty());
        self.read.reserve(64 * 1024);
        self.read_some().await.unwrap();
        String::from_utf8(std::mem::take(&mut self.read)).unwrap()
    }

    pub(crate) async fn command(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n")).await;
        self.reply().await
    }

    pub(crate) async fn expect(&mut self, line: &str, start: &str) {
        let reply = self.command(line).await;
        assert!(reply.starts_with(start), "{line} → {reply}, expected {start}");
    }

    pub(crate) async fn expect_reply(&mut self, start: &str) {
        let reply = self.reply().await;
        assert!(reply.starts_with(start), "{reply}, expected {start}");
    }

    /// Says MAIL, RCPT and DATA.
    pub(crate) async fn begin(&mut self) {
        self.expect("MAIL FROM:<a@client.example>", "250 2.1.0 ").await;
        self.expect("RCPT TO:<b@example.test>", "250 2.1.5 ").await;
        self.expect("DATA", "354 ").await;
    }

    /// A whole transaction; the answer to the end of data.
    pub(crate) async fn transact(&mut self, data: impl AsRef<[u8]>) -> String {
        self.begin().await;
        self.send(data).await;
        self.reply().await
    }

    /// The server has closed and said nothing more.
    pub(crate) async fn expect_closed(&mut self) {
        match self.read_some().await {
            Ok(0) | Err(_) => assert!(self.read.is_empty()),
            Ok(_) => panic!("more was said: {}", String::from_utf8_lossy(&self.read)),
        }
    }
}
