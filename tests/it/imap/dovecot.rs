//! A Dovecot of one test's own: one user, a Maildir, a port.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use immivo::clock::Timestamp;
use immivo::settings::ImapMailbox;
use secrecy::SecretString;
use tempfile::TempDir;

pub(crate) const USER: &str = "info";

pub(crate) struct Dovecot {
    program: PathBuf,
    folder: TempDir,
    port: u16,
    child: Option<Child>,
    delivered: u32,
}

impl Dovecot {
    /// Starts one. `None`, and a loud word about it, where there is none to start.
    pub(crate) fn start() -> Option<Self> {
        let found = ["dovecot", "/usr/sbin/dovecot", "/usr/local/sbin/dovecot"].into_iter().find_map(|program| {
            let output = Command::new(program).arg("--version").output().ok()?;
            Some((PathBuf::from(program), String::from_utf8_lossy(&output.stdout).into_owned()))
        });
        let problem = match &found {
            Some((_, version)) if version.starts_with("2.3.") => None,
            Some((_, version)) => Some(format!("its configuration is for Dovecot 2.3, here is {}", version.trim())),
            None => Some("Dovecot is not installed (dev/setup --ci does it)".to_owned()),
        };
        if let Some(problem) = problem {
            // Not by `eprintln!`: what it prints is hidden when a test passes.
            let mut loud = std::io::stderr();
            writeln!(loud, "\n*** SKIPPED a test of IMAP against a real server: {problem} ***\n").unwrap();
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut dovecot = Self { program: found?.0, folder, port, child: None, delivered: 0 };
        dovecot.configure();
        dovecot.up();
        Some(dovecot)
    }

    fn configure(&self) {
        let id = |option: &str| {
            let output = Command::new("id").arg(option).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        let root = id("-u") == "0";
        let (user, group) = if root { ("nobody".to_owned(), "nogroup".to_owned()) } else { (id("-un"), id("-gn")) };
        for name in ["new", "cur", "tmp", "../run"] {
            fs::create_dir_all(self.maildir().join(name)).unwrap();
        }
        if root {
            for folder in
                [self.maildir(), self.maildir().join("new"), self.maildir().join("cur"), self.maildir().join("tmp")]
            {
                chown(folder, Some(65534), Some(65534)).unwrap();
            }
        }
        fs::write(self.folder.path().join("users"), format!("{USER}:{{PLAIN}}secret\n")).unwrap();
        let (path, port) = (self.folder.path().display(), self.port);
        let config = format!(
            "base_dir = {path}/run
state_dir = {path}/run/state
log_path = {path}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
# Where too many programs watch files already, it looks by itself.
mailbox_idle_check_interval = 1 secs
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{path}/mail
first_valid_uid = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {path}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={path}/mail
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"
        );
        fs::write(self.folder.path().join("dovecot.conf"), config).unwrap();
    }

    /// Starts it (again) on the same port, and returns when it greets.
    pub(crate) fn up(&mut self) {
        let child = Command::new(&self.program)
            .args(["-F", "-c"])
            .arg(self.folder.path().join("dovecot.conf"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        for _ in 0..500 {
            if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port))
                && stream.read(&mut [0; 64]).is_ok_and(|read| read > 0)
            {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("Dovecot does not greet: {}", self.log());
    }

    pub(crate) fn down(&mut self) {
        if let Some(mut child) = self.child.take() {
            Command::new("kill").arg(child.id().to_string()).status().unwrap();
            child.wait().unwrap();
        }
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("dovecot.log")).unwrap_or_default()
    }

    fn maildir(&self) -> PathBuf {
        self.folder.path().join("mail")
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Certificate of this server for `localhost`, which nobody else knows; from the next start on it offers STARTTLS,
    /// and TLS at the port that is returned. `None` where `openssl` is missing.
    pub(crate) fn with_tls(&mut self) -> Option<(PathBuf, u16)> {
        let (certificate, key) = (self.folder.path().join("tls.pem"), self.folder.path().join("tls.key"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
            .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
            // A certificate of an authority is none of a server.
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-out")
            .arg(&certificate)
            .arg("-keyout")
            .arg(&key)
            .stderr(Stdio::null())
            .status();
        if !made.is_ok_and(|status| status.success()) {
            let mut loud = std::io::stderr();
            writeln!(loud, "\n*** SKIPPED a test of IMAP with TLS: `openssl` does not work ***\n").unwrap();
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let file = self.folder.path().join("dovecot.conf");
        let config = fs::read_to_string(&file).unwrap();
        let config = config
            .replace(
                "ssl = no\n",
                &format!("ssl = yes\nssl_cert = <{}\nssl_key = <{}\n", certificate.display(), key.display()),
            )
            .replace("port = 0", &format!("port = {port}\n    ssl = yes"));
        fs::write(file, config).unwrap();
        self.down();
        self.up();
        Some((certificate, port))
    }

    /// From the next start on a token is taken in place of a password: any is, as long as it is the password.
    pub(crate) fn with_tokens(&mut self) {
        let file = self.folder.path().join("dovecot.conf");
        let config = fs::read_to_string(&file).unwrap();
        fs::write(file, format!("auth_mechanisms = plain login xoauth2\n{config}")).unwrap();
        self.down();
        self.up();
    }

    /// Makes a folder beside the inbox, with a UIDVALIDITY of its own.
    pub(crate) fn make_folder(&self, name: &str) {
        for part in ["new", "cur", "tmp"] {
            fs::create_dir_all(self.maildir().join(format!(".{name}")).join(part)).unwrap();
        }
        let made = self.maildir().join(format!(".{name}"));
        let own = |path: &Path| {
            let _ = chown(path, Some(65534), Some(65534));
        };
        ["new", "cur", "tmp"].iter().for_each(|part| own(&made.join(part)));
        own(&made);
    }

    pub(crate) fn rename_folder(&self, from: &str, to: &str) {
        fs::rename(self.maildir().join(format!(".{from}")), self.maildir().join(format!(".{to}"))).unwrap();
    }

    /// Moves what is in the inbox into a folder.
    pub(crate) fn move_to(&self, mail: &Path, folder: &str) {
        let name = mail.file_name().unwrap();
        fs::rename(mail, self.maildir().join(format!(".{folder}")).join("new").join(name)).unwrap();
    }

    /// Deletes a mail, wherever the server has put its file since.
    pub(crate) fn remove_mail(&self, mail: &Path) {
        let name = mail.file_name().unwrap().to_string_lossy().into_owned();
        let files = self.files();
        let file = files.iter().find(|file| file.starts_with(&name)).unwrap();
        self.remove(std::slice::from_ref(file));
    }

    /// Puts a mail into the inbox, arrived `at`.
    pub(crate) fn deliver(&mut self, at: Timestamp, raw: &[u8]) -> PathBuf {
        self.deliver_named(at, raw, "")
    }

    /// The same, with something behind the name of its file.
    pub(crate) fn deliver_named(&mut self, at: Timestamp, raw: &[u8], suffix: &str) -> PathBuf {
        self.delivered += 1;
        // Dovecot numbers what it finds at once by the seconds in front.
        let name = format!("{}.M{}.test{suffix}", 1_700_000_000 + self.delivered, self.delivered);
        let draft = self.maildir().join("tmp").join(&name);
        let mut file = fs::File::create(&draft).unwrap();
        file.write_all(raw).unwrap();
        file.set_modified(SystemTime::from(at.0)).unwrap();
        let path = self.maildir().join("new").join(&name);
        fs::rename(draft, &path).unwrap();
        path
    }

    /// What the server notes about the numbers of its mails: `3 V<validity> N<next> …`.
    fn numbers(&self) -> String {
        let list = fs::read_to_string(self.maildir().join("dovecot-uidlist")).unwrap();
        list.lines().next().unwrap().to_owned()
    }

    /// Numbers all mails anew, in a restart; with another UIDVALIDITY or, like a backup brought back, with the same.
    pub(crate) fn renumber(&mut self, other_validity: bool) {
        self.down();
        let numbers = self.numbers();
        let validity: u32 = numbers.split(' ').find_map(|word| word.strip_prefix('V')).unwrap().parse().unwrap();
        let validity = validity + u32::from(other_validity);
        for file in fs::read_dir(self.maildir()).unwrap().map(Result::unwrap) {
            if file.file_name().to_string_lossy().starts_with("dovecot") {
                fs::remove_file(file.path()).unwrap();
            }
        }
        fs::write(
            self.maildir().join("dovecot-uidlist"),
            format!("3 V{validity} N1 G0123456789abcdef0123456789abcdef\n"),
        )
        .unwrap();
        fs::set_permissions(self.maildir().join("dovecot-uidlist"), fs::Permissions::from_mode(0o666)).unwrap();
        self.up();
    }

    /// Deletes mails by the names of their files.
    pub(crate) fn remove(&self, names: &[String]) {
        for name in names {
            let deleted =
                ["new", "cur"].iter().filter(|folder| fs::remove_file(self.maildir().join(folder).join(name)).is_ok());
            assert_eq!(deleted.count(), 1);
        }
    }

    pub(crate) fn set_all_readable(&self, readable: bool) {
        for name in self.files() {
            for folder in ["new", "cur"] {
                let file = self.maildir().join(folder).join(&name);
                if file.exists() {
                    set_readable(&file, readable);
                }
            }
        }
    }

    /// Names of the mails' files, with their flags.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = [self.maildir().join("new"), self.maildir().join("cur")]
            .iter()
            .flat_map(|folder| fs::read_dir(folder).unwrap())
            .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// As it stands in the settings.
    pub(crate) fn mailbox(&self, intake_prefix: &str) -> ImapMailbox {
        ImapMailbox {
            intake_prefix: intake_prefix.to_owned(),
            host: "127.0.0.1".to_owned(),
            port: self.port,
            tls: false,
            username: USER.to_owned(),
            password: Some(SecretString::from("secret")),
            password_secret: None,
            folder: "INBOX".to_owned(),
        }
    }
}

/// Whether anybody but a superuser can read a file.
pub(crate) fn set_readable(file: &Path, readable: bool) {
    fs::set_permissions(file, fs::Permissions::from_mode(if readable { 0o644 } else { 0o000 })).unwrap();
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.down();
    }
}
