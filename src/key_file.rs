//! Keys of a development machine: a file made at the first start, for its owner only.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// What the file holds; `make` says what a new one gets. Its folder is made if it is missing.
///
/// # Errors
/// When the file cannot be read or written.
pub fn read_or_create(file: &Path, make: impl FnOnce() -> String) -> std::io::Result<String> {
    // Two processes may start at once: each writes its own file, and the first to link it into place wins.
    if !file.exists() {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut own = file.as_os_str().to_owned();
        own.push(format!(".{}", crate::ids::new_id()));
        std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&own)?
            .write_all(make().as_bytes())?;
        let linked = std::fs::hard_link(&own, file);
        std::fs::remove_file(&own)?;
        if let Err(error) = linked
            && error.kind() != std::io::ErrorKind::AlreadyExists
        {
            return Err(error);
        }
    }
    std::fs::read_to_string(file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_first_key_stays_and_is_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("inner").join("some.key");
        assert_eq!(read_or_create(&file, || "first".to_owned()).unwrap(), "first");
        assert_eq!(read_or_create(&file, || "second".to_owned()).unwrap(), "first");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing is left lying about");
    }
}
