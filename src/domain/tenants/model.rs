//! What a tenant is.

use std::collections::BTreeMap;

use sqlx::types::Json;

use super::{AgencyAddress, AiBudget, FollowUpPolicy, QuietHours, WallClock};
use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::ids::TenantId;

code! {
    /// Country of an agency; decides default phone region and legal texts.
    Country { /// Germany.
        De = "DE", /// Austria.
        At = "AT", /// Switzerland.
        Ch = "CH" }
}

code! {
    /// What an agency pays for. Billing brings the others.
    Plan { /// Nothing yet.
        Trial = "TRIAL" }
}

code! {
    /// Whether an agency may use the product. Billing brings the others.
    Licence { /// To try it.
        Trial = "TRIAL" }
}

code! {
    /// How much of the answering is left to the system.
    AutomationMode { /// Everything goes out by itself.
        Full = "FULL", /// The answer to an enquiry goes out by itself; later ones wait for approval.
        FirstAnswer = "FIRST_ANSWER", /// Every answer waits for approval.
        Drafts = "DRAFTS", /// Nothing is written; people are told what came.
        Off = "OFF" }
}

/// An agency with its policy.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Id.
    pub id: TenantId,
    /// Name as prospects read it.
    pub name: String,
    /// Short name for URLs.
    pub slug: String,
    /// Local part of the intake address.
    pub intake_prefix: String,
    /// Country.
    pub country: Country,
    /// IANA zone.
    pub time_zone: String,
    /// "Sie" rather than "du" while the prospect has not chosen.
    pub formal_address: bool,
    /// Agents see leads that nobody has.
    pub unassigned_visible: bool,
    /// Sender name of mails to prospects.
    pub mail_from_name: String,
    /// Sender address of mails to prospects.
    pub mail_from_address: String,
    /// How much goes out without approval.
    pub automation_mode: AutomationMode,
    /// Automatic mails on one lead in a day; then answers become drafts.
    pub daily_answers_per_lead: Option<i32>,
    /// Leads for one listing in a day; then no more viewings are offered.
    pub daily_enquiries_per_property: Option<i32>,
    /// Pause before an automatic answer goes out, seconds.
    pub send_delay_seconds: i32,
    /// Below this confidence an answer becomes a draft.
    pub confidence_threshold: f64,
    /// ISO weekdays (1 = Monday) on which viewings are offered.
    pub viewing_weekdays: Vec<i16>,
    /// First viewing, minutes after midnight in `time_zone`.
    pub viewing_from_minute: i16,
    /// End of the last viewing, minutes after midnight.
    pub viewing_to_minute: i16,
    /// Length of a viewing, minutes.
    pub slot_minutes: i16,
    /// Free time behind a viewing, minutes.
    pub buffer_minutes: i16,
    /// How far ahead slots are offered, days.
    pub horizon_days: i16,
    /// Shortest notice for a viewing, minutes.
    pub lead_time_minutes: i32,
    /// Languages answers are written in, ISO 639-1; never empty.
    pub languages: Vec<String>,
    /// Street and house number of the office; set together with `zip` and `city`.
    pub street: Option<String>,
    /// Postal code of the office.
    pub zip: Option<String>,
    /// Town of the office.
    pub city: Option<String>,
    /// Logo, `https://…`.
    pub logo_url: Option<String>,
    /// Buttons and links, `#rrggbb`, dark enough for white text.
    pub primary_color: Option<String>,
    /// The stripe at the top, `#rrggbb`, dark enough for white text.
    pub accent_color: Option<String>,
    /// First quiet minute after midnight; set together with `quiet_to_minute`.
    pub quiet_from_minute: Option<i16>,
    /// First minute after midnight that is not quiet any more.
    pub quiet_to_minute: Option<i16>,
    /// Limit for language engines per month, whole cents; set together with its currency.
    pub ai_budget_cents: Option<i64>,
    /// Its currency, ISO 4217.
    pub ai_budget_currency: Option<String>,
    /// The agency's own words under a mail that no human approved, by language.
    pub ai_disclosures: Json<BTreeMap<String, String>>,
    /// Domains whose forwarded mail counts as the portal's, lower case.
    pub trusted_forwarders: Vec<String>,
    /// Asking again those who do not answer.
    pub follow_ups: Json<FollowUpPolicy>,
    /// Days after its last activity at which a lost lead is erased; `None` keeps it.
    pub retention_days: Option<i32>,
    /// What the agency pays for.
    pub plan: Plan,
    /// Whether it may be used.
    pub licence: Licence,
    /// Grows with each change of the settings.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Tenant {
    /// The tenant's zone; UTC if the stored name is unknown to this machine.
    #[must_use]
    pub fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.time_zone).unwrap_or(jiff::tz::TimeZone::UTC)
    }

    /// The language in which to answer somebody who writes in `theirs`.
    #[must_use]
    pub fn answer_language<'a>(&'a self, theirs: Option<&'a str>) -> &'a str {
        let theirs = theirs.unwrap_or("de");
        if self.languages.iter().any(|language| language == theirs) {
            return theirs;
        }
        self.languages.first().map_or("de", String::as_str)
    }

    /// The office's address.
    #[must_use]
    pub fn address(&self) -> Option<AgencyAddress> {
        let (street, zip, city) = (self.street.clone()?, self.zip.clone()?, self.city.clone()?);
        Some(AgencyAddress { street, zip, city })
    }

    /// When no automatic answer goes out.
    #[must_use]
    pub fn quiet_hours(&self) -> Option<QuietHours> {
        Some(QuietHours { from: WallClock(self.quiet_from_minute?), to: WallClock(self.quiet_to_minute?) })
    }

    /// How long an automatic answer that is written now waits: the agency's pause, and from there to the end of the
    /// quiet hours.
    #[must_use]
    pub fn pause_before_sending(&self, now: Timestamp) -> std::time::Duration {
        let pause = jiff::SignedDuration::from_secs(i64::from(self.send_delay_seconds));
        let at = Timestamp(now.0 + pause);
        let at = self.quiet_hours().and_then(|hours| hours.end(at, &self.zone())).unwrap_or(at);
        at.duration_since(now.0).unsigned_abs()
    }

    /// When the agency's day began that `now` lies in.
    #[must_use]
    pub fn day_begin(&self, now: Timestamp) -> Timestamp {
        let local = now.0.to_zoned(self.zone());
        Timestamp(local.start_of_day().map_or(now.0, |begin| begin.timestamp()))
    }

    /// The limit for language engines.
    #[must_use]
    pub fn ai_budget(&self) -> Option<AiBudget> {
        Some(AiBudget { cents: self.ai_budget_cents?, currency: self.ai_budget_currency.clone()? })
    }
}

/// What is needed to make a tenant; policy starts with the defaults of the schema.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Name.
    pub name: String,
    /// Short name.
    pub slug: String,
    /// Local part of the intake address.
    pub intake_prefix: String,
    /// Country.
    pub country: Country,
    /// IANA zone.
    pub time_zone: String,
    /// Sender address of mails to prospects.
    pub mail_from_address: String,
}
