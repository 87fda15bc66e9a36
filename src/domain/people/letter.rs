//! The mail that carries an invitation: in the language it was asked for, else in both, German first.

use super::Parts;
use super::invitations::Invitation;
use crate::db::TenantConn;
use crate::domain::mail::{self, NewMail};
use crate::domain::tenants::Tenant;
use crate::domain::users::{Locale, User};
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
    let said = |locale: Locale| {
        let until = locale.date(invitation.expires_at.0, &tenant.zone());
        body(locale, &tenant.name, &inviter.name(), invitation.user_id.is_some(), (&link, &until))
    };
    let body = match invitation.locale {
        Some(locale) => said(locale),
        None => format!("{}\n\n– English –\n\n{}", said(Locale::De), said(Locale::En)),
    };
    let locale = invitation.locale.unwrap_or(Locale::De);
    let rendered = mail::notification(templates, &tenant.name, locale, &body)?;
    let letter = NewMail {
        from: mail::system_sender(&settings.mail.system_from),
        to: (None, invitation.email.clone()),
        subject: format!("{} {}", locale.pick("Einladung zu", "Invitation to"), tenant.name),
        text: rendered.text,
        html: Some(rendered.html),
        auto_submitted: true,
        ..NewMail::default()
    };
    mail::queue(conn, &letter).await?;
    Ok(())
}

fn body(locale: Locale, agency: &str, inviter: &str, is_reconnection: bool, (link, until): (&str, &str)) -> String {
    match (locale, is_reconnection) {
        (Locale::De, true) => format!(
            "Guten Tag,\n\n{inviter} hat für Sie eine neue Anmeldung bei {agency} in Immivo freigegeben. \
             Ihre Daten und Zuständigkeiten bleiben.\n\nNeue Anmeldung verbinden:\n{link}\n\n\
             Der Link gilt bis {until}. Haben Sie das nicht erwartet, brauchen Sie nichts zu tun."
        ),
        (Locale::De, false) => format!(
            "Guten Tag,\n\n{inviter} lädt Sie ein, bei {agency} mit Immivo zu arbeiten.\n\n\
             Einladung annehmen:\n{link}\n\n\
             Der Link gilt bis {until}. Haben Sie die Einladung nicht erwartet, brauchen Sie nichts zu tun."
        ),
        (Locale::En, true) => format!(
            "Hello,\n\n{inviter} has released a new sign-in for you at {agency} in Immivo. \
             Your data and responsibilities stay.\n\nConnect the new sign-in:\n{link}\n\n\
             The link works until {until}. If you did not expect this, there is nothing to do."
        ),
        (Locale::En, false) => format!(
            "Hello,\n\n{inviter} invites you to work with Immivo at {agency}.\n\n\
             Accept the invitation:\n{link}\n\n\
             The link works until {until}. If you did not expect the invitation, there is nothing to do."
        ),
    }
}
