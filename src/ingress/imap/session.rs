//! One session with a server: login, open, search, fetch. Nothing here changes the mailbox.
//!
//! Commands are run by hand on the library's connection. Its own `uid_search` and `uid_fetch` take a refusal, or a
//! connection that ends in the middle of an answer, for the end of the list: a mailbox would look empty that is not.

use std::io;
use std::time::Duration;

use async_imap::imap_proto::{
    AttributeValue, MailboxDatum, MessageSection, Response, ResponseCode, SectionPath, Status,
};
use async_imap::{Client, Session};
use jiff::fmt::strtime;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

use super::connect::{Socket, connect, folder_on_the_wire};
use crate::clock::Timestamp;
use crate::domain::intake::mailboxes::SeenMailbox;
use crate::settings::ImapMailbox;
use crate::telemetry::masked;

/// How long one step may take.
const STEP: Duration = Duration::from_secs(30);
/// How long one mail, or the list of a large folder, may take.
const LONG_STEP: Duration = Duration::from_secs(120);

/// Why a session did not do what it was asked. No text holds anything of a mail.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The password would travel in the open.
    #[error("without TLS only a server on this machine may be used; set tls = true")]
    PlainText,
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
}

/// What decides whether a mail is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MailFacts {
    pub(super) uid: u32,
    /// Bytes.
    pub(super) size: u32,
    /// INTERNALDATE.
    pub(super) arrived: Option<Timestamp>,
}

/// A session, logged in.
pub(super) struct ImapSession(Session<Box<dyn Socket>>);

impl ImapSession {
    pub(super) async fn login(mailbox: &ImapMailbox, password: &SecretString) -> Result<Self, SessionError> {
        let socket = within(STEP, "connecting", connect(mailbox)).await?;
        let mut client = Client::new(socket);
        // The library does not do it by itself, and then takes the greeting for the answer to the first command.
        let greeting = within(STEP, "the greeting", async {
            client.read_response().await.map_err(|error| broken("the greeting", &error))
        });
        match greeting.await?.as_ref().map(|response| response.parsed()) {
            Some(Response::Data { status: Status::Ok, .. }) => {}
            Some(Response::Data { outcome, .. }) => {
                return Err(refused("the greeting", outcome.information.as_deref()));
            }
            Some(_) | None => return Err(SessionError::NoAnswer("the greeting")),
        }
        within(STEP, "the login", async {
            let login = client.login(&mailbox.username, password.expose_secret()).await;
            login.map(Self).map_err(|(error, _)| match error {
                async_imap::error::Error::Io(error) => broken("the login", &error),
                async_imap::error::Error::No(text) | async_imap::error::Error::Bad(text) => {
                    refused("the login", Some(&text))
                }
                _ => SessionError::NoAnswer("the login"),
            })
        })
        .await
    }

    /// Opens a folder without a right to change it.
    pub(super) async fn examine(&mut self, folder: &str) -> Result<SeenMailbox, SessionError> {
        const STEP_NAME: &str = "opening the folder";
        let name = folder_on_the_wire(folder).replace('\\', "\\\\").replace('"', "\\\"");
        let (mut validity, mut next) = (None, None);
        let command = format!("EXAMINE \"{name}\"");
        self.run(STEP_NAME, STEP, &command, |response| {
            if let Response::Data { outcome, .. } = response {
                match outcome.code {
                    Some(ResponseCode::UidValidity(value)) => validity = Some(value),
                    Some(ResponseCode::UidNext(value)) => next = Some(value),
                    _ => {}
                }
            }
        })
        .await?;
        let uid_validity = validity.ok_or(SessionError::NoAnswer(STEP_NAME))?;
        let highest_uid = match next {
            Some(next) => next.saturating_sub(1),
            // Old servers do not say it.
            None => self.search("ALL").await?.last().copied().unwrap_or(0),
        };
        Ok(SeenMailbox { uid_validity, highest_uid })
    }

    /// The UIDs above `uid`, in order.
    pub(super) async fn above(&mut self, uid: u32) -> Result<Vec<u32>, SessionError> {
        let Some(first) = uid.checked_add(1) else { return Ok(Vec::new()) };
        let mut uids = self.search(&format!("UID {first}:*")).await?;
        // With nothing above, `n:*` means the highest one there is (RFC 3501 §6.4.8).
        uids.retain(|found| *found > uid);
        Ok(uids)
    }

    async fn search(&mut self, query: &str) -> Result<Vec<u32>, SessionError> {
        let mut uids = Vec::new();
        self.run("the search", LONG_STEP, &format!("UID SEARCH {query}"), |response| {
            if let Response::MailboxData(MailboxDatum::Search(found)) = response {
                uids.extend_from_slice(found);
            }
        })
        .await?;
        uids.sort_unstable();
        uids.dedup();
        Ok(uids)
    }

    /// Size and time of arrival of these mails, in order. A mail deleted meanwhile is missing.
    pub(super) async fn facts(&mut self, uids: &[u32]) -> Result<Vec<MailFacts>, SessionError> {
        let set = uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let mut facts = Vec::with_capacity(uids.len());
        self.run("the list", LONG_STEP, &format!("UID FETCH {set} (UID RFC822.SIZE INTERNALDATE)"), |response| {
            if let Response::Fetch(_, attributes) = response {
                facts.extend(facts_of(attributes));
            }
        })
        .await?;
        facts.retain(|mail| uids.contains(&mail.uid));
        facts.sort_unstable_by_key(|mail| mail.uid);
        facts.dedup_by_key(|mail| mail.uid);
        Ok(facts)
    }

