//! Seals small secrets with AES-256-GCM (NIST SP 800-38D) so that they open only in the place they were sealed for.
//!
//! ```text
//! version 1 byte │ key id 16 bytes │ nonce 12 bytes │ ciphertext │ tag 16 bytes
//! ```
//! Always true: the tag covers the header (version and key id) and the [`Place`], so an envelope that was moved, swapped
//! or relabelled does not open. Every envelope has a nonce of its own from the operating system; 2³² envelopes under one
//! key are the limit for random nonces of 96 bits (SP 800-38D §8.3), which nobody reaches who rotates now and then.
//! Keys are wiped when dropped and never printed; no error holds anything of a secret. A new form of envelope gets a new
//! version byte in `keyring`; what reads the old one stays.

mod key;
mod keyring;
mod place;

pub use key::{DataKey, KEY_BYTES, KeyId, WrongKeyLength};
pub use keyring::{Keyring, OpenError, SealError, key_id};
pub use place::Place;
