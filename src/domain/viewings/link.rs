//! The link that leads a prospect to their booking page.

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::domain::leads::LeadId;
use crate::ids::TenantId;
use crate::links::{LinkKey, ViewingLink};
use crate::settings::Settings;

/// The page on which this lead books, moves and cancels; works for `links.days`.
#[must_use]
pub fn booking_link(links: &LinkKey, settings: &Settings, tenant: TenantId, lead: LeadId, now: Timestamp) -> String {
    until(links, settings, tenant, lead, days_after(now, settings.links.days))
}

/// The same page for somebody who holds an appointment: it works until the day after, however far off that is.
pub(super) fn appointment_link(
    links: &LinkKey,
    settings: &Settings,
    (tenant, lead): (TenantId, LeadId),
    (now, end): (Timestamp, Timestamp),
) -> String {
    until(links, settings, tenant, lead, days_after(now, settings.links.days).max(days_after(end, 1)))
}

fn until(links: &LinkKey, settings: &Settings, tenant: TenantId, lead: LeadId, until: Timestamp) -> String {
    let token = links.viewing(ViewingLink { tenant, lead: lead.0 }, until);
    format!("{}/p/viewing/{token}", settings.http.public_url.trim_end_matches('/'))
}

fn days_after(at: Timestamp, days: u32) -> Timestamp {
    Timestamp(at.saturating_add(SignedDuration::from_hours(i64::from(days) * 24)).unwrap_or(at.0))
}
