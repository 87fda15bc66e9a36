//! The edges: bytes from outside become one domain call. No SQL here, and no rules.

pub mod http;
pub mod imap;
pub mod smtp;
