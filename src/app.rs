//! What every part of the program works with: built once in `cli`, and the same way in tests.

use std::sync::Arc;

use crate::clock::Clock;
use crate::db::Database;
use crate::domain::jarvis::Jarvis;
use crate::domain::live::Hub;
use crate::domain::secrets::Vault;
use crate::integrations::ses::SesInbox;
use crate::integrations::smtp_out::MailTransport;
use crate::integrations::storage::FileStore;
use crate::limits::Limits;
use crate::links::LinkKey;
use crate::settings::Settings;
use crate::templates::Templates;
use crate::tokens::Tokens;

/// The program's parts. Cloning shares them.
#[derive(Clone)]
pub struct App {
    /// Settings, as started.
    pub settings: Arc<Settings>,
    /// Database.
    pub db: Database,
    /// Clock.
    pub clock: Clock,
    /// The engine that understands and answers.
    pub engine: Arc<dyn llm::Engine>,
    /// The engine that steps in when the first is down; the same one when the first is built in.
    pub fallback: Arc<dyn llm::Engine>,
    /// The assistant of the agency's people.
    pub jarvis: Jarvis,
    /// Sends mail.
    pub mailer: Arc<dyn MailTransport>,
    /// Finds out who a mail comes from; `None` where nobody wants to know.
    pub senders: Option<sender_auth::Checker>,
    /// Reads what Amazon SES tells of mail it took in.
    pub ses: Arc<SesInbox>,
    /// Keeps files.
    pub files: Arc<dyn FileStore>,
    /// Seals and opens the tenants' secrets.
    pub vault: Vault,
    /// Signs links for prospects and development tokens.
    pub links: LinkKey,
    /// How much one caller may ask.
    pub limits: Limits,
    /// Who listens to live events.
    pub live: Hub,
    /// Reads the tokens of whoever calls the API.
    pub tokens: Tokens,
    /// Mail and page templates.
    pub templates: Templates,
}

impl std::fmt::Debug for App {
    /// The settings hold secrets, the rest says nothing.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}
