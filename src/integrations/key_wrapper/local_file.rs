//! The wrapper of a development machine: a key file of its own.

use std::io;
use std::path::Path;

use async_trait::async_trait;
use envelope::{DataKey, KeyId, Keyring, Place};

use super::{KeyWrapper, WrapError, WrappedKey};
use crate::key_file::read_or_create;

const NAME: &str = "local-file";

/// Wraps with a key from a file.
///
/// A line of the file is the id of a key and its 64 hexadecimal digits. The first line wraps, all unwrap: to change the
/// key, put a new line on top.
#[derive(Debug)]
pub struct LocalFile(Keyring);

impl LocalFile {
    /// The key file of this data folder, made if there is none.
    ///
    /// # Errors
    /// When the file cannot be read, written or understood.
    pub fn open(data_folder: &Path) -> io::Result<Self> {
        let file = data_folder.join("wrapping.key");
        let text = read_or_create(&file, || line(&DataKey::generate(KeyId(crate::ids::new_id()))))?;
        let keys: Option<Vec<DataKey>> = text.lines().map(read_line).collect();
        let Some((first, keys)) = keys.filter(|keys| !keys.is_empty()).map(|keys| (keys[0].id(), keys)) else {
            return Err(io::Error::other(format!("{} is not a key file", file.display())));
        };
        let mut keyring = Keyring::new();
        keys.into_iter().for_each(|key| keyring.add(key));
        keyring.set_current(first).map_err(io::Error::other)?;
        Ok(Self(keyring))
    }
}

fn line(key: &DataKey) -> String {
    let digits: String = key.expose().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{} {digits}\n", key.id())
}

fn read_line(line: &str) -> Option<DataKey> {
    let (id, digits) = line.split_once(' ')?;
    if !digits.is_ascii() {
        return None;
    }
    let byte = |at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
    DataKey::from_bytes(KeyId(id.parse().ok()?), &zeroize::Zeroizing::new(bytes?)).ok()
}

/// Under another name a wrapped key does not open.
fn place(id: &KeyId) -> Place<'_> {
    Place { tenant: &[], table: "data_keys", column: "wrapped", row: id.0.as_bytes() }
}

#[async_trait]
impl KeyWrapper for LocalFile {
    async fn wrap(&self, key: &DataKey) -> Result<WrappedKey, WrapError> {
        let id = key.id();
        // It fails for keys of many gigabytes only.
        let bytes = self.0.seal(&place(&id), key.expose()).map_err(|_| WrapError::DoesNotOpen(id))?;
        Ok(WrappedKey { id, by: NAME.to_owned(), bytes })
    }

    async fn unwrap(&self, wrapped: &WrappedKey) -> Result<DataKey, WrapError> {
        let WrappedKey { id, by, bytes } = wrapped;
        if by != NAME {
            return Err(WrapError::Foreign { id: *id, by: by.clone() });
        }
        let opened = self.0.open(&place(id), bytes).map_err(|_| WrapError::DoesNotOpen(*id))?;
        DataKey::from_bytes(*id, &opened).map_err(|_| WrapError::DoesNotOpen(*id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> DataKey {
        DataKey::generate(KeyId(crate::ids::new_id()))
    }

    #[tokio::test]
    async fn a_wrapped_key_opens_after_a_restart_and_under_its_name_only() {
        let folder = tempfile::tempdir().unwrap();
        let key = key();
        let wrapped = LocalFile::open(folder.path()).unwrap().wrap(&key).await.unwrap();
        let again = LocalFile::open(folder.path()).unwrap();
        assert_eq!(again.unwrap(&wrapped).await.unwrap().expose(), key.expose());

        let renamed = WrappedKey { id: KeyId(crate::ids::new_id()), ..wrapped.clone() };
        assert!(matches!(again.unwrap(&renamed).await, Err(WrapError::DoesNotOpen(_))));
        let foreign = WrappedKey { by: "arn:aws:kms:x".to_owned(), ..wrapped.clone() };
        assert!(matches!(again.unwrap(&foreign).await, Err(WrapError::Foreign { .. })));
        let elsewhere = LocalFile::open(tempfile::tempdir().unwrap().path()).unwrap();
        assert!(matches!(elsewhere.unwrap(&wrapped).await, Err(WrapError::DoesNotOpen(_))));
    }

    #[tokio::test]
    async fn a_new_first_line_wraps_and_the_old_one_still_unwraps() {
        let folder = tempfile::tempdir().unwrap();
        let before = LocalFile::open(folder.path()).unwrap().wrap(&key()).await.unwrap();
        let file = folder.path().join("wrapping.key");
        let text = std::fs::read_to_string(&file).unwrap();
        let new = key();
        std::fs::write(&file, line(&new) + &text).unwrap();
        let both = LocalFile::open(folder.path()).unwrap();
        assert!(both.unwrap(&before).await.is_ok());
        let after = both.wrap(&key()).await.unwrap();
        assert_eq!(envelope::key_id(&after.bytes), Ok(new.id()));
    }

    #[test]
    fn what_is_no_key_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "x", "00000000-0000-0000-0000-000000000001 ab", "00000000-0000-0000-0000-000000000001 ä"] {
            std::fs::write(folder.path().join("wrapping.key"), text).unwrap();
            assert!(LocalFile::open(folder.path()).is_err(), "{text}");
        }
    }
}
