//! One file per command, or per few small ones; each adds methods to the session.

mod data;
mod hello;
mod mail;
mod rcpt;
mod small;
mod starttls;

use crate::Reply;

/// 503: the command is known but not now (RFC 5321, section 4.1.4).
fn out_of_order(text: &str) -> Reply {
    Reply::new(503, (5, 5, 1), text)
}

/// 501: the command takes no argument.
fn no_argument() -> Reply {
    Reply::new(501, (5, 5, 4), "No argument allowed")
}
