//! What a tenant is.

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
    /// Sender name of mails to prospects.
    pub mail_from_name: String,
    /// Sender address of mails to prospects.
    pub mail_from_address: String,
    /// Answers go out without approval.
    pub auto_send: bool,
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
    /// When it was made.
    pub created_at: Timestamp,
}

impl Tenant {
    /// The tenant's zone; UTC if the stored name is unknown to this machine.
    #[must_use]
    pub fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.time_zone).unwrap_or(jiff::tz::TimeZone::UTC)
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

/// Something that holds for every listing of the agency.
#[derive(Debug, Clone)]
pub struct TenantFact {
    /// Id.
    pub id: uuid::Uuid,
    /// What it is about, in the words of [`llm::Topic`].
    pub topic: String,
    /// The fact as a sentence.
    pub text: String,
}
