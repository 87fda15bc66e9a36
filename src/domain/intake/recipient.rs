//! Whose mail it is: one rule for every door that is told recipients.

use crate::app::App;
use crate::db::{self, TenantConn};
use crate::domain::{mail, tenants};
use crate::ids::TenantId;

/// Who gets mail for an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// An agency.
    Tenant(TenantId),
    /// The postmaster of the intake domain. Holds who reads it.
    Postmaster(String),
    /// Nobody.
    Nobody,
}

/// Whose address it is, taken apart: the local part without quotes, and the domain; `None` only for a bare
/// `postmaster`, which every mail server has (RFC 5321 §4.5.1).
///
/// # Errors
/// When the database cannot be asked; then nobody knows whose it is, and the sender should keep the mail.
pub async fn recipient(app: &App, local: &str, domain: Option<&str>) -> Result<Recipient, db::Error> {
    let is_ours = domain.is_none_or(|domain| domain.eq_ignore_ascii_case(&app.settings.smtp.intake_domain));
    if is_ours
        && local.eq_ignore_ascii_case("postmaster")
        && let Some(reader) = mail::postmaster(app)
    {
        return Ok(Recipient::Postmaster(reader));
    }
    if !is_ours || domain.is_none() {
        return Ok(Recipient::Nobody);
    }
    let prefix = prefix_of(local);
    let mut conn = app.db.platform().await?;
    let tenant = tenants::by_intake_prefix(&mut conn, &prefix).await?;
    Ok(tenant.map_or(Recipient::Nobody, |tenant| Recipient::Tenant(tenant.id)))
}

/// The intake prefix in the local part of an address. `prefix+anything` is the prefix's: some portals add their own mark.
#[must_use]
pub fn prefix_of(local: &str) -> String {
    local.split('+').next().unwrap_or_default().to_lowercase()
}

/// The address at which the tenant gets mail.
///
/// # Errors
/// When the database cannot be asked.
pub async fn address(conn: &mut TenantConn, app: &App) -> Result<String, sqlx::Error> {
    let tenant = tenants::current(conn).await?;
    Ok(format!("{}@{}", tenant.intake_prefix, app.settings.smtp.intake_domain))
}
