//! Agencies, their settings and their facts.
//!
//! Always true: a tenant is known by its id inside, by its intake prefix at the mail door, and never by anything a
//! request says of itself. Settings are one document (`settings.rs`) with a version; who changed what in it is read from
//! the audit log (`history.rs`).

mod color;
mod disclosure;
mod facts;
mod follow_ups;
mod found;
mod history;
mod model;
mod nightly;
mod quiet;
mod settings;
mod store;
mod validate;
mod wall_clock;

pub use disclosure::DISCLOSURES;
pub use facts::{
    FactError, FactId, NewFact, TenantFact, add_fact, change_fact, checked_fact, facts, list_facts, remove_fact,
};
pub use follow_ups::FollowUpPolicy;
pub use found::{Founding, found, is_zone};
pub use history::{SettingChange, SettingsChange, settings_history};
pub use model::{AutomationMode, Country, Licence, NewTenant, Plan, Tenant};
pub use nightly::enqueue_for_all;
pub use quiet::QuietHours;
pub use settings::{
    AgencyAddress, AiBudget, AutomationPolicy, Branding, MailSender, SettingsError, TenantSettings, ViewingDefaults,
    change_settings,
};
pub use store::{all, by_intake_prefix, by_slug, create, current, hold_intake_prefix, is_suspended};
pub use validate::LANGUAGES;
pub use wall_clock::WallClock;
