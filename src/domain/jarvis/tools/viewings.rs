//! The calendar: free times and viewings.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::leads::{find as find_lead, lock, name};
use super::{limit, times};
use crate::domain::jarvis::{Card, Desk, Effect, Outcome, Tool, ToolError};
use crate::domain::leads::{Actor, LeadId};
use crate::domain::page::PageRequest;
use crate::domain::properties::{self, PropertyId};
use crate::domain::users::UserId;
use crate::domain::viewings::{self, NewViewing, SeatState, Viewing, ViewingFilter, ViewingId, ViewingState};

fn short(desk: &Desk<'_>, viewing: &Viewing) -> Value {
    let coming = viewing.seats.iter().filter(|seat| seat.state == SeatState::Confirmed);
    let who: Vec<String> = coming.map(|seat| seat.name.clone().unwrap_or_else(|| "ohne Namen".to_owned())).collect();
    let when = times::span(desk.tenant, viewing.starts_at, viewing.ends_at);
    let off = if viewing.state == ViewingState::Cancelled { " (abgesagt)" } else { "" };
    json!({
        "viewingId": viewing.id, "line": format!("{when}: {} – {}{off}", viewing.property_title, who.join(", ")),
        "propertyId": viewing.property_id, "agentId": viewing.agent_id, "state": viewing.state,
        "startsAt": times::iso(desk.tenant, viewing.starts_at),
        "leads": viewing.seats.iter().map(|seat| json!({"leadId": seat.lead_id, "state": seat.state})).collect::<Vec<_>>(),
    })
}

async fn find(desk: &mut Desk<'_>, id: ViewingId) -> Result<Viewing, ToolError> {
    let viewer = desk.viewer();
    let viewing = viewings::find(desk.conn, id, viewer).await?.ok_or(ToolError::NotFound("viewing"))?;
    desk.speaks_of(viewing.seats.iter().map(|seat| seat.lead_id));
    Ok(viewing)
}

