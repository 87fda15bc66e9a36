//! Outside parties: one folder each. They know settings and their own wire types, and nothing of our domain.
//!
//! Language engines and the embedded PostgreSQL are crates of their own (`crates/llm`, `crates/embedded-postgres`).

pub mod aws;
pub mod cognito;
pub mod fetch;
pub mod key_wrapper;
pub mod ses;
pub mod smtp_out;
pub mod storage;
