//! Looking at leads and the people behind them.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{limit, times};
use crate::domain::conversations;
use crate::domain::jarvis::{Desk, Effect, Outcome, Tool, ToolError};
use crate::domain::leads::{self, Automation, Lead, LeadFilter, LeadId, Status};
use crate::domain::page::PageRequest;
use crate::domain::properties::{self, PropertyId};
use crate::domain::users::UserId;

/// Leads read to find those of a day.
const LOOKED_AT: u16 = 200;
/// Messages of a conversation that a model reads, the last ones.
const MESSAGES: usize = 20;
/// Letters of one of them.
const LETTERS: usize = 2_000;

/// The name a lead goes by.
pub(super) fn name(lead: &Lead) -> String {
    lead.name().unwrap_or_else(|| "Ohne Namen".to_owned())
}

fn status(status: Status) -> &'static str {
    match status {
        Status::New => "neu",
        Status::Contacted => "kontaktiert",
        Status::Conversation => "im Gespräch",
        Status::Booked => "Besichtigung gebucht",
        Status::Lost => "verloren",
    }
}

fn automation(automation: Automation) -> &'static str {
    match automation {
        Automation::Active => "automatisch",
        Automation::NeedsReview => "Angabe fehlt",
        Automation::Draft => "Entwurf wartet",
        Automation::Escalated => "eskaliert",
        Automation::CallScheduled => "Rückruf gewünscht",
        Automation::Paused => "pausiert",
    }
}

/// A lead in one line, and what a model needs to go on.
fn short(desk: &Desk<'_>, lead: &Lead) -> Value {
    let line = format!(
        "{} – {}, {} – {}{}",
        name(lead),
        status(lead.status),
        automation(lead.automation),
        times::local(desk.tenant, lead.created_at),
        lead.portal.as_ref().map(|portal| format!(" ({portal})")).unwrap_or_default(),
    );
    json!({
        "leadId": lead.id, "line": line, "status": lead.status, "automation": lead.automation,
        "propertyId": lead.property_id, "assigneeId": lead.assignee_id,
    })
}

/// Finds a lead the user may see.
pub(super) async fn find(desk: &mut Desk<'_>, id: LeadId) -> Result<Lead, ToolError> {
    let viewer = desk.viewer();
    let lead = leads::find(desk.conn, id, viewer).await?.ok_or(ToolError::NotFound("lead"))?;
    desk.speaks_of([id]);
    Ok(lead)
}

