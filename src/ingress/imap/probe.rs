//! Trying out a connection: everything a check does before it takes mail, within a time somebody waits for.

use std::time::Duration;

use tokio::time::timeout;

use super::connect::Connector;
use super::error::{CheckError, SessionError};
use super::session::ImapSession;
use super::target::Target;
use crate::app::App;

/// How long it may take, so that whoever asked hears the outcome before their request ends.
const LIMIT: Duration = Duration::from_secs(15);

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Mails in the folder.
    pub mails: u32,
    /// The server tells of new mail by itself.
    pub tells_of_mail: bool,
}

/// Connects, logs in, opens the folder and searches it. Takes nothing and notes nothing.
///
/// # Errors
/// [`CheckError`], as a check would have it.
pub async fn probe(app: &App, target: &Target) -> Result<Found, CheckError> {
    let look = async {
        let secret = target.secret(app).await?;
        let connector = Connector::new(&app.settings).map_err(|error| SessionError::Tls(error.to_string()))?;
        let mut session = ImapSession::login(&connector, target, &secret).await?;
        let seen = session.examine(&target.folder).await?;
        session.above(seen.highest_uid, app.clock.now()).await?;
        let found = Found { mails: session.exists, tells_of_mail: session.can_idle };
        session.logout().await;
        Ok(found)
    };
    timeout(LIMIT, look).await.unwrap_or(Err(SessionError::Timeout("the test").into()))
}
