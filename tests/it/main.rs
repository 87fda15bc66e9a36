//! Integration tests: the production router and sessions on a real PostgreSQL. One binary, so that it links once.
//!
//! `TEST_DATABASE_URL` names a server to use (a superuser's URL); without it one is started under `target/tmp`.
//! `UPDATE_SNAPSHOTS=1` rewrites `tests/it/snapshots`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod architecture;
mod engine;
mod http;
mod imap;
mod imports;
mod intake;
mod jarvis;
mod jobs;
mod journey;
mod kms;
mod knowledge;
mod pages;
mod people;
mod privacy;
mod redteam;
mod replay;
mod secrets;
mod ses;
mod stage;
mod statistics;
mod support;
mod tenancy;
mod together;
mod viewings;
mod waiting;
mod website;
