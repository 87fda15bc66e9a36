//! `postmaster@<intake domain>`, which every mail server must have (RFC 5321 §4.5.1): handed on to whoever reads what the
//! system sends from (`mail.system_from`).
//!
//! No tenant's, so nothing is stored: `250` is said after the provider took it, and the sender keeps it otherwise.

use smtp_intake::Reply;

use crate::app::App;
use crate::domain::mail;
use crate::ids::new_id;
use crate::integrations::smtp_out::{Outgoing, SendError};

/// Who reads it; `None` when that address leads back here, because the mail would go round for ever.
pub(super) fn reader(app: &App) -> Option<String> {
    let (_, address) = mail::system_sender(&app.settings.mail.system_from);
    let (_, domain) = address.rsplit_once('@')?;
    (!domain.eq_ignore_ascii_case(&app.settings.smtp.intake_domain)).then_some(address)
}

/// Hands a mail on, as it is. Returns the name the sender is told.
pub(super) async fn forward(app: &App, message: &[u8]) -> Result<String, Reply> {
    let to = reader(app).ok_or_else(Reply::unknown_recipient)?;
    let id = new_id().to_string();
    let mail = Outgoing { from: to.clone(), to, message_id: format!("{id}@postmaster"), mime: message.to_vec() };
    match app.mailer.send(&mail).await {
        Ok(_) => {
            tracing::info!(bytes = message.len(), "a mail to the postmaster was handed on");
            Ok(id)
        }
        Err(SendError::Temporary(reason) | SendError::Permanent(reason)) => {
            tracing::error!(reason, "a mail to the postmaster could not be handed on");
            Err(Reply::temporary_failure("Local error, please try again later"))
        }
    }
}
