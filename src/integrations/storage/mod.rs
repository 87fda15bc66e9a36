//! Keeping files: pictures, documents, what prospects attach.
//!
//! [`LocalFolder`] keeps them in a folder of this machine, which is for development: several processes on several
//! machines need one store. A file is written whole or not at all, and writing it twice is harmless.

mod key;
mod local;

pub use key::{BadKey, FileKey};
pub use local::LocalFolder;

use async_trait::async_trait;

/// Largest file, bytes. The doors are narrower; this is the wall behind them.
pub const MOST_BYTES: usize = 100 << 20;

/// Why a file was not kept or given.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It has more than [`MOST_BYTES`].
    #[error("a file of {0} bytes is too large to keep")]
    TooLarge(u64),
    /// The store could not do it; another attempt may succeed.
    #[error("the file store failed")]
    Failed(#[from] std::io::Error),
}

/// Somewhere files are kept.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Keeps `bytes` under `key`, in place of what was there. `Ok` means that they outlive a power cut.
    async fn put(&self, key: &FileKey, bytes: &[u8]) -> Result<(), StoreError>;

    /// The bytes under `key`; `None` if there are none.
    async fn get(&self, key: &FileKey) -> Result<Option<Vec<u8>>, StoreError>;

    /// Removes what is under `key`, if anything is.
    async fn remove(&self, key: &FileKey) -> Result<(), StoreError>;

    /// Removes everything whose key begins with `folder` and a `/`.
    async fn remove_all(&self, folder: &FileKey) -> Result<(), StoreError>;
}
