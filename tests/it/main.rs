//! Integration tests: real Postgres, the real router.

mod imap;
mod pages;
mod stage;
mod viewings;