    /// A whole mail.
    pub(super) async fn mail(&mut self, uid: u32) -> Result<Vec<u8>, SessionError> {
        self.part("a mail", uid, "BODY.PEEK[]", &None).await
    }

    /// The beginning of a mail's header.
    pub(super) async fn header(&mut self, uid: u32) -> Result<Vec<u8>, SessionError> {
        let header = Some(SectionPath::Full(MessageSection::Header));
        self.part("a header", uid, "BODY.PEEK[HEADER]<0.65536>", &header).await
    }

    async fn part(
        &mut self,
        step: &'static str,
        uid: u32,
        item: &str,
        wanted: &Option<SectionPath>,
    ) -> Result<Vec<u8>, SessionError> {
        let mut bytes = None;
        self.run(step, LONG_STEP, &format!("UID FETCH {uid} (UID {item})"), |response| {
            let Response::Fetch(_, attributes) = response else { return };
            // The server may tell of other mails at any time.
            if !attributes.iter().any(|attribute| matches!(attribute, AttributeValue::Uid(found) if *found == uid)) {
                return;
            }
            for attribute in attributes {
                if let AttributeValue::BodySection { section, data: Some(data), .. } = attribute
                    && section == wanted
                {
                    bytes = Some(data.to_vec());
                }
            }
        })
        .await?;
        bytes.ok_or(SessionError::NoAnswer(step))
    }

    /// Says goodbye, if the server still listens.
    pub(super) async fn logout(mut self) {
        let _ = timeout(Duration::from_secs(2), self.0.logout()).await;
    }

    /// Runs a command to its end; `each` sees what the server says before.
    async fn run(
        &mut self,
        step: &'static str,
        limit: Duration,
        command: &str,
        mut each: impl FnMut(&Response<'_>) + Send,
    ) -> Result<(), SessionError> {
        within(limit, step, async {
            let id = self.0.run_command(command).await.map_err(|error| match error {
                async_imap::error::Error::Io(error) => broken(step, &error),
                _ => SessionError::Broken(step, io::ErrorKind::ConnectionAborted),
            })?;
            loop {
                let response = self.0.read_response().await.map_err(|error| broken(step, &error))?;
                let Some(response) = response else {
                    return Err(SessionError::Broken(step, io::ErrorKind::UnexpectedEof));
                };
                match response.parsed() {
                    Response::Done { tag, status: Status::Ok, .. } if *tag == id => return Ok(()),
                    Response::Done { tag, outcome, .. } if *tag == id => {
                        return Err(refused(step, outcome.information.as_deref()));
                    }
                    Response::Data { status: Status::Bye, .. } => {
                        return Err(SessionError::Broken(step, io::ErrorKind::ConnectionAborted));
                    }
                    other => each(other),
                }
            }
        })
        .await
    }
}

async fn within<T>(
    limit: Duration,
    step: &'static str,
    work: impl Future<Output = Result<T, SessionError>>,
) -> Result<T, SessionError> {
    timeout(limit, work).await.map_err(|_| SessionError::Timeout(step))?
}

/// The kind only: the library puts what it could not read into the error's text, and that is mail.
fn broken(step: &'static str, error: &io::Error) -> SessionError {
    SessionError::Broken(step, error.kind())
}

/// What the server says, shortened and without addresses.
fn refused(step: &'static str, text: Option<&str>) -> SessionError {
    let words = text.unwrap_or("no reason given").split_whitespace();
    let text =
        words.map(|word| if word.contains('@') { masked(word) } else { word.to_owned() }).collect::<Vec<_>>().join(" ");
    SessionError::Refused(step, text.chars().take(200).collect())
}

fn facts_of(attributes: &[AttributeValue<'_>]) -> Option<MailFacts> {
    let mut facts = MailFacts { uid: 0, size: 0, arrived: None };
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(uid) => facts.uid = *uid,
            AttributeValue::Rfc822Size(size) => facts.size = *size,
            AttributeValue::InternalDate(text) => facts.arrived = arrival(text),
            _ => {}
        }
    }
    (facts.uid > 0).then_some(facts)
}

fn arrival(text: &str) -> Option<Timestamp> {
    let time = strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?;
    time.to_timestamp().ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_arrival_are_understood_with_padding_and_zone() {
        let at = |text: &str| arrival(text).map(|at| at.to_string());
        assert_eq!(at("22-Nov-2026 20:08:08 +0100").as_deref(), Some("2026-11-22T19:08:08Z"));
        assert_eq!(at(" 2-Mar-2026 00:00:01 +0000").as_deref(), Some("2026-03-02T00:00:01Z"));
        assert_eq!(at("yesterday"), None);
    }

    #[test]
    fn refusals_are_short_and_without_addresses() {
        let error = refused("the login", Some(&format!("user info@agentur.example unknown {}", "x".repeat(500))));
        let text = error.to_string();
        assert!(text.starts_with("the login was refused: user i…@agentur.example unknown xxx"), "{text}");
        assert!(text.chars().count() < 250);
    }
}
