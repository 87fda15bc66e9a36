//! Integration tests: real Postgres, the real router.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod pages;
mod stage;
mod viewings;
