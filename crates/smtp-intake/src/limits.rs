//! Every bound the server keeps, with defaults for a public listener.

use std::time::Duration;

/// Bounds on size, number and time (RFC 5321, section 4.5.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest message in octets, announced as SIZE (RFC 1870).
    pub max_message_bytes: usize,
    /// Bytes of messages held in memory by all sessions together, from DATA until the backend has
    /// answered. Past it a message is refused with 452 and the sender tries again later.
    pub max_buffered_bytes: usize,
    /// Recipients of one message (at least 100, section 4.5.3.1.8); more get 452.
    pub max_recipients: usize,
    /// Longest command line with CRLF. Section 4.5.3.1.4 says 512, parameters make it longer.
    pub max_command_line: usize,
    /// Longest line inside a message. Section 4.5.3.1.6 says 998, yet real HTML mail is longer.
    pub max_data_line: usize,
    /// Time for one command to arrive whole, for a TLS handshake and for the client to take our
    /// replies (section 4.5.3.2.7 says 5 minutes).
    pub command_timeout: Duration,
    /// Time for a whole message to arrive.
    pub data_timeout: Duration,
    /// Longest silence inside a message (section 4.5.3.2.5 says 3 minutes).
    pub data_idle_timeout: Duration,
    /// Time for the backend to answer. Shorter than the 10 minutes a client waits after the final
    /// dot (section 4.5.3.2.6), so that it hears the 451 rather than hang up and send twice.
    pub backend_timeout: Duration,
    /// Octets per second that a message must arrive with, averaged since DATA; 0: any speed. A
    /// client that drips keeps a place and memory for `data_timeout` otherwise.
    pub min_data_rate: usize,
    /// Time from DATA on in which the speed does not matter yet.
    pub data_grace: Duration,
    /// Pause before the greeting; zero: none. Who speaks in it does not wait for answers and is no
    /// mail server (RFC 5321, section 4.3.1), so the connection is refused.
    pub greeting_delay: Duration,
    /// Longest life of a connection. Time the backend takes is not cut short by it.
    pub session_deadline: Duration,
    /// Connections at once.
    pub max_connections: usize,
    /// Connections at once from one IPv4 address or one IPv6 /64.
    pub max_connections_per_ip: usize,
    /// New connections within a minute from one IPv4 address or one IPv6 /64; 0: any number.
    pub max_new_connections_per_minute_and_ip: usize,
    /// Commands refused with 5xx before the connection is closed.
    pub max_errors: usize,
    /// Messages over one connection; the rest of a queue comes over the next one.
    pub max_messages_per_connection: usize,
    /// Accept messages and commands with bare CR or LF. Off, because it is what SMTP smuggling
    /// lives on; even when on, only CRLF `.` CRLF ends a message.
    pub allow_bare_newlines: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message_bytes: 26_214_400,
            max_buffered_bytes: 512 * 1024 * 1024,
            max_recipients: 100,
            max_command_line: 2048,
            max_data_line: 64 * 1024,
            command_timeout: Duration::from_secs(300),
            data_timeout: Duration::from_secs(600),
            data_idle_timeout: Duration::from_secs(180),
            backend_timeout: Duration::from_secs(120),
            min_data_rate: 64,
            data_grace: Duration::from_secs(30),
            greeting_delay: Duration::ZERO,
            session_deadline: Duration::from_secs(3600),
            max_connections: 1000,
            max_connections_per_ip: 100,
            max_new_connections_per_minute_and_ip: 0,
            max_errors: 10,
            max_messages_per_connection: 1000,
            allow_bare_newlines: false,
        }
    }
}
