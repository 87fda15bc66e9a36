//! Files in a folder of this machine.

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio::fs;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{FileKey, FileStore, MOST_BYTES, StoreError};
use crate::ids::new_id;

/// A folder. Several processes may share it; it is made when the first file is kept.
#[derive(Debug, Clone)]
pub struct LocalFolder(PathBuf);

impl LocalFolder {
    /// The store in `folder`.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    fn path(&self, key: &FileKey) -> PathBuf {
        self.0.join(key.as_str())
    }

    /// Makes a folder of the store and those above it, for nobody else to read, and makes sure that they stay.
    async fn make(&self, folder: &Path) -> Result<(), Error> {
        if fs::try_exists(folder).await? {
            return Ok(());
        }
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        builder.mode(0o700);
        builder.create(folder).await?;
        for made in folder.ancestors() {
            let above = made.parent().filter(|above| !above.as_os_str().is_empty());
            sync(above.unwrap_or(Path::new("."))).await?;
            if made == self.0 {
                break;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl FileStore for LocalFolder {
    async fn put(&self, key: &FileKey, bytes: &[u8]) -> Result<(), StoreError> {
        if bytes.len() > MOST_BYTES {
            return Err(StoreError::TooLarge(bytes.len() as u64));
        }
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&self.0);
        self.make(folder).await?;
        // Under a name of its own, which no key has: who reads meanwhile sees the file before or the file after.
        let unfinished = folder.join(format!(".{}.part", new_id().simple()));
        let written = async {
            write(&unfinished, bytes).await?;
            fs::rename(&unfinished, &path).await?;
            sync(folder).await
        };
        let written = written.await;
        if written.is_err() {
            let _ = fs::remove_file(&unfinished).await;
        }
        Ok(written?)
    }

    async fn get(&self, key: &FileKey) -> Result<Option<Vec<u8>>, StoreError> {
        let file = match fs::File::open(self.path(key)).await {
            Ok(file) => file,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let about = file.metadata().await?;
        if !about.is_file() {
            return Ok(None); // the folder of longer keys
        }
        let most = MOST_BYTES as u64;
        if about.len() > most {
            return Err(StoreError::TooLarge(about.len()));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0));
        file.take(most).read_to_end(&mut bytes).await?;
        Ok(Some(bytes))
    }

    async fn remove(&self, key: &FileKey) -> Result<(), StoreError> {
        match fs::remove_file(self.path(key)).await {
            Err(error) if !is_absent(&error) => Err(error.into()),
            _ => Ok(()),
        }
    }

    async fn remove_all(&self, folder: &FileKey) -> Result<(), StoreError> {
        match fs::remove_dir_all(self.path(folder)).await {
            Err(error) if !is_absent(&error) => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// Also when a part of the way there is a file.
fn is_absent(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

async fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(path).await?;
    file.write_all(bytes).await?;
    file.sync_all().await
}

/// A name survives a power cut only once its folder is on the disk.
async fn sync(folder: &Path) -> Result<(), Error> {
    fs::File::open(folder).await?.sync_all().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> FileKey {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn a_file_is_kept_replaced_given_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalFolder::new(&folder.path().join("made/later"));
        let name = key("attachments/1/abc");
        assert_eq!(store.get(&name).await.unwrap(), None);
        store.remove(&name).await.unwrap();
        store.put(&name, b"one").await.unwrap();
        store.put(&name, b"two").await.unwrap();
        assert_eq!(store.get(&name).await.unwrap().unwrap(), b"two");
        // Another process with the same folder sees it.
        let other = LocalFolder::new(&folder.path().join("made/later"));
        assert_eq!(other.get(&name).await.unwrap().unwrap(), b"two");
        let left: Vec<_> = std::fs::read_dir(folder.path().join("made/later/attachments/1")).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing unfinished is left: {left:?}");
        store.remove(&name).await.unwrap();
        store.remove(&name).await.unwrap();
        assert_eq!(store.get(&name).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_folder_is_no_file_and_a_file_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalFolder::new(folder.path());
        store.put(&key("a/b"), b"x").await.unwrap();
        assert_eq!(store.get(&key("a")).await.unwrap(), None);
        assert_eq!(store.get(&key("a/b/c")).await.unwrap(), None);
        store.remove(&key("a/b/c")).await.unwrap();
        assert!(matches!(store.put(&key("a/b/c"), b"x").await, Err(StoreError::Failed(_))));
        assert!(matches!(store.put(&key("a"), b"x").await, Err(StoreError::Failed(_))));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing unfinished is left");
        store.put(&key("empty"), b"").await.unwrap();
        assert_eq!(store.get(&key("empty")).await.unwrap().unwrap(), b"");
    }

    #[tokio::test]
    async fn a_folder_is_removed_with_everything_in_it_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalFolder::new(folder.path());
        for name in ["a/b/c", "a/b/d/e", "a/bb", "a/b.c"] {
            store.put(&key(name), b"x").await.unwrap();
        }
        store.remove_all(&key("a/b")).await.unwrap();
        store.remove_all(&key("a/b")).await.unwrap();
        store.remove_all(&key("a/bb")).await.unwrap();
        for (name, is_there) in [("a/b/c", false), ("a/b/d/e", false), ("a/bb", true), ("a/b.c", true)] {
            assert_eq!(store.get(&key(name)).await.unwrap().is_some(), is_there, "{name}");
        }
    }

    #[tokio::test]
    async fn who_reads_while_many_write_sees_a_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalFolder::new(folder.path());
        let name = key("a");
        let versions: Vec<Vec<u8>> = (0..8_u8).map(|byte| vec![byte; 200_000]).collect();
        store.put(&name, &versions[0]).await.unwrap();
        let write = futures::future::join_all(versions.iter().map(|version| store.put(&name, version)));
        let read = async {
            for _ in 0..20 {
                let seen = store.get(&name).await.unwrap().unwrap();
                assert!(versions.contains(&seen), "{} bytes", seen.len());
            }
        };
        let (written, ()) = tokio::join!(write, read);
        assert!(written.into_iter().all(|written| written.is_ok()));
    }

    #[tokio::test]
    async fn what_is_too_large_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalFolder::new(folder.path());
        let large = vec![0; MOST_BYTES + 1];
        assert!(matches!(store.put(&key("a"), &large).await, Err(StoreError::TooLarge(_))));
        std::fs::File::create(folder.path().join("b")).unwrap().set_len(MOST_BYTES as u64 + 1).unwrap();
        assert!(matches!(store.get(&key("b")).await, Err(StoreError::TooLarge(_))));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_on_the_machine_reads_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let store = LocalFolder::new(&folder.path().join("files"));
        store.put(&key("a/b"), b"x").await.unwrap();
        for (path, mode) in [("files", 0o700), ("files/a", 0o700), ("files/a/b", 0o600)] {
            let about = std::fs::metadata(folder.path().join(path)).unwrap();
            assert_eq!(about.permissions().mode() & 0o777, mode, "{path}");
        }
    }
}
