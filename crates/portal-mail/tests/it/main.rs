//! Tests through the front door: raw bytes in, understanding out.

mod corpora;
mod encode;
mod fixtures;
mod matrix;
mod robustness;
mod styles;
mod transport;
