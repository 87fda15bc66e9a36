//! A mailbox to watch, whether it stands in the settings file or is a connection of an agency.

use jiff::tz::TimeZone;
use secrecy::SecretString;

use super::error::CheckError;
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::connections::{self, Active, Connection, ConnectionAuth, ConnectionId, ConnectionTls};
use crate::domain::intake::mailboxes::MailboxName;
use crate::domain::secrets::{self, SecretError, SecretName};
use crate::domain::tenants;
use crate::ids::TenantId;
use crate::settings::ImapMailbox;

/// A mailbox to watch.
#[derive(Debug, Clone)]
pub struct Target {
    /// Whose mail it is, and what the mailbox is called in the database.
    pub name: MailboxName,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: ConnectionTls,
    pub(super) username: String,
    pub(super) auth: ConnectionAuth,
    pub(super) folder: String,
    pub(super) secret: SecretPlace,
    /// From when on mail is wanted; `None`: from the first look on.
    pub(super) since: Option<Timestamp>,
    /// Which connection of which version; a mailbox of the settings has none, and does not change while we run.
    pub(super) connection: Option<(ConnectionId, i32)>,
}

/// Where the password or token is.
#[derive(Debug, Clone)]
pub(super) enum SecretPlace {
    Settings(SecretString),
    /// With the tenant's secrets; looked up each time, so a new one counts at once.
    Kept(SecretName),
}

impl Target {
    /// A mailbox of the settings.
    ///
    /// # Errors
    /// [`CheckError::UnknownPrefix`], [`CheckError::NoPassword`] for a name that no secret can have, or the database.
    pub async fn of_settings(app: &App, mailbox: &ImapMailbox) -> Result<Self, CheckError> {
        let mut conn = app.db.platform().await?;
        let tenant = tenants::by_intake_prefix(&mut conn, &mailbox.intake_prefix).await?;
        let tenant = tenant.ok_or_else(|| CheckError::UnknownPrefix(mailbox.intake_prefix.clone()))?.id;
        // The settings refuse a mailbox with neither, and one with both.
        let secret = match &mailbox.password_secret {
            Some(name) => {
                SecretPlace::Kept(SecretName::parse(name).ok_or_else(|| CheckError::NoPassword(name.clone()))?)
            }
            None => SecretPlace::Settings(mailbox.password.clone().unwrap_or_default()),
        };
        let ImapMailbox { host, port, username, folder, .. } = mailbox.clone();
        let name = MailboxName { tenant, mailbox: connections::mailbox(&username, &host, &folder) };
        let tls = if mailbox.tls { ConnectionTls::Tls } else { ConnectionTls::None };
        let auth = ConnectionAuth::Password;
        Ok(Self { name, host, port, tls, username, auth, folder, secret, since: None, connection: None })
    }

    /// A connection of an agency that lives in this time zone (IANA).
    #[must_use]
    pub fn of_connection(tenant: TenantId, time_zone: &str, connection: &Connection) -> Self {
        let input = connection.input.clone();
        let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
        Self {
            name: MailboxName { tenant, mailbox: connection.mailbox() },
            host: input.host,
            port: input.port,
            tls: input.tls,
            username: input.username,
            auth: input.auth,
            folder: input.folder,
            secret: SecretPlace::Kept(connection.secret_name()),
            since: input.since.and_then(|day| Some(Timestamp(day.to_zoned(zone).ok()?.timestamp()))),
            connection: Some((connection.id, connection.version)),
        }
    }

    /// What somebody decides about a connection may have any server's name; what stands in the settings is the
    /// operator's own choice.
    pub(super) fn is_agencys(&self) -> bool {
        self.connection.is_some()
    }

    /// The password or token.
    pub(super) async fn secret(&self, app: &App) -> Result<SecretString, CheckError> {
        let name = match &self.secret {
            SecretPlace::Settings(secret) => return Ok(secret.clone()),
            SecretPlace::Kept(name) => name,
        };
        secrets::read(&app.vault, self.name.tenant, name).await.map_err(|error| match error {
            SecretError::NotFound => CheckError::NoPassword(name.as_str().to_owned()),
            SecretError::Database(error) => error.into(),
            error => CheckError::Password(error),
        })
    }
}

impl From<&Active> for Target {
    fn from(active: &Active) -> Self {
        Self::of_connection(active.tenant, &active.time_zone, &active.connection)
    }
}
