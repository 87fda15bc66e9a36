//! The folder and what lies in it.
//!
//! Run by an ordinary user, everything lies in the folder itself. Run by root, the server is
//! somebody else and could not reach a folder below `/root`; then the folder holds only `location`,
//! a pointer to `/var/lib/immivo/<random>`, and that place says in `origin` whose it is. Deleting
//! the folder therefore means a new beginning in both cases (root may want to clear out
//! `/var/lib/immivo` afterwards: nothing there is deleted unasked).

use std::fs::{DirBuilder, Permissions, create_dir_all, read_to_string, remove_dir_all, set_permissions, write};
use std::io::Read;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::{AtPath, Error};
use crate::privileges::{RunAs, is_root};

const ROOT_HOMES: &str = "/var/lib/immivo";

/// Where one cluster lives and as whom it runs.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    pub(crate) folder: PathBuf,
    pub(crate) run_as: RunAs,
}

impl Home {
    /// Finds or makes the place for the cluster of `folder`.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        create_dir_all(folder).at(folder)?;
        let folder = folder.canonicalize().at(folder)?;
        let pointer = folder.join("location");
        if !is_root() {
            if pointer.exists() {
                return Err(Error::CreatedByRoot(folder));
            }
            return Ok(Self { folder, run_as: RunAs::Ourselves });
        }
        let data = folder.join("data");
        if data.exists() {
            return Ok(Self { run_as: RunAs::owner_of(&data)?, folder });
        }
        let run_as = RunAs::nobody()?;
        if let Some(folder) = follow(&pointer, &folder) {
            return Ok(Self { folder, run_as });
        }
        let home = make_root_home(&folder)?;
        write(&pointer, path_line(&home)).at(&pointer)?;
        Ok(Self { folder: home, run_as })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
    pub(crate) fn password_file(&self) -> PathBuf {
        self.folder.join("password")
    }
    pub(crate) fn port_file(&self) -> PathBuf {
        self.folder.join("port")
    }
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }
    /// Held shared by every process that uses the server: whoever gets it alone is the last.
    pub(crate) fn users_lock(&self) -> PathBuf {
        self.folder.join("users.lock")
    }
    /// Held while starting or stopping, so that these never overlap.
    pub(crate) fn change_lock(&self) -> PathBuf {
        self.folder.join("change.lock")
    }
}

/// Held while the place is looked up, so that two first starts make one place.
pub(crate) fn lookup_lock(folder: &Path) -> PathBuf {
    folder.join("folder.lock")
}

/// Deletes the cluster of `folder`, wherever it lies, and the folder.
pub(crate) fn remove(folder: &Path) -> Result<(), Error> {
    if is_root()
        && let Ok(folder) = folder.canonicalize()
        && let Some(home) = follow(&folder.join("location"), &folder)
    {
        remove_dir_all(&home).at(&home)?;
    }
    if folder.exists() { remove_dir_all(folder).at(folder) } else { Ok(()) }
}

/// Random letters from the kernel: for the password, and for names nobody else has taken.
pub(crate) fn random_hex(bytes: usize) -> Result<String, Error> {
    let source = Path::new("/dev/urandom");
    let mut buffer = vec![0; bytes];
    std::fs::File::open(source).and_then(|mut file| file.read_exact(&mut buffer)).at(source)?;
    Ok(buffer.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The place a pointer names, if that place agrees: a copied folder must not share its original's
/// data, while a moved folder takes its data along.
fn follow(pointer: &Path, folder: &Path) -> Option<PathBuf> {
    let home = PathBuf::from(read_to_string(pointer).ok()?.trim_end());
    let record = home.join("origin");
    let origin = read_to_string(&record).ok()?;
    if origin != path_line(folder) {
        let original = Path::new(origin.trim_end()).join("location");
        if original.exists() || write(&record, path_line(folder)).is_err() {
            return None;
        }
    }
    Some(home)
}

fn make_root_home(folder: &Path) -> Result<PathBuf, Error> {
    let homes = Path::new(ROOT_HOMES);
    create_dir_all(homes).at(homes)?;
    set_permissions(homes, Permissions::from_mode(0o755)).at(homes)?;
    let home = homes.join(random_hex(8)?);
    // Others may pass through to what is theirs, but not look around.
    DirBuilder::new().mode(0o711).create(&home).at(&home)?;
    set_permissions(&home, Permissions::from_mode(0o711)).at(&home)?;
    let origin = home.join("origin");
    write(&origin, path_line(folder)).at(&origin)?;
    Ok(home)
}

fn path_line(path: &Path) -> String {
    format!("{}\n", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moved_folder_keeps_its_place_and_a_copied_one_does_not_share_it() {
        let base = tempfile::tempdir().expect("a folder");
        let [home, first, second, third] = ["home", "first", "second", "third"].map(|name| base.path().join(name));
        for folder in [&home, &first, &second, &third] {
            create_dir_all(folder).expect("written");
        }
        let point = |folder: &Path| write(folder.join("location"), path_line(&home)).expect("written");
        let place_of = |folder: &Path| follow(&folder.join("location"), folder);
        write(home.join("origin"), path_line(&first)).expect("written");
        point(&first);
        assert_eq!(place_of(&first).as_ref(), Some(&home));
        point(&second);
        assert_eq!(place_of(&second), None, "the original is still there");
        std::fs::remove_file(first.join("location")).expect("written");
        assert_eq!(place_of(&second).as_ref(), Some(&home), "the original has gone");
        point(&third);
        assert_eq!(place_of(&third), None, "it has a new owner");
    }
}
