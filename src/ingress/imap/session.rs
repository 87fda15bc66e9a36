//! One session with a server: login, open, search, fetch. Nothing here changes the mailbox.
//!
//! Commands are run by hand on the library's connection. Its own `uid_search` and `uid_fetch` take a refusal, or a
//! connection that ends in the middle of an answer, for the end of the list: a mailbox would look empty that is not.

use std::io;
use std::time::Duration;

use async_imap::imap_proto::{
    AttributeValue, Capability, MailboxDatum, MessageSection, Response, ResponseCode, SectionPath, Status,
};
use async_imap::{Authenticator, Client, Session};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

use super::connect::{Connector, Pipe};
use super::error::{LOGIN, OPENING, SessionError, broken, refused};
use super::folder::{MailFacts, day_before, facts_of, folder_on_the_wire, set};
use super::target::Target;
use crate::clock::Timestamp;
use crate::domain::connections::ConnectionAuth;
use crate::domain::intake::mailboxes::SeenMailbox;

/// How long one step may take.
pub(super) const STEP: Duration = Duration::from_secs(30);
/// How long some mails, or the list of a large folder, may take.
const LONG_STEP: Duration = Duration::from_secs(120);

/// A session, logged in.
pub(super) struct ImapSession {
    pub(super) inner: Session<Pipe>,
    /// The server tells of new mail by itself (RFC 2177).
    pub(super) can_idle: bool,
    /// Mails in the folder, as the server last said.
    pub(super) exists: u32,
    /// The server spoke of mails since the last search began.
    pub(super) has_news: bool,
}

impl ImapSession {
    pub(super) async fn login(
        connector: &Connector,
        target: &Target,
        secret: &SecretString,
    ) -> Result<Self, SessionError> {
        let client = within(STEP, "connecting", connector.connect(target)).await?;
        let inner = within(STEP, LOGIN, authenticate(client, target, secret)).await?;
        let mut session = Self { inner, can_idle: false, exists: 0, has_news: false };
        let mut can_idle = false;
        session
            .run("the capabilities", STEP, "CAPABILITY", |response| {
                if let Response::Capabilities(all) = response {
                    let is_idle =
                        |one: &Capability<'_>| matches!(one, Capability::Atom(name) if name.eq_ignore_ascii_case("IDLE"));
                    can_idle |= all.iter().any(is_idle);
                }
            })
            .await?;
        session.can_idle = can_idle;
        Ok(session)
    }

    /// Opens a folder without a right to change it; once more is as good as the first time.
    pub(super) async fn examine(&mut self, folder: &str) -> Result<SeenMailbox, SessionError> {
        let name = folder_on_the_wire(folder).replace('\\', "\\\\").replace('"', "\\\"");
        let (mut validity, mut next) = (None, None);
        self.exists = 0;
        let command = format!("EXAMINE \"{name}\"");
        self.run(OPENING, STEP, &command, |response| {
            if let Response::Data { outcome, .. } = response {
                match outcome.code {
                    Some(ResponseCode::UidValidity(value)) => validity = Some(value),
                    Some(ResponseCode::UidNext(value)) => next = Some(value),
                    _ => {}
                }
            }
        })
        .await?;
        let uid_validity = validity.ok_or(SessionError::NoAnswer(OPENING))?;
        let highest_uid = match next {
            Some(next) => next.saturating_sub(1),
            // Old servers do not say it.
            None => self.search("ALL").await?.last().copied().unwrap_or(0),
        };
        Ok(SeenMailbox { uid_validity, highest_uid })
    }

    /// The UIDs above `uid`, in order; without one, those that may have arrived at `since` or later.
    ///
    /// This is also where a server is caught that accepts everything and finds nothing. A search for `n:*` names at
    /// least the newest mail (RFC 3501 §6.4.8), so an empty answer of a folder with mails is not believed: if a search
    /// for all mails is empty as well, the check fails.
    pub(super) async fn above(&mut self, uid: u32, since: Timestamp) -> Result<Vec<u32>, SessionError> {
        let Some(first) = uid.checked_add(1) else { return Ok(Vec::new()) };
        self.has_news = false;
        let query = match uid {
            0 => format!("SINCE {}", day_before(since)),
            _ => format!("UID {first}:*"),
        };
        let mut uids = self.search(&query).await?;
        if uids.is_empty() && self.exists > 0 {
            let all = self.search("ALL").await?;
            if all.is_empty() && self.exists > 0 {
                return Err(SessionError::Inconsistent(self.exists));
            }
            if uid > 0 {
                uids = all;
            }
        }
        uids.retain(|found| *found > uid);
        Ok(uids)
    }

