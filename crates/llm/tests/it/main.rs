//! The crate from outside.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod messages;
mod support;
