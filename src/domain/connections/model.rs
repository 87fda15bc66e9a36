//! What a connection is.

use jiff::civil::Date;

use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::domain::secrets::{SecretError, SecretName};

crate::ids::id_type!(
    /// One connection.
    ConnectionId
);

code! {
    /// What is connected.
    ConnectionKind { /// A mailbox, watched by IMAP.
        Imap = "IMAP" }
}

code! {
    /// Who decides about a connection.
    ConnectionManager { /// The agency.
        Agency = "AGENCY", /// Whoever operates this server, in its settings; the agency can only look at it.
        Operator = "OPERATOR" }
}

code! {
    /// How the way to the server is kept private. `NONE` works only with a server on the same machine.
    ConnectionTls { /// From the first byte; usually port 993.
        Tls = "TLS", /// Asked for before anything else; usually port 143.
        StartTls = "STARTTLS", /// Not at all.
        None = "NONE" }
}

code! {
    /// What the secret is: a password, or an OAuth 2 access token.
    ConnectionAuth { /// Password.
        Password = "PASSWORD", /// OAuth 2 access token.
        XOAuth2 = "XOAUTH2" }
}

/// A mailbox elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Id.
    pub id: ConnectionId,
    /// What is connected.
    pub kind: ConnectionKind,
    /// Who decides about it.
    pub managed_by: ConnectionManager,
    /// What was decided about it.
    pub input: ConnectionInput,
    /// Grows with each change, of the secret too.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Connection {
    /// What the mailbox is called where it is noted how far it was read: user@host/folder.
    #[must_use]
    pub fn mailbox(&self) -> String {
        mailbox(&self.input.username, &self.input.host, &self.input.folder)
    }

    /// Under which name its secret is kept.
    #[must_use]
    pub fn secret_name(&self) -> SecretName {
        secret_name(self.id)
    }
}

/// What a mailbox is called: user@host/folder.
#[must_use]
pub fn mailbox(username: &str, host: &str, folder: &str) -> String {
    format!("{username}@{host}/{folder}")
}

/// Under which name the secret of a connection is kept.
#[must_use]
pub fn secret_name(id: ConnectionId) -> SecretName {
    SecretName::of_row("connection", id.0)
}

/// What somebody decides about a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionInput {
    /// Server.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the way there is kept private.
    pub tls: ConnectionTls,
    /// Login.
    pub username: String,
    /// What the secret is.
    pub auth: ConnectionAuth,
    /// Folder to watch.
    pub folder: String,
    /// Mail that arrived on this day (of the agency's time zone) or later is taken; `None`: only what arrives from now on.
    pub since: Option<Date>,
    /// Somebody watches it.
    pub active: bool,
}

/// Why a connection was not made, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// There is no such connection.
    #[error("there is no such connection")]
    NotFound,
    /// It is of another version than the caller read.
    #[error("it was changed meanwhile")]
    Changed,
    /// Another connection of the agency has the same user, server and folder.
    #[error("another connection has this mailbox")]
    Taken,
    /// Its secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The database.
    #[error("the database could not be used")]
    Database(#[from] sqlx::Error),
}