    /// All UIDs, in order.
    pub(super) async fn all(&mut self) -> Result<Vec<u32>, SessionError> {
        self.search("ALL").await
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
        let mut facts = Vec::with_capacity(uids.len());
        let command = format!("UID FETCH {} (UID RFC822.SIZE INTERNALDATE)", set(uids));
        self.run("the list", LONG_STEP, &command, |response| {
            if let Response::Fetch(_, attributes) = response {
                facts.extend(facts_of(attributes));
            }
        })
        .await?;
        facts.retain(|mail| uids.binary_search(&mail.uid).is_ok());
        facts.sort_unstable_by_key(|mail| mail.uid);
        facts.dedup_by_key(|mail| mail.uid);
        Ok(facts)
    }

    /// Whole mails, in the order of `uids`; `None` for one that did not come.
    pub(super) async fn mails(&mut self, uids: &[u32]) -> Result<Vec<Option<Vec<u8>>>, SessionError> {
        self.parts("mails", uids, "BODY.PEEK[]", &None).await
    }

    /// The beginning of a mail's header.
    pub(super) async fn header(&mut self, uid: u32) -> Result<Vec<u8>, SessionError> {
        let header = Some(SectionPath::Full(MessageSection::Header));
        let mut found = self.parts("a header", &[uid], "BODY.PEEK[HEADER]<0.65536>", &header).await?;
        found.pop().flatten().ok_or(SessionError::NoAnswer("a header"))
    }

    async fn parts(
        &mut self,
        step: &'static str,
        uids: &[u32],
        item: &str,
        wanted: &Option<SectionPath>,
    ) -> Result<Vec<Option<Vec<u8>>>, SessionError> {
        let mut found = vec![None; uids.len()];
        self.run(step, LONG_STEP, &format!("UID FETCH {} (UID {item})", set(uids)), |response| {
            let Response::Fetch(_, attributes) = response else { return };
            // The server may tell of other mails at any time.
            let place = attributes.iter().find_map(|attribute| match attribute {
                AttributeValue::Uid(uid) => uids.binary_search(uid).ok(),
                _ => None,
            });
            let Some(place) = place else { return };
            for attribute in attributes {
                if let AttributeValue::BodySection { section, data: Some(data), .. } = attribute
                    && section == wanted
                {
                    found[place] = Some(data.to_vec());
                }
            }
        })
        .await?;
        Ok(found)
    }

    /// Says goodbye, if the server still listens.
    pub(super) async fn logout(mut self) {
        let _ = timeout(Duration::from_secs(2), self.inner.logout()).await;
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
            let id = self.inner.run_command(command).await.map_err(|error| sent(step, &error))?;
            loop {
                let response = self.inner.read_response().await.map_err(|error| broken(step, &error))?;
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
                    other => {
                        hear(&mut self.exists, &mut self.has_news, other);
                        each(other);
                    }
                }
            }
        })
        .await
    }
}

/// Keeps count of the mails in the folder; a server says at any time that it changed.
pub(super) fn hear(exists: &mut u32, has_news: &mut bool, response: &Response<'_>) {
    match response {
        Response::MailboxData(MailboxDatum::Exists(count)) => {
            *has_news = true;
            *exists = *count;
        }
        Response::Expunge(_) => *exists = exists.saturating_sub(1),
        _ => {}
    }
}

/// Why a command could not be sent.
pub(super) fn sent(step: &'static str, error: &async_imap::error::Error) -> SessionError {
    match error {
        async_imap::error::Error::Io(error) => broken(step, error),
        _ => SessionError::Broken(step, io::ErrorKind::ConnectionAborted),
    }
}

pub(super) async fn within<T>(
    limit: Duration,
    step: &'static str,
    work: impl Future<Output = Result<T, SessionError>>,
) -> Result<T, SessionError> {
    timeout(limit, work).await.map_err(|_| SessionError::Timeout(step))?
}

async fn authenticate(
    client: Client<Pipe>,
    target: &Target,
    secret: &SecretString,
) -> Result<Session<Pipe>, SessionError> {
    let done = match target.auth {
        ConnectionAuth::Password => client.login(&target.username, secret.expose_secret()).await,
        ConnectionAuth::XOAuth2 => client.authenticate("XOAUTH2", XOAuth2 { target, secret, is_told: false }).await,
    };
    done.map_err(|(error, _)| match error {
        async_imap::error::Error::Io(error) => broken(LOGIN, &error),
        async_imap::error::Error::No(text) | async_imap::error::Error::Bad(text) => refused(LOGIN, Some(&text)),
        _ => SessionError::NoAnswer(LOGIN),
    })
}

/// Google's and Microsoft's way to log in with an access token
/// (<https://developers.google.com/workspace/gmail/imap/xoauth2-protocol>).
struct XOAuth2<'a> {
    target: &'a Target,
    secret: &'a SecretString,
    is_told: bool,
}

impl Authenticator for XOAuth2<'_> {
    type Response = String;

    fn process(&mut self, _: &[u8]) -> String {
        // Asked again, the server says why it refuses, and wants an empty answer.
        if std::mem::replace(&mut self.is_told, true) {
            return String::new();
        }
        format!("user={}\x01auth=Bearer {}\x01\x01", self.target.username, self.secret.expose_secret())
    }
}
