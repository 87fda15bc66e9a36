//! Immivo answers enquiries that property portals send by e-mail, and ends with a viewing in the agent's calendar.
//!
//! ```text
//! bytes ──► ingress ──► domain ──► jobs ──► integrations ──► the world
//!           http smtp   tenants …           llm smtp_out
//!           imap        intake
//! ```
//! Always true: raw input is stored before it is acknowledged; whatever goes out was enqueued in the transaction that
//! caused it; a tenant's rows are reached only through [`db::TenantConn`]. Modules in reading order; `docs/ARCHITECTURE.md`
//! says more, and `tests/it/architecture.rs` holds the edges.

pub mod app;
pub mod clock;
pub mod db;
pub mod domain;
pub mod ids;
pub mod ingress;
pub mod integrations;
pub mod jobs;
pub mod key_file;
pub mod lifecycle;
pub mod links;
pub mod settings;
pub mod telemetry;
pub mod templates;

pub mod cli;
