//! The edges: bytes from outside become one domain call.
