//! A receiving SMTP server (RFC 5321) that hands complete messages to a backend.
//!
//! What is always true here:
//!
//! * `250` after DATA is sent only when [`Backend::deliver`] returned `Ok`. An error, a panic or a
//!   timeout of the backend is a `4xx` or the backend's own `5xx`, so the sender keeps the mail or
//!   bounces it; it is never both acknowledged and lost.
//! * A message ends at CRLF `.` CRLF and nowhere else. Bare CR or LF inside it never ends it, and
//!   unless [`Limits::allow_bare_newlines`] says otherwise such a message is refused: two servers
//!   that disagree about where a message ends can be made to carry a forged second one.
//! * The backend sees the bytes as they came, without dot stuffing, nothing added.
//! * Nothing that was read in plain text survives STARTTLS (RFC 3207, section 4.2).
//! * Who is connected is the socket's peer or, behind a load balancer named in
//!   [`Server::with_proxies`], whom the PROXY protocol names; limits and logs go by that address.
//! * Memory per connection and for all messages together is bounded by [`Limits`]; so is time.
//! * Logs name peers by address and mailboxes only masked.
//!
//! Commands are parsed here and not by `smtp-proto` 0.2.5, which was tried: it reads
//! `RCPT TO:<postmaster>` and `RCPT TO:<>` alike as the empty address, drops the quotes of
//! `"a@b"@example.org` (leaving `a@b@example.org`), skips a CR anywhere in a command and takes a
//! bare LF for the end of one.
//!
//! Reading order: [`Server`] accepts and caps, `session` is the state machine, `verbs` has one
//! file per command, `line` and `data` decide where a command and a message end.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod address;
mod backend;
mod budget;
mod command;
mod connections;
mod data;
mod events;
mod guard;
mod limits;
mod line;
mod params;
mod proxy;
mod reply;
mod server;
mod session;
mod tls;
mod verbs;
mod wire;

pub use address::{Address, mask};
pub use backend::{Accepted, Backend, Envelope, Peer};
pub use events::Events;
pub use limits::Limits;
pub use reply::Reply;
pub use server::Server;
pub use tls::TlsMode;
