//! Immivo.
