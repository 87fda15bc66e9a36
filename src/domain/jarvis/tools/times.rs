//! Times as models and people write them: the agency's local time.

use jiff::civil::{Date, DateTime};

use crate::clock::Timestamp;
use crate::domain::jarvis::ToolError;
use crate::domain::tenants::Tenant;
use crate::domain::viewings::{Slot, when};

/// An instant as an agent reads it: `25.11.2026 10:00`.
pub(super) fn local(tenant: &Tenant, at: Timestamp) -> String {
    tenant.zone().to_datetime(at.0).strftime("%d.%m.%Y %H:%M").to_string()
}

/// An instant as a model writes it.
pub(super) fn iso(tenant: &Tenant, at: Timestamp) -> String {
    tenant.zone().to_datetime(at.0).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// Day and hours of an appointment.
pub(super) fn span(tenant: &Tenant, start: Timestamp, end: Timestamp) -> String {
    when::span("de", tenant.country, &tenant.zone(), Slot { start, end })
}

/// Reads `2026-11-26T10:00` in the agency's zone; a time that is twice, or not at all, on a day the clocks change is refused.
pub(super) fn instant(tenant: &Tenant, field: &str, text: &str) -> Result<Timestamp, ToolError> {
    let wrong = || ToolError::Arguments(format!("{field} must be a local time such as 2026-11-26T10:00"));
    let at: DateTime = text.trim().parse().map_err(|_| wrong())?;
    let instant = tenant.zone().to_ambiguous_timestamp(at).unambiguous().map_err(|_| wrong())?;
    Ok(Timestamp(instant))
}

/// The first instant of a day, `2026-11-26`.
pub(super) fn day(tenant: &Tenant, field: &str, text: &str) -> Result<Timestamp, ToolError> {
    let wrong = || ToolError::Arguments(format!("{field} must be a day such as 2026-11-26"));
    let day: Date = text.trim().parse().map_err(|_| wrong())?;
    Ok(Timestamp(day.to_zoned(tenant.zone()).map_err(|_| wrong())?.timestamp()))
}
