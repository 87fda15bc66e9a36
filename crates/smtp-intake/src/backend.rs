//! What the server asks of whoever keeps the mail.

use std::net::IpAddr;

use async_trait::async_trait;

use crate::{Address, Reply};

/// Decides about recipients and takes responsibility for messages.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// Called at RCPT (RFC 5321, section 4.1.1.3). An error is sent to the client, for example
    /// [`Reply::unknown_recipient`]. `postmaster` without a domain arrives here too and should be
    /// accepted (section 4.5.1).
    async fn recipient(&self, peer: &Peer, address: &Address) -> Result<(), Reply>;

    /// Called once per DATA with all accepted recipients.
    ///
    /// `250` is sent only when this returns `Ok`: the message must be durable by then, because the
    /// sender forgets it (RFC 5321, section 6.1). It may still be delivered a second time when the
    /// `250` was lost on the way, so the backend has to recognise a message it already has.
    async fn deliver(&self, envelope: Envelope, message: Vec<u8>) -> Result<Accepted, Reply>;
}

/// The message is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Named in the `250` reply and in the log, so that both sides can find the message.
    pub queue_id: String,
}

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Peer {
    /// Its address; an IPv4 client of an IPv6 socket appears as IPv4.
    pub ip: IpAddr,
    /// Its port.
    pub port: u16,
}

impl From<std::net::SocketAddr> for Peer {
    fn from(address: std::net::SocketAddr) -> Self {
        Self { ip: address.ip().to_canonical(), port: address.port() }
    }
}

/// What the session knows about a message besides its bytes (RFC 5321, section 2.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Who is connected.
    pub peer: Peer,
    /// What the client called itself in EHLO or HELO; a claim, nothing more.
    pub helo: String,
    /// Whether the message came over TLS.
    pub tls: bool,
    /// The reverse-path; empty for the null sender `<>` of bounces (section 4.5.5).
    pub mail_from: String,
    /// The accepted forward-paths in the order given, each once.
    pub recipients: Vec<String>,
    /// Declared `BODY=8BITMIME` (RFC 6152). Eight-bit bytes arrive unchanged either way.
    pub body_8bit: bool,
    /// Declared `SMTPUTF8` (RFC 6531).
    pub smtputf8: bool,
    /// Declared `SIZE=` (RFC 1870); may differ from the real size.
    pub declared_size: Option<u64>,
}
