//! The crate from outside.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod contract;
mod fake;
mod grounding;
mod letters;
mod messages;
mod openai;
mod reading;
mod support;
