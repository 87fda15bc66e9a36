//! Handing mail to a provider.
//!
//! Two real implementations of [`MailTransport`]: [`Relay`] speaks SMTP to a server, [`DevelopmentMailbox`] keeps the
//! mail in a folder for `/dev/mail`. Both may be handed the same mail twice and know it by its Message-ID.

mod development;
mod relay;

pub use development::{DevelopmentMailbox, StoredMail};
pub use relay::Relay;

use async_trait::async_trait;

/// A mail on the way out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Envelope sender.
    pub from: String,
    /// Envelope recipient.
    pub to: String,
    /// `Message-ID` without brackets: the same at every attempt.
    pub message_id: String,
    /// The whole message.
    pub mime: Vec<u8>,
}

/// Why a mail was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Another attempt may succeed.
    #[error("not accepted for now: {0}")]
    Temporary(String),
    /// No attempt will.
    #[error("refused: {0}")]
    Permanent(String),
}

/// Somebody who takes mail.
#[async_trait]
pub trait MailTransport: Send + Sync {
    /// Hands over one mail. `Ok` holds the provider's name for it and means that the provider is responsible now.
    async fn send(&self, mail: &Outgoing) -> Result<String, SendError>;

    /// Removes what this side has kept of a mail it accepted, if anything.
    async fn forget(&self, _message_id: &str) -> std::io::Result<()> {
        Ok(())
    }

    /// The mails kept for reading, if this is the development mailbox.
    fn development(&self) -> Option<&DevelopmentMailbox> {
        None
    }
}