/// The same, and nobody else changes it meanwhile.
pub(super) async fn lock(desk: &mut Desk<'_>, id: LeadId) -> Result<Lead, ToolError> {
    let viewer = desk.viewer();
    let lead = leads::lock(desk.conn, id, viewer).await?.ok_or(ToolError::NotFound("lead"))?;
    desk.speaks_of([id]);
    Ok(lead)
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SearchLeads {
    /// Part of a name or e-mail address.
    query: Option<String>,
    /// How far the lead has come.
    status: Option<Status>,
    /// Who works on it.
    automation: Option<Automation>,
    /// A portal: willhaben, immoscout24 …
    portal: Option<String>,
    /// The listing asked for.
    property_id: Option<PropertyId>,
    /// Whose lead.
    assignee_id: Option<UserId>,
    /// Only leads that came on this day or later, YYYY-MM-DD.
    since: Option<String>,
    /// Only leads that came before this day, YYYY-MM-DD.
    before: Option<String>,
    /// Rows wanted, 1 to 50; 20 if left out.
    limit: Option<u16>,
}

impl Tool for SearchLeads {
    const NAME: &'static str = "search_leads";
    const TITLE: &'static str = "Leads suchen";
    const ABOUT: &'static str = "Lists the leads (enquiries) the user may see, newest first, by name, state, portal, listing, colleague or day.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let since = self.since.as_deref().map(|day| times::day(desk.tenant, "since", day)).transpose()?;
        let before = self.before.as_deref().map(|day| times::day(desk.tenant, "before", day)).transpose()?;
        let wanted = usize::from(limit(self.limit));
        let filter = LeadFilter {
            status: self.status,
            automation: self.automation,
            portal: self.portal,
            property_id: self.property_id,
            assignee_id: self.assignee_id,
            search: self.query.filter(|query| !query.trim().is_empty()),
            ..LeadFilter::default()
        };
        let viewer = desk.viewer();
        let page = leads::list(desk.conn, &filter, viewer, PageRequest { after: None, limit: LOOKED_AT }).await?;
        // Newest first: what is older than the first day ends the list, however many more there are.
        let is_whole = page.next.is_none()
            || since.is_some_and(|since| page.items.last().is_some_and(|lead| lead.created_at < since));
        let fits = |lead: &&Lead| {
            since.is_none_or(|since| lead.created_at >= since) && before.is_none_or(|before| lead.created_at < before)
        };
        let found: Vec<&Lead> = page.items.iter().filter(fits).collect();
        let more = !is_whole || found.len() > wanted;
        let shown = &found[..found.len().min(wanted)];
        desk.speaks_of(shown.iter().map(|lead| lead.id));
        let items: Vec<Value> = shown.iter().map(|lead| short(desk, lead)).collect();
        let summary = match (items.len(), more) {
            (1, false) => "1 Lead".to_owned(),
            (count, false) => format!("{count} Leads"),
            (count, true) => format!("{count} Leads, es gibt weitere"),
        };
        Ok(Outcome::new(json!({"items": items, "more": more}), summary))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ReadLead {
    /// The lead.
    lead_id: LeadId,
}

impl Tool for ReadLead {
    const NAME: &'static str = "read_lead";
    const TITLE: &'static str = "Lead lesen";
    const ABOUT: &'static str =
        "Reads one lead: contact data, listing, the conversation with the prospect, notes and what happened.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let data = whole(desk, self.lead_id).await?;
        let summary = data["line"].as_str().unwrap_or_default().to_owned();
        Ok(Outcome::new(data, summary))
    }
}

/// Everything about a lead that an answer may need.
pub(in crate::domain::jarvis) async fn whole(desk: &mut Desk<'_>, id: LeadId) -> Result<Value, ToolError> {
    let lead = find(desk, id).await?;
    let mut data = short(desk, &lead);
    let property = match lead.property_id {
        Some(property) => properties::find(desk.conn, property).await?.map(|property| property.title),
        None => None,
    };
    let messages = match conversations::by_lead(desk.conn, id).await? {
        Some(conversation) => conversations::messages(desk.conn, conversation.id).await?,
        None => Vec::new(),
    };
    let messages: Vec<Value> = messages
        .iter()
        .rev()
        .take(MESSAGES)
        .rev()
        .map(|message| {
            json!({
                "at": times::local(desk.tenant, message.created_at), "direction": message.direction, "origin": message.origin,
                "subject": message.subject, "text": message.text.chars().take(LETTERS).collect::<String>(),
                "delivery": message.delivery,
            })
        })
        .collect();
    let events: Vec<Value> = leads::timeline(desk.conn, id)
        .await?
        .iter()
        .rev()
        .take(MESSAGES)
        .rev()
        .map(|event| json!({"at": times::local(desk.tenant, event.at), "kind": event.kind, "actor": event.actor, "data": event.data}))
        .collect();
    data["name"] = json!(lead.name());
    data["email"] = json!(lead.email);
    data["phone"] = json!(lead.phone);
    data["language"] = json!(lead.language);
    data["lostReason"] = json!(lead.lost_reason);
    data["property"] = json!(property);
    data["messages"] = json!(messages);
    data["timeline"] = json!(events);
    Ok(data)
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ReadProspect {
    /// A lead of the person.
    lead_id: LeadId,
}

impl Tool for ReadProspect {
    const NAME: &'static str = "read_prospect";
    const TITLE: &'static str = "Interessent ansehen";
    const ABOUT: &'static str = "Lists the other leads of the person behind a lead, as far as the user may see them.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let lead = find(desk, self.lead_id).await?;
        let viewer = desk.viewer();
        let others = leads::others_of_prospect(desk.conn, &lead, viewer).await?;
        desk.speaks_of(others.iter().map(|lead| lead.id));
        let items: Vec<Value> = others.iter().map(|lead| short(desk, lead)).collect();
        let summary = format!("{}: {} weitere Anfragen", name(&lead), items.len());
        Ok(Outcome::new(
            json!({"name": lead.name(), "email": lead.email, "phone": lead.phone, "items": items}),
            summary,
        ))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CountLeads {
    /// Only leads that came on this day or later, YYYY-MM-DD.
    since: Option<String>,
}

impl Tool for CountLeads {
    const NAME: &'static str = "count_leads";
    const TITLE: &'static str = "Leads zählen";
    const ABOUT: &'static str =
        "Counts the leads the user may see, by status and by portal. Use it for figures instead of counting a list.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let since = self.since.as_deref().map(|day| times::day(desk.tenant, "since", day)).transpose()?;
        let viewer = desk.viewer();
        let counts = leads::count(desk.conn, viewer, since).await?;
        let total: i64 = counts.iter().map(|count| count.leads).sum();
        let items: Vec<Value> = counts
            .iter()
            .map(|count| {
                let portal = count.portal.as_deref().unwrap_or("ohne Portal");
                let line = format!("{}, {portal}: {}", status(count.status), count.leads);
                json!({"line": line, "status": count.status, "portal": count.portal, "leads": count.leads})
            })
            .collect();
        Ok(Outcome::new(json!({"total": total, "items": items}), format!("{total} Leads")))
    }
}
