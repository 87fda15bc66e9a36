//! Why a mailbox could not be checked, and what that means to the people whose mailbox it is.

use std::io;

use crate::domain::intake::mailboxes::Problem;
use crate::domain::secrets::SecretError;
use crate::telemetry::masked;

/// Why a session did not do what it was asked. No text holds anything of a mail.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The password would travel in the open.
    #[error("without TLS only a server on this machine may be used; set tls")]
    PlainText,
    /// The server's name leads to a network that mailboxes must not be in.
    #[error("the server has no public address")]
    Private,
    /// The server cannot be reached.
    #[error("the server cannot be reached: {0}")]
    Connect(io::ErrorKind),
    /// No TLS, or a certificate that does not hold.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The server does not answer.
    #[error("{0} took too long")]
    Timeout(&'static str),
    /// The connection broke.
    #[error("the connection broke during {0}: {1}")]
    Broken(&'static str, io::ErrorKind),
    /// The server says no. The session goes on.
    #[error("{0} was refused: {1}")]
    Refused(&'static str, String),
    /// The server does not say what it has to say. The session goes on.
    #[error("{0} brought no answer")]
    NoAnswer(&'static str),
    /// The folder holds mails, says the server, and no search finds one.
    #[error("the folder has {0} mails of which no search finds any")]
    Inconsistent(u32),
}

/// The steps whose refusal means something of its own.
pub(super) const LOGIN: &str = "the login";
pub(super) const OPENING: &str = "opening the folder";

/// The kind only: the library puts what it could not read into the error's text, and that is mail.
pub(super) fn broken(step: &'static str, error: &io::Error) -> SessionError {
    SessionError::Broken(step, error.kind())
}

/// What the server says, shortened and without addresses.
pub(super) fn refused(step: &'static str, text: Option<&str>) -> SessionError {
    let words = text.unwrap_or("no reason given").split_whitespace();
    let text =
        words.map(|word| if word.contains('@') { masked(word) } else { word.to_owned() }).collect::<Vec<_>>().join(" ");
    SessionError::Refused(step, text.chars().take(200).collect())
}

impl SessionError {
    /// What it means to the people whose mailbox it is.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::PlainText | Self::Tls(_) => Problem::TlsFailed,
            Self::Private => Problem::AddressNotAllowed,
            Self::Connect(_) | Self::Timeout(_) | Self::Broken(..) => Problem::Unreachable,
            Self::Refused(step, _) if *step == LOGIN => Problem::LoginRefused,
            Self::Refused(step, _) if *step == OPENING => Problem::FolderMissing,
            Self::Refused(..) | Self::NoAnswer(_) | Self::Inconsistent(_) => Problem::ServerTrouble,
        }
    }
}

/// Why a check did not go through. What it stored before stays stored.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// No tenant has this intake prefix.
    #[error("no tenant has the intake prefix `{0}`")]
    UnknownPrefix(String),
    /// The agency keeps no secret of this name.
    #[error("the agency keeps no secret `{0}`; PUT /api/v1/secrets/{0} makes it")]
    NoPassword(String),
    /// The password does not open.
    #[error("the password cannot be used")]
    Password(#[source] SecretError),
    /// The server or the way to it.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// One mail cannot be taken; the ones behind it wait for a few checks.
    #[error("mail {uid}: {reason}")]
    Mail {
        /// Which.
        uid: u32,
        /// Why.
        reason: String,
    },
    /// The mailbox was begun anew meanwhile; the next check goes on from there.
    #[error("the mailbox was begun anew meanwhile")]
    Outdated,
    /// Another process watches the mailbox.
    #[error("another process watches this mailbox")]
    Lost,
    /// The database.
    #[error("the database could not be used")]
    Database(#[from] crate::db::Error),
}

impl CheckError {
    /// What it means to the people whose mailbox it is; `None` for what concerns nobody but us.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        match self {
            Self::UnknownPrefix(_) | Self::Outdated | Self::Lost => None,
            Self::NoPassword(_) => Some(Problem::NoSecret),
            Self::Password(_) | Self::Database(_) => Some(Problem::Internal),
            Self::Session(error) => Some(error.problem()),
            Self::Mail { .. } => Some(Problem::MailUnreadable),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_short_and_without_addresses() {
        let error = refused(LOGIN, Some(&format!("user info@agentur.example unknown {}", "x".repeat(500))));
        let text = error.to_string();
        assert!(text.starts_with("the login was refused: user i…@agentur.example unknown xxx"), "{text}");
        assert!(text.chars().count() < 250);
        assert_eq!(error.problem(), Problem::LoginRefused);
    }
}
