//! The connection: bytes in, replies out, both within time limits.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;

use crate::line::{Input, Line};
use crate::proxy::{self, Header};

const CHUNK: usize = 16 * 1024;
/// A closing connection gets this long, and this many bytes, to take our last words.
const CLOSING: Duration = Duration::from_secs(2);
const CLOSING_BYTES: usize = 1024 * 1024;

/// Plain or TLS.
trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Why the conversation cannot go on.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The client closed or the network failed.
    Gone(io::Error),
    TimedOut,
}

/// Replies are collected and leave together when more input is needed (RFC 2920, section 3.2).
pub(crate) struct Wire {
    stream: Box<dyn Duplex>,
    input: Input,
    output: Vec<u8>,
    written: usize,
    chunk: Box<[u8]>,
    encrypted: bool,
}

impl Wire {
    pub(crate) fn new(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            input: Input::default(),
            output: Vec::new(),
            written: 0,
            chunk: vec![0; CHUNK].into_boxed_slice(),
            encrypted: false,
        }
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// What was read and not yet used.
    pub(crate) fn input(&mut self) -> &mut Input {
        &mut self.input
    }

    /// Queues one line.
    pub(crate) fn queue(&mut self, line: &str) {
        self.output.extend_from_slice(line.as_bytes());
        self.output.extend_from_slice(b"\r\n");
    }

    /// The next command line. May be dropped while it waits without losing bytes of either side.
    pub(crate) async fn line(
        &mut self,
        max: usize,
        allow_bare_newlines: bool,
        deadline: Instant,
    ) -> Result<Line, Broken> {
        loop {
            if let Some(line) = self.input.take_line(max, allow_bare_newlines) {
                return Ok(line);
            }
            self.fill(deadline).await?;
        }
    }

    /// Sends what is queued, then reads some more. Never returns `Ok` without new bytes.
    pub(crate) async fn fill(&mut self, deadline: Instant) -> Result<(), Broken> {
        // a client that always has bytes ready would never be caught by the timer alone
        if Instant::now() >= deadline {
            return Err(Broken::TimedOut);
        }
        let read = async {
            send(&mut *self.stream, &mut self.output, &mut self.written).await?;
            self.stream.read(&mut self.chunk).await
        };
        match timeout_at(deadline, read).await {
            Err(_) => Err(Broken::TimedOut),
            Ok(Err(error)) => Err(Broken::Gone(error)),
            Ok(Ok(0)) => Err(Broken::Gone(io::ErrorKind::UnexpectedEof.into())),
            Ok(Ok(count)) => {
                self.input.extend(&self.chunk[..count]);
                Ok(())
            }
        }
    }

    /// Whether the client says nothing until then.
    pub(crate) async fn stays_silent(&mut self, until: Instant) -> Result<bool, Broken> {
        if !self.input.unread().is_empty() {
            return Ok(false);
        }
        match self.fill(until).await {
            Ok(()) => Ok(false),
            Err(Broken::TimedOut) => Ok(true),
            Err(gone @ Broken::Gone(_)) => Err(gone),
        }
    }

    /// Reads the PROXY protocol's header (`proxy`); what follows it is the client's. The client it
    /// names, `None` when it names none. A header that breaks the rules is an error.
    pub(crate) async fn proxy_header(&mut self, deadline: Instant) -> Result<Option<SocketAddr>, Broken> {
        loop {
            match proxy::read(self.input.unread()) {
                Header::Complete { length, client } => {
                    self.input.consume(length);
                    return Ok(client);
                }
                Header::Invalid => return Err(Broken::Gone(io::ErrorKind::InvalidData.into())),
                Header::Incomplete => self.fill(deadline).await?,
            }
        }
    }

    /// Sends what is queued and turns the connection into TLS. Nothing read before survives.
    pub(crate) async fn encrypt(&mut self, acceptor: &TlsAcceptor, limit: Duration) -> Result<(), Broken> {
        self.input.clear();
        let handshake = async {
            send(&mut *self.stream, &mut self.output, &mut self.written).await?;
            let plain = std::mem::replace(&mut self.stream, Box::new(tokio::io::empty()));
            acceptor.accept(plain).await
        };
        match timeout(limit, handshake).await {
            Err(_) => Err(Broken::TimedOut),
            Ok(Err(error)) => Err(Broken::Gone(error)),
            Ok(Ok(stream)) => {
                self.stream = Box::new(stream);
                self.encrypted = true;
                Ok(())
            }
        }
    }

    /// Says what is queued and closes. Reads on for a moment: closing with unread input makes the
    /// kernel send a reset, which can destroy our last reply before the client has seen it.
    pub(crate) async fn close(mut self) {
        let farewell = async {
            send(&mut *self.stream, &mut self.output, &mut self.written).await?;
            self.stream.shutdown().await?;
            let mut left = CLOSING_BYTES;
            while left > 0 {
                match self.stream.read(&mut self.chunk).await? {
                    0 => break,
                    count => left = left.saturating_sub(count),
                }
            }
            io::Result::Ok(())
        };
        // nobody is left to tell about a failure
        let _ = timeout(CLOSING, farewell).await;
    }
}

/// Writes the rest of `output`. Progress is noted after every write, so that dropping this between
/// two writes repeats and loses nothing.
async fn send(stream: &mut dyn Duplex, output: &mut Vec<u8>, written: &mut usize) -> io::Result<()> {
    if output.is_empty() {
        return Ok(());
    }
    while *written < output.len() {
        match stream.write(&output[*written..]).await? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            count => *written += count,
        }
    }
    output.clear();
    *written = 0;
    stream.flush().await
}
