//! Passwords and tokens that an agency gives us to use elsewhere: sealed before they reach the database, opened only
//! where they are used.
//!
//! Always true: no list and no answer holds a secret; what is sealed opens only as this tenant's secret of this name;
//! no network call (a key may come from KMS) happens inside a transaction, so sealing comes before it and opening after.
//! Keys change while everybody goes on ([`rotate`]): a process learns of a new key when it seals or when it meets a row
//! sealed with it. `crates/envelope` says what an envelope is, `integrations::key_wrapper` what guards the keys. A later
//! column with something sealed in it has to join `rotate` and the trigger of its migration.

mod model;
mod rotate;
mod store;
mod vault;

pub use model::{Secret, SecretError, SecretId, SecretName};
pub use rotate::{KeyState, KeyStatus, Progress, Rotated, rotate, status};
pub use store::{SealedSecret, list, put, read, remove, seal};
pub use vault::{Vault, VaultError};
