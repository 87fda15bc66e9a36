//! The edges: bytes from outside become one domain call.

pub mod http;
