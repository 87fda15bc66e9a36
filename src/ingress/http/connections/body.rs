//! What is decided about a connection, as a request says it.

use jiff::civil::Date;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::connections::{ConnectionAuth, ConnectionInput, ConnectionTls};
use crate::ingress::http::check::Check;
use crate::ingress::http::problem::ApiResult;
use crate::ingress::http::secrets::{MOST_BYTES, secret};

/// What is decided about a connection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ConnectionBody {
    /// Server, as `imap.example.org`.
    host: String,
    /// Port; if left out 993, or 143 for `STARTTLS` and `NONE`.
    #[schema(minimum = 1)]
    port: Option<u16>,
    /// How the way to the server is kept private; `TLS` if left out.
    #[serde(default = "tls")]
    tls: ConnectionTls,
    /// Login, often the mail address.
    username: String,
    /// What the secret is; `PASSWORD` if left out.
    #[serde(default = "password")]
    auth: ConnectionAuth,
    /// The password or access token, 1 to 8000 bytes, kept exactly as it is. Needed for a new connection; if left out of a
    /// change, the one there is stays.
    #[serde(default, deserialize_with = "some_secret")]
    #[schema(value_type = Option<String>, write_only)]
    secret: Option<SecretString>,
    /// Folder to watch; `INBOX` if left out.
    #[serde(default = "inbox")]
    folder: String,
    /// Take mail that arrived on this day or later, in the agency's time zone; if left out, only what arrives from the
    /// first look on. Moved back, older mail is taken as well; moved forward, nothing is taken back.
    #[schema(value_type = Option<String>, format = Date)]
    since: Option<Date>,
    /// Watch it; true if left out.
    #[serde(default = "yes")]
    active: bool,
}

fn tls() -> ConnectionTls {
    ConnectionTls::Tls
}

fn password() -> ConnectionAuth {
    ConnectionAuth::Password
}

fn inbox() -> String {
    "INBOX".to_owned()
}

fn yes() -> bool {
    true
}

fn some_secret<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Option<SecretString>, D::Error> {
    secret(source).map(Some)
}

/// What is wanted, if it can be, and the secret if one was given.
pub(super) fn checked(body: ConnectionBody) -> ApiResult<(ConnectionInput, Option<SecretString>)> {
    let mut check = Check::new();
    let mut line = |field: &str, value: String| {
        check.line(field, Some(value)).unwrap_or_else(|| {
            check.wrong(field, "must not be empty");
            String::new()
        })
    };
    let host = line("host", body.host).to_ascii_lowercase();
    let username = line("username", body.username);
    let folder = line("folder", body.folder);
    if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte)) {
        check.wrong("host", "must be the name of a server, such as imap.example.org");
    }
    let port = body.port.unwrap_or(if body.tls == ConnectionTls::Tls { 993 } else { 143 });
    if port == 0 {
        check.wrong("port", "must be 1 to 65535");
    }
    if let Some(secret) = &body.secret
        && !(1..=MOST_BYTES).contains(&secret.expose_secret().len())
    {
        check.wrong("secret", format!("must have 1 to {MOST_BYTES} bytes"));
    }
    check.done()?;
    let ConnectionBody { tls, auth, secret, since, active, .. } = body;
    Ok((ConnectionInput { host, port, tls, username, auth, folder, since, active }, secret))
}
