//! Integration tests: real Postgres, the real router.

mod pages;
mod stage;
mod viewings;
