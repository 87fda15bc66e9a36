//! The crate from outside.

#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout, reason = "tests")]

mod asked;
mod chat;
mod contract;
mod fake;
mod grounding;
mod grounding_wording;
mod hallucination;
mod letters;
mod messages;
mod moods;
mod openai;
mod openai_failures;
mod reading;
mod support;
mod wishes;
