//! PostgreSQL refuses to run as root; then it runs as somebody harmless.

use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use tokio::process::Command;

use crate::error::{AtPath, Error};

/// As whom the server's programs run.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RunAs {
    /// As the user of this process.
    Ourselves,
    /// This process is root; the server is not.
    Other { uid: u32, gid: u32 },
}

/// Whether this process is root.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl RunAs {
    /// `nobody`, for a root process. PostgreSQL insists on a user that has a name.
    pub(crate) fn nobody() -> Result<Self, Error> {
        let path = Path::new("/etc/passwd");
        let text = std::fs::read_to_string(path).at(path)?;
        parse_nobody(&text).ok_or(Error::NoUnprivilegedUser)
    }

    /// Whoever owns the folder, for a root process that meets a user's data.
    pub(crate) fn owner_of(folder: &Path) -> Result<Self, Error> {
        let meta = std::fs::metadata(folder).at(folder)?;
        Ok(Self::Other { uid: meta.uid(), gid: meta.gid() })
    }

    /// Makes the command run as this user, without the groups of ours.
    pub(crate) fn apply(self, command: &mut Command) {
        if let Self::Other { uid, gid } = self {
            command.gid(gid).uid(uid);
        }
    }

    /// Hands a file or folder over to this user.
    pub(crate) fn give(self, path: &Path) -> Result<(), Error> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Other { uid, gid } => chown(path, Some(uid), Some(gid)).at(path),
        }
    }
}

fn parse_nobody(passwd: &str) -> Option<RunAs> {
    let line = passwd.lines().find(|line| line.starts_with("nobody:"))?;
    let mut ids = line.split(':').skip(2).map(parse_id);
    Some(RunAs::Other { uid: ids.next()??, gid: ids.next()?? })
}

/// macOS writes nobody's id as -2.
fn parse_id(text: &str) -> Option<u32> {
    text.parse::<u32>().ok().or_else(|| text.parse::<i32>().ok().map(i32::cast_unsigned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_found_as_debian_and_as_macos_write_it() {
        let debian = "root:x:0:0::/:/bin/sh\nnobody:x:65534:65533:nobody:/:/bin/false\n";
        assert!(matches!(parse_nobody(debian), Some(RunAs::Other { uid: 65534, gid: 65533 })));
        let macos = "nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false\n";
        assert!(matches!(parse_nobody(macos), Some(RunAs::Other { uid: 4_294_967_294, gid: 4_294_967_294 })));
        assert!(parse_nobody("root:x:0:0::/:/bin/sh\n").is_none());
    }
}