/// A viewing with who comes.
pub(in crate::domain::jarvis) async fn whole(desk: &mut Desk<'_>, id: ViewingId) -> Result<Value, ToolError> {
    let viewing = find(desk, id).await?;
    Ok(short(desk, &viewing))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FreeSlots {
    /// The listing to be shown.
    property_id: PropertyId,
    /// Slots wanted, 1 to 50; 20 if left out.
    limit: Option<u16>,
}

impl Tool for FreeSlots {
    const NAME: &'static str = "free_slots";
    const TITLE: &'static str = "Freie Termine suchen";
    const ABOUT: &'static str =
        "Lists the free viewing times of a listing, soonest first, by the calendar of whoever shows it.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        properties::find(desk.conn, self.property_id).await?.ok_or(ToolError::NotFound("property"))?;
        let slots = viewings::free_slots(desk.conn, desk.tenant, self.property_id).await?;
        let shown = slots.iter().take(usize::from(limit(self.limit)));
        let items: Vec<Value> = shown
            .map(|slot| json!({"line": times::span(desk.tenant, slot.start, slot.end), "startsAt": times::iso(desk.tenant, slot.start)}))
            .collect();
        let summary = format!("{} freie Termine", slots.len());
        Ok(Outcome::new(json!({"total": slots.len(), "items": items}), summary))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListViewings {
    /// From this day on, YYYY-MM-DD; today if left out.
    from: Option<String>,
    /// Before this day, YYYY-MM-DD.
    to: Option<String>,
    /// Of this listing.
    property_id: Option<PropertyId>,
    /// Of this colleague.
    agent_id: Option<UserId>,
    /// In which this lead has or had a seat.
    lead_id: Option<LeadId>,
    /// Rows wanted, 1 to 50; 20 if left out.
    limit: Option<u16>,
}

impl Tool for ListViewings {
    const NAME: &'static str = "list_viewings";
    const TITLE: &'static str = "Besichtigungen ansehen";
    const ABOUT: &'static str = "Lists viewings the user may see, the soonest first: the calendar.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let today = desk.tenant.zone().to_datetime(desk.conn.now().0).date().to_string();
        let filter = ViewingFilter {
            from: Some(times::day(desk.tenant, "from", self.from.as_deref().unwrap_or(&today))?),
            to: self.to.as_deref().map(|day| times::day(desk.tenant, "to", day)).transpose()?,
            property_id: self.property_id,
            agent_id: self.agent_id,
            lead_id: self.lead_id,
            state: Some(ViewingState::Confirmed),
        };
        let viewer = desk.viewer();
        let page = PageRequest { after: None, limit: limit(self.limit) };
        let found = viewings::list(desk.conn, &filter, viewer, page).await?;
        desk.speaks_of(found.items.iter().flat_map(|viewing| &viewing.seats).map(|seat| seat.lead_id));
        let items: Vec<Value> = found.items.iter().map(|viewing| short(desk, viewing)).collect();
        let more = found.next.is_some();
        let summary = format!("{} Besichtigungen{}", items.len(), if more { ", es gibt weitere" } else { "" });
        Ok(Outcome::new(json!({"items": items, "more": more}), summary))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BookViewing {
    /// Who comes.
    lead_id: LeadId,
    /// The listing.
    property_id: PropertyId,
    /// Begin, local time, YYYY-MM-DDTHH:MM.
    starts_at: String,
}

impl Tool for BookViewing {
    const NAME: &'static str = "book_viewing";
    const TITLE: &'static str = "Besichtigung buchen";
    const ABOUT: &'static str = "Books a viewing for a lead. Everybody concerned gets a mail with the calendar entry.";
    const EFFECT: Effect = Effect::Asks;

    async fn card(&self, desk: &mut Desk<'_>) -> Result<Card, ToolError> {
        let start = times::instant(desk.tenant, "startsAt", &self.starts_at)?;
        let lead = find_lead(desk, self.lead_id).await?;
        let property = properties::find(desk.conn, self.property_id).await?.ok_or(ToolError::NotFound("property"))?;
        let lines = vec![name(&lead), property.title, format!("{} Uhr", times::local(desk.tenant, start))];
        Ok(Card { title: "Besichtigung buchen".to_owned(), lines })
    }

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let starts_at = times::instant(desk.tenant, "startsAt", &self.starts_at)?;
        let mut lead = lock(desk, self.lead_id).await?;
        let app = desk.app;
        let parts = (&*app.settings, &app.templates, &app.links);
        let new = NewViewing { property_id: self.property_id, starts_at, ends_at: None };
        let booking = viewings::create(desk.conn, parts, desk.tenant, desk.user, &mut lead, new).await?;
        let when = times::span(desk.tenant, booking.appointment.starts_at, booking.appointment.ends_at);
        let summary = format!("Besichtigung mit {}: {when}", name(&lead));
        Ok(Outcome::new(json!({"viewingId": booking.appointment.viewing_id}), summary))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MoveViewing {
    /// The lead that holds the appointment.
    lead_id: LeadId,
    /// New begin, local time, YYYY-MM-DDTHH:MM; one of the free slots.
    starts_at: String,
}

impl Tool for MoveViewing {
    const NAME: &'static str = "move_viewing";
    const TITLE: &'static str = "Besichtigung verschieben";
    const ABOUT: &'static str = "Moves a lead's appointment to another free time. Everybody concerned gets a mail.";
    const EFFECT: Effect = Effect::Asks;

    async fn card(&self, desk: &mut Desk<'_>) -> Result<Card, ToolError> {
        let start = times::instant(desk.tenant, "startsAt", &self.starts_at)?;
        let lead = find_lead(desk, self.lead_id).await?;
        let held = viewings::appointment(desk.conn, lead.id).await?;
        let held = held.ok_or_else(|| ToolError::Refused("the lead holds no appointment".to_owned()))?;
        let lines = vec![
            name(&lead),
            format!("Bisher: {}", times::span(desk.tenant, held.starts_at, held.ends_at)),
            format!("Neu: {} Uhr", times::local(desk.tenant, start)),
        ];
        Ok(Card { title: "Besichtigung verschieben".to_owned(), lines })
    }

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let start = times::instant(desk.tenant, "startsAt", &self.starts_at)?;
        let mut lead = lock(desk, self.lead_id).await?;
        let app = desk.app;
        let parts = (&*app.settings, &app.templates, &app.links);
        let by = (Actor::Agent, Some(desk.user.id));
        let booking = viewings::reschedule(desk.conn, parts, desk.tenant, &mut lead, start, by).await?;
        let when = times::span(desk.tenant, booking.appointment.starts_at, booking.appointment.ends_at);
        Ok(Outcome::new(json!({"viewingId": booking.appointment.viewing_id}), format!("Verschoben auf {when}")))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CancelViewing {
    /// The viewing.
    viewing_id: ViewingId,
}

impl Tool for CancelViewing {
    const NAME: &'static str = "cancel_viewing";
    const TITLE: &'static str = "Besichtigung absagen";
    const ABOUT: &'static str = "Cancels a viewing. Everybody who comes gets a mail.";
    const EFFECT: Effect = Effect::Asks;

    async fn card(&self, desk: &mut Desk<'_>) -> Result<Card, ToolError> {
        let viewing = find(desk, self.viewing_id).await?;
        let line = short(desk, &viewing)["line"].as_str().unwrap_or_default().to_owned();
        Ok(Card { title: "Besichtigung absagen".to_owned(), lines: vec![line] })
    }

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let app = desk.app;
        let parts = (&*app.settings, &app.templates, &app.links);
        let (viewer, by) = (desk.viewer(), (Actor::Agent, Some(desk.user.id)));
        let viewing = viewings::cancel(desk.conn, parts, desk.tenant, self.viewing_id, viewer, by).await?;
        desk.speaks_of(viewing.seats.iter().map(|seat| seat.lead_id));
        let summary = format!("Abgesagt: {}", times::span(desk.tenant, viewing.starts_at, viewing.ends_at));
        Ok(Outcome::new(json!({"viewingId": viewing.id, "state": viewing.state}), summary))
    }
}
