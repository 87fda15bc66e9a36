//! The server over real loopback sockets.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests run servers beside themselves")]

mod backend_trouble;
mod client;
mod content;
mod limits;
mod logging;
mod proxied;
mod recorder;
mod server;
mod shutdown;
mod sizes;
mod smuggling;
mod timeouts;
mod tls;
mod transaction;
mod verbs;
