//! What an agency may set for itself, as one document: read as a whole, replaced as a whole.
//!
//! To add a setting: its column, its field here and in `Tenant`, its check in `validate.rs`, its lines in the two
//! queries of `store.rs`, its name in `history.rs`, and the code that obeys it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AutomationMode, FollowUpPolicy, QuietHours, Tenant, WallClock, validate};
use crate::db::TenantConn;
use crate::domain::fields::FieldProblem;

/// Settings of an agency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TenantSettings {
    /// Name as prospects read it.
    pub name: String,
    /// IANA zone, `Europe/Vienna`; decides what "9:00" means.
    pub time_zone: String,
    /// Languages in which answers are written, of `de`, `en`, `fr`, `it`, `es`. Who writes in another one is answered in
    /// the first.
    pub languages: Vec<String>,
    /// "Sie" rather than "du" while the prospect has not chosen.
    pub formal_address: bool,
    /// Agents see the leads that nobody has, and what hangs on them; administrators always do.
    #[serde(default)]
    pub unassigned_visible: bool,
    /// The agency's own address; stands in signatures and on pages.
    pub address: Option<AgencyAddress>,
    /// Logo and colours of mails and pages.
    pub branding: Branding,
    /// Who mails to prospects come from.
    pub sender: MailSender,
    /// When the system answers by itself.
    pub automation: AutomationPolicy,
    /// When viewings are offered.
    pub viewings: ViewingDefaults,
    /// Limit for language engines; null: none. Once it is spent, the built-in engine answers until the month is over.
    pub ai_budget: Option<AiBudget>,
    /// The words under a mail that no human approved, by language. A language left out has the words we come with. Only
    /// an agency in Switzerland may leave a text empty.
    #[serde(default)]
    pub ai_disclosures: BTreeMap<String, String>,
    /// Domains that forward portals' mail to us, subdomains included: what they pass on counts as the portal's. At most 20.
    #[serde(default)]
    pub trusted_forwarders: Vec<String>,
    /// Asking again those who do not answer.
    #[serde(default)]
    pub follow_ups: FollowUpPolicy,
    /// Days after its last activity at which a lost lead is erased, 1 to 3650; null: it is kept.
    pub retention_days: Option<i32>,
}

/// Where the agency is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgencyAddress {
    /// Street with house number.
    pub street: String,
    /// Postal code.
    pub zip: String,
    /// Town.
    pub city: String,
}

/// How mails and pages look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Branding {
    /// Web address of a picture, `https://…`.
    pub logo_url: Option<String>,
    /// Buttons and links, `#rrggbb`; white text on it must be readable.
    pub primary_color: Option<String>,
    /// The stripe at the top, `#rrggbb`; white text on it must be readable.
    pub accent_color: Option<String>,
}

/// Who mails to prospects come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MailSender {
    /// Name.
    pub name: String,
    /// Address.
    pub address: String,
}

/// When the system answers by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AutomationPolicy {
    /// How much goes out without approval.
    pub mode: AutomationMode,
    /// Pause before an automatic answer goes out, seconds, 0 to 86400.
    pub delay_seconds: i32,
    /// Below this confidence an answer becomes a draft, 0 to 1.
    pub confidence_threshold: f64,
    /// When no automatic answer goes out; null: at no time of day. What people send goes out at once.
    pub quiet_hours: Option<QuietHours>,
    /// Automatic mails on one lead in a day of `timeZone`, 1 to 100; then answers become drafts. Null: no limit of your own.
    #[serde(default)]
    pub daily_answers_per_lead: Option<i32>,
    /// Enquiries for one listing in a day of `timeZone`, 1 to 10000; whoever comes later is told that no more viewings are
    /// given away that day. Null: no limit.
    #[serde(default)]
    pub daily_enquiries_per_property: Option<i32>,
}

/// When viewings are offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ViewingDefaults {
    /// ISO weekdays, 1 = Monday.
    pub weekdays: Vec<i16>,
    /// First viewing.
    pub from: WallClock,
    /// End of the last viewing; `24:00` is the end of the day.
    pub to: WallClock,
    /// Length of a viewing, minutes, 5 to 480.
    pub slot_minutes: i16,
    /// Free time behind a viewing, minutes, 0 to 480.
    pub buffer_minutes: i16,
    /// How far ahead, days, 1 to 90.
    pub horizon_days: i16,
    /// Shortest notice, minutes, 0 to 20160.
    pub lead_time_minutes: i32,
}

/// A limit per calendar month of the agency's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AiBudget {
    /// Whole cents; 0: language engines that cost are never called.
    pub cents: i64,
    /// ISO 4217; the one in which the prices of engines are kept.
    pub currency: String,
}

/// Why settings were not changed.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Somebody else changed them since the caller read them.
    #[error("the settings were changed meanwhile")]
    Changed,
    /// Some fields are wrong.
    #[error("{} fields are not valid", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

impl From<&Tenant> for TenantSettings {
    fn from(tenant: &Tenant) -> Self {
        Self {
            name: tenant.name.clone(),
            time_zone: tenant.time_zone.clone(),
            languages: tenant.languages.clone(),
            formal_address: tenant.formal_address,
            unassigned_visible: tenant.unassigned_visible,
            address: tenant.address(),
            branding: Branding {
                logo_url: tenant.logo_url.clone(),
                primary_color: tenant.primary_color.clone(),
                accent_color: tenant.accent_color.clone(),
            },
            sender: MailSender { name: tenant.mail_from_name.clone(), address: tenant.mail_from_address.clone() },
            automation: AutomationPolicy {
                mode: tenant.automation_mode,
                delay_seconds: tenant.send_delay_seconds,
                confidence_threshold: tenant.confidence_threshold,
                quiet_hours: tenant.quiet_hours(),
                daily_answers_per_lead: tenant.daily_answers_per_lead,
                daily_enquiries_per_property: tenant.daily_enquiries_per_property,
            },
            viewings: ViewingDefaults {
                weekdays: tenant.viewing_weekdays.clone(),
                from: WallClock(tenant.viewing_from_minute),
                to: WallClock(tenant.viewing_to_minute),
                slot_minutes: tenant.slot_minutes,
                buffer_minutes: tenant.buffer_minutes,
                horizon_days: tenant.horizon_days,
                lead_time_minutes: tenant.lead_time_minutes,
            },
            ai_budget: tenant.ai_budget(),
            ai_disclosures: tenant.ai_disclosures.0.clone(),
            trusted_forwarders: tenant.trusted_forwarders.clone(),
            follow_ups: tenant.follow_ups.0.clone(),
            retention_days: tenant.retention_days,
        }
    }
}

/// Replaces the settings. `expected_version` is what the caller read; `currency` is the one of the engines' prices.
///
/// # Errors
/// [`SettingsError`].
pub async fn change_settings(
    conn: &mut TenantConn,
    settings: &TenantSettings,
    expected_version: Option<i32>,
    currency: &str,
) -> Result<Tenant, SettingsError> {
    let tenant = super::store::lock(conn).await?;
    if expected_version.is_some_and(|expected| expected != tenant.version) {
        return Err(SettingsError::Changed);
    }
    let settings = validate::checked(settings, tenant.country, currency).map_err(SettingsError::Invalid)?;
    super::store::write_settings(conn, &settings).await?;
    Ok(super::store::current(conn).await?)
}
