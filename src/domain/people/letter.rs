//! The mail that carries an invitation. Its readers are the agency's own people: German first, then English.

use super::Parts;
use super::invitations::Invitation;
use crate::db::TenantConn;
use crate::domain::mail::{self, NewMail};
use crate::domain::tenants::Tenant;
use crate::domain::users::User;
use crate::templates::TemplateError;

/// Why it was not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum LetterError {
    /// A template is broken.
    #[error("the mail cannot be written")]
    Template(#[from] TemplateError),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

/// Queues it. The secret stands behind the `#`: browsers send that part to no server, so it is in no log.
pub(super) async fn send(
    conn: &mut TenantConn,
    (settings, templates): Parts<'_>,
    tenant: &Tenant,
    inviter: &User,
    invitation: &Invitation,
    secret: &str,
) -> Result<(), LetterError> {
    let link = format!("{}/invitation#{secret}", settings.http.app_url.trim_end_matches('/'));
    let until = invitation.expires_at.to_zoned(tenant.zone()).strftime("%d.%m.%Y").to_string();
    let (agency, name) = (&tenant.name, inviter.name());
    let body = if invitation.user_id.is_some() {
        format!(
            "Guten Tag,\n\n{name} hat für Sie eine neue Anmeldung bei {agency} in Immivo freigegeben. \
             Ihre Daten und Zuständigkeiten bleiben.\n\nNeue Anmeldung verbinden:\n{link}\n\n\
             Der Link gilt bis {until}. Haben Sie das nicht erwartet, brauchen Sie nichts zu tun.\n\n\
             – English –\n\n{name} has released a new sign-in for you at {agency} in Immivo. \
             Connect it by the link above until {until}. If you did not expect this, there is nothing to do."
        )
    } else {
        format!(
            "Guten Tag,\n\n{name} lädt Sie ein, bei {agency} mit Immivo zu arbeiten.\n\n\
             Einladung annehmen:\n{link}\n\n\
             Der Link gilt bis {until}. Haben Sie die Einladung nicht erwartet, brauchen Sie nichts zu tun.\n\n\
             – English –\n\n{name} invites you to work with Immivo at {agency}. \
             Accept by the link above until {until}. If you did not expect this, there is nothing to do."
        )
    };
    let rendered = mail::notification(templates, agency, &body)?;
    let letter = NewMail {
        from: mail::system_sender(&settings.mail.system_from),
        to: (None, invitation.email.clone()),
        subject: format!("Einladung zu {agency}"),
        text: rendered.text,
        html: Some(rendered.html),
        auto_submitted: true,
        ..NewMail::default()
    };
    mail::queue(conn, &letter).await?;
    Ok(())
}
