//! Mail for the postmaster of the intake domain, whom every mail server must have (RFC 5321 §4.5.1): handed on to the
//! address the system's own mail comes from (`mail.system_from`).
//!
//! It is no tenant's, so it is not stored: the sender is told "accepted" after the provider took it, and keeps it
//! otherwise.

use super::system_sender;
use crate::app::App;
use crate::ids::new_id;
use crate::integrations::smtp_out::{Outgoing, SendError};

/// Who reads it; `None` when that address is in the intake domain itself, because the mail would go round for ever.
#[must_use]
pub fn postmaster(app: &App) -> Option<String> {
    let (_, address) = system_sender(&app.settings.mail.system_from);
    let (_, domain) = address.rsplit_once('@')?;
    (!domain.eq_ignore_ascii_case(&app.settings.smtp.intake_domain)).then_some(address)
}

/// Hands a mail on to `reader`, as it is. Returns our name for it.
///
/// # Errors
/// When the provider does not take it.
pub async fn hand_on(app: &App, reader: String, raw: Vec<u8>) -> Result<String, SendError> {
    let id = new_id().to_string();
    let size = raw.len();
    let mail = Outgoing { from: reader.clone(), to: reader, message_id: format!("{id}@postmaster"), mime: raw };
    app.mailer.send(&mail).await?;
    tracing::info!(size, "a mail to the postmaster was handed on");
    Ok(id)
}
