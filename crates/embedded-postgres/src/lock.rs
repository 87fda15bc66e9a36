//! File locks. The kernel drops them with the process, so SIGKILL leaves none behind.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::error::{AtPath, Error};

/// A lock on a file, given back when dropped.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    /// Waits until this process alone holds the lock.
    pub(crate) async fn exclusive(path: &Path, limit: Duration) -> Result<Self, Error> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(lock) = Self::try_exclusive(path)? {
                return Ok(lock);
            }
            if Instant::now() > deadline {
                return Err(Error::Locked(path.to_owned()));
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Takes the lock if nobody holds it, in whatever way.
    pub(crate) fn try_exclusive(path: &Path) -> Result<Option<Self>, Error> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error).at(path),
        }
    }

    /// Joins the processes that share the lock; fails only against an exclusive holder.
    pub(crate) fn shared(path: &Path) -> Result<Self, Error> {
        let file = open(path)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(Error::Locked(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(error).at(path),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Unlocking before closing: a child between fork and exec still has a copy of the
        // descriptor, and closing ours alone would leave the lock with it for a moment.
        let _ = self.0.unlock();
    }
}

fn open(path: &Path) -> Result<File, Error> {
    OpenOptions::new().create(true).truncate(false).write(true).open(path).at(path)
}
